"""应急布局: the wall turned to one emergency: its tasks, who could be sent, its log, and its ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import shapely
from dash import ClientsideFunction, Dash, Input, Output

from callbacks.alerts import tongue_of
from callbacks.desk import Desk
from callbacks.forces import point_forces
from dashboard import ids
from dashboard.components.case_card import Tongue
from dashboard.components.emergency_layout import Stage, force_panel, short_of, task_panel
from dashboard.view import from_store
from data.access.roles import Permission
from data.areas.queries import LEVELS
from data.emergency.reading import Emergency
from data.emergency.rules import UnknownError

#: Borders are drawn to some ten metres: the ground of a whole district is some kilobytes.
TOLERANCE_DEG: Final = 1e-4
#: Numbers of emergencies are smaller.
MAX_NUMBER: Final = 2**31
_NOTHING: Final[Mapping[str, Any]] = {"tasks": None, "forces": None, "ground": None}


def panels(asked: Any, desk: Desk, tongue: Tongue) -> Mapping[str, Any]:
    """``tasks`` and ``forces`` (trees) and ``ground`` (rings); all None where the wall is not turned.

    Args:
        asked: ``{"id": number of the emergency, ...}``; whatever else: nothing is shown.
    """
    number = asked.get("id") if isinstance(asked, Mapping) else None
    if desk.emergencies is None or type(number) is not int or not 0 < number < MAX_NUMBER:
        return _NOTHING
    viewer = desk.viewer()
    try:
        one = desk.emergencies.one(number, viewer)
    except UnknownError:
        return _NOTHING
    stage = Stage(one=one, named=_names(desk), may_open=not viewer.is_screen,
                  may_end=viewer.may(Permission.DISPATCH) and not viewer.scope.departments and one.is_whole)
    shapes = ground(one, desk)
    short = short_of(one.tasks)
    at = shapes[short.area_code].representative_point() if short and short.area_code in shapes else None
    forces = None if at is None else point_forces(at.x, at.y, desk, tongue)
    where = stage.named(short.area_code) if short and at is not None else ""
    return {"tasks": task_panel(stage, tongue), "forces": force_panel(stage, forces, where, tongue),
            "ground": {"id": number, "rings": [ring for shape in shapes.values() for ring in rings(shape)]}}


def ground(one: Emergency, desk: Desk) -> dict[str, Any]:
    """Code -> polygon (WGS-84 degrees) of the areas called that lie in the viewer's scope."""
    found: dict[str, Any] = {}
    for code in (task.area_code for task in one.tasks):
        level = LEVELS.get(len(code))
        if level is None:
            continue
        held = desk.readers.areas.geometry(level)
        own = held[held["area_code"] == code]
        if len(own):
            found[code] = own.geometry.iloc[0]
    return found


def rings(shape: Any) -> list[Sequence[tuple[float, float]]]:
    """The outer borders of a polygon as longitude and latitude, simplified to `TOLERANCE_DEG`."""
    parts = getattr(shapely.simplify(shape, TOLERANCE_DEG), "geoms", None) or [
        shapely.simplify(shape, TOLERANCE_DEG)]
    return [[(round(x, 5), round(y, 5)) for x, y in part.exterior.coords] for part in parts]


def _names(desk: Desk) -> Any:
    tree = desk.everything.areas.tree()
    known = dict(zip(tree["area_code"], tree["name"], strict=True))
    return lambda code: known.get(code, code)


def register(app: Dash, *, desk: Desk) -> None:
    """The panels; the browser says which emergency the wall is turned to, and when to ask anew."""

    @app.callback(
        output={"tasks": Output(ids.EMERGENCY_TASKS, "tree"), "forces": Output(ids.EMERGENCY_FORCES, "tree"),
                "ground": Output(ids.EMERGENCY_GROUND, "data")},
        inputs={"asked": Input(ids.EMERGENCY, "data"), "scope": Input(ids.MAP_SCOPE, "data")},
        prevent_initial_call=True,
    )
    def turn(asked: Any, scope: Any) -> dict[str, Any]:
        return dict(panels(asked, desk, tongue_of(desk, from_store(scope).lang)))

    app.clientside_callback(ClientsideFunction("emergency", "ground"), Input(ids.EMERGENCY_GROUND, "data"))
