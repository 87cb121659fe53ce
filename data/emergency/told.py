"""Who is told of an emergency: all whom its areas concern, unless it calls people by name.

One that calls by name is there for those people, for the roles that it calls as well, and for who
leads it: whoever may dispatch or see people, and the wall of the centre, where one of its areas
lies inside their scope. The database says the same once more, see migration 0026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from data.access.roles import Permission
from data.access.seen import narrow
from data.access.viewer import Viewer
from data.emergency.rules import concerning, concerns, held, holds, says_names, shares
from data.emergency.tables import emergency, emergency_called, emergency_task


def leads(viewer: Viewer) -> bool:
    """The viewer is told of calls by name inside their scope; nobody whom departments restrict is."""
    return not viewer.scope.departments and (
        viewer.may(Permission.DISPATCH) or says_names(viewer) or viewer.is_screen)


def is_called(head: Mapping[Any, Any], viewer: Viewer, *, is_named: bool) -> bool:
    """An emergency (roles, by_name) calls the viewer: by name, by a role, or everybody.

    Args:
        is_named: the viewer is among the people that it names.
    """
    is_for_all = not head["roles"] and not head["by_name"]
    return is_named or is_for_all or bool(viewer.roles & set(head["roles"]))


def is_told(row: Mapping[Any, Any], viewer: Viewer) -> bool:
    """`told` for a row that was read: roles, by_name, accounts (those named), area_code."""
    if not concerns(viewer.scope, row["area_code"]):
        return False
    if not row["by_name"] or (leads(viewer) and holds(viewer.scope, row["area_code"])):
        return True
    return is_called(row, viewer, is_named=viewer.account_id in row["accounts"])


def named(viewer: Viewer, of: sa.FromClause = emergency) -> sa.Exists:
    """The viewer is named by the emergency of the query around."""
    return sa.exists().where(emergency_called.c.emergency_id == of.c.emergency_id,
                             emergency_called.c.account_id == viewer.account_id)


def told(viewer: Viewer) -> sa.ColumnElement[bool]:
    """The tasks that are there for the viewer, as the predicate of a query over `emergency_task`."""
    area, one = emergency_task.c.area_code, emergency.alias("told")
    ways: list[sa.ColumnElement[bool]] = [
        sa.not_(one.c.by_name), shares(one.c.roles, viewer.roles), named(viewer, one)]
    open_ = sa.exists().where(one.c.emergency_id == emergency_task.c.emergency_id, sa.or_(*ways))
    led = held(area, viewer.scope) if leads(viewer) else sa.false()
    return sa.and_(concerning(area, viewer.scope), sa.or_(open_, led))


def narrow_to(connection: sa.Connection, viewer: Viewer) -> None:
    """Go on as the viewers' role, as far as this viewer is told, until the transaction ends."""
    narrow(connection, viewer.scope)
    account = "" if viewer.account_id is None else str(viewer.account_id)
    connection.execute(sa.select(
        sa.func.set_config("grid.account", account, True),
        sa.func.set_config("grid.roles", ",".join(sorted(viewer.roles)), True),
        sa.func.set_config("grid.leads", "yes" if leads(viewer) else "", True)))
