"""`check`: is the store true to itself? One JSON object; 1 where anything differs."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime

from data.cases.check import check
from data.clock import ClockError, parse_instant, store_now, time_zone
from data.engine import open_store
from data.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `check`."""
    parser.add_argument("--now", metavar="T", help="moment of the counters; default: the now of the store")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """Print the report; 0 when nothing differs, 1 when something does, 2 when an option is wrong."""
    store = open_store(settings)
    try:
        moment = parse_instant(args.now, time_zone(store)) if args.now else store_now(store, now)
        report = check(store, moment)
    except ClockError as fault:
        sys.stderr.write(f"check: {fault}\n")
        return 2
    finally:
        store.close()
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 0 if report["ok"] else 1
