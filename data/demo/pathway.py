"""The way of each demo case through the life cycle, as a table of possible acts.

Columns of the table are `SLOTS`, in an order in which they are legal one after
another; a case takes some of them. Times are int64 microseconds since 1970 UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from data.cases.worktime import WorkCalendar, add_limit
from data.demo.draws import Flags, Floats, Ints
from data.demo.profiles import Profile

#: (name, act); a slot's name differs from its act where an act has several places.
SLOTS: Final = (
    ("report", "report"), ("verify_first", "verify_first"), ("reject", "reject"), ("cancel", "cancel"),
    ("accept", "accept"), ("reject_late", "reject"), ("self_done", "self_done"), ("answer", "answer"),
    ("file", "file"), ("escalate", "escalate"), ("dispatch", "dispatch"), ("return", "return"),
    ("dispatch_again", "dispatch"), ("receive", "receive"), ("arrive", "arrive"), ("joint", "joint"),
    ("whistle", "whistle"), ("feedback", "feedback"), ("hang", "hang"), ("unhang", "unhang"),
    ("urge", "urge"), ("supervise", "supervise"), ("ask_postpone", "ask_postpone"),
    ("postpone", "postpone"), ("refuse_postpone", "refuse_postpone"), ("cancel_late", "cancel"),
    ("force_close", "force_close"), ("handle", "handle"), ("check_fail", "check_fail"),
    ("rework", "rework"), ("handle_again", "handle"), ("check_pass", "check_pass"), ("close", "close"),
    ("visit", "visit"),
)
AT: Final = {name: column for column, (name, _) in enumerate(SLOTS)}
#: Slots whose event carries a deadline.
TIMED: Final = ("dispatch", "dispatch_again", "unhang", "postpone", "refuse_postpone", "rework")
MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
_NEVER: Final = np.iinfo(np.int64).max

#: Share of the limit used: (median, sigma) of a lognormal for patrol, public reports, components;
#: a little under the calibration, because slow units and dragging cases come on top.
_PACE: Final = {"patrol": (0.37, 0.55), "public": (0.46, 0.65), "component": (0.55, 0.70)}
SLOW_FACTOR: Final = 1.8


class Difficulty(NamedTuple):
    """What decides how a case goes; arrays, one per case.

    ``limit`` counts in ``unit`` (codes of label kind ``limit_unit``).
    """

    reported: Ints
    limit: Floats
    unit: npt.NDArray[np.str_]
    is_component: Flags
    is_public: Flags
    is_patrol: Flags
    is_question: Flags
    level: Ints  # position in data.demo.intake.LEVELS
    is_slow: Flags  # handled by a unit or in a street that works badly
    is_plain: Flags  # takes the main path without any side move


@dataclass(frozen=True, slots=True, kw_only=True)
class Pathway:
    """Which slots each case takes and when.

    Attributes:
        taken: (cases, slots).
        at: (cases, slots) microseconds UTC; meaningless where not taken.
        deadline: (cases, slots) microseconds UTC where the slot is in `TIMED`, else 0.
    """

    taken: Flags
    at: Ints
    deadline: Ints

    def keep(self, chosen: Flags) -> Pathway:
        """Only the chosen cases."""
        return Pathway(taken=self.taken[chosen], at=self.at[chosen], deadline=self.deadline[chosen])

    def until(self, end: int) -> Pathway:
        """What had happened before ``end`` (microseconds UTC)."""
        return Pathway(taken=self.taken & (self.at < end), at=self.at, deadline=self.deadline)

    @property
    def accepted(self) -> Flags:
        """Cases that were accepted."""
        return self.taken[:, AT["accept"]]

    @property
    def handled(self) -> Flags:
        """Cases whose handling stands: done, answered, or handled and not sent back since."""
        last = self.taken[:, AT["handle"]] & ~self.taken[:, AT["rework"]]
        direct = self.taken[:, AT["self_done"]] | self.taken[:, AT["answer"]]
        return direct | last | self.taken[:, AT["handle_again"]]


class _Draft:
    """A pathway being written: one column after another."""

    def __init__(self, cases: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self.size = cases
        self.taken = np.zeros((cases, len(SLOTS)), dtype=bool)
        self.at = np.zeros((cases, len(SLOTS)), dtype=np.int64)
        self.deadline = np.zeros((cases, len(SLOTS)), dtype=np.int64)

    def take(self, slot: str, which: Flags, at: Ints) -> Ints:
        """Let ``which`` cases take a slot at a time; gives the time back."""
        self.taken[:, AT[slot]] = which
        self.at[:, AT[slot]] = at
        return at

    def chance(self, share: float | Floats) -> Flags:
        return self.rng.random(self.size) < share

    def span(self, low: float, high: float, unit: int = MINUTE) -> Ints:
        """Uniform durations between two numbers of units, in microseconds."""
        return (self.rng.uniform(low, high, self.size) * unit).astype(np.int64)


def after_limit(start: Ints, value: Floats, unit: npt.NDArray[np.str_], calendar: WorkCalendar) -> Ints:
    """``start`` plus ``value`` units each, counting working time where the unit says so."""
    found = start.copy()
    for name in np.unique(unit):
        chosen = unit == name
        ends = add_limit(start[chosen].astype("datetime64[us]"), value[chosen], str(name), calendar)
        found[chosen] = ends.astype("datetime64[us]").astype(np.int64)
    return found


def draw_pathway(profile: Profile, cases: Difficulty, calendar: WorkCalendar,
                 rng: np.random.Generator) -> Pathway:
    """Draw the whole way of each case, also beyond the end of the demo.

    Args:
        calendar: working hours and holidays of the district.
    """
    draft = _Draft(cases.reported.size, rng)
    working = _draw_start(draft, profile, cases, calendar)
    begun, deadline = _draw_dispatch(draft, profile, cases, calendar, working)
    _draw_handling(draft, profile, cases, calendar, working=working, begun=begun, deadline=deadline)
    return _in_order(Pathway(taken=draft.taken, at=draft.at, deadline=draft.deadline))


def _draw_start(draft: _Draft, profile: Profile, cases: Difficulty, calendar: WorkCalendar) -> Flags:
    """From the report to the filing; returns the cases that go to a unit."""
    alive = np.ones(draft.size, dtype=bool)
    draft.take("report", alive, cases.reported)
    full = not profile.is_compact
    checked = cases.is_public & ~cases.is_plain & draft.chance(0.25 if full else 0.0)
    seen = draft.take("verify_first", checked, cases.reported + draft.span(3, 25))
    hours = _units(draft, "work_hour")
    visited = after_limit(seen, draft.rng.uniform(0.15, 0.75, draft.size), hours, calendar)
    at = np.where(checked, visited, cases.reported + draft.span(5, 30))
    fate = draft.rng.random(draft.size) + cases.is_plain
    rejected = cases.is_public & (fate < 0.03)
    cancelled = ~rejected & (fate < 0.025)
    draft.take("reject", rejected, at)
    draft.take("cancel", cancelled, at)
    alive &= ~(rejected | cancelled)
    accepted = draft.take("accept", alive, at)
    fate = draft.rng.random(draft.size) + cases.is_plain
    spot = alive & (cases.level <= (0 if full else 1)) & ~cases.is_component & (fate < np.where(
        cases.is_patrol, profile.self_done_share, 0.12 if full else 0.9))
    draft.take("self_done", spot, accepted + (draft.rng.lognormal(np.log(25.0), 0.8, draft.size) * MINUTE)
               .clip(3 * MINUTE, 5 * HOUR).astype(np.int64))
    answered = alive & ~spot & cases.is_question & draft.chance(0.7)
    draft.take("answer", answered, after_limit(accepted, draft.rng.uniform(0.2, 6.0, draft.size),
                                               hours, calendar))
    late = alive & ~spot & ~answered & ~cases.is_plain & draft.chance(0.003)
    draft.take("reject_late", late, accepted + draft.span(2, 40))
    working: Flags = alive & ~spot & ~answered & ~late
    filed = draft.take("file", working, accepted + draft.span(1, 10))
    draft.take("escalate", working & (cases.level > 0) & (full | cases.is_plain), filed + draft.span(1, 5))
    return working


def _draw_dispatch(draft: _Draft, profile: Profile, cases: Difficulty, calendar: WorkCalendar,
                   working: Flags) -> tuple[Ints, Ints]:
    """Dispatch and, where the first unit was wrong, return and second dispatch: start and deadline."""
    delay = draft.span(8, 50) + draft.chance(0.03) * draft.span(26, 60, HOUR) * ~cases.is_plain
    first = draft.take("dispatch", working, draft.at[:, AT["file"]] + 6 * MINUTE + delay)
    deadline = after_limit(first, cases.limit, cases.unit, calendar)
    draft.deadline[:, AT["dispatch"]] = deadline
    wrong = working & ~cases.is_plain & draft.chance(0.0 if profile.is_compact else 0.055)
    back = after_limit(first, draft.rng.uniform(0.3, 3.0, draft.size), _units(draft, "work_hour"), calendar)
    draft.take("return", wrong, back)
    again = draft.take("dispatch_again", wrong, back + draft.span(10, 60))
    deadline = np.where(wrong, after_limit(again, cases.limit, cases.unit, calendar), deadline)
    draft.deadline[:, AT["dispatch_again"]] = deadline
    return np.where(wrong, again, first), deadline


def _used_share(draft: _Draft, profile: Profile, cases: Difficulty) -> Floats:
    """How much of its limit each case will use."""
    row = np.where(cases.is_component, 2, np.where(cases.is_public, 1, 0))
    median = np.array([_PACE[name][0] for name in ("patrol", "public", "component")])
    sigma = np.array([_PACE[name][1] for name in ("patrol", "public", "component")])
    share = np.exp(np.log(median[row]) + sigma[row] * draft.rng.standard_normal(draft.size))
    share *= np.where(cases.is_slow, SLOW_FACTOR, 1.0)
    stuck = draft.chance(profile.stuck_share * np.where(cases.is_slow, 3.0, 0.8))
    share = np.where(stuck, share * draft.rng.uniform(8.0, 40.0, draft.size), share)
    return np.where(cases.is_plain, 0.4, share)


def _draw_handling(draft: _Draft, profile: Profile, cases: Difficulty, calendar: WorkCalendar, *,
                   working: Flags, begun: Ints, deadline: Ints) -> None:
    """From the unit's desk to the visit after closing."""
    share = _used_share(draft, profile, cases)
    free = working & ~cases.is_plain & (not profile.is_compact)
    asks = free & draft.chance(np.where(share > 0.9, 0.18, 0.02))
    granted = asks & draft.chance(0.8)
    share = np.where(granted, np.minimum(share, 2.2), share)
    done = after_limit(begun, cases.limit * share, cases.unit, calendar)
    work = _Work(free, begun, done - begun, share)
    _draw_visits(draft, cases, work, received=working & (not profile.is_compact))
    rest = _draw_pressure(draft, work, ~asks, deadline)
    asked = draft.take("ask_postpone", asks, work.at(draft, 0.72, 0.74))
    reply = np.minimum(work.part(draft, 0.02, 0.08), draft.span(1, 10, HOUR))
    draft.take("postpone", granted, asked + reply)
    draft.take("refuse_postpone", asks & ~granted, asked + reply)
    draft.deadline[:, AT["postpone"]] = after_limit(deadline, cases.limit * 0.6, cases.unit, calendar)
    draft.deadline[:, AT["refuse_postpone"]] = deadline + reply
    fate = draft.rng.random(draft.size) + ~free
    dropped, forced = fate < 0.013, (fate >= 0.013) & (fate < 0.015)
    draft.take("cancel_late", dropped, work.at(draft, 0.91, 0.95) + rest)
    draft.take("force_close", forced, work.at(draft, 0.91, 0.95) + rest)
    handled = working & ~dropped & ~forced
    draft.take("handle", handled, done + rest)
    _draw_check(draft, profile, cases, calendar, handled=handled, share=share)


