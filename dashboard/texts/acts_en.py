"""English texts of acts upon a case."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "act.title": "Acts",
    "act.more": "More acts ({n})",
    "act.dept": "Department",
    "act.level": "Level",
    "act.days": "Longer by",
    "act.days.n": "{n} d",
    "act.score": "Satisfaction",
    "act.reason": "Reason (required)",
    "act.note": "Note",
    "act.go": "Confirm: {act}",
    "act.done": "Recorded",
    "act.failed": "Could not be sent; try again",
    "act.refused.details": "Something is missing or invalid; check and send again",
    "act.refused.state": "The case has moved on, or your role does not allow this act",
    "score.100": "Very satisfied",
    "score.80": "Satisfied",
    "score.50": "Fair",
    "score.0": "Dissatisfied",
    "score.-100": "Very dissatisfied",
}
