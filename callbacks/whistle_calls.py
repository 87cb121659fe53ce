"""Whistles in the cards of cases and places, and POST /api/whistles…: call, answer, arrive, end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import Dash, html
from flask import Response, jsonify, request

from callbacks.acts import refused
from callbacks.desk import Desk
from callbacks.refusals import refuse
from dashboard.components.case_card import Tongue
from dashboard.components.whistles import Calling, whistle_section
from dashboard.format import missing
from data.access.roles import Permission
from data.cases.lifecycle import OPEN
from data.emergency.called import Whistle, may_call
from data.emergency.rules import EmergencyError, RefusedError, UnknownError
from data.emergency.whistles import STEPS, Spot

PATH: Final = "/api/whistles"
MAX_BODY: Final = 8_192
#: What is said of a new whistle.
SAID: Final = frozenset({"place", "message", "due_minutes", "departments", "case_no", "lon", "lat", "area"})
_DIGITS: Final = 6


def case_whistles(case_: Mapping[str, Any], desk: Desk, tongue: Tongue
                  ) -> tuple[html.Section | None, html.Section | None]:
    """Who was called to a case, and the form that calls while it is open: above and below its acts.

    It stands above once somebody was called.
    """
    case_no, viewer = str(case_["case_no"]), desk.viewer()
    if desk.whistles is None:
        return None, None
    found = desk.whistles.listing(viewer, desk.now(), case_no=case_no)
    is_open = case_["state"] in OPEN
    made = _section(found, spot_of_case(case_) if is_open else None, desk, tongue,
                    place=str(case_.get("address") or "").strip(), about={"case_no": case_no})
    return (made, None) if found else (None, made)


def point_whistles(lon: float, lat: float, desk: Desk, tongue: Tongue) -> html.Section | None:
    """Who was called to a point of the map, WGS-84 degrees; inside the viewer's areas the form that calls."""
    if desk.whistles is None:
        return None
    found = desk.whistles.listing(desk.viewer(), desk.now(), point=(lon, lat))
    grid = desk.readers.areas.grid_at(lon, lat)
    spot = None if grid is None else Spot(area_code=str(grid["area_code"]), lon=lon, lat=lat)
    return _section(found, spot, desk, tongue, place=str(grid["name"]) if grid else "",
                    about={"lon": lon, "lat": lat})


def area_whistles(area: Mapping[str, Any], desk: Desk, tongue: Tongue) -> html.Section | None:
    """Who was called to an area as a whole; for who may call there the form."""
    if desk.whistles is None:
        return None
    code, viewer = str(area["area_code"]), desk.viewer()
    found = desk.whistles.listing(viewer, desk.now(), area=code)
    return _section(found, Spot(area_code=code), desk, tongue, place=str(area["name"]), about={"area": code})


def spot_of_case(case_: Mapping[str, Any]) -> Spot:
    """Where departments are called to by a case, as its row tells the viewer."""
    lon, lat = case_.get("lon"), case_.get("lat")
    is_placed = not (missing(lon) or missing(lat))
    return Spot(area_code=str(case_["grid_code"] or case_["community_code"] or case_["street_code"]),
                case_no=str(case_["case_no"]), lon=float(lon) if is_placed else None,  # type: ignore[arg-type]  # known
                lat=float(lat) if is_placed else None)  # type: ignore[arg-type]  # known


def _section(found: list[Whistle], spot: Spot | None, desk: Desk, tongue: Tongue, *, place: str,
             about: Mapping[str, Any]) -> html.Section | None:
    viewer = desk.viewer()
    may = viewer.may(Permission.DISPATCH) and desk.moment() is None
    known = (desk.words().departments_on(spot.area_code)
             if may and spot is not None and may_call(viewer, spot.area_code) else [])
    return whistle_section(Calling(
        whistles=found, may_step=may, departments=[(word.code, word.name(tongue.lang)) for word in known],
        place=place, about=about), tongue=tongue)


def register_acts(app: Dash, *, desk: Desk) -> None:
    """The two routes."""

    @app.server.post(PATH)
    def whistle_blow() -> Response:
        return _act(None, request.get_json(silent=True), desk=desk)

    @app.server.post(f"{PATH}/<int:whistle_id>/acts")
    def whistle_act(whistle_id: int) -> Response:
        return _act(whistle_id, request.get_json(silent=True), desk=desk)


