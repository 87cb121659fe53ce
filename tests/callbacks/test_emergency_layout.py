"""The wall turned to an emergency: what each viewer is told of it, and where it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import shapely

from callbacks.cards import tongue_of
from callbacks.desk import Desk
from callbacks.emergency_layout import panels
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import Viewer
from data.clock import store_now
from data.demo.profiles import LOCAL
from data.emergency.emergencies import Emergencies
from data.emergency.rules import Called
from data.vocabulary import read_vocabulary
from tests.dashboard.asserts import plain, texts
from tests.signed_in import a_viewer

HERE, THERE = "210202008", "210202009"  # where no other test calls anybody out
LEADER = a_viewer({"operator", "leader"})
OFFICER = replace(a_viewer({"officer"}, Scope(frozenset({HERE}))), name="wang", account_id=8)
SCREEN = Viewer(account_id=None, name="lobby", roles=frozenset(), scope=EVERYTHING, token_id=1,
                pages=frozenset({"/"}))


@pytest.fixture(scope="module")
def shown(readers: Any, demo_store: Any) -> Iterator[Callable[..., Any]]:
    """The panels as a viewer gets them, of an emergency with a sign-up and a report."""
    now, words = store_now(demo_store, readers.cases.reported_range()[0]), read_vocabulary(demo_store)
    found = Emergencies(demo_store)
    said = {"kind": "flood", "title": "防汛", "message": "上堤", "capacity": "2"}
    number = found.publish(said, {HERE, THERE}, Called(), by=LEADER, now=now, known=[HERE, THERE])
    found.refresh()
    task = next(one for one in found.one(number, LEADER).tasks if one.area_code == HERE)
    found.sign_up(task.task_id, by=OFFICER, now=now)
    found.report(task.task_id, "水位 2 米", by=OFFICER, now=now)

    def ask(viewer: Viewer, asked: Any = None) -> Any:
        desk = Desk(everything=readers, vocabulary=lambda: words, now=lambda: now, wall=lambda: now,
                    zone=LOCAL, viewer=lambda: viewer, emergencies=found)
        return panels({"id": number} if asked is None else asked, desk, tongue_of(desk, "zh"))

    ask.number = number  # type: ignore[attr-defined]
    yield ask
    found.end(number, by=LEADER, now=now)


def test_who_leads_sees_tasks_forces_reports_and_may_end_it(shown: Any, readers: Any) -> None:
    found = shown(LEADER)
    tasks, forces = plain(found["tasks"]), plain(found["forces"])
    assert {"1 / 2", "0 / 2", "wang", "上堤", "转平：结束应急"} <= set(texts(tasks))
    assert "可调力量 · " + readers.areas.area(THERE)["name"] in texts(forces), "nobody has come there yet"
    assert "forces__one" in str(forces)
    assert "水位 2 米" in texts(forces)
    assert f"'data-number': '{shown.number}'" in str(tasks)


def test_its_ground_is_that_of_the_areas_in_the_scope(shown: Any, readers: Any) -> None:
    streets = readers.areas.geometry("street").set_index("area_code")["geometry"]
    drawn = [shapely.Polygon(ring) for ring in shown(LEADER)["ground"]["rings"]]
    both = streets[HERE].area + streets[THERE].area
    assert shapely.union_all(drawn).area == pytest.approx(both, rel=0.02)
    own = [shapely.Polygon(ring) for ring in shown(OFFICER)["ground"]["rings"]]
    assert shapely.union_all(own).area == pytest.approx(streets[HERE].area, rel=0.02)


def test_an_officer_is_told_of_their_own_area_and_ends_nothing(shown: Any) -> None:
    told = texts(plain(shown(OFFICER)["tasks"]))
    assert "1 / 2" in told
    assert "0 / 2" not in told
    assert "转平：结束应急" not in told


def test_a_screen_tells_no_names_nor_what_people_wrote_and_has_no_buttons(shown: Any) -> None:
    found = shown(SCREEN)
    told = [*texts(plain(found["tasks"])), *texts(plain(found["forces"]))]
    assert "1 / 2" in told
    assert not [text for text in told if "wang" in text or "水位" in text or "上堤" in text]
    assert "返回常态布局" not in told


@pytest.mark.parametrize("asked", [{}, {"id": None}, {"id": True}, {"id": 10**9}, {"id": 10**30}, {"id": -1},
                                   {"id": "1"}, [1], "x"], ids=str)
def test_of_what_is_not_there_nothing_is_shown(shown: Any, asked: Any) -> None:
    assert shown(LEADER, asked) == {"tasks": None, "forces": None, "ground": None}
    other = replace(OFFICER, scope=Scope(frozenset({"210202012"})))
    assert shown(other) == {"tasks": None, "forces": None, "ground": None}
