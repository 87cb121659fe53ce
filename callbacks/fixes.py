"""POST /api/fixes and /api/osmand: positions come in from devices, each for its own officer or vehicle.

The guard has found the device by its token (``g.device``); whoever comes with a session instead
is refused there, for no role may send positions.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Flask, Response, g, jsonify, request

from callbacks.device_token import OSMAND
from callbacks.permits import Permits
from callbacks.refusals import refuse
from data.access.roles import Permission
from data.alerts.sos import cries, cry
from data.devices import formats
from data.devices.devices import VEHICLE, Device, Devices
from data.devices.drives import put_drive, read_states
from data.devices.rows import read_rows
from data.devices.values import Fault
from data.devices.writer import FixWriter, WriterError
from data.engine import STORE_FAULTS, Store

LOG: Final = logging.getLogger(__name__)
FIXES: Final = "/api/fixes"
#: One position; the longest known client sends 600 bytes.
ONE_BODY: Final = 20_000  # bytes
_XML: Final = frozenset({"application/gpx+xml", "application/xml", "text/xml"})
#: Seconds after which a device may come again with what the store did not take.
WAIT_S: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the routes are handed: the devices, the way into the store, and the store's now."""

    devices: Devices
    writer: FixWriter
    store: Store
    now: Callable[[], datetime]


def register(server: Flask, gate: Gate, permits: Permits) -> None:
    """Add the routes; only a device may ask them."""
    with permits.of(Permission.SEND_FIXES, max_body=formats.MAX_BODY):
        server.add_url_rule(FIXES, "fixes", lambda: _fixes(gate), methods=["POST"])
    with permits.of(Permission.SEND_FIXES, max_body=ONE_BODY):
        server.add_url_rule(OSMAND, "osmand", lambda: _osmand(gate), methods=["GET", "POST"])


def _fixes(gate: Gate) -> Response:
    """One position or many, as JSON or GPX."""
    if request.mimetype not in _XML and not request.is_json:
        return refuse(415, "Content-Type must be application/json or application/gpx+xml,"
                           f" got {request.mimetype[:60]!r}")
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= formats.MAX_BODY:  # it was cut there
        return refuse(413, f"the body must be less than {formats.MAX_BODY} bytes where none were announced")
    read = formats.from_gpx if request.mimetype in _XML else formats.from_json
    try:
        sent: list[Any] = read(body)
    except formats.FormatError as fault:
        return refuse(400, str(fault))
    return _taken(gate, sent, none_taken=422)


def _osmand(gate: Gate) -> Response:
    """One position. A refused one is answered 200 too: the clients would send it again for ever."""
    try:
        one = formats.from_traccar(request.get_data())[1] if request.is_json \
            else formats.from_osmand({**request.form.to_dict(), **request.args.to_dict()})
    except formats.FormatError as fault:
        return refuse(400, str(fault))
    return _taken(gate, [one], none_taken=200)


def _taken(gate: Gate, sent: list[Any], *, none_taken: int) -> Response:
    """Write what can be, and say of each of the others why not.

    Args:
        none_taken: the status where no position could be taken.
    """
    device: Device = g.device
    if device.kind == VEHICLE:
        return _driven(gate, device, sent, none_taken=none_taken)
    rows, faults = read_rows(sent, device, now=gate.now())
    refused = _note(gate, device, faults)
    is_lost, crying = cries(sent, (fault.row for fault in refused))
    try:
        if is_lost or crying:  # first of all
            cry(gate.store, device, [rows[place] for place in crying], now=gate.now())
        new = gate.writer.put(rows)
    except WriterError as fault:
        LOG.error("positions of device %s were not written: %s", device.device_id, fault.__cause__)
        return refuse(503, f"{fault}; send them again", wait=WAIT_S)
    except STORE_FAULTS as fault:
        LOG.error("the cry of device %s was not told: %s", device.device_id, fault)
        return refuse(503, "the store takes no alert now; send them again", wait=WAIT_S)
    return _answer(sent, faults, new=new, kept=len(rows), none_taken=none_taken)


def _driven(gate: Gate, device: Device, sent: list[Any], *, none_taken: int) -> Response:
    """The same for a vehicle; nobody cries for help through one."""
    found, faults = read_states(sent, device, now=gate.now())
    try:
        put = put_drive(gate.store, found)
    except WriterError as fault:
        LOG.error("positions of device %s were not written: %s", device.device_id, fault.__cause__)
        return refuse(503, f"{fault}; send them again", wait=WAIT_S)
    faults = [*faults, *put.faults]
    _note(gate, device, faults)
    return _answer(sent, faults, new=put.new, kept=put.kept, none_taken=none_taken)


def _note(gate: Gate, device: Device, faults: list[Fault]) -> list[Fault]:
    """Keep what was wrong with the last refused position; those that were refused."""
    refused = [fault for fault in faults if fault.is_refused]
    if refused:
        last = refused[-1]
        gate.devices.note_refused(device.device_id, len(refused),
                                  f"{last.field} must be {last.expected}; got {last.got}")
    return refused


def _answer(sent: list[Any], faults: list[Fault], *, new: int, kept: int, none_taken: int) -> Response:
    answer = jsonify({"received": len(sent), "stored": new, "repeated": kept - new,
                      "rejected": sum(fault.is_refused for fault in faults),
                      "faults": [fault.as_json() for fault in faults]})
    answer.status_code = 200 if kept else none_taken
    return answer
