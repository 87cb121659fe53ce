"""English words of the clock and of replay."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "clock.replay": "Replay · {time}",
    "clock.paused": "Stopped at {time}",
    "clock.group": "Clock",
    "clock.at": "Moment shown",
    "clock.play": "▶ Replay",
    "clock.play.help": "Play (Space)",
    "clock.pause": "❚❚ Pause",
    "clock.pause.help": "Stop at this moment (Space)",
    "clock.back": "‹",
    "clock.back.help": "One step back (,): a step is what one second plays",
    "clock.on": "›",
    "clock.on.help": "One step on (.): a step is what one second plays",
    "clock.speed": "{n}×",
    "clock.speed.help": "Speed",
    "clock.live": "● Live",
    "clock.live.help": "Back to live (L)",
    "clock.follow": "Follow",
    "clock.follow.help": "The map follows the selected officer",
    "clock.head": "Playhead: drag it to any moment",
    "clock.refused": "This moment cannot be replayed: {why}",
    "keys.space": "Space",
    "keys.play": "play / pause",
    "keys.step": "one step back / on",
    "keys.live": "back to live",
}
