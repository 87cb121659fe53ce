"""Who sees what, said twice: to the database and of a code in hand."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data.access.scope import EVERYTHING, NOTHING, Scope
from data.emergency.rules import concerning, concerns, held, holds

CODES = ("210202", "210203", "210202001", "210202002", "210202001001", "210202001002", "210202001001001")
SCOPES = (EVERYTHING, NOTHING, *(Scope(frozenset(areas)) for areas in (
    {"210202"}, {"210202001"}, {"210202001001"}, {"210202001001001"}, {"210203", "210202002"}, {"999999"})))


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: "+".join(sorted(scope.areas)) or "nowhere")
def test_the_predicate_of_a_query_says_what_the_function_says(module_store, scope) -> None:
    codes = sa.values(sa.column("code", sa.Text), name="asked").data([(code,) for code in CODES])
    query = sa.select(codes.c.code, held(codes.c.code, scope), concerning(codes.c.code, scope))
    with module_store.engine.connect() as connection:
        found = {code: (inside, told) for code, inside, told in connection.execute(query)}
    assert found == {code: (holds(scope, code), concerns(scope, code)) for code in CODES}
