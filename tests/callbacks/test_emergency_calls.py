"""The form by which the wall publishes: whom and where it offers, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from callbacks.desk import Desk
from callbacks.emergency_calls import form_of
from data.access.scope import Scope
from data.clock import store_now
from data.demo.profiles import LOCAL
from data.emergency.emergencies import Emergencies
from data.vocabulary import read_vocabulary
from tests.dashboard.asserts import plain
from tests.signed_in import a_viewer

STREET = "210202010"


@pytest.fixture
def form(readers: Any, demo_store: Any) -> Callable[..., Any]:
    """The form as a viewer gets it: areas that it offers, those that are ticked; None where there is none."""
    now, words = store_now(demo_store, readers.cases.reported_range()[0]), read_vocabulary(demo_store)

    def ask(viewer: Any, area: Any = None, *, lang: str = "zh") -> Any:
        desk = Desk(everything=readers, vocabulary=lambda: words, now=lambda: now, wall=lambda: now,
                    zone=LOCAL, viewer=lambda: viewer, emergencies=Emergencies(demo_store))
        made = form_of({"n": 1, "area": area}, desk, lang)
        if made is None:
            return None
        boxes = next(group for group in _all(plain(made)) if group["props"].get("data-many") == "areas")
        found = [one["props"] for one in _all(boxes) if one["type"] == "Field"]
        return ([one["data-code"] for one in found],
                [one["data-code"] for one in found if one["defaultChecked"]])

    return ask


def _all(node: Any) -> list[Any]:
    if isinstance(node, list):
        return [one for part in node for one in _all(part)]
    return [node, *_all(node["props"].get("children"))] if isinstance(node, dict) else []


def test_the_centre_is_offered_all_streets_and_the_area_that_it_looks_at(form: Any, readers: Any) -> None:
    streets = [code for code, _ in readers.areas.children(None, "street")]
    assert form(a_viewer({"operator"})) == (["*", *streets], [])
    assert form(a_viewer({"operator"}), STREET) == (["*", *streets], [STREET])
    (grid, *_) = [code for code in readers.areas.tree()["area_code"] if len(code) == 15]
    assert form(a_viewer({"operator"}), grid) == (["*", grid, *streets], [grid])


def test_a_street_is_offered_itself_and_a_station_its_community(form: Any, readers: Any) -> None:
    desk = a_viewer({"street_op"}, Scope(frozenset({STREET})))
    assert form(desk, "210202011") == ([STREET], [])
    (code, *_) = [code for code in readers.areas.tree()["area_code"] if len(code) == 12]
    assert form(a_viewer({"street_op"}, Scope(frozenset({code})))) == ([code], [code])


@pytest.mark.parametrize("asked", ["*", "'; DROP", 7, None, ["210202010"]])
def test_whatever_else_is_asked_ticks_nothing(form: Any, asked: Any) -> None:
    assert form(a_viewer({"operator"}), asked)[1] == []


def test_who_publishes_nothing_gets_no_form(form: Any) -> None:
    assert form(a_viewer({"leader"})) is None
    assert form(a_viewer({"dept_op"}, Scope(frozenset({"*"}), frozenset({"urban_mgmt"})))) is None
    assert form(replace(a_viewer({"operator"}), account_id=None)) is None
