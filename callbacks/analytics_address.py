"""What the address of an analytics page asks for, and addresses that ask for something else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from flask import g

from callbacks.desk import Desk
from callbacks.documents import at_seat
from dashboard.format import moment
from dashboard.texts import speaker
from data.access.roles import Permission
from data.analytics.measures import UNITS
from data.analytics.periods import Period, PeriodError, period_at, read_period
from data.cases.indicators import BY_KEY, Indicator
from data.filters import SETS, CaseFilter, FilterError, from_query

PATH: Final = "/analytics"
LINEAGE: Final = "/analytics/lineage"
CASES: Final = "/analytics/cases"
FIGURES: Final = "/analytics/figures"
CAUSES: Final = "/analytics/causes"
SPACE: Final = "/analytics/space"
PATHS: Final = "/analytics/paths"
POSTS: Final = "/analytics/posts"
COVERAGE: Final = "/analytics/coverage"
COMPARE: Final = "/analytics/compare"
NOTES: Final = "/analytics/notes"
SURVEYS: Final = "/analytics/surveys"
EXPORT: Final = "/export/analytics.csv"
#: Stands in an address for the code that is put in later.
_ANY: Final = "~0~"
#: What is looked at first.
PERIOD: Final = "half_month"
BY: Final = "street"
INDICATOR: Final = "closure_rate_standard"
#: Unit -> the set of the filter that narrows to it, and what it is then taken apart by.
_DRILL: Final[Mapping[str, tuple[str, str]]] = {
    "street": ("areas", "community"), "community": ("areas", "grid"), "grid": ("areas", "department"),
    "department": ("departments", "category_class"), "channel": ("channels", "category_class"),
    "category_class": ("categories", "category"), "category": ("categories", "street"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is looked at.

    Attributes:
        period: of time.
        by: dimension whose units are set beside each other.
        indicator: that is compared.
        filter_: which cases, over the period.
        lang: language of the names.
        fault: why something in the address was not understood, in words; empty: nothing.
    """

    period: Period
    by: str
    indicator: Indicator
    filter_: CaseFilter
    lang: str
    fault: str = ""

    def address(self, path: str = PATH, **changes: Any) -> str:
        """The same look with other values of some keys; a value of None or '' leaves its key out."""
        said: dict[str, Any] = {"period": self.period.code, "by": self.by, "indicator": self.indicator.key}
        said |= {name: ",".join(codes) for name, codes in self.filter_.to_store().items() if name in SETS}
        kept = {key: value for key, value in {**said, **changes}.items() if value not in (None, "")}
        return at_seat(f"{path}?{urlencode(kept)}")

    def units(self, groups: Mapping[str, list[str]]) -> Callable[[str], str]:
        """Code of the dimension `by` -> where that unit is looked at alone, taken apart below.

        Args:
            groups: group of channels -> its channels.
        """
        if self.by == "channel_group":
            return lambda code: self.address(channels=",".join(groups.get(code, [])), by="channel")
        if self.by == "officer":
            return _with_code(self.address(CASES, officer=_ANY, of="reported"))
        name, below = _DRILL.get(self.by, ("", ""))
        return _with_code(self.address(**{name: _ANY, "by": below}) if name else self.address())

    def cases_of_units(self) -> Callable[[str], str]:
        """Code of the dimension `by` -> the cases that the unit's rate divides by."""
        key = "officer" if self.by == "officer" else "unit"
        return _with_code(self.address(CASES, of=self.indicator.denominator, **{key: _ANY}))

    def file(self, table: str, **also: Any) -> str:
        """A table of this look as a file, seen from the seat of who asks; ``also``: what else it asks for."""
        return self.address(EXPORT, table=table, lang=self.lang, seat=g.get("seat", ""), **also)

    def wall(self) -> str:
        """The wall over the same cases."""
        area = next(iter(self.filter_.areas)) if len(self.filter_.areas) == 1 else ""
        query = self.filter_.to_query() + (f"&area={area}" if area else "")
        return at_seat(f"/?preset=custom&{query}")


def _with_code(address: str) -> Callable[[str], str]:
    """Code -> the address with the code in the place of `_ANY`."""
    place = quote_plus(_ANY)
    return lambda code: address.replace(place, quote_plus(code))


def dimensions(desk: Desk) -> list[str]:
    """What units the viewer may set beside each other: officers only who is told of people."""
    told = desk.viewer().may(Permission.VIEW_PEOPLE)
    return [name for name in UNITS if name != "officer" or told]


def read_look(args: Mapping[str, str], desk: Desk, lang: str) -> Look:
    """The look of an address; what cannot be understood is the default, and said in ``fault``."""
    faults = []
    last, now = desk.words().last_reported, desk.now()
    period = period_at(PERIOD, min(now, last) if last else now, desk.zone)
    if args.get("period"):
        try:
            period = read_period(args["period"], desk.zone)
        except PeriodError as error:
            faults.append(str(error))
    by, key = args.get("by") or BY, args.get("indicator") or INDICATOR
    if by not in dimensions(desk):
        faults.append(f"by must be one of {', '.join(dimensions(desk))}; got {by[:40]!r}")
        by = BY
    if key not in BY_KEY:
        faults.append(f"indicator must be one of {', '.join(BY_KEY)}; got {key[:40]!r}")
        key = INDICATOR
    plain = CaseFilter(since=period.since, until=period.until)
    try:
        filter_ = from_query({name: args[name] for name in SETS if args.get(name)}, default=plain)
    except FilterError as error:
        faults.append(str(error))
        filter_ = plain
    return Look(period=period, by=by, indicator=BY_KEY[key], filter_=filter_, lang=lang,
                fault="; ".join(faults))


def asked_for(key: str, among: Collection[str], args: Mapping[str, str], desk: Desk, lang: str
              ) -> tuple[str, Look]:
    """One of some things that an address names, and the look it is of.

    Raises:
        FilterError: it names none of them, or something else in it is not understood.
    """
    name = args.get(key, "")
    if name not in among:
        raise FilterError(f"{key} must be one of {', '.join(among)}; got {name[:40]!r}")
    look = read_look(args, desk, lang)
    if look.fault:
        raise FilterError(look.fault)
    return name, look


def days_of(period: Period, now: datetime) -> tuple[str, str]:
    """First and last local day of a period, the last not after ``now``."""
    last = min(period.until, max(now, period.since)).astimezone(period.zone)
    if last == period.until:
        return f"{period.first:%Y-%m-%d}", f"{period.after - timedelta(days=1):%Y-%m-%d}"
    return f"{period.first:%Y-%m-%d}", f"{last:%Y-%m-%d %H:%M}"


def faults(look: Look, desk: Desk, *others: str) -> str:
    """What was not understood, and since when the data stand still because reading them fails."""
    since = desk.readers.snapshot.failed_since
    failed = speaker(look.lang)("feeds.failed", time=moment(since, desk.zone)) if since else ""
    return "; ".join(text for text in (failed, look.fault, *others) if text)
