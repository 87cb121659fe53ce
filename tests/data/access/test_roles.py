"""Roles: nothing is allowed that does not stand in the table, administrators are separated."""

from __future__ import annotations

from itertools import combinations

import pytest

from data.access.roles import (
    ADMINISTRATORS,
    ROLES,
    SCREEN,
    Permission,
    conflict,
    needs_second_factor,
    permissions_of,
)
from data.access.scope import EVERYTHING, NOTHING, Scope, ScopeError
from data.access.viewer import Viewer


def test_no_role_and_an_unknown_role_allow_nothing() -> None:
    assert permissions_of([]) == frozenset()
    assert permissions_of(["king"]) == frozenset()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_allows_what_its_row_says_and_signing_out(role: str) -> None:
    assert permissions_of([role]) == ROLES[role] | {Permission.SIGNED_IN}


@pytest.mark.parametrize("pair", [*combinations(ADMINISTRATORS, 2)])
def test_two_administrators_are_never_one_person(pair: tuple[str, str]) -> None:
    assert pair[0] in (conflict(pair) or "")
    assert conflict(pair[:1]) is None


def test_who_manages_accounts_gives_no_rights_and_reads_no_log() -> None:
    duties = {Permission.MANAGE_ACCOUNTS, Permission.GRANT, Permission.AUDIT}
    for role in ADMINISTRATORS:
        assert len(duties & ROLES[role]) == 1


def test_an_unknown_role_is_named() -> None:
    assert "'king'" in (conflict(["operator", "king"]) or "")


def test_who_opens_persons_or_administers_needs_a_second_factor() -> None:
    needing = {role for role in ROLES if needs_second_factor([role])}
    assert needing == {*ADMINISTRATORS, "leader", "street_op"}


def test_a_screen_sees_the_map_and_nothing_else_whatever_its_roles() -> None:
    screen = Viewer(account_id=None, name="hall", roles=frozenset({"leader", "system_admin"}),
                    scope=EVERYTHING, token_id=1)
    assert screen.permissions == SCREEN == {Permission.VIEW}


def test_a_scope_holds_what_lies_in_its_areas() -> None:
    scope = Scope(areas=frozenset({"510108002", "510108004001"}))
    assert [scope.holds_area(code) for code in ("510108002", "510108002001", "510108", "510108004002")] == [
        True, True, False, False]
    assert EVERYTHING.holds_area("510108")
    assert not NOTHING.holds_area("510108")


@pytest.mark.parametrize("areas", [{"51"}, {"510108002%"}, {"*", "510108"}, {"５１０１０８"}])
def test_a_scope_that_cannot_be_is_refused(areas: set[str]) -> None:
    with pytest.raises(ScopeError, match="got"):
        Scope(areas=frozenset(areas))
