"""Where a figure comes from: the cases it counts, those it leaves out, and why (口径).

Every case of a filter stands on one side of an indicator: counted above and below the line, below
alone, or left out. Those that are not counted have one reason each, the first that is true, so that
the reasons add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Integer, cast, false, func, not_, select, true

from data.cases.facts import Clause, Facts
from data.cases.indicators import Indicator
from data.cases.queries import DIMENSIONS, matches
from data.cases.rules import RULES, SUMS, cancelled, clock_stopped, in_handling, overdue, verifying, waiting
from data.sql import Query
from data.tables import cases

if TYPE_CHECKING:
    import pandas as pd

    from data.cases.reader import CaseReader
    from data.filters import CaseFilter

Rule = Callable[[Facts], Clause]

#: Sides of an indicator.
COUNTED: Final = "counted"  # in numerator and denominator
BELOW: Final = "below"  # in the denominator alone
ABOVE: Final = "above"  # in the numerator alone: of those indicators whose parts are different cases
OUT: Final = "out"  # in neither
SIDES: Final = (COUNTED, BELOW, ABOVE, OUT)

#: Where a case stands (the first that is true), for counters of steps that cases go through.
_STANDING: Final = ("cancelled", "rejected", "waiting", "clock_stopped", "overdue", "before_dispatch",
                    "in_handling", "verifying", "closed_unhandled")
#: Why a case is not counted.
REASONS: Final[Mapping[str, Rule]] = {
    "no_limit": lambda f: ~f.has_limit,
    "handled_late": lambda f: f.handled & ~f.in_time,
    "cancelled": cancelled,
    "rejected": lambda f: f.is_rejected & f.ended,
    "waiting": waiting,
    "clock_stopped": clock_stopped,
    "overdue": overdue,
    "before_dispatch": lambda f: f.accepted & ~f.dispatched & ~f.handled & ~f.ended,
    "in_handling": in_handling,
    "verifying": verifying,
    "closed_unhandled": lambda f: f.ended & ~f.handled,
    "never_dispatched": lambda f: ~f.dispatched,
    "not_visited": lambda f: ~f.visited,
    "no_score": lambda f: ~f.has_score,
    "other": lambda _f: true(),
}
#: Counter -> the reasons for not being counted, in order; of all others it is that they are not such cases.
_REASONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("accepted", "filed", "handled", "handled_needed", "closed", "need_close", "checked"),
                    _STANDING),
    **dict.fromkeys(("valid", "through_handling", "need_check", "assigned", "timed"),
                    (*_STANDING, "never_dispatched")),
    "need_close_limited": ("no_limit", *_STANDING),
    **dict.fromkeys(("closed_on_time", "handled_needed_on_time"), ("handled_late", *_STANDING)),
    "visited": ("not_visited",),
    "scored": (*_STANDING, "not_visited", "no_score"),
}


def reasons_of(counter: str) -> tuple[str, ...]:
    """The reasons for which cases are not among those of a counter, of `REASONS`; ``other`` is the last."""
    return (*_REASONS_OF.get(counter, ()), "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The cases of a filter by side and reason.

    Attributes:
        reported: cases of the filter that were reported by then.
        sides: of `SIDES` -> cases; they sum to ``reported``.
        reasons: of `BELOW` and `OUT` -> reason -> cases, those that occur; they sum to their side.
    """

    reported: int
    sides: Mapping[str, int]
    reasons: Mapping[str, Mapping[str, int]]


def rule_of(counter: str) -> Rule:
    """The cases that a counter counts; of a sum, those over which it sums."""
    return RULES[counter] if counter in RULES else SUMS[counter][1]


def nobody(_facts: Facts) -> Clause:
    """No case at all."""
    return false()


def side(indicator: Indicator, name: str) -> Rule:
    """The cases on one side of an indicator.

    Raises:
        ValueError: there is no such side.
    """
    part, whole = rule_of(indicator.numerator), rule_of(indicator.denominator)
    sides: Mapping[str, Rule] = {
        COUNTED: lambda f: part(f) & whole(f), BELOW: lambda f: ~part(f) & whole(f),
        ABOVE: lambda f: part(f) & ~whole(f), OUT: lambda f: ~part(f) & ~whole(f),
    }
    if name not in sides:
        raise ValueError(f"side must be one of {', '.join(SIDES)}; got {name!r}")
    return sides[name]


def reason(counter: str, name: str) -> Rule:
    """The cases that are not among those of a counter first for this reason.

    Raises:
        ValueError: it is no reason of that counter.
    """
    names = reasons_of(counter)
    if name not in names:
        raise ValueError(f"why must be one of {', '.join(names)}; got {name[:40]!r}")
    earlier = [REASONS[one] for one in names[: names.index(name)]]

    def only(f: Facts) -> Clause:
        found = REASONS[name](f)
        for one in earlier:
            found = found & not_(one(f))
        return found

    return only


def missed(indicator: Indicator, of: str) -> str:
    """The counter that the cases of a side are not among: above the line, of those left out below it."""
    return indicator.numerator if of == BELOW else indicator.denominator


def of_unit(dimension: str, codes: Sequence[str]) -> Rule:
    """The cases of some codes of a dimension.

    Raises:
        ValueError: an unknown dimension, or one of people: those are asked by name, see `listing`.
    """
    if dimension not in DIMENSIONS or dimension in ("officer", "channel_group"):
        raise ValueError(f"by must be a dimension of the cases alone, got {dimension!r}")
    return lambda _f: DIMENSIONS[dimension].in_([*codes])


def sides(reader: CaseReader, filter_: CaseFilter, now: datetime, indicator: Indicator) -> Lineage:
    """The cases of a filter by side and reason of an indicator, as of ``now``."""
    why_not = [(of, why) for of in (BELOW, OUT) for why in reasons_of(missed(indicator, of))]

    def build(own: CaseFilter, at: datetime) -> Query:
        facts = Facts(at)
        columns: list[ColumnElement[Any]] = [
            _count(side(indicator, name)(facts)).label(name) for name in SIDES]
        columns += [_count(side(indicator, of)(facts) & reason(missed(indicator, of), why)(facts))
                    .label(f"{of} {why}") for of, why in why_not]
        return select(func.count().label("reported"), *columns).select_from(cases).where(
            matches(own), facts.reported)

    row = reader.asked(build, filter_, now).to_pylist()[0]
    return Lineage(
        reported=row["reported"], sides={name: row[name] for name in SIDES},
        reasons={side_: {why: row[f"{of} {why}"] for of, why in why_not
                         if of == side_ and row[f"{of} {why}"]} for side_ in (BELOW, OUT)})


def listing(reader: CaseReader, filter_: CaseFilter, now: datetime, rule: Rule, *,
            officer_id: str | None = None, limit: int = 50, offset: int = 0) -> pd.DataFrame:
    """Lines of the cases of which a rule is true, newest first; see `CaseReader.listing`."""
    return reader.listing(filter_, now, "newest", limit, offset, officer_id=officer_id,
                          also=rule(Facts(now.replace(microsecond=0))))


def _count(clause: Clause) -> ColumnElement[int]:
    return cast(func.count().filter(clause), Integer)
