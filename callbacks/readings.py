"""POST /api/readings: what sensors read comes in, each for itself.

The guard has found the sensor by its token (``g.device``), see `callbacks.fixes`.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from flask import Flask, Response, g, jsonify, request

from callbacks.fixes import WAIT_S, Gate
from callbacks.permits import Permits
from callbacks.refusals import refuse
from data.access.roles import Permission
from data.devices import formats
from data.devices.devices import Device
from data.engine import STORE_FAULTS
from data.sensors.rows import read_readings
from data.sensors.writer import put_readings

LOG: Final = logging.getLogger(__name__)
READINGS: Final = "/api/readings"


def register(server: Flask, gate: Gate, permits: Permits) -> None:
    """Add the route; only a sensor may ask it."""
    with permits.of(Permission.SEND_READINGS, max_body=formats.MAX_BODY):
        server.add_url_rule(READINGS, "readings", lambda: _readings(gate), methods=["POST"])


def _readings(gate: Gate) -> Response:
    """One reading or many."""
    if not request.is_json:
        return refuse(415, f"Content-Type must be application/json, got {request.mimetype[:60]!r}")
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= formats.MAX_BODY:  # it was cut there
        return refuse(413, f"the body must be less than {formats.MAX_BODY} bytes where none were announced")
    try:
        sent: list[Any] = formats.from_json(body, many="readings", what="reading")
    except formats.FormatError as fault:
        return refuse(400, str(fault))
    return _taken(gate, sent)


def _taken(gate: Gate, sent: list[Any]) -> Response:
    """Write what can be, and say of each of the others why not."""
    device: Device = g.device
    rows, faults = read_readings(sent, device, now=gate.now())
    if faults:
        last = faults[-1]
        gate.devices.note_refused(device.device_id, len(faults),
                                  f"{last.field} must be {last.expected}; got {last.got}")
    try:
        new = put_readings(gate.store, rows)
    except STORE_FAULTS as fault:
        LOG.error("readings of device %s were not written: %s", device.device_id, fault)
        return refuse(503, "the store takes no readings now; send them again", wait=WAIT_S)
    answer = jsonify({"received": len(sent), "stored": new, "repeated": len(rows) - new,
                      "rejected": len(faults), "faults": [fault.as_json() for fault in faults]})
    answer.status_code = 200 if rows else 422
    return answer
