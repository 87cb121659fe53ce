"""What a rule is, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

#: Kinds that count on while they stand: more of the same is told as a repeat, not as another alert.
REPEATING: Final = frozenset({"case_130", "case_rework", "case_repeat"})
#: Kinds of moments, not of states: each later one is told as a repeat.
AGAIN: Final = frozenset({"officer_sos", "officer_missed", "smoke", "manhole"})
#: Kinds whose condition ends by itself: nobody having confirmed them, they lapse with it.
LAPSING: Final = frozenset({
    "case_urgent", "case_due_soon", "case_overdue", "case_130", "case_rework", "officer_offline",
    "officer_still", "officer_out", "officer_missed", "grid_unmanned", "camera_silent", "feed_silent",
    "case_cluster", "manhole", "water", "sensor_silent"})
#: Kinds whose value must not be above the threshold: p-values. The source tells them all.
AT_MOST: Final = frozenset({"case_cluster"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of ``alert_rule`` that is on.

    Attributes:
        threshold: in the unit of the kind, see docs/alerts.md; None where it needs none.
        window_s: seconds; what they mean depends on the kind.
        area, cat: prefixes of codes; '' is all.
    """

    rule_id: str
    kind: str
    color: str
    roles: tuple[str, ...]
    threshold: float | None = None
    window_s: int | None = None
    area: str = ""
    cat: str = ""


class Standing(NamedTuple):
    """An alert that has not ended.

    Attributes:
        key: rule, type and id of the subject.
        last_at: of its last fire, aware.
    """

    alert_id: int
    street_code: str
    key: tuple[str, str, str]
    state: str
    last_at: datetime
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A condition that holds.

    Attributes:
        since: from when it has held, aware; None: nobody knows.
        details: plain JSON that the card tells.
    """

    rule: Rule
    subject_type: str
    subject_id: str
    street_code: str
    since: datetime | None
    community_code: str | None = None
    grid_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    case_no: str | None = None
    value: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """Rule, type and id of the subject: of each there stands one alert at most."""
        return self.rule.rule_id, self.subject_type, self.subject_id
