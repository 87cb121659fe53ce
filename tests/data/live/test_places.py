"""Whether a row lies inside a scope is the same in memory as in a query."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access.scope import EVERYTHING, NOTHING, Scope
from data.access.within import within
from data.live.places import CODES, Place, Touched, holds, places_of
from data.tables import cases, officer, resource
from tests.data.cases.samples import COMMUNITIES, DEPARTMENTS, GRIDS, STREETS, add_random_cases

AREAS = [STREETS[0][:6], "999999", *STREETS, *COMMUNITIES, *GRIDS]
SCOPES = st.one_of(
    st.just(EVERYTHING), st.just(NOTHING),
    st.builds(Scope, st.frozensets(st.sampled_from(AREAS), max_size=3),
              st.frozensets(st.sampled_from(DEPARTMENTS), max_size=2)))


def filled(store) -> None:
    if store.arrow(sa.select(cases.c.case_no).limit(1)).num_rows:
        return
    add_random_cases(store, 400)
    with store.engine.begin() as connection:
        for number, grid in enumerate(GRIDS):
            connection.execute(sa.insert(officer).values(
                street_code=grid[:9], officer_id=f"G{number}", role="grid_officer",
                community_code=grid[:12] if number % 5 else None, grid_code=grid if number % 3 else None,
                dept_id=DEPARTMENTS[number % 3] if number % 2 else None))
            area = grid[:(9, 12, 15)[number % 3]]
            connection.execute(sa.insert(resource).values(
                street_code=grid[:9], resource_id=f"R{number}", kind="van", name="van", area_code=area,
                dept_id=DEPARTMENTS[number % 3] if number % 2 else None))


@settings(max_examples=150, deadline=None)
@given(scope=SCOPES)
def test_a_row_is_inside_where_the_query_says_so(module_store, scope) -> None:
    filled(module_store)
    for table in (cases, officer, resource):
        rows = module_store.arrow(sa.select(
            *(table.c[name] for name in CODES[table.name]),
            within(table, scope).label("is_inside")))
        assert rows.num_rows > 10
        places = [place for _, place in places_of(table.name, rows)]
        inside = [bool(one) for one in rows["is_inside"].to_pylist()]
        assert [holds(scope, place) for place in places] == inside


def test_what_is_not_known_is_heard_by_every_department() -> None:
    hidden = Place(STREETS[0], "", "", None)
    assert holds(Scope(frozenset({STREETS[0]}), frozenset({"police"})), hidden)
    assert not holds(Scope(frozenset({STREETS[1]}), frozenset({"police"})), hidden)
    assert Touched("everything", None).within(NOTHING)
