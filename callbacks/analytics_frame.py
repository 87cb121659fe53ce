"""What all pages of the analytics show alike: period, age of the data, faults, and what can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from callbacks.analytics_address import PATH, Look, days_of, dimensions, faults
from callbacks.analytics_names import names_of
from callbacks.desk import Desk, today_of
from dashboard.figures.periods import period_name
from dashboard.format import moment
from dashboard.texts import Say
from data.analytics.notes import Note, by_period, of_days
from data.analytics.periods import KINDS, Period, before, period_of
from data.cases.indicators import INDICATORS
from data.engine import STORE_FAULTS


def framed(look: Look, desk: Desk, say: Say, path: str = PATH, *also: str) -> dict[str, Any]:
    """The context of the head of a page.

    Args:
        path: of the page.
        also: what else was not understood.
    """
    now, notes = desk.now(), notes_of([look.period], desk)
    return {
        "here": PATH, "look": look,
        "fault": faults(look, desk, *also, *([] if notes is not None else [say("notes.failed")])),
        "notes": [(f"{note.day:%m-%d}", note.text) for note in (notes or {}).get(look.period.code, [])],
        "period": period_name(look.period, say), "span": days_of(look.period, now),
        "is_over": look.period.is_over(now), "as_of": moment(now, desk.zone, year=True),
        "synthetic": desk.synthetic.get(look.lang, ""), "controls": controls(look, desk, say, path),
    }


def notes_of(periods: Sequence[Period], desk: Desk) -> dict[str, list[Note]] | None:
    """Notes on days of some periods by code, none of a day that lies ahead; None: they are not to be had."""
    first, after = min(one.first for one in periods), max(one.after for one in periods)
    try:
        found = of_days(desk.everything.store, first, min(after, today_of(desk) + timedelta(days=1)))
    except STORE_FAULTS:
        return None
    return by_period(found, periods)


def controls(look: Look, desk: Desk, say: Say, path: str = PATH) -> dict[str, Any]:
    """What can be chosen on a page of the analytics, each with its address."""
    period, now = look.period, desk.now()
    later = period_of(period.kind, period.after, period.zone)
    filter_ = look.filter_.to_store()
    narrowed = [(say(f"analytics.set.{name}"), names_of(name, desk, look.lang)(code),
                 look.address(path, **{name: ",".join(one for one in codes if one != code)}))
                for name, codes in filter_.items() if isinstance(codes, list) for code in codes]
    return {
        "earlier": look.address(path, period=before(period).code),
        "later": look.address(path, period=later.code) if later.since <= now else "",
        "kinds": [(say(f"analytics.kind.{kind}"), kind == period.kind, look.address(
            path, period=period_of(kind, min(period.until, now).astimezone(period.zone).date()
                             if not period.is_over(now) else period.first, period.zone).code))
                  for kind in KINDS],
        "by": [(say(f"analytics.by.{name}"), name == look.by, look.address(by=name))
               for name in dimensions(desk)],
        "indicators": [(one.key, one.zh if look.lang == "zh" else one.en, one.key == look.indicator.key)
                       for one in INDICATORS],
        "narrowed": narrowed, "wall": look.wall(),
    }
