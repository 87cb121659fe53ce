"""`simulate`: play a living district into a demo, for showing and for load."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from data.devices.writer import WriterError
from data.engine import Store, open_store
from data.settings import Settings
from data.simulate.district import DistrictError, load_district
from data.simulate.play import Play
from data.simulate.profiles import PROFILES
from data.simulate.running import RunningError, alone, begin_of
from data.simulate.running import run as run_play


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--rate", type=_rate, default=1.0, metavar="X",
                        help="seconds of the store in a real second, 0.1..3600 (default: 1)")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="usual",
                        help="usual, calm, or storm: six times the reports, slow hands (default: usual)")
    parser.add_argument("--minutes", type=_minutes, default=None, metavar="N",
                        help="end after N minutes of the store's time; default: when it is interrupted")
    parser.add_argument("--seed", type=_whole, default=7,
                        help="whole number >= 0; same seed and rate, same events (default: 7)")
    parser.add_argument("--fix-every", type=_every, default=60, metavar="S",
                        help="seconds of the store between two positions of an officer (default: 60)")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """0 when it ended, 1 when the store cannot be played, 130 when interrupted; the last line is JSON.

    Args:
        now: the real time, aware.
    """
    begun = time.monotonic()

    def wall() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    store = open_store(settings)
    try:
        return _run(store, args, wall)
    except (RunningError, DistrictError) as fault:
        sys.stderr.write(f"simulate: {fault}\n")
        return 1
    except (WriterError, SQLAlchemyError) as fault:
        sys.stderr.write(f"simulate: the store failed: {str(fault)[:300]}\n")
        return 1
    finally:
        store.close()


def _run(store: Store, args: argparse.Namespace, wall: Callable[[], datetime]) -> int:
    with alone(store):
        begin = begin_of(store, wall())
        play = Play(store=store, district=load_district(store, begin=begin, seed=args.seed),
                    profile=PROFILES[args.profile], seed=args.seed, begin=begin, fix_every_s=args.fix_every)
        end = begin + timedelta(minutes=args.minutes) if args.minutes else None
        _say({"begin": begin.isoformat(), "rate": args.rate, "profile": args.profile, "seed": args.seed})
        status, stands = 0, begin
        try:
            stands = run_play(play, rate=args.rate, end=end, wall=wall, wait=time.sleep)
        except KeyboardInterrupt:
            status, stands = 130, begin_of(store, wall())
        _say({"end": stands.isoformat(), **asdict(play.done)})
        return status


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _number(text: str, low: float, high: float, what: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not low <= found <= high:
        raise argparse.ArgumentTypeError(f"must be {what} {low:g}..{high:g}, got {text[:40]!r}")
    return found


def _rate(text: str) -> float:
    return _number(text, 0.1, 3600, "a number")


def _minutes(text: str) -> float:
    return _number(text, 0.1, 100_000, "a number")


def _every(text: str) -> int:
    return int(_number(text, 1, 3600, "a whole number"))


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"must be a whole number >= 0, got {text[:40]!r}")
    return int(text)
