"""Chinese texts of wall displays that nobody touches."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "kiosk.next": "下一画面：{name}",
    "kiosk.held": "轮播已暂停",
    "kiosk.pause": "暂停或继续轮播",
    "kiosk.away": "{time} 起无法连接服务器，显示的是当时的内容",
    "kiosk.ended": "此展示屏已停用或令牌已到期，请联系安全管理员重新签发。",
    "release.new": "系统已更新，请重新打开页面",
    "release.open": "重新打开",
    "gl.lost": "图形上下文丢失，正在重新绘制",
    "gl.given_up": "图形上下文多次丢失，请检查显卡与浏览器",
}
