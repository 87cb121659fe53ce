"""Resources in time: at T each is where and what its log says by then."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE
from data.readers import build_readers
from data.resources.tables import resource_event
from data.resources.writer import State, put_states
from data.settings import Settings
from data.tables import resource
from tests.data.cases.samples import GRIDS, START
from tests.signed_in import a_viewer

KEYS = [(GRIDS[n % len(GRIDS)][:9], f"police_car-{n}") for n in range(6)]


def a_log():
    """Random reports of all but the last resource, by key and in order of time."""
    rng = np.random.default_rng(3)
    found = []
    for street, code in KEYS[:-1]:
        for minute in sorted(rng.choice(600, 12, replace=False).tolist()):
            moves = rng.random() < 0.6
            found.append(State(street, code, START + timedelta(minutes=minute),
                               str(rng.choice(["idle", "busy", "offline"])),
                               round(104 + rng.random(), 6), round(30 + rng.random(), 6),
                               float(rng.integers(360)) if moves else None))
    return found


LOG = a_log()
END = START + timedelta(minutes=700)
SOME = np.random.default_rng(4).integers(0, 650, 12).tolist()
MOMENTS = [START - timedelta(minutes=1), *(START + timedelta(minutes=minute) for minute in SOME),
           LOG[0].at, LOG[17].at]


@pytest.fixture(scope="module")
def room(module_store):
    with module_store.engine.begin() as connection:
        connection.execute(sa.insert(resource), [
            {"street_code": street, "resource_id": code, "kind": "police_car", "name": code, "status": "idle",
             "area_code": GRIDS[n % len(GRIDS)], "lon": 104.5, "lat": 30.5}
            for n, (street, code) in enumerate(KEYS)])
    order = np.random.default_rng(5).permutation(len(LOG))
    for part in np.array_split(order, 7):  # reports arrive late and in any order
        put_states(module_store, [LOG[n] for n in part])
    put_states(module_store, LOG[:5])
    readers = build_readers(module_store, Settings())
    readers.snapshot.refresh()
    return SimpleNamespace(store=module_store, readers=readers)


def plain(rows):
    named = ("status", "lon", "lat", "heading")
    return {row["resource_id"]: tuple(None if pd.isna(row[name]) else row[name] for name in named)
            for row in rows.to_dict("records")}


def expected(at):
    found = {}
    for street, code in KEYS:
        own = [one for one in LOG if (one.street_code, one.resource_id) == (street, code)]
        known = max((one for one in own if one.at <= at), key=lambda one: one.at, default=None)
        nothing = (None,) * 4 if own else (None, 104.5, 30.5, None)
        found[code] = nothing if known is None else tuple(known[3:])
    return found


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_at_a_moment_each_resource_is_as_its_log_says(room, at):
    assert plain(room.readers.at(at).seen_by(CONSOLE).resources.all()) == expected(at)


def test_now_the_rows_are_the_newest_of_the_log(room):
    newest = {code: state for code, state in expected(END).items() if code != KEYS[-1][1]}
    found = plain(room.readers.resources.all())
    assert {code: found[code] for code in newest} == newest
    assert found[KEYS[-1][1]] == ("idle", 104.5, 30.5, None)


def test_changes_of_state_are_told_newest_first_and_not_from_later(room):
    _, code = KEYS[0]
    own = [one for one in LOG if one.resource_id == code]
    changes = [one for n, one in enumerate(own) if n == 0 or own[n - 1].status != one.status]
    told = room.readers.resources.status_changes(code, END, 50)
    assert [(row["at"], row["status"]) for row in told] == [(one.at, one.status) for one in changes][::-1]
    past = room.readers.at(own[4].at).seen_by(CONSOLE)
    assert past.resources.status_changes(code, END)[0]["at"] <= own[4].at


def test_nothing_is_known_of_resources_outside_the_scope(room):
    scope = Scope(frozenset({GRIDS[0]}))
    own = room.readers.seen_by(a_viewer(scope=scope)).resources
    inside = {code for n, (_, code) in enumerate(KEYS) if GRIDS[n % len(GRIDS)] == GRIDS[0]}
    assert own.status_changes(KEYS[0][1], END)
    assert own.status_changes(KEYS[1][1], END) == []
    text = "SELECT resource_id FROM resource_event"
    assert set(room.store.seen_by(scope).arrow(text)["resource_id"].to_pylist()) == inside
    assert room.store.seen_by(EVERYTHING).arrow(text).num_rows == len(LOG)


def test_a_failed_report_leaves_nothing(room):
    with pytest.raises(sa.exc.SQLAlchemyError):
        put_states(room.store, [State(*KEYS[0], END, "idle", 104.0, 30.0, None),
                                State(*KEYS[1], None, "idle", 104.0, 30.0, None)])
    with room.store.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.max(resource_event.c.at))) < END
