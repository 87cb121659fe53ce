"""Who can be called by name: accounts inside the scope of who calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from data.access.scope import Scope
from data.access.tables import account
from data.access.viewer import Viewer
from data.emergency.rules import CALLED, EmergencyError, concerns, says_names, shares

if TYPE_CHECKING:
    from data.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account that can be called; ``label`` is how people write it: the name, and the one shown."""

    account_id: int
    name: str
    label: str
    scope: Scope


def people(store: Store, viewer: Viewer) -> list[Person]:
    """Those whom the viewer may call by name, by name; none for who is told no names."""
    with store.engine.connect() as connection:
        return callable_by(connection, viewer)


def callable_by(connection: sa.Connection, viewer: Viewer) -> list[Person]:
    """Accounts that are open, hold a role that can be called and see nothing outside the viewer's scope."""
    if not says_names(viewer):
        return []
    rows = connection.execute(
        sa.select(account.c.account_id, account.c.name, account.c.display_name, account.c.areas,
                  account.c.departments)
        .where(sa.not_(account.c.is_disabled), shares(account.c.roles, CALLED))
        .order_by(account.c.name))
    found = [Person(account_id=row.account_id, name=row.name,
                    label=f"{row.display_name} ({row.name})" if row.display_name else row.name,
                    scope=Scope(frozenset(row.areas), frozenset(row.departments))) for row in rows]
    return [one for one in found if one.scope.areas and viewer.scope.holds(one.scope)]


def called(connection: sa.Connection, names: Iterable[str], areas: Iterable[str], viewer: Viewer
           ) -> list[Person]:
    """The people of these names, each once, by name.

    Args:
        areas: codes that are called; whoever none of them concerns would never hear of it.

    Raises:
        EmergencyError: one is nobody whom the viewer may call there.
    """
    wanted, codes = sorted({name.casefold() for name in names}), list(areas)
    if not wanted:
        return []
    known = {one.name: one for one in callable_by(connection, viewer)
             if any(concerns(one.scope, code) for code in codes)}
    strange = [name for name in wanted if name not in known]
    if strange:
        raise EmergencyError("people must be accounts inside your scope whom an area concerns,"
                             f" got {strange[0][:40]!r}")
    return [known[name] for name in wanted]
