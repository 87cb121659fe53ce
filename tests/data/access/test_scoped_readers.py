"""Whatever a viewer asks, the answer is that of a store in which nothing outside their scope ever was.

Compared over random questions in random scopes with readers of everything over what plain loops
leave of the store; so no row, no count, no order and no time of anything outside can be worked out.
"""

from __future__ import annotations

import inspect
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.access.scope import EVERYTHING, NOTHING, Scope, ScopeError
from data.access.viewer import CONSOLE
from data.cases import queries
from data.engine import Store
from data.filters import CaseFilter
from data.vocabulary import narrowed, read_vocabulary
from tests.data.access.questions import FILTERED, METHODS, ROOMS, SILENT, Draw
from tests.data.access.scoped_room import Room
from tests.data.access.worlds import plain

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
MANY = settings(max_examples=160, deadline=None, suppress_health_check=[*HealthCheck])


def test_every_question_to_a_reader_is_tested_in_scopes() -> None:
    public = {f"{room}.{name}" for room, kind in ROOMS.items() for name, _ in inspect.getmembers(kind)
              if not name.startswith("_")}
    assert public == {name for name in METHODS if "." in name} | set(SILENT)


#: Both together, and each without the other. Who answers for a road is known to the queries alone.
WALLS = ("both", "both", "queries", "database")
FIRST_WALL_ONLY = {"areas.roads"}


def check(room: Room, name: str, data: st.DataObject) -> None:
    scope = data.draw(st.sampled_from(room.scopes))
    wall = data.draw(st.sampled_from(WALLS[:3] if name in FIRST_WALL_ONLY else WALLS))
    draw, ask = METHODS[name]
    asked = draw(Draw(room, data))
    answer = plain(ask(room.behind(wall, scope), asked))
    assert answer == plain(ask(room.left(scope), asked)), (scope, wall, asked)


@pytest.mark.parametrize("name", FILTERED)
@MANY
@given(data=st.data())
def test_a_filter_finds_what_a_store_without_the_rest_would(
    room: Room, name: str, data: st.DataObject
) -> None:
    check(room, name, data)


@pytest.mark.parametrize("name", sorted(set(METHODS) - set(FILTERED)))
@FEW
@given(data=st.data())
def test_a_question_finds_what_a_store_without_the_rest_would(
    room: Room, name: str, data: st.DataObject
) -> None:
    check(room, name, data)


@MANY
@given(data=st.data())
def test_counts_are_those_of_the_rows_inside(room: Room, data: st.DataObject) -> None:
    scope, drawn = data.draw(st.sampled_from(room.scopes)), Draw(room, data)
    filter_, now = drawn.filter, drawn.now.replace(microsecond=0)
    frame = room.whole.inside("case", scope).to_pandas()
    frame = frame[(frame["reported_at"] >= filter_.since) & (frame["reported_at"] < filter_.until)]
    codes = frame[["street_code", "community_code", "grid_code"]].fillna("")
    for values, columns in ((filter_.areas, codes), (filter_.categories, frame[["cat_code"]].fillna(""))):
        if values:
            held = [any(str(code).startswith(value) for code in row for value in values)
                    for row in columns.loc[frame.index].itertuples(index=False)]
            frame = frame[np.asarray(held, dtype=bool)]
    for values, column in ((filter_.channels, "channel_code"), (filter_.departments, "main_dept_id"),
                           (filter_.states, "state")):
        frame = frame[frame[column].isin(values)] if values else frame
    found = room.seen(scope).cases.counts(filter_, now, ("reported", "accepted", "handled"))
    assert found.to_dict() == {name: int((frame[f"{name}_at"] <= now).sum())
                               for name in ("reported", "accepted", "handled")}
    listed = room.seen(scope).cases.listing(filter_, now, limit=1_000)["case_no"]
    assert set(listed) <= set(frame["case_no"])


def test_a_filter_without_a_scope_is_refused(room: Room) -> None:
    naked = CaseFilter(since=room.now - timedelta(days=1), until=room.now)
    with pytest.raises(ScopeError, match="a question about case must have a scope, got none"):
        queries.matches(naked)


def test_a_filter_cannot_bring_a_wider_scope(room: Room) -> None:
    scope = room.scopes[1]
    filter_ = CaseFilter(since=room.now - timedelta(days=90), until=room.now)
    wide = filter_.with_(scope=EVERYTHING)
    seen = room.seen(scope)
    assert seen.cases.counts(wide, room.now) == seen.cases.counts(filter_, room.now)
    assert seen.cases.counts(wide, room.now).reported < room.readers.cases.counts(filter_, room.now).reported
    assert "scope" not in wide.to_store()
    assert "scope" not in wide.to_query()


def test_readers_of_a_viewer_are_not_handed_on(room: Room) -> None:
    with pytest.raises(ScopeError, match="must not be handed to another viewer"):
        room.seen(room.scopes[1]).seen_by(CONSOLE)


def test_readers_of_a_scope_are_made_once(room: Room) -> None:
    assert room.seen(room.scopes[1]) is room.seen(Scope(areas=frozenset(room.scopes[1].areas)))


def test_versions_differ_by_scope(room: Room) -> None:
    readers = [room.seen(scope).cases for scope in room.scopes]
    assert len({one.version for one in readers}) == len({one.areas_version for one in readers}) == len(
        set(room.scopes))


def test_a_viewer_begins_at_their_own_area(room: Room) -> None:
    for scope in room.scopes[:9]:
        areas = room.seen(scope).areas
        assert set(areas.outline()["area_code"]) == set(scope.roots)
        top = [step["area_code"] for step in areas.path(None)]
        assert top == ([scope.home] if scope.home else [])
    street, community = min(room.scopes[1].areas), room.ids["area"][0][:6]
    inside = room.seen(room.scopes[1]).areas.children(None, "grid")[0][0]
    assert [step["area_code"] for step in room.seen(room.scopes[1]).areas.path(inside)] == [
        street, inside[:12], inside]
    assert room.seen(room.scopes[1]).areas.path(community) == []
    assert room.seen(EVERYTHING).areas.outline()["level"].tolist() == ["district"]
    assert room.seen(NOTHING).areas.outline().empty


def test_words_are_those_of_the_scope(room: Room, demo_store: Store) -> None:
    words = read_vocabulary(demo_store)
    for scope in room.scopes:
        seen = room.seen(scope)
        own = narrowed(words, scope, seen.cases.reported_range())
        held = room.whole.inside("area", scope).to_pandas()
        held = held[held["level"].isin(["district", "street", "community"])]
        assert set(own.areas) == set(held["area_code"])
        span = room.whole.inside("case", scope).to_pandas()["reported_at"]
        expected = (span.min(), span.max()) if len(span) else (None, None)
        assert (own.first_reported, own.last_reported) == expected
        assert own.departments == words.departments
    assert pd.isna(narrowed(words, NOTHING, None).first_reported)
