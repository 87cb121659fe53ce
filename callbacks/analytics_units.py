"""Units that are set beside each other: their names, their addresses, their lines and their map."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from callbacks.analytics_address import Look
from callbacks.analytics_names import names_of
from callbacks.desk import Desk
from dashboard.figures.area_map import Ground, area_map, ground_of
from dashboard.figures.values import change, shown
from dashboard.format import missing
from dashboard.texts import Say
from data.analytics.measures import League, Question
from data.memo import Memo

#: Dimensions that have a ground to draw.
ON_MAP: Final = frozenset({"street", "community", "grid"})
#: Areas whose names fit on the map.
_NAMED: Final = 40
_KEPT_GROUNDS: Final = 16
_GROUNDS: Final = Memo(_KEPT_GROUNDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Words and addresses of units.

    Attributes:
        name: code -> name.
        address: code -> where the unit is looked at alone.
    """

    name: Callable[[str], str]
    address: Callable[[str], str]


def question(look: Look, desk: Desk) -> Question:
    """What the look asks of the viewer's cases."""
    return Question(cases=desk.readers.cases, filter_=look.filter_, period=look.period, now=desk.now())


def channel_groups(desk: Desk) -> dict[str, list[str]]:
    """Group of channels -> its channels."""
    found: dict[str, list[str]] = {}
    for code, word in desk.words().channels.items():
        found.setdefault(word.parent, []).append(code)
    return found


def units_of(look: Look, desk: Desk, codes: Iterable[str]) -> Units:
    """Words and addresses of the units of a look."""
    groups = channel_groups(desk) if look.by == "channel_group" else {}
    return Units(name=names_of(look.by, desk, look.lang, codes), address=look.units(groups))


def unit_rows(found: League, rows: Any, units: Units, look: Look, say: Say) -> list[dict[str, Any]]:
    """Units as lines: rank with its interval, rates, and what may be said of them."""
    one, compared, cases = look.indicator, found.comparison is not None, look.cases_of_units()
    ends = rows[["fair_low", "fair_high"]].to_numpy(float) if compared else np.zeros((0, 2))
    start, end = (np.nanmin(ends), np.nanmax(ends)) if np.isfinite(ends).any() else (0.0, 1.0)

    def place(value: Any) -> float | None:
        """Where a rate stands on the little scale from the lowest to the highest end, 0..100."""
        if missing(value):
            return None
        return round(float(np.clip(100 * (float(value) - start) / max(end - start, 1e-9), 0, 100)), 1)

    lines = []
    for row in rows.to_dict("records"):
        line = {"name": units.name(row["code"]), "to": units.address(row["code"]), "part": row["part"],
                "whole": row["whole"], "rate": shown(row["rate"], one, say), "cases": cases(row["code"]),
                "change": change(row["rate"], row["before"], one), "few": False}
        if compared:
            flag = _turned(row["flag"], less_is_better=one.less_is_better)
            line |= {
                "rank": "" if missing(row["rank"]) else f"{row['rank']:.0f}",
                "ranks": "" if missing(row["rank"]) else f"{row['rank_low']:.0f}–{row['rank_high']:.0f}",
                "adjusted": shown(row["adjusted"], one, say), "fair": shown(row["fair"], one, say),
                "band": f"{shown(row['fair_low'], one, say)} – {shown(row['fair_high'], one, say)}",
                "low": place(row["fair_low"]), "high": place(row["fair_high"]), "dot": place(row["fair"]),
                "raw": place(row["rate"]), "flag": flag, "word": say(f"analytics.flag.{flag or 'none'}"),
                "like_above": bool(row["like_above"]), "few": missing(row["rank"])}
        lines.append(line)
    return lines


def _turned(flag: str, *, less_is_better: bool) -> str:
    """A flag by what is better: ``high`` is good."""
    if not less_is_better or not flag:
        return flag
    return flag.replace("high", "x").replace("low", "high").replace("x", "low")


def drawn_map(found: League, units: Units, look: Look, desk: Desk, say: Say) -> dict[str, Any] | None:
    """The areas by their rate at the mix of the whole; None where units have no ground."""
    if look.by not in ON_MAP:
        return None
    column = "adjusted" if found.comparison is not None else "rate"
    values = dict(zip(found.rows["code"], found.rows[column], strict=True))
    drawn = ground(look, desk, look.by)
    drawing = area_map(drawn, values)
    shapes = [{"path": path, "step": step, "x": x, "y": y, "to": units.address(code),
               "name": units.name(code).removesuffix("街道").removesuffix("社区"),
               "title": f"{units.name(code)} {shown(values.get(code), look.indicator, say)}"}
              for code, path, step, (x, y) in zip(drawn.codes, drawn.paths, drawing.steps, drawn.points,
                                                  strict=True)]
    legend = [f"{shown(low, look.indicator, say)} – {shown(high, look.indicator, say)}"
              for low, high in pairwise(drawing.breaks)] or [
                  shown(edge, look.indicator, say) for edge in drawing.breaks]
    return {"shapes": shapes, "height": drawn.height, "legend": legend, "named": len(shapes) <= _NAMED,
            "bare": None in drawing.steps}


def ground(look: Look, desk: Desk, by: str) -> Ground:
    """The paths of the areas of a look at a level, drawn once for each version of them and each scope."""
    readers, within = desk.readers, tuple(sorted(look.filter_.areas))

    def drawn() -> Ground:
        areas = readers.areas.geometry(by)
        return ground_of(areas[areas["area_code"].str.startswith(within)] if within else areas)

    found: Ground = _GROUNDS.get((readers.cases.areas_version, by, within), drawn)
    return found
