"""The tables of a bulletin out of its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard.bulletin.sheet import COUNT, PLACES, Cell, Table, counted, pointed, shared
from dashboard.figures.values import change, counted_change, shown
from dashboard.format import NONE, moment, percent
from dashboard.texts import Say
from data.analytics.weights import PARTS, Weights
from data.cases.indicators import BY_KEY, Indicator, rates

#: Counters and indicators of the first table.
COUNTERS: Final = ("reported", "accepted", "handled", "closed", "overdue", "public")
RATES: Final = ("closure_rate_standard", "closure_rate_handled", "on_time_handling_rate", "on_time_rate",
                "rework_rate", "repeat_rate", "satisfaction_rate", "m1_rate", "m3_rate", "mean_handling_h")
#: Rows of a ranking that pages show.
SHOWN: Final = {"community": 20}

Name = Callable[[str, str], str]


def indicators(content: Mapping[str, Any], lang: str, say: Say) -> Table:
    """Counts, rates and the index beside the period before and that of the year before.

    A window without any case has no figures: that nothing is held is not that nothing happened.
    """
    windows = ("this", "before", "year_before")
    counts = [content["counts"][window] for window in windows]
    held = [found if found["reported"] else None for found in counts]
    rows = [[Cell(say(f"analytics.counter.{name}")), *_beside(
        [found and found[name] for found in held], counted,
        lambda now, earlier: Cell(counted_change(now, earlier)))] for name in COUNTERS]
    rated = [rates(found) for found in counts]
    for one in (BY_KEY[key] for key in RATES):
        rows.append([Cell(one.zh if lang == "zh" else one.en), *_beside(
            [found[one.key] for found in rated], partial(_valued, one=one, say=say),
            partial(_changed, one=one, say=say))])
    index = [Weights(**content["weights"][window]).index(found)
             for window, found in zip(windows, rated, strict=True)]
    rows.append([Cell(say("analytics.index")), *_beside(index, pointed, _gained)])
    return Table(head=[say(f"bulletin.column.{name}") for name in (
        "indicator", "this", "before", "change", "year_before", "year_change")], rows=rows,
        wide=(3.2, 1.2, 1.2, 1.3, 1.2, 1.3))


def _beside(values: Sequence[float | None], told: Callable[[float | None], Cell],
            gained: Callable[[float | None, float | None], Cell]) -> list[Cell]:
    now, earlier, year = values
    return [told(now), told(earlier), gained(now, earlier), told(year), gained(now, year)]


def _gained(now: float | None, earlier: float | None) -> Cell:
    """The change of an index; more is better."""
    if now is None or earlier is None:
        return Cell(NONE)
    gain = now - earlier
    return Cell(f"{gain:+.1f}", gain, "+0.0;-0.0;0.0", "better" if gain > 0 else "worse" if gain < 0 else "")


def ranking(content: Mapping[str, Any], dimension: str, name: Name, say: Say) -> Table:
    """Units by the index: rank and its reach, change of rank, index and its interval, rates, counts."""
    subject = "departments" if dimension == "department" else "areas"
    rows = [_ranked(row, name(subject, row["code"]), say) for row in content["rankings"][dimension]]
    limit = SHOWN.get(dimension)
    is_cut = limit is not None and limit < len(rows)
    return Table(
        head=[say(f"bulletin.column.{key}") for key in (
            "rank", "reach", "moved", dimension, "index", "interval", *PARTS, "due", "overdue")],
        rows=rows, wide=(0.7, 1.2, 0.8, 2.5, 0.9, 1.5, 1.4, 1.2, 1.1, 0.9, 1.0),
        shown=limit if is_cut else None,
        note=say("bulletin.cut", shown=limit, total=len(rows)) if is_cut else "")


def _ranked(row: Mapping[str, Any], name: str, say: Say) -> list[Cell]:
    rank, counts = row["rank"], row["counts"]
    held = rank is not None
    return [
        Cell(f"{rank}", rank, COUNT) if held else Cell(NONE),
        Cell(f"{row['rank_low']}–{row['rank_high']}" if held else say("bulletin.few")), _moved(row, say),
        Cell(name), pointed(row["index"]),
        Cell(f"{row['low']:.1f}–{row['high']:.1f}" if held else NONE),
        *(shared(row[key]) for key in PARTS.values()), counted(counts["need_close"]),
        counted(counts["overdue"])]


def _moved(row: Mapping[str, Any], say: Say) -> Cell:
    """How many places up (more is better) since the period before."""
    if row["rank"] is None or row["rank_before"] is None:
        return Cell(say("bulletin.new") if row["rank"] is not None else NONE)
    up = row["rank_before"] - row["rank"]
    text = f"↑{up}" if up > 0 else f"↓{-up}" if up < 0 else "—"
    return Cell(text, up, PLACES, "better" if up > 0 else "worse" if up < 0 else "")


def classes(content: Mapping[str, Any], name: Name, say: Say) -> Table:
    """The classes with most cases, and what they make together."""
    rows, total = [], 0.0
    for row in content["classes"]:
        total += row["share"]
        rows.append([Cell(name("categories", row["code"])), counted(row["cases"]), shared(row["share"]),
                     shared(total)])
    return Table(head=[say(f"bulletin.column.{key}") for key in ("class", "cases", "share", "together")],
                 rows=rows, wide=(3, 1, 1, 1))


def typical(content: Mapping[str, Any], name: Name, zone: ZoneInfo, say: Say) -> Table:
    """Cases that were marked as typical."""
    rows = [[Cell(case["case_no"]), Cell(case["title"] or name("categories", case["cat_code"])),
             Cell(_place(case, name)), Cell(name("departments", case["main_dept_id"])),
             Cell(_time(case["reported_at"], zone)), Cell(_time(case["closed_at"], zone))]
            for case in content["typical"]]
    return Table(head=[say(f"bulletin.column.{key}") for key in (
        "case", "what", "where", "unit", "reported_at", "closed_at")], rows=rows,
        wide=(2.2, 2.6, 2, 2, 1.4, 1.4))


def overdue(content: Mapping[str, Any], name: Name, zone: ZoneInfo, say: Say) -> Table:
    """Cases past their limit, those overdue longest first."""
    as_of = datetime.fromisoformat(content["as_of"])
    rows = []
    for case in content["overdue"]["cases"]:
        late = (as_of - datetime.fromisoformat(case["deadline_at"])).total_seconds() / 86_400
        rows.append([Cell(case["case_no"]), Cell(case["title"] or name("categories", case["cat_code"])),
                     Cell(_place(case, name)), Cell(name("departments", case["main_dept_id"])),
                     Cell(_time(case["deadline_at"], zone)), pointed(late)])
    return Table(head=[say(f"bulletin.column.{key}") for key in (
        "case", "what", "where", "unit", "deadline_at", "late_d")], rows=rows,
        wide=(2.2, 2.6, 2, 2, 1.4, 1.1))


def _place(case: Mapping[str, Any], name: Name) -> str:
    return name("areas", case["community_code"] or case["street_code"])


def _time(text: str | None, zone: ZoneInfo) -> str:
    return moment(text, zone) if text else NONE


def _valued(value: float | None, one: Indicator, say: Say) -> Cell:
    if one.unit == "share":
        return Cell(percent(value, 2), value, "0.00%")
    return Cell(shown(value, one, say), value, "0.0")


def _changed(value: float | None, earlier: float | None, one: Indicator, say: Say) -> Cell:
    turned = change(value, earlier, one, say("analytics.points"))
    return Cell(turned["text"], turn="" if turned["turn"] == "none" else turned["turn"])
