"""What devices speak, as plain objects of one field each: JSON, GPX, OsmAnd and Traccar.

Nothing is judged here but the form; `data.devices.rows` judges the values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import defusedxml.common
import defusedxml.ElementTree

from data.devices.rows import MAX_ROWS
from data.uploads.refused import UploadError
from data.uploads.trees import check_xml

#: A request; `MAX_ROWS` positions of a talkative device.
MAX_BODY: Final = 2_000_000  # bytes
#: Metres a second in a knot: Traccar's clients send the speed in knots.
KNOT: Final = 1852 / 3600
_NAIVE: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?")
_FALSE: Final = frozenset({"false", "0", "no"})


class FormatError(ValueError):
    """A body that cannot be read at all; the message says what came and what is expected."""


def from_json(body: bytes, *, many: str = "fixes", what: str = "position") -> list[Any]:
    """One position, a list of them, or ``{"fixes": […]}``; of readings the same under other names.

    Args:
        many: the field of the list.
        what: one of them is called so.

    Raises:
        FormatError: it is none of these, empty, or too long.
    """
    found = _json(body)
    if isinstance(found, Mapping) and many in found:
        found = found[many]
        if not isinstance(found, list):
            raise FormatError(f"{many} must be a list of {what}s, got {type(found).__name__}")
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list):
        raise FormatError(f"the body must be a {what}, a list of {what}s or {{\"{many}\": […]}},"
                          f" got {type(found).__name__}")
    return _bounded(found, what)


def from_gpx(body: bytes) -> list[dict[str, Any]]:
    """The points of all tracks; waypoints and routes are no positions of an officer and stay out.

    Raises:
        FormatError: no well-formed XML, entities in it, another document, no point, or too many.
    """
    try:
        check_xml(BytesIO(body), "the body", root="gpx")
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (UploadError, defusedxml.common.DefusedXmlException, defusedxml.ElementTree.ParseError,
            ValueError, LookupError) as fault:
        raise FormatError(f"the body must be a GPX document: {str(fault)[:200]}") from None
    points = [point for point in root.iter() if _plain(point.tag) == "trkpt"]
    return _bounded([_of_point(point) for point in _bounded(points)])


def from_osmand(fields: Mapping[str, str]) -> dict[str, Any]:
    """One position of the OsmAnd protocol as Traccar reads it: query or form.

    ``lat, lon`` or ``location=lat,lon``; ``timestamp`` (seconds or milliseconds since 1970, or ISO
    8601, UTC where it names no offset); ``speed`` in knots; ``bearing`` or ``heading``; ``accuracy``
    in metres; ``batt`` or ``battery_level`` in percent; ``valid``; ``alarm``, of which ``sos`` is heeded.
    """
    place = (fields.get("location") or "").split(",")
    lat, lon = place if len(place) == 2 else (fields.get("lat"), fields.get("lon"))
    at = fields.get("timestamp")
    naive = at is not None and _NAIVE.fullmatch(at)
    return {
        "lon": lon, "lat": lat, "at": f"{at}Z" if naive else at,
        "speed_mps": _in_mps(fields.get("speed")),
        "heading": fields.get("bearing", fields.get("heading")),
        "accuracy_m": fields.get("accuracy"),
        "battery": fields.get("batt", fields.get("battery_level")),
        "valid": fields.get("valid", "").strip().lower() not in _FALSE,
        "alarm": fields.get("alarm"),
    }


def from_traccar(body: bytes) -> tuple[str, dict[str, Any]]:
    """Who sends, and one position, of the JSON of newer Traccar clients.

    ``device_id``, ``location`` {``timestamp``, ``coords`` {``latitude, longitude, accuracy, heading``,
    ``speed`` in m/s; below zero: not known}, ``battery`` {``level`` 0..1}}.

    Raises:
        FormatError: it is not of this form.
    """
    found = _json(body)
    location = found.get("location") if isinstance(found, Mapping) else None
    coords = location.get("coords") if isinstance(location, Mapping) else None
    if not isinstance(found, Mapping) or not isinstance(location, Mapping) or not isinstance(coords, Mapping):
        raise FormatError("the body must be {\"device_id\", \"location\": {\"timestamp\", \"coords\": {…}}}")
    battery = location.get("battery")
    level = battery.get("level") if isinstance(battery, Mapping) else None
    known = isinstance(level, (int, float)) and not isinstance(level, bool) and 0 <= level <= 1
    return str(found.get("device_id") or ""), {
        "lon": coords.get("longitude"), "lat": coords.get("latitude"), "at": location.get("timestamp"),
        "speed_mps": _known(coords.get("speed")), "heading": _known(coords.get("heading")),
        "accuracy_m": _known(coords.get("accuracy")),
        "battery": round(level * 100) if known else None,  # type: ignore[operator]  # a number: `known`
    }


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        raise FormatError("the body must be JSON of a few levels, got more") from None
    except ValueError as fault:
        raise FormatError(f"the body must be JSON: {str(fault)[:120]}") from None


def _bounded(found: list[Any], what: str = "position") -> list[Any]:
    if not 1 <= len(found) <= MAX_ROWS:
        raise FormatError(f"{what}s must be 1 to {MAX_ROWS} in one request, got {len(found)}")
    return found


def _plain(tag: Any) -> str:
    """The name of an element without its namespace; '' for a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _of_point(point: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"lon": point.get("lon"), "lat": point.get("lat")}
    known = {"time": "at", "speed": "speed_mps", "course": "heading"}
    for inner in point.iter():
        field = known.get(_plain(inner.tag))
        if field is not None:
            found.setdefault(field, inner.text)
    at = found.get("at")
    if isinstance(at, str) and _NAIVE.fullmatch(at.strip()):
        found["at"] = f"{at.strip()}Z"  # GPX has UTC only
    return found


def _in_mps(knots: str | None) -> Any:
    try:
        return None if knots is None else float(knots) * KNOT
    except ValueError:
        return knots  # told back as it came


def _known(value: Any) -> Any:
    """A value, or None where a phone says with a number below zero that it does not know."""
    below = isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0
    return None if below else value
