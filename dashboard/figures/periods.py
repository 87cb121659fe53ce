"""Periods of the evaluation as text."""

from __future__ import annotations

from dashboard.texts import Say
from data.analytics.periods import Period


def period_name(period: Period, say: Say) -> str:
    """A period in words, e.g. 2019年5月上半月."""
    return _said(period, say, "period", "half")


def short_name(period: Period, say: Say) -> str:
    """The same for the axis of a chart of a dozen of them."""
    return _said(period, say, "short", "short")


def _said(period: Period, say: Say, key: str, half: str) -> str:
    first = period.first
    year = first.isocalendar().year if period.kind == "week" else first.year
    which = "first" if first.day == 1 else "second"
    return say(f"analytics.{key}.{period.kind}", year=year, month=first.month, day=first.day,
               quarter=(first.month + 2) // 3, week=first.isocalendar().week,
               half=say(f"analytics.{half}.{which}"))
