"""The process map: every step that is frequent enough is a line between two boxes, none over another."""

from __future__ import annotations

import re
from itertools import combinations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.figures.process_map import LINES, process_map
from data.cases.lifecycle import ACTS

STEPS = st.dictionaries(st.tuples(st.sampled_from(ACTS), st.sampled_from(ACTS)), st.integers(1, 10**6),
                        max_size=60)


def edges(steps: dict[tuple[str, str], int]) -> pd.DataFrame:
    rows = [{"before": before, "after": after, "cases": n, "p50_h": 1.5}
            for (before, after), n in steps.items()]
    found = pd.DataFrame(rows, columns=["before", "after", "cases", "p50_h"])
    return found.sort_values("cases", ascending=False, ignore_index=True)


@settings(deadline=None)
@given(STEPS)
def test_boxes_do_not_overlap_and_lines_join_them(steps: dict[tuple[str, str], int]) -> None:
    found = process_map(edges(steps))
    assert len(found.lines) <= LINES
    boxes = {box.act: box for box in found.boxes}
    assert {act for line in found.lines for act in (line.before, line.after)} == set(boxes)
    for one, other in combinations(boxes.values(), 2):
        assert abs(one.x - other.x) >= 96 or abs(one.y - other.y) >= 34
    for box in boxes.values():
        assert 48 <= box.x <= found.width
        assert 17 <= box.y <= found.height
    for line in found.lines:
        assert re.fullmatch(r"M[\d .-]+[LC][\d .-]+", line.path)
        assert line.cases == steps[line.before, line.after]
    widths = [line.width for line in found.lines]
    assert widths == sorted(widths, reverse=True)


def test_nothing_is_an_empty_map() -> None:
    assert process_map(edges({})).boxes == ()


def test_the_straight_way_is_a_row() -> None:
    found = process_map(edges({("report", "accept"): 9, ("accept", "file"): 8, ("accept", "self_done"): 3}))
    places = {box.act: (box.x, box.y) for box in found.boxes}
    assert places["report"][1] == places["accept"][1] == places["file"][1] < places["self_done"][1]
    assert places["report"][0] < places["accept"][0] < places["file"][0]
