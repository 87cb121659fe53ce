"""The token of a device in a request: in a header, or where OsmAnd and Traccar write it."""

from __future__ import annotations

from typing import Final

from flask import Request

from data.devices.formats import FormatError, from_traccar

OSMAND: Final = "/api/osmand"
_SCHEME: Final = "bearer "


def token_of(request: Request) -> str:
    """The token that a request for devices carries, whatever it is worth; '' where there is none.

    Of the address and the body it is read for `OSMAND` alone: those programs send no header.
    """
    header = request.headers.get("Authorization", "")
    if header[:len(_SCHEME)].lower() == _SCHEME:
        return header[len(_SCHEME):].strip()
    if request.path != OSMAND:
        return ""
    if request.is_json:
        try:
            return from_traccar(request.get_data())[0]
        except FormatError:
            return ""
    for fields in (request.args, request.form):
        if found := fields.get("id") or fields.get("deviceid"):
            return found
    return ""
