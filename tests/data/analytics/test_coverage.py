"""Coverage: what is counted of each grid, sums over units, hours of the day, against hand and recount."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from data.analytics.coverage import NIGHT, SUMS, by_clock, grids, span_of, summed
from data.filters import CaseFilter

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 11, tzinfo=UTC)
CODES = [f"51010800{street}00{community}00{grid}"
         for street in (1, 2) for community in (1, 2) for grid in (1, 2)]
GRID = st.sampled_from(CODES)


def readers(held: list[str], households: list[int | None], overdue: dict[str, int]) -> Any:
    tree = pd.DataFrame({"area_code": CODES, "level": "grid", "grid_kind": "base", "households": households,
                         "residents": [None if n is None else 2 * n for n in households]})
    cases = pd.DataFrame({"code": [*overdue], "open": [n + 1 for n in overdue.values()],
                          "overdue": [*overdue.values()]})
    return SimpleNamespace(
        areas=SimpleNamespace(tree=lambda: tree, chiefs=lambda: {code: code in held for code in CODES}),
        cases=SimpleNamespace(counts_by=lambda *_: cases))


def presence(rows: list[tuple[str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["grid_code", "hour", "slots"]).assign(
        first=pd.Timestamp("2026-05-09T01:00Z"), last=pd.Timestamp("2026-05-10T01:00Z"))


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(GRID, st.integers(0, 23), st.integers(1, 9)), max_size=12,
                     unique_by=lambda row: row[:2]),
       held=st.lists(GRID, unique=True), overdue=st.dictionaries(GRID, st.integers(0, 5)),
       households=st.lists(st.none() | st.integers(0, 500), min_size=len(CODES), max_size=len(CODES)),
       street=st.sampled_from(["", "510108001", "510108002002"]))
def test_grids_are_counted_once_and_children_sum_to_their_parent(
        rows: list[tuple[str, int, int]], held: list[str], overdue: dict[str, int],
        households: list[int | None], street: str) -> None:
    filter_ = CaseFilter(since=NOW - timedelta(days=1), until=NOW,
                         areas=frozenset({street} if street else ()))
    found = grids(readers(held, households, overdue), filter_, NOW, presence(rows))
    mine = [code for code in CODES if code.startswith(street)]
    assert found["code"].tolist() == mine
    known = dict(zip(CODES, households, strict=True))
    for row in found.to_dict("records"):
        code = row["code"]
        there = [(hour, slots) for grid, hour, slots in rows if grid == code]
        assert row["hours"] == sum(slots for _, slots in there) / 2
        assert row["patrolled"] == bool(there)
        assert row["by_night"] == any(hour in NIGHT for hour, _ in there)
        assert row["with_chief"] == (code in held)
        assert row["on_record"] == (known[code] is not None)
        assert row["served"] == ((known[code] or 0) if code in held else 0)
        late = overdue.get(code)
        assert (row["open"], row["overdue"]) == ((0, 0) if late is None else (late + 1, late))
    for signs in (9, 12):
        units = summed(found, found["code"].str[:signs])
        assert units[[*SUMS]].sum().tolist() == found[[*SUMS]].sum().tolist()


def test_hours_and_span_are_those_of_the_tracks() -> None:
    seen = presence([(CODES[0], 3, 2), (CODES[1], 3, 1), (CODES[0], 21, 1)])
    clock = by_clock(seen)
    assert (clock[3], clock[21], sum(clock)) == (2, 1, 3)
    span = span_of(seen, ZONE)
    assert span is not None
    assert f"{span[0]:%m-%d %H:%M}" == "05-09 09:00"
    assert span_of(presence([]), ZONE) is None
    assert by_clock(presence([])) == [0] * 24
