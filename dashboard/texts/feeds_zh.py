"""Chinese texts of the status board of feeds."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "nav.feeds": "数据来源",
    "feeds.title": "数据来源状态",
    "feeds.about": "各受理渠道、部门系统、定位与感知设备的最近一条记录。"
                   "按各来源近 28 天分时段的通常频率判断：应有记录 3 条以上而没有为“迟到”，"
                   "6.9 条以上为“中断”（偶然静默的概率低于千分之一）。"
                   "定位超过 5 分钟为迟到，超过 15 分钟为中断；感知设备为 2 小时与 6 小时。",
    "feeds.as_of": "截至 {time}",
    "feeds.failed": "自 {time} 起读取数据失败，以下为最后已知的状态",
    "feeds.stop": "停止每 {n} 秒自动刷新",
    "feeds.go": "每 {n} 秒自动刷新",
    "feeds.positions": "网格员定位",
    "feeds.kind.channel": "受理渠道",
    "feeds.kind.department": "部门系统",
    "feeds.kind.positions": "定位",
    "feeds.kind.readings": "感知设备",
    "feeds.state.ok": "正常",
    "feeds.state.late": "迟到",
    "feeds.state.silent": "中断",
    "feeds.column.state": "状态",
    "feeds.column.name": "来源",
    "feeds.column.kind": "类型",
    "feeds.column.last": "最近一条",
    "feeds.column.silence": "已静默",
    "feeds.column.today": "今日条数",
    "feeds.column.usual": "日均条数",
    "feeds.column.missed": "应有未到",
}
