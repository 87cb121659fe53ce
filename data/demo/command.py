"""``python app.py demo``: fill the store with a synthetic district."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date, datetime
from typing import Final

from tqdm import tqdm

from data.demo.build import Built, RealDataError, build
from data.demo.profiles import PROFILES, default_until, fitted
from data.engine import open_store
from data.settings import Settings

_STAGES: Final = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("profile", nargs="?", default="chenghua", choices=sorted(PROFILES),
                        help="which district; city is the load set (default: chenghua)")
    parser.add_argument("--seed", type=_seed, default=7,
                        help="whole number >= 0; same seed, same rows (default: 7)")
    parser.add_argument("--until", type=_day, default=None, metavar="DATE",
                        help="last day, YYYY-MM-DD; the clock stands at the profile's time of that day")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """Build the demo; the last line printed is JSON.

    Args:
        now: the wall clock, aware; decides where the clock stands when ``--until`` is not given.

    Returns:
        0, 1 where the store holds real data, 2 where the demo would end before it begins, 130 when
        interrupted; then the store is as it was before.
    """
    profile = PROFILES[args.profile]
    until = profile.until(args.until) if args.until else default_until(profile, now)
    try:
        fitted(profile, until)
    except ValueError as error:
        _say({"error": str(error), "profile": profile.key})
        return 2
    begun = time.perf_counter()
    store = open_store(settings)
    try:
        with tqdm(total=_STAGES, unit="‰", desc=profile.key, file=sys.stderr,
                  bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed} {postfix}") as bar:
            def progress(stage: str, done: float) -> None:
                bar.set_postfix_str(stage)
                bar.update(max(0, round(done * _STAGES) - bar.n))

            built = build(profile.key, args.seed, until, store, progress)
    except RealDataError as error:
        _say({"error": str(error), "profile": profile.key})
        return 1
    except KeyboardInterrupt:
        _say({"error": "interrupted; nothing was written", "profile": profile.key})
        return 130
    finally:
        store.close()
    _say(summary(profile.key, args.seed, until, built, time.perf_counter() - begun))
    return 0


def summary(profile: str, seed: int, until: datetime, built: Built, seconds: float) -> dict[str, object]:
    """What the command prints: counts of rows by table and seconds by stage."""
    return {"profile": profile, "seed": seed, "until": until.isoformat(), "was_there": built.was_there,
            "rows": built.rows, "seconds": round(seconds, 1), "seconds_by_stage": built.seconds}


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")


def _seed(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"--seed must be a whole number >= 0, got {text!r}")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"--until must be a day such as 2019-05-12, got {text!r}") from None
