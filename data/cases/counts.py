"""The counts of a set of cases as one value."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCounts:
    """Counts of cases (``*_times``, ``*_sum``: sums); the rules are in `data.cases.rules`.

    A counter that was not asked for is None, so that it cannot be taken for 0.
    Adding the counts of two disjoint sets of cases gives those of their union.
    """

    reported: int | None = None
    valid: int | None = None
    public: int | None = None
    valid_public: int | None = None
    waiting: int | None = None
    accepted: int | None = None
    filed: int | None = None
    dispatched: int | None = None
    assigned: int | None = None
    assigned_right: int | None = None
    handled: int | None = None
    handled_on_time: int | None = None
    handled_late: int | None = None
    handled_needed: int | None = None
    handled_needed_on_time: int | None = None
    closed: int | None = None
    closed_on_time: int | None = None
    need_close: int | None = None
    need_close_limited: int | None = None
    open: int | None = None
    in_handling: int | None = None
    verifying: int | None = None
    clock_stopped: int | None = None
    due_soon: int | None = None
    overdue: int | None = None
    rejected: int | None = None
    cancelled: int | None = None
    through_handling: int | None = None
    reworked: int | None = None
    returned: int | None = None
    postponed: int | None = None
    urged: int | None = None
    need_check: int | None = None
    checked: int | None = None
    self_done: int | None = None
    forced_close: int | None = None
    supervised: int | None = None
    joint: int | None = None
    whistle: int | None = None
    repeated: int | None = None
    typical: int | None = None
    visited: int | None = None
    scored: int | None = None
    satisfied: int | None = None
    timed: int | None = None
    m1_due: int | None = None
    m1_met: int | None = None
    m3_due: int | None = None
    m3_met: int | None = None
    open_0_1_d: int | None = None
    open_1_3_d: int | None = None
    open_3_7_d: int | None = None
    open_7_15_d: int | None = None
    open_15_d: int | None = None
    rework_times: int | None = None
    satisfaction_sum: int | None = None
    handling_s_sum: int | None = None

    def __add__(self, other: CaseCounts) -> CaseCounts:
        mine, others = self.to_dict(), other.to_dict()
        return CaseCounts(**{name: mine[name] + others[name] for name in mine if name in others})

    def to_dict(self) -> dict[str, int]:
        """Counter -> value, of those that were asked for."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


FIELDS = tuple(field.name for field in fields(CaseCounts))
