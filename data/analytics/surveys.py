"""Surveys (社情民意调查): how many of those asked know of the grid service, and how many are content with it.

No case says what people who never reported know or think (S0:34 wants both); answers come from outside and
are entered here with how many were asked, so that each share stands with its interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from data.access.masks import scrub
from data.access.scope import Scope
from data.access.viewer import Viewer
from data.analytics import kept
from data.analytics.tables import survey

if TYPE_CHECKING:
    from data.engine import Store

#: What is asked: whether they know of it (知晓度), whether they are content (满意度).
KINDS: Final = ("awareness", "satisfaction")
#: The longest line about a survey, the most people asked, and the earliest day.
LONGEST: Final = 120
MOST: Final = 10_000_000
FIRST_DAY: Final = date(1990, 1, 1)


class SurveyError(ValueError):
    """A survey that cannot be; the message names field, value got and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Answers of one survey.

    Attributes:
        kind: of `KINDS`.
        day: local, on which it ended.
        area_code: where; None: in the whole district.
        asked: how many answered.
        agreed: how many of them said yes.
        about: who asked, and how.
    """

    survey_id: int
    kind: str
    day: date
    area_code: str | None
    asked: int
    agreed: int
    about: str
    set_at: datetime
    set_by: str


def add(store: Store, *, kind: str, day: date, area_code: str | None, asked: int, agreed: int, about: str,
        today: date, by: Viewer, now: datetime, address: str | None = None) -> int:
    """Enter a survey; on record. Returns its id.

    Args:
        area_code: one that there is; None: the whole district.
        today: the local day in the store's time.
        now: outside time, aware.

    Raises:
        SurveyError: the counts, the day, the kind or the line about it cannot be.
    """
    plain = " ".join(about.split())
    if kind not in KINDS:
        raise SurveyError(f"kind must be one of {', '.join(KINDS)}; got {kind[:40]!r}")
    if not FIRST_DAY <= day <= today:
        raise SurveyError(f"day must be a day from {FIRST_DAY} to {today}, got {day}")
    if not 0 < asked <= MOST:
        raise SurveyError(f"asked must be 1 to {MOST}, got {asked}")
    if not 0 <= agreed <= asked:
        raise SurveyError(f"agreed must be 0 to {asked} (asked), got {agreed}")
    if not 0 < len(plain) <= LONGEST:
        raise SurveyError(f"about must be 1 to {LONGEST} signs, got {len(plain)}")
    row = {"kind": kind, "day": day, "area_code": area_code, "asked": asked, "agreed": agreed,
           "about": scrub(plain)}
    return kept.add(store, survey, row, by=by, now=now, address=address)


def withdraw(store: Store, survey_id: int, *, by: Viewer, now: datetime, address: str | None = None) -> bool:
    """Take a survey back; on record. False where none of that id stands."""
    return kept.withdraw(store, survey, survey_id, by=by, now=now, address=address)


def listing(store: Store, scope: Scope) -> list[Survey]:
    """The surveys that stand, of the areas that a scope holds, newest day first; those of the whole district
    for who sees all of it."""
    columns = [survey.c[name] for name in Survey.__dataclass_fields__]
    query = (sa.select(*columns).where(survey.c.withdrawn_at.is_(None))
             .order_by(survey.c.day.desc(), survey.c.survey_id.desc()))
    if not scope.has_all_areas:
        inside = (survey.c.area_code.startswith(code) for code in scope.areas)
        query = query.where(sa.or_(sa.false(), *inside))
    with store.engine.connect() as connection:
        return [Survey(**row) for row in connection.execute(query).mappings()]


def summed(surveys: Sequence[Survey], kind: str, *, first: date, after: date,
           areas: Sequence[str] = ()) -> tuple[int, int] | None:
    """Of how many asked on days in ``[first, after)`` how many agreed: ``(agreed, asked)``; None for nobody.

    Args:
        areas: codes of areas; only surveys inside one of them count. Empty: all.

    A survey inside the area of another one of those days is left out: that one asked there too.
    """
    found = [one for one in surveys if one.kind == kind and first <= one.day < after]
    if areas:
        found = [one for one in found if one.area_code and one.area_code.startswith(tuple(areas))]
    wider = {one.area_code or "" for one in found}
    found = [one for one in found if not any(
        (one.area_code or "").startswith(code) and code != (one.area_code or "") for code in wider)]
    asked = sum(one.asked for one in found)
    return (sum(one.agreed for one in found), asked) if asked else None
