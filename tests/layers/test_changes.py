"""Rings of cases that have just changed: coloured as the points are, nothing to draw by itself."""

from data.cases.lifecycle import STATES
from layers import cases, changes
from layers.theme import lit


def test_a_ring_has_the_colour_of_the_point():
    ring = changes.change_layer("/columns/changes?since=a")["layer"][0]
    point = cases.case_layer("/columns/cases")["layer"][0]
    assert ring["stateColours"] == point["stateColours"]
    assert len(ring["stateColours"]) == len(STATES)
    assert ring["overdueColour"] == point["overdueColour"]


def test_nothing_is_drawn_before_something_changed():
    ring = changes.change_layer("/columns/changes?since=a")["layer"][0]
    assert ring["data"] == []
    assert ring["source"] == "/columns/changes?since=a"
    assert ring["wholeS"] < ring["goneS"]


def test_the_legend_says_for_how_long_in_both_themes():
    spec = changes.change_layer("/columns/changes")
    assert str(changes.GONE_S) in spec["legend"]["entries"][0]["label"]["zh"]
    assert lit(spec)["layer"][0]["source"] == spec["layer"][0]["source"]
