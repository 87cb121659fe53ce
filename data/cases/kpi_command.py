"""`kpi`: every counter and rate of a window as one JSON object, for scripts."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta
from typing import Any, Final

from data.analytics.weights import history, of_day
from data.cases.indicators import rates
from data.cases.reader import CaseReader
from data.clock import parse_instant, store_now, time_zone
from data.engine import Store, open_store
from data.filters import CaseFilter
from data.readers import build_readers
from data.settings import Settings

_INSTANT: Final = timedelta(microseconds=1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `kpi`."""
    parser.add_argument("--from", dest="since", metavar="T",
                        help="first reported_at, inclusive; default: the first case")
    parser.add_argument("--to", dest="until", metavar="T",
                        help="last reported_at; a date alone means to its end; default: now")
    parser.add_argument("--now", metavar="T",
                        help="count what had happened by then; default: the now of the store")
    parser.add_argument("--area", metavar="CODE", help="area code of 6, 9, 12 or 15 digits")
    parser.add_argument("--category", metavar="C", help="category code or a prefix of it, e.g. E01")
    parser.add_argument("--json", action="store_true", help="one JSON object (the only form there is)")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """Print the figures; 2 when an option cannot be understood."""
    store = open_store(settings)
    try:
        figures = kpi(store, build_readers(store, settings).cases, args, wall=now)
    except ValueError as fault:
        sys.stderr.write(f"kpi: {fault}\n")
        return 2
    finally:
        store.close()
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
    return 0


def kpi(store: Store, cases: CaseReader, args: argparse.Namespace, *, wall: datetime) -> dict[str, Any]:
    """The window asked for, every counter, every rate (None: nothing to divide by), durations in hours.

    Raises:
        ValueError: a time, the area or the category cannot be understood.
    """
    zone = time_zone(store)
    now = parse_instant(args.now, zone) if args.now else store_now(store, wall)
    filter_ = _filter(cases, args, now=now, zone=zone)
    counts = cases.counts(filter_, now).to_dict()
    rated = rates(counts)
    weights = of_day(history(store), now.astimezone(zone).date())
    return {
        "from": filter_.since.astimezone(zone).isoformat(), "to": filter_.until.astimezone(zone).isoformat(),
        "now": now.astimezone(zone).isoformat(), "time_zone": str(zone),
        "area": args.area, "category": args.category,
        **counts, **rated, "department_index": weights.index(rated),
        **cases.durations(filter_, now), **cases.extremes(filter_, now),
    }


def _filter(cases: CaseReader, args: argparse.Namespace, *, now: datetime, zone: Any) -> CaseFilter:
    found = cases.reported_range()
    until = parse_instant(args.until, zone, end=True) if args.until else now + _INSTANT
    first = found[0] if found else until - timedelta(days=1)
    since = parse_instant(args.since, zone) if args.since else min(first, until - _INSTANT)
    return CaseFilter(since=since, until=until, areas=frozenset({args.area} if args.area else ()),
                      categories=frozenset({args.category} if args.category else ()))
