"""English texts of the weights of the index and of the half-monthly bulletin."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "analytics.index.by": "on-time handling {on_time} + closure {closure} + no rework {rework}",
    "weights.title": "Weights of the index",
    "weights.about": "The composite index is the sum of on-time handling, closure and (1 − rework), each"
                     " times its weight. A change holds from its day on; days gone by keep theirs.",
    "weights.less": "1 − {name}",
    "weights.new": "Set new weights",
    "weights.valid_from": "Valid from",
    "weights.on_time": "On time",
    "weights.closure": "Closure",
    "weights.rework": "No rework",
    "weights.reason": "Reason",
    "weights.by": "Set by",
    "weights.at": "Set at",
    "weights.put": "Save, on record",
    "weights.saved": "Saved.",
    "weights.history": "All weights so far",
    "weights.never": "Never changed: 60 / 30 / 10 are the default.",
    "weights.back": "Back to the analytics",
    "weights.fault.on_time": "On-time handling must be a number from 0 to 100.",
    "weights.fault.closure": "Closure must be a number from 0 to 100.",
    "weights.fault.rework": "No rework must be a number from 0 to 100.",
    "weights.fault.sum": "The three weights must sum to 100.",
    "weights.fault.valid_from": "The day must not lie before today ({today}): days gone by do not change.",
    "weights.fault.reason": "Say why, in at most 200 signs.",
}
