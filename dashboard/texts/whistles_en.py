"""English texts of whistles inside cards and on the map."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "whistle.title": "Whistle",
    "whistle.came": "{n} of {of} there",
    "whistle.ended": "Ended {at}",
    "whistle.end": "End",
    "whistle.end.help": "End this whistle",
    "whistle.at": "Called {at} · to arrive within {due} min",
    "whistle.answered": "answered {n} min",
    "whistle.answered.not": "answered —",
    "whistle.arrived": "arrived {n} min",
    "whistle.arrived.not": "arrived —",
    "whistle.late": "Came late",
    "whistle.missed": "Overdue",
    "whistle.there": "There",
    "whistle.waits": "Awaited",
    "whistle.place": "Place (required)",
    "whistle.message": "Reason (required)",
    "whistle.due": "To arrive within",
    "whistle.minutes": "{n} minutes",
    "whistle.blow": "Call them",
    "whistle.mark": "Whistle {place}",
    "whistle.refused.details": "Say place and reason and choose at least one department",
    "whistle.refused.state": "Done already, or the whistle has ended; look at its state",
    "whistle.refused.unknown": "That is not in your area",
}