class _Work(NamedTuple):
    """The handling of each case: may side moves happen, its begin, span, and share of the limit."""

    free: Flags
    begun: Ints
    span: Ints
    share: Floats

    def part(self, draft: _Draft, low: float, high: float) -> Ints:
        """A duration that is a share of the span."""
        return (draft.rng.uniform(low, high, draft.size) * self.span).astype(np.int64)

    def at(self, draft: _Draft, low: float, high: float) -> Ints:
        """A moment after so much of the span."""
        return self.begun + self.part(draft, low, high)


def _draw_visits(draft: _Draft, cases: Difficulty, work: _Work, *, received: Flags) -> None:
    """Receipt, arrival on site, joint work and the first feedback."""
    draft.take("receive", received, work.begun + np.minimum(work.part(draft, 0.02, 0.12), draft.span(3, 50)))
    draft.take("arrive", received & (cases.is_plain | draft.chance(0.55)),
               work.begun + np.minimum(work.part(draft, 0.15, 0.30), draft.span(1, 20, HOUR)))
    draft.take("joint", work.free & (cases.level >= 2) & draft.chance(0.03), work.at(draft, 0.30, 0.31))
    draft.take("whistle", work.free & (cases.level == 2) & draft.chance(0.04), work.at(draft, 0.32, 0.33))
    long = work.span > 48 * HOUR
    draft.take("feedback", received & draft.chance(np.where(long, 0.72, 0.2)),
               work.begun + np.minimum(work.part(draft, 0.35, 0.44), draft.span(21, 64, HOUR)))


