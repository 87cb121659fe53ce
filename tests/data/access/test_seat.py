"""A seat narrows a scope and never widens it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.access.scope import EVERYTHING, NOTHING, Scope, ScopeError
from data.access.seat import Seat, narrowed_to, read_seat, seat_of
from data.filters import FilterError

STREET, COMMUNITY = "210202003", "210202003001"
CODES = st.sampled_from(["210202", STREET, "210202004", COMMUNITY, "210202004002", "210202003001004"])
SCOPES = st.one_of(st.just(EVERYTHING), st.builds(
    Scope, st.frozensets(CODES, max_size=3), st.frozensets(st.sampled_from(["police", "fire"]), max_size=2)))
SEATS = st.sampled_from([Seat("district", "210202"), Seat("street", STREET), Seat("community", COMMUNITY),
                         Seat("community", "210202004002"), Seat("dept", "police"), Seat("dept", "parks")])


@pytest.mark.parametrize("text", ["district:210202", f"street:{STREET}", f"community:{COMMUNITY}",
                                  f"grid:{COMMUNITY}001", "dept:police"])
def test_a_seat_reads_back_as_it_is_written(text):
    assert str(read_seat(text)) == text


@pytest.mark.parametrize("text", ["", "street", "street:", f"street:{COMMUNITY}", f"grid:{STREET}", "dept:",
                                  "dept:a b", "street:二一〇二〇二〇〇三", "dept:" + "x" * 41, "*"])
def test_what_is_no_seat_is_refused_with_what_was_got(text):
    with pytest.raises(FilterError, match=r"^seat must be .* got"):
        read_seat(text)


@given(SCOPES, SEATS)
def test_what_a_seat_sees_lies_within_the_scope(scope, seat):
    try:
        found = narrowed_to(scope, seat)
    except ScopeError:
        outside = (seat.code not in scope.departments and bool(scope.departments) if seat.kind == "dept"
                   else not scope.holds_area(seat.code))
        assert outside
        return
    assert scope.holds(found)
    if seat.kind == "dept":
        assert (found.departments, found.areas) == ({seat.code}, scope.areas)
    else:
        assert (found.areas, found.departments) == ({seat.code}, scope.departments)


@pytest.mark.parametrize(("scope", "seat"), [
    (EVERYTHING, None), (NOTHING, None), (Scope(frozenset({"210202"})), Seat("district", "210202")),
    (Scope(frozenset({STREET})), Seat("street", STREET)),
    (Scope(frozenset({STREET, COMMUNITY})), Seat("street", STREET)),
    (Scope(frozenset({COMMUNITY})), Seat("community", COMMUNITY)),
    (Scope(frozenset({STREET, "210202004"})), None),
    (Scope(frozenset({"*"}), frozenset({"police"})), Seat("dept", "police")),
    (Scope(frozenset({STREET}), frozenset({"police"})), Seat("dept", "police")),
    (Scope(frozenset({STREET}), frozenset({"police", "fire"})), None),
])
def test_which_centre_sees_a_scope(scope, seat):
    assert seat_of(scope) == seat
