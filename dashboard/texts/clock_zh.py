"""时钟与回放的中文文字。"""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "clock.replay": "回放 · {time}",
    "clock.paused": "停在 {time}",
    "clock.group": "时钟",
    "clock.at": "所示时刻",
    "clock.play": "▶ 回放",
    "clock.play.help": "播放回放（空格）",
    "clock.pause": "❚❚ 暂停",
    "clock.pause.help": "停在此刻（空格）",
    "clock.back": "‹",
    "clock.back.help": "后退一步（,）：一步为播放一秒的时间",
    "clock.on": "›",
    "clock.on.help": "前进一步（.）：一步为播放一秒的时间",
    "clock.speed": "{n}×",
    "clock.speed.help": "播放速度",
    "clock.live": "● 实时",
    "clock.live.help": "回到实时（L）",
    "clock.follow": "跟随",
    "clock.follow.help": "地图跟随所选网格员",
    "clock.head": "播放头：拖动到任一时刻",
    "clock.refused": "此刻无法回放：{why}",
    "keys.space": "空格",
    "keys.play": "播放 / 暂停",
    "keys.step": "后退 / 前进一步",
    "keys.live": "回到实时",
}