def _draw_pressure(draft: _Draft, work: _Work, may_hang: Flags, deadline: Ints) -> Ints:
    """Holding, urging and supervising; gives how long each case was on hold."""
    held = work.free & may_hang & draft.chance(0.022)
    rest = held * draft.span(2.0, 15.0, 24 * HOUR)
    draft.take("hang", held, work.at(draft, 0.46, 0.50))
    draft.take("unhang", held, draft.at[:, AT["hang"]] + rest)
    draft.deadline[:, AT["unhang"]] = deadline + rest
    draft.take("urge", work.free & draft.chance(np.where(work.share > 0.9, 0.25, 0.03)),
               work.at(draft, 0.55, 0.62) + rest)
    draft.take("supervise", work.free & draft.chance(np.where(work.share > 1.0, 0.10, 0.02)),
               work.at(draft, 0.63, 0.70) + rest)
    return rest


def _draw_check(draft: _Draft, profile: Profile, cases: Difficulty, calendar: WorkCalendar, *,
                handled: Flags, share: Floats) -> None:
    """Check, rework, closing, and the visit to those who reported."""
    hours = _units(draft, "work_hour")
    failed = handled & ~cases.is_plain & draft.chance(
        0.0 if profile.is_compact else np.where(cases.is_slow, 0.09, 0.045))
    looked = after_limit(draft.at[:, AT["handle"]], draft.rng.uniform(0.5, 4.0, draft.size), hours, calendar)
    draft.take("check_fail", failed, looked)
    sent = draft.take("rework", failed, looked + draft.span(4, 30))
    draft.deadline[:, AT["rework"]] = after_limit(sent, cases.limit * 0.5, cases.unit, calendar)
    again = draft.take("handle_again", failed, after_limit(
        sent, cases.limit * np.minimum(0.4 * share, 3.0), cases.unit, calendar))
    seen = after_limit(again, draft.rng.uniform(0.5, 4.0, draft.size), hours, calendar)
    looked = np.where(failed, seen, looked)
    passed = handled & (not profile.is_compact) & (cases.is_plain | draft.chance(0.9))
    draft.take("check_pass", passed, looked)
    closed = draft.take("close", handled, looked + draft.span(5, 60))
    asked = handled & cases.is_public & (cases.is_plain | draft.chance(0.0 if profile.is_compact else 0.55))
    draft.take("visit", asked, after_limit(closed, draft.rng.uniform(2.0, 20.0, draft.size), hours, calendar))


def _units(draft: _Draft, name: str) -> npt.NDArray[np.str_]:
    return np.full(draft.size, name)


def _in_order(pathway: Pathway) -> Pathway:
    """Times that never run backwards along the slots taken."""
    at = pathway.at.copy()
    latest = at[:, 0].copy()
    for column in range(at.shape[1]):
        latest = np.where(pathway.taken[:, column], np.maximum(latest, at[:, column]), latest)
        at[:, column] = np.where(pathway.taken[:, column], latest, _NEVER)
    return Pathway(taken=pathway.taken, at=at, deadline=pathway.deadline)
