"""`device issue|vehicle|sensor|list|revoke`: what sends positions and readings, from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from data.access.viewer import CONSOLE
from data.devices.devices import SYSTEMS, Device, DeviceError, Devices
from data.engine import open_store
from data.resources.nearest import MOVING
from data.sensors.kinds import SENSORS
from data.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The five acts and their options."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    issue = acts.add_parser("issue", help="make a device of an officer and print its token, once")
    issue.add_argument("officer_id", metavar="OFFICER_ID", help="whose positions it sends; nobody else's")
    vehicle = acts.add_parser("vehicle", help="make the device of a vehicle and print its token, once")
    vehicle.add_argument("resource_id", metavar="RESOURCE_ID",
                         help=f"what moves: a resource of kind {', '.join(sorted(MOVING))}")
    for moves in (issue, vehicle):
        moves.add_argument("--crs", choices=SYSTEMS, default="wgs84",
                           help="of its coordinates; default: %(default)s, phones with AMap send gcj02")
    sensor = acts.add_parser("sensor", help="make the sender of a sensor and print its token, once")
    sensor.add_argument("resource_id", metavar="RESOURCE_ID",
                        help=f"the sensor: a resource of kind {', '.join(SENSORS)}")
    for made in (issue, vehicle, sensor):
        made.add_argument("--name", metavar="NAME", help="what people call it; default: the id")
        made.add_argument("--days", type=int, metavar="N",
                          help="ends after N days; default: when it is revoked")
    listed = acts.add_parser("list", help="all devices, newest first")
    listed.add_argument("--json", action="store_true", help="one JSON list instead of lines")
    revoke = acts.add_parser("revoke", help="end a device for ever")
    revoke.add_argument("device_id", type=int, metavar="ID", help="its number, as `list` shows it")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """0 when it was done, 1 when there is no such device, 2 when it was called wrongly."""
    store = open_store(settings)
    try:
        devices = Devices(store)
        if args.act in ("issue", "vehicle", "sensor"):
            return _issue(devices, args, now)
        if args.act == "list":
            return _list(devices, now, as_json=args.json)
        return _revoke(devices, args.device_id, now)
    except DeviceError as fault:
        sys.stderr.write(f"device {args.act}: {fault}\n")
        return 2
    finally:
        store.close()


def _issue(devices: Devices, args: argparse.Namespace, now: datetime) -> int:
    if args.days is not None and not 1 <= args.days <= 3660:
        raise DeviceError(f"--days must be a whole number 1..3660, got {args.days}")
    expires_at = now + timedelta(days=args.days) if args.days else None
    if args.act == "sensor":
        device_id, token = devices.issue_sensor(args.resource_id, name=args.name or args.resource_id,
                                                issued_by=CONSOLE, now=now, expires_at=expires_at)
        ways = "  POST /api/readings with the header  Authorization: Bearer TOKEN  (JSON)\n"
    else:
        whose, issue = (args.resource_id, devices.issue_vehicle) if args.act == "vehicle" else (
            args.officer_id, devices.issue)
        device_id, token = issue(whose, name=args.name or whose, crs=args.crs, issued_by=CONSOLE, now=now,
                                 expires_at=expires_at)
        ways = ("  POST /api/fixes with the header  Authorization: Bearer TOKEN  (JSON or GPX)\n"
                "  OsmAnd, Traccar: address /api/osmand, device identifier (id) TOKEN\n")
    sys.stdout.write(f"device {device_id}: token {token}; this is shown only once\n{ways}")
    return 0


def _list(devices: Devices, now: datetime, *, as_json: bool) -> int:
    found = devices.listing()
    if as_json:
        sys.stdout.write(json.dumps([_facts(one, now) for one in found], ensure_ascii=False) + "\n")
        return 0
    for one in found:
        facts = _facts(one, now)
        fault = f"  refused {one.refused}, last: {one.last_fault}" if one.refused else ""
        sys.stdout.write(f"{one.device_id:>5}  {facts['state']:<8}  {one.name}  {one.kind} {one.sends_for}"
                         f"  seen {facts['seen_at'] or 'never'}{fault}\n")
    return 0


def _facts(one: Device, now: datetime) -> dict[str, Any]:
    state = "live" if one.is_live(now) else "revoked" if one.revoked_at else "expired"
    facts = {key: value.isoformat() if isinstance(value, datetime) else value
             for key, value in asdict(one).items()}
    return {**facts, "state": state}


def _revoke(devices: Devices, device_id: int, now: datetime) -> int:
    if devices.revoke(device_id, by=CONSOLE, now=now):
        sys.stdout.write(f"device {device_id} is revoked\n")
        return 0
    sys.stderr.write(f"device revoke: ID must be that of a device that is not revoked, got {device_id}\n")
    return 1
