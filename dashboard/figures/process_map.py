"""A map of paths: acts as boxes in the order of the life cycle, steps as lines, wide where frequent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from data.cases.lifecycle import ACTS

#: Acts of the straight way, in a row; all others stand below the act they belong to.
WAY: Final = ("report", "accept", "file", "dispatch", "receive", "handle", "check_pass", "close", "visit")
#: Lines at most, and the smallest share of all steps that is still drawn.
LINES: Final = 28
_LEAST: Final = 0.0005
_WIDE, _HIGH = 96.0, 34.0
_STEP_X, _STEP_Y = 150.0, 88.0
_TOP: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An act: its middle, and how many steps lead to it."""

    act: str
    x: float
    y: float
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A step: ``d`` of its path, width, where its words stand, and what they say."""

    before: str
    after: str
    path: str
    width: float
    x: float
    y: float
    cases: int
    p50_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMap:
    """The drawing, in its own units."""

    boxes: Sequence[Box]
    lines: Sequence[Line]
    width: float
    height: float


def process_map(edges: pd.DataFrame) -> ProcessMap:
    """The map of steps (``before, after, cases, p50_h``, as of `data.analytics.mining.XRay`)."""
    shown = edges[edges["cases"] >= max(_LEAST * edges["cases"].sum(), 1)].head(LINES)
    acts = {*shown["before"], *shown["after"]}
    if not acts:
        return ProcessMap(boxes=(), lines=(), width=_STEP_X, height=_STEP_Y)
    places = _places(sorted(acts, key=ACTS.index), shown)
    most = float(shown["cases"].max())
    lines = [_line(row, places, most) for row in shown.to_dict("records")]
    into = shown.groupby("after")["cases"].sum()
    outof = shown.groupby("before")["cases"].sum()
    boxes = [Box(act=act, x=x, y=y, cases=int(into.get(act, outof.get(act, 0)))) for act, (x, y)
             in places.items()]
    return ProcessMap(boxes=boxes, lines=lines, width=max(x for x, _ in places.values()) + _STEP_X / 2 + 20,
                      height=max(y for _, y in places.values()) + _STEP_Y)


def _places(acts: Sequence[str], shown: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Where boxes stand: the way in a row; others below the act to which most steps join them."""
    way = [act for act in WAY if act in acts]
    found = {act: (_STEP_X / 2 + 10 + _STEP_X * column, _TOP) for column, act in enumerate(way)}
    rest = [act for act in acts if act not in found]
    while rest:
        act, beside = max(((act, _beside(act, found, shown)) for act in rest), key=lambda one: one[1][1])
        rest.remove(act)
        x = found[beside[0]][0] if beside[0] else _STEP_X / 2 + 10
        found[act] = _free(x, found)
    return found


def _free(x: float, found: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """The first place below the row, near ``x``, where no box would lie over another one."""
    row = 0
    while True:
        row += 1
        y = _TOP + _STEP_Y * row
        for near in (x + _STEP_X / 2, x - _STEP_X / 2):
            if near > _WIDE / 2 and all(other != y or abs(near - beside) > _WIDE
                                        for beside, other in found.values()):
                return near, y


def _beside(act: str, found: dict[str, tuple[float, float]], shown: pd.DataFrame) -> tuple[str, int]:
    """The act that stands already and that most steps join to another one, and how many; '' for none."""
    joined = pd.concat([shown[shown["after"] == act].set_index("before")["cases"],
                        shown[shown["before"] == act].set_index("after")["cases"]])
    joined = joined[joined.index.isin(list(found))]
    return (str(joined.idxmax()), int(joined.max())) if len(joined) else ("", 0)


def _line(row: dict, places: dict[str, tuple[float, float]], most: float) -> Line:  # type: ignore[type-arg]
    width = 1.0 + 11.0 * row["cases"] / most
    path, (x, y) = _drawn(places[row["before"]], places[row["after"]], width)
    return Line(before=row["before"], after=row["after"], path=path, width=round(width, 1), x=round(x),
                y=round(y), cases=int(row["cases"]), p50_h=float(row["p50_h"]))


def _drawn(begin: tuple[float, float], end: tuple[float, float], width: float
           ) -> tuple[str, tuple[float, float]]:
    """The path between two boxes, and where its words stand."""
    (x1, y1), (x2, y2), half = begin, end, _HIGH / 2
    if begin == end:  # again and again
        return _curve((x1 - 18, y1 - half), (x1 - 30, y1 - 60), (x1 + 30, y1 - 60), (x1 + 18, y1 - half)), (
            x1, y1 - 54)
    if y1 == y2 and 0 < x2 - x1 <= _STEP_X + 1:  # the next of the row
        return f"M{x1 + _WIDE / 2:.0f} {y1:.0f}L{x2 - _WIDE / 2:.0f} {y2:.0f}", (
            (x1 + x2) / 2, y1 - 8 - width / 2)
    if y1 == y2:  # over those between
        bow = min(40 + 0.16 * abs(x2 - x1), 100)
        return _curve((x1, y1 - half), (x1, y1 - bow), (x2, y2 - bow), (x2, y2 - half)), (
            (x1 + x2) / 2, y1 - 0.75 * bow - 8)
    side, middle = half if y2 > y1 else -half, (y1 + y2) / 2
    return _curve((x1, y1 + side), (x1, middle), (x2, middle), (x2, y2 - side)), ((x1 + x2) / 2, middle)


def _curve(*points: tuple[float, float]) -> str:
    begin, *rest = (f"{x:.0f} {y:.0f}" for x, y in points)
    return f"M{begin}C{' '.join(rest)}"