def _act(whistle_id: int | None, body: Any, *, desk: Desk) -> Response:
    """Do it: 201, 404 where the whistle is not the viewer's, 400 or 409 with the reason."""
    fits = isinstance(body, Mapping) and not set(body) - {"act", "details"}
    if not fits or not isinstance(body.get("act"), str) or not isinstance(body.get("details", {}), Mapping):
        return refuse(400, "the body must be an object with act, a text, and details, an object")
    act, details = body["act"], body.get("details", {})
    try:
        if whistle_id is None:
            whistle_id = blow(act, details, desk)
        else:
            _go_on(whistle_id, act, details, desk)
    except EmergencyError as error:
        return refused(400, error, "whistle.refused.details")
    except UnknownError as error:
        return refused(404, error, "whistle.refused.unknown")
    except RefusedError as error:
        return refused(409, error, "whistle.refused.state")
    answer = jsonify({"whistle_id": whistle_id, "act": act, "at": desk.now().isoformat()})
    answer.status_code = 201
    return answer


def blow(act: str, details: Mapping[str, Any], desk: Desk) -> int:
    """Call departments to a case or a point; the number of the whistle.

    Raises:
        EmergencyError: what was said is no use.
        UnknownError: no such case, or a point outside the viewer's areas.
        RefusedError: the case has ended.
    """
    if act != "blow" or set(details) - SAID:
        raise EmergencyError(f"act must be 'blow' with {', '.join(sorted(SAID))}; got {act[:40]!r}"
                             f" with {str(sorted(details))[:120]}")
    departments = details.get("departments")
    if not isinstance(departments, list) or not all(isinstance(one, str) for one in departments):
        raise EmergencyError(f"departments must be a list of codes, got {str(departments)[:60]!r}")
    number: int = desk.whistles.blow(
        details, _spot(details, desk), departments, by=desk.viewer(), now=desk.now(),
        known=desk.words().departments)
    return number


def _spot(details: Mapping[str, Any], desk: Desk) -> Spot:
    case_no, point = details.get("case_no"), (details.get("lon"), details.get("lat"))
    area = details.get("area")
    if isinstance(area, str) and case_no is None and point == (None, None):
        if desk.readers.areas.area(area) is None:
            raise UnknownError(f"area must be one of yours, got {area[:40]!r}")
        return Spot(area_code=area)
    if isinstance(case_no, str) and point == (None, None):
        case_ = desk.readers.cases.case(case_no)
        if case_ is None:
            raise UnknownError(f"case_no must be that of a case of yours, got {case_no[:60]!r}")
        if case_["state"] not in OPEN:
            raise RefusedError(f"case_no must be that of an open case, got one that is {case_['state']}")
        return spot_of_case(case_)
    lon, lat = (float(one) if isinstance(one, (int, float)) and not isinstance(one, bool) else None
                for one in point)
    if case_no is not None or area is not None or lon is None or lat is None:
        raise EmergencyError("place must be that of a case_no, an area, or lon and lat in degrees, got"
                             f" {str(case_no)[:40]!r} and {str(point)[:60]}")
    grid = desk.readers.areas.grid_at(lon, lat)
    if grid is None:
        raise UnknownError(f"lon and lat must lie in an area of yours, got {lon:.5f}, {lat:.5f}")
    return Spot(area_code=str(grid["area_code"]), lon=round(lon, _DIGITS), lat=round(lat, _DIGITS))


def _go_on(whistle_id: int, act: str, details: Mapping[str, Any], desk: Desk) -> None:
    whistles, about = desk.whistles, {"by": desk.viewer(), "now": desk.now()}
    if act == "end" and not details:
        whistles.end(whistle_id, **about)
        return
    department = details.get("department")
    if act not in STEPS or set(details) != {"department"} or not isinstance(department, str):
        raise EmergencyError(f"act must be end, or one of {', '.join(STEPS)} with a department;"
                             f" got {act[:40]!r} with {str(dict(details))[:60]}")
    whistles.step(whistle_id, department, act, **about)
