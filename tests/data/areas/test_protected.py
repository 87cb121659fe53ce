"""Floating residents are told as one release: small cells withheld, whoever asks in whatever scope."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.access.scope import EVERYTHING, Scope
from data.access.suppress import WIDTH, bounds
from data.access.viewer import Viewer
from data.areas.protected import UNKNOWN, ProtectedCounts, Told, floating_by_area, released
from data.clock import store_now
from data.engine import Store
from data.readers import build_readers
from data.settings import Settings
from tests.signed_in import now as wall

D, S, C = "510108", "510108002", "510108002001"


def rows(counts: dict[str, int | None]) -> list[dict[str, Any]]:
    return [{"area_code": code, "floating": count} for code, count in counts.items()]


def test_a_small_grid_is_withheld_and_another_for_its_sake() -> None:
    places, made = released(rows({D: 110, S: 110, C: 110, C + "001": 3, C + "002": 60, C + "003": 40,
                                  C + "004": 7}))
    told = {code: made.value(place) for code, place in places.items()}
    assert told == {D: 110, S: 110, C: 110, C + "001": None, C + "002": 60, C + "003": 40, C + "004": None}


def test_what_a_community_has_beyond_its_grids_is_no_key_to_a_small_one() -> None:
    for stated in (13, 70, 64, 63, 50):
        places, made = released(rows({C: stated, C + "001": 3, C + "002": 60}))
        low, high = bounds(made.tree, made.counts, made.withheld)
        assert made.value(places[C + "001"]) is None
        assert (high - low)[made.withheld].min() >= WIDTH


def test_grids_that_nobody_counted_are_unknown_not_withheld() -> None:
    places, made = released(rows({D: 90, S: None, C: 90, C + "001": None, C + "002": None}))
    assert set(places) == {D, C}
    assert made.value(places[C]) == 90
    assert released([])[0] == {}


@pytest.fixture
def filled(store: Store) -> Store:
    grids = {f"{C}{number:03d}": count for number, count in enumerate((3, 60, 40, 7), start=1)}
    codes = [D, S, C, *grids, f"{S}W001", f"{C}C001"]
    kinds = [None] * 3 + ["base"] * 4 + ["work", "compound"]
    store.append("area", pa.table({
        "area_code": codes, "name": codes,
        "level": ["district", "street", "community"] + ["grid"] * 6,
        "parent_code": [None, D, S] + [C] * 4 + [S, f"{C}001"],
        "street_code": [None] + [S] * 8, "grid_kind": kinds,
        "members": [None] * 7 + [[f"{C}001", f"{C}002"], None],
        "lon": [104.1] * 9, "lat": [30.6] * 9, "residents": [500] * 9, "households": [400] * 9,
        "floating": pa.array([110, 110, 110, *grids.values(), 63, 2], pa.int32()),
    }))
    return store


def test_cards_in_any_scope_tell_the_same_release(filled: Store) -> None:
    readers = build_readers(filled, Settings())
    readers.snapshot.refresh()
    now = store_now(filled, wall())
    found = []
    for scope in (EVERYTHING, Scope(frozenset({S})), Scope(frozenset({f"{C}001", f"{C}002"}))):
        own = readers.seen_by(Viewer(account_id=1, name="x", roles=frozenset({"planner"}), scope=scope))
        codes = (C, f"{C}001", f"{C}002", f"{S}W001", f"{C}C001")
        cards = {code: own.areas.card(code, now) for code in codes}
        found.append({code: Told(card["people"]["floating"], is_withheld=card["people"]["floating_withheld"])
                      for code, card in cards.items() if card})
    whole = {C: Told(110, is_withheld=False), f"{C}001": Told(None, is_withheld=True),
             f"{C}002": Told(60, is_withheld=False), f"{S}W001": Told(None, is_withheld=True),
             f"{C}C001": UNKNOWN}
    assert found[0] == whole
    for one, other in pairwise(found):
        assert all(one[code] == told for code, told in other.items())
    assert f"{C}001" in found[2]
    assert "floating" not in readers.areas.tree().columns


def test_the_release_is_made_once_for_a_state_of_the_areas(filled: Store) -> None:
    class Counting:
        asked = 0

        def arrow(self, query: Any, params: Any = None) -> pa.Table:
            self.asked += 1
            return filled.arrow(query, params)

    store = Counting()
    counts = ProtectedCounts(store)
    for version in ("a", "a", "b"):
        assert counts.floating(C, None, version) == Told(110, is_withheld=False)
    assert store.asked == 2
    assert counts.floating("nowhere", None, "b") == UNKNOWN


def test_the_demo_withholds_nothing_it_need_not(demo_store: Store) -> None:
    places, made = released(demo_store.arrow(floating_by_area()).to_pylist())
    small = np.array([count < 5 for count in made.counts])
    assert len(places) > 250
    assert made.withheld.sum() <= 3 * small.sum()
