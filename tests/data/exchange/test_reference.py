"""The seeds: complete, consistent with each other, and harmless to repeat."""

from __future__ import annotations

import pytest

from data.cases.lifecycle import ACTS, STATES
from data.engine import Store
from data.exchange.categories import categories
from data.exchange.channels import CHANNELS
from data.exchange.departments import Place, district_departments
from data.exchange.labels import codes, labels
from data.exchange.reference import seed_reference


def test_every_code_of_the_life_cycle_has_a_label() -> None:
    assert codes("state") == STATES
    assert set(codes("act")) == set(ACTS)


def test_codes_of_seeds_have_labels() -> None:
    rows = [*categories()]
    assert {row.kind for row in rows} | {"foreign"} == set(codes("case_kind"))
    assert {row.limit_unit for row in rows} <= set(codes("limit_unit"))
    assert {row.domain for row in rows} <= set(codes("domain"))
    assert {row.mechanism for row in rows} == set(codes("mechanism"))
    assert {row.group_code for row in CHANNELS} == set(codes("channel_group"))
    named = {row.sub_platform for row in CHANNELS if row.sub_platform}
    assert named < set(codes("sub_platform"))
    assert len(codes("sub_platform")) == 8  # the source counts eight and names five of them
    assert {row.kind for row in district_departments()} <= set(codes("dept_kind"))


def test_category_codes_are_kind_class_and_subclass() -> None:
    rows = [*categories()]
    assert len({row.cat_code for row in rows}) == len(rows)
    for row in rows:
        assert row.cat_code[1:] == row.class_code + row.sub_code
        assert row.limit_value > 0
    names = {row.sub_name for row in rows}
    assert {"机动车乱停放", "下水道堵塞", "暴露垃圾"} <= names


def test_every_category_goes_to_a_unit_that_handles() -> None:
    handlers = [row.dept_id for row in district_departments() if row.is_handler]
    assert len(handlers) == 25
    assert {row.first_dept_id for row in categories()} <= set(handlers)


def test_unknown_kind_is_named() -> None:
    with pytest.raises(KeyError, match="no label kind 'colour'"):
        codes("colour")


def test_seeding_twice_changes_nothing(store: Store) -> None:
    places = [Place("210202001", "海军广场街道", "street", 121.65, 38.9),
              Place("210202001001", "海军社区", "community", 121.65, 38.9)]
    first = seed_reference(store, places)
    before = store.arrow("SELECT dept_id, changed_xid FROM department ORDER BY 1")
    assert seed_reference(store, places) == first
    assert store.arrow("SELECT dept_id, changed_xid FROM department ORDER BY 1").equals(before)
    assert store.arrow("SELECT count(*) AS n FROM label")["n"][0].as_py() == len([*labels()])
    centres = store.arrow("SELECT count(*) AS n FROM department WHERE parent_id = 'S210202001'")
    assert centres["n"][0].as_py() == 4  # three centres and one community station
