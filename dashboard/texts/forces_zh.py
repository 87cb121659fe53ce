"""Chinese texts of forces: what can be sent to a point, and how far one comes."""

from typing import Final

TEXTS: Final = {
    "near.title": "最近可派力量",
    "near.way": "{km} 公里 · 约 {minutes} 分钟",
    "near.fits": "主管部门",
    "near.draft": "拟派",
    "near.draft.help": "填入派遣单, 核对后确认",
    "near.note": "拟派 {name}（{way}）",
    "near.none": "路程 {km} 公里内没有空闲力量",
    "near.left": "按路网 {km} 公里内估算, 人员取 {minutes} 分钟内定位 · 未列: 占用或离线 {busy},"
                   " 状态不明 {unknown}, 超出范围 {beyond}",
    "card.place": "地点",
    "place.help": "地图上以颜色标出沿路 500 米、1 公里、2 公里可到的道路",
    "place.tool": "就近",
    "place.tool.help": "查最近力量: 再点地图上一处（或直接右键地图）",
}
