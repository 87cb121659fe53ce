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
    "resource.changes": "状态变化（近两日）",
    "resource.unknown": "不明（没有记录）",
    "stream.title": "画面",
    "stream.waiting": "正在连接画面…",
    "stream.live": "画面正常",
    "stream.lost": "◆ 画面中断, 最后画面 {at}; 正在重连",
    "stream.never": "◆ 画面打不开, 自 {at} 起尝试; 正在重连",
    "stream.paused": "已暂停于 {at}",
    "stream.hls": "此浏览器不能播放 HLS 视频流; 请换用支持的浏览器, 或由视频平台提供 MP4",
    "stream.no.past": "回看过去时不显示实时画面",
    "stream.no.sight": "当前账号无权查看画面",
    "stream.no.none": "未登记视频地址",
    "stream.no.kind": "登记的视频地址浏览器不能播放（需 HLS、MP4 或 WebM）",
    "stream.no.host": "登记的视频地址不在已配置的视频服务中（设置 GRID_STREAM_HOSTS）",
}
