"""Chinese texts of views that desks send to walls."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "cast": "投屏",
    "cast.help": "把当前画面（区域、选中、筛选、时刻）推送到大屏",
    "cast.loading": "正在读取大屏……",
    "cast.none": "本辖区没有可投送的大屏；展示屏由安全管理员签发",
    "cast.minutes": "{n} 分钟",
    "cast.send": "投送",
    "cast.end": "收回",
    "cast.sent": "已投送，至 {time}",
    "cast.busy": "{by} 投送至 {time}",
    "cast.free": "空闲",
    "cast.refused": "未投送：大屏无权显示此画面",
    "cast.failed": "投屏失败",
    "cast.banner": "{by} 于 {time} 投送 · 剩余 {left}",
}
