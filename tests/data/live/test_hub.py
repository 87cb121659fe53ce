"""The hub: nothing twice, nothing lost, nothing of other scopes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access.scope import EVERYTHING, Scope
from data.cases.points import Box
from data.live.hub import MARKS_US, CursorError, Hub
from data.live.places import Place, Touched
from data.live.positions import DEGREE_M, STEPS_M, level_of
from tests.data.cases.samples import GRIDS, STREETS

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
ONE, OTHER = (Scope(frozenset({street})) for street in STREETS[:2])


class Ticks:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 0

    def __call__(self) -> int:
        return self.at


def hub(ring: int = 100) -> tuple[Hub, Ticks]:
    ticks = Ticks()
    return Hub(lambda: NOW, micros=ticks, ring=ring), ticks


def case(handle: int, street: str = STREETS[0]) -> Touched:
    return Touched("cases", ((handle, Place(street, "", "", ())),))


def fix(officer: str = "G1", street: str = STREETS[0], **about: object) -> dict[str, object]:
    return {"street_code": street, "officer_id": officer, "community_code": None, "own_grid_code": None,
            "dept_id": None, "role": "grid_officer", "at": NOW, "lon": 121.0, "lat": 38.9, "heading": 90.0,
            "grid_code": GRIDS[0], **about}


def test_each_change_is_told_once_however_often_one_asks() -> None:
    room, _ = hub()
    first = room.since(None, EVERYTHING)
    assert first.whole
    assert not first.reset
    assert first.kinds == ()
    room.tell([case(1)])
    room.tell([case(2), case(3, STREETS[1])])
    second = room.since(first.cursor, EVERYTHING)
    assert (second.kinds, second.handles) == (("cases",), (1, 2, 3))
    assert room.since(second.cursor, EVERYTHING).is_empty
    assert room.since(first.cursor, ONE).handles == (1, 2)
    assert room.since(first.cursor, OTHER).handles == (3,)


@settings(max_examples=200, deadline=None)
@given(steps=st.lists(st.sampled_from(["tell", "one", "other", "tick"]), max_size=40))
def test_whoever_goes_on_from_their_cursor_misses_nothing_and_hears_nothing_twice(steps) -> None:
    room, ticks = hub()
    cursors = {"one": room.since(None, ONE).cursor, "other": room.since(None, OTHER).cursor}
    heard: dict[str, list[int]] = {"one": [], "other": []}
    told: dict[str, list[int]] = {"one": [], "other": []}

    def ask(name: str) -> None:
        delta = room.since(cursors[name], ONE if name == "one" else OTHER)
        assert not delta.reset
        assert delta.handles is not None
        heard[name] += delta.handles
        cursors[name] = delta.cursor

    for number, step in enumerate(steps):
        if step == "tell":
            name, street = ("one", STREETS[0]) if number % 3 else ("other", STREETS[1])
            room.tell([case(number, street)])
            told[name].append(number)
        elif step == "tick":
            ticks.at += 7
        else:
            ask(step)
    for name in ("one", "other"):
        ask(name)
    assert heard == told


def test_a_cursor_of_another_life_or_too_old_asks_for_everything_anew() -> None:
    room, ticks = hub(ring=3)
    old = room.since(None, EVERYTHING).cursor
    for handle in range(5):
        ticks.at += 10
        room.tell([case(handle)])
    late = room.since(old, EVERYTHING)
    assert late.reset
    assert late.whole
    other, _ = hub()
    assert other.since(late.cursor, EVERYTHING).reset
    assert not room.since(late.cursor, EVERYTHING).reset
    future = f"{late.cursor.split('-')[0]}-{10**12}"
    assert room.since(future, EVERYTHING).reset


@pytest.mark.parametrize("wrong", ["", "1", "0123456g-1", "01234567-", "01234567-1 ", "01234567-１"])
def test_what_is_no_cursor_is_refused(wrong) -> None:
    room, _ = hub()
    with pytest.raises(CursorError, match="cursor must be as of an earlier answer"):
        room.since(wrong, EVERYTHING)


def test_neither_cursor_nor_version_tell_of_what_happens_outside() -> None:
    busy, ticks = hub()
    quiet, other = hub()
    version = busy.version(ONE)
    for handle in range(50):
        ticks.at += 1000
        busy.tell([case(handle, STREETS[1])])
    other.at = ticks.at
    number = [room.since(None, ONE).cursor.split("-")[1] for room in (busy, quiet)]
    assert abs(int(number[0]) - int(number[1])) <= 1
    assert busy.version(ONE) == version
    assert busy.version(OTHER) != version
    busy.tell([case(99)])
    assert busy.version(ONE) != version


def test_the_version_changes_with_figures_and_not_with_alerts() -> None:
    room, _ = hub()
    before = room.version(EVERYTHING)
    room.tell([Touched("alerts", None)])
    assert room.version(EVERYTHING) == before
    cursor = room.since(None, EVERYTHING).cursor
    room.tell([Touched("everything", None)])
    assert room.version(EVERYTHING) != before
    assert room.since(cursor, EVERYTHING).reset


def test_a_scope_that_was_not_asked_for_long_gets_a_new_version() -> None:
    room, _ = hub(ring=3)
    before = room.version(ONE)
    for handle in range(9):
        room.tell([case(handle)] if handle == 0 else [case(handle, STREETS[1])])
    assert room.version(ONE) != before  # what fell out of the ring was perhaps inside


def test_positions_are_the_last_ones_of_the_scope() -> None:
    room, _ = hub()
    assert room.move([fix("G1"), fix("G2", STREETS[1])]) == 2
    first = room.since(None, ONE)
    assert [one.officer_id for one in first.positions] == ["G1"]
    later = NOW + timedelta(seconds=5)
    assert room.move([fix("G1", at=later, lon=121.1), fix("G2", STREETS[1]), fix("G3", at=later)]) == 2
    moved = room.since(first.cursor, ONE)
    assert sorted((one.officer_id, one.lon) for one in moved.positions) == [("G1", 121.1), ("G3", 121.0)]
    assert room.move([fix("G1", at=NOW, lon=120.0)]) == 0  # came late: the officer is elsewhere by now
    assert room.since(moved.cursor, ONE).is_empty
    box = Box(west=121.05, south=38, east=122, north=39)
    assert [one.officer_id for one in room.since(first.cursor, ONE, box=box).positions] == ["G1"]


def test_who_moved_less_than_a_pixel_is_told_only_every_half_minute() -> None:
    room, _ = hub()
    room.move([fix("G1"), fix("G2", lat=38.91)])
    wide, fine = room.since(None, ONE, step_m=25.0), room.since(None, ONE)
    for second in range(1, 30):  # eleven metres in all, to the north
        room.move([fix("G1", at=NOW + timedelta(seconds=second), lat=38.9 + second * 0.4 / DEGREE_M)])
    assert [one.officer_id for one in room.since(fine.cursor, ONE).positions] == ["G1"]
    assert room.since(wide.cursor, ONE, step_m=25.0).positions == ()
    assert [one.officer_id for one in room.since(wide.cursor, ONE, step_m=6.0).positions] == ["G1"]
    room.move([fix("G1", at=NOW + timedelta(seconds=30), lat=38.9 + 12 / DEGREE_M)])
    kept = room.since(wide.cursor, ONE, step_m=25.0)
    assert [(one.officer_id, one.at) for one in kept.positions] == [("G1", NOW + timedelta(seconds=30))]
    room.move([fix("G1", at=NOW + timedelta(seconds=31), lat=38.9 + 33 / DEGREE_M)])  # 21 m in a second
    assert [one.lat for one in room.since(kept.cursor, ONE, step_m=25.0).positions] == [38.9 + 33 / DEGREE_M]


def test_another_box_is_told_whole_with_what_changed() -> None:
    room, _ = hub()
    room.move([fix("G1"), fix("G2", lon=121.2)])
    first = room.since(None, ONE, box=Box(west=120.9, south=38, east=121.1, north=39))
    room.tell([case(7)])
    found = room.since(first.cursor, ONE, box=Box(west=121.1, south=38, east=122, north=39), whole=True)
    assert (found.whole, found.reset, found.handles) == (True, False, (7,))
    assert [one.officer_id for one in found.positions] == ["G2"]


@given(st.floats(0, 1e5))
def test_no_screen_misses_a_step_of_a_pixel(metres: float) -> None:
    assert STEPS_M[level_of(metres)] <= metres


def test_a_position_of_yesterday_is_none() -> None:
    room, _ = hub()
    room.move([fix(at=NOW - timedelta(hours=9))])
    assert room.since(None, EVERYTHING).positions == ()


def test_marks_are_drawn_anew_and_then_all_positions_are_told() -> None:
    room, ticks = hub()
    room.move([fix("G1"), fix("G2")])
    first = room.since(None, EVERYTHING)
    marks = {one.officer_id: one.mark for one in first.positions}
    assert len(set(marks.values())) == 2
    room.move([fix("G1", at=NOW + timedelta(seconds=1))])
    assert {one.mark for one in room.since(first.cursor, EVERYTHING).positions} == {marks["G1"]}
    ticks.at += MARKS_US
    anew = room.since(first.cursor, EVERYTHING)
    assert anew.whole
    assert not anew.reset
    assert all(one.mark != marks[one.officer_id] for one in anew.positions)


def test_who_waits_is_woken_by_a_change_and_by_the_end() -> None:
    room, _ = hub()
    told = room.since(None, EVERYTHING).told
    assert not room.wait(told, 0.01)
    woken: list[bool] = []
    waiting = threading.Thread(target=lambda: woken.append(room.wait(told, 30)))
    waiting.start()
    room.tell([case(1)])
    waiting.join(10)
    assert woken == [True]
    now = room.since(None, EVERYTHING).told
    going = threading.Thread(target=lambda: woken.append(room.wait(now, 30)))
    going.start()
    room.close()
    going.join(10)
    assert woken == [True, False]
    assert room.is_closed
