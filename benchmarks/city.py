"""The load set: 1.52 million cases of a synthetic city, made once, and the same grown or thinned."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from data import meta
from data.cases.points import Box
from data.clock import store_now
from data.demo.build import build
from data.demo.profiles import PROFILES, default_until
from data.engine import Store, open_store
from data.filters import CaseFilter
from data.memory import keep_for_good
from data.readers import Readers, build_readers
from data.settings import Settings

SEED = 7
#: The load set ends here, whenever the benchmark runs.
UNTIL = datetime.fromisoformat("2026-06-30T18:00:00+08:00")
HOT_DAYS = 36_600
SIZES = (150_000, 1_500_000, 15_000_000)
#: How long the windows of the filters are, in days, and how often each comes.
WINDOWS = {1: 0.3, 7: 0.2, 30: 0.2, 90: 0.15, 365: 0.15}


@dataclass(frozen=True, slots=True)
class City:
    """The open load set with its readers at its frozen now."""

    store: Store
    readers: Readers
    now: datetime
    box: Box  # what the map shows


def settings() -> Settings:
    """The settings of the environment with a data folder for the load set alone, below the configured one."""
    known = Settings.from_env(os.environ)
    return replace(known, data_dir=known.data_dir / "benchmarks", database_url=None, hot_days=HOT_DAYS)


@contextmanager
def open_city(profile: str = "city", *, fill: bool = True, folder: Path | None = None) -> Iterator[City]:
    """The load set, built first where it is not there yet (a few minutes).

    Args:
        profile: a demo profile; anything but ``city`` is for trying the benchmarks out.
        fill: load the snapshot.
        folder: where it is; None: among the load sets. See `copied`.
    """
    chosen = settings()
    chosen = replace(chosen, data_dir=folder or chosen.data_dir / profile)
    store = open_store(chosen)
    try:
        made = meta.get(store, "synthetic")
        if not made or made["profile"] != profile:
            until = UNTIL if profile == "city" else default_until(PROFILES[profile], UNTIL)
            build(profile, SEED, until, store, told)
        readers = build_readers(store, chosen)
        if fill:
            readers.snapshot.refresh()
            keep_for_good()  # as a server does when it has started
        yield City(store, readers, store_now(store, UNTIL), readers.cases.extent())
    finally:
        store.close()


@contextmanager
def copied(profile: str = "city") -> Iterator[Path]:
    """The folder of a copy of the load set for who writes into it, gone at the end."""
    with open_city(profile, fill=False):
        pass  # built where it is not there yet
    whole = settings().data_dir / profile
    copy = whole.with_name(f"{profile}-written")
    shutil.rmtree(copy, ignore_errors=True)
    try:
        subprocess.run(["cp", "-a", str(whole), str(copy)], check=True)  # with the owner of each file
        yield copy
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def told(stage: str, done: float) -> None:
    """Progress of the build on stderr."""
    sys.stderr.write(f"\rload set: {done:4.0%} {stage:<40}")
    sys.stderr.flush()


def grow(city: City, cases: int) -> int:
    """Make the snapshot hold about ``cases`` cases; returns how many it holds then.

    Fewer: every n-th case stays. More: each case is copied, the copies some
    metres and minutes away, in the order of time as a store would have them.
    """
    snapshot: Any = city.readers.snapshot
    duck = snapshot._writer
    held = _one(duck, 'SELECT count(*) FROM "case"')
    if cases < held:
        _run(
            duck, f'CREATE OR REPLACE TABLE "case" AS FROM "case" WHERE case_ref % {round(held / cases)} = 0'
        )
    elif cases >= 2 * held:
        _copies(duck, round(cases / held))
    _run(duck, "CHECKPOINT")
    snapshot._generation += 1
    return int(_one(duck, 'SELECT count(*) FROM "case"'))


def _copies(duck: Any, times: int) -> None:
    moments = [
        row[0]
        for row in duck.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'case' "
            "AND data_type = 'TIMESTAMP WITH TIME ZONE'"
        ).fetchall()
    ]
    moved = ", ".join(f'"{name}" + to_minutes(k) AS "{name}"' for name in moments)
    span = duck.sql('SELECT min(reported_at) AS first, max(reported_at) AS last FROM "case"')
    first, last = span.to_arrow_table().to_pylist()[0].values()
    edges = [first + (last - first) * n / 40 for n in range(40)] + [last + timedelta(seconds=1)]
    _run(duck, 'CREATE OR REPLACE TABLE grown AS FROM "case" LIMIT 0')
    for since, until in pairwise(edges):
        duck.execute(
            f"""INSERT INTO grown SELECT * EXCLUDE (k) REPLACE (case_ref + k * 1000000000 AS case_ref,
            lon + ((hash(case_ref + k) % 1000)::BIGINT - 500) * 1e-6 AS lon,
            lat + ((hash(case_ref * 31 + k) % 1000)::BIGINT - 500) * 1e-6 AS lat, {moved})
            FROM "case", range({times}) copies(k) WHERE reported_at >= $1 AND reported_at < $2
            ORDER BY reported_at""",
            [since, until],
        ).fetchall()
    _run(duck, 'DROP TABLE "case"')
    _run(duck, 'ALTER TABLE grown RENAME TO "case"')


def _run(duck: Any, statement: str) -> None:
    duck.execute(statement).fetchall()


def _one(duck: Any, statement: str) -> Any:
    return duck.execute(statement).fetchall()[0][0]


def some_filters(city: City, count: int, seed: int = 11) -> list[CaseFilter]:
    """Filters as an operator sets them: a window up to now, and mostly one or two restrictions."""
    rng = np.random.default_rng(seed)
    tree = city.readers.areas.tree()
    streets = tree.loc[tree["level"] == "street", "area_code"].tolist()
    communities = tree.loc[tree["level"] == "community", "area_code"].tolist()
    whole = CaseFilter(since=city.now - timedelta(days=30), until=city.now)
    channels, classes, units = (
        [code for code in city.readers.cases.counts_by(name, whole, city.now)["code"] if code]
        for name in ("channel", "category_class", "department")
    )
    choices = {
        "areas": streets + communities,
        "categories": classes,
        "channels": channels,
        "departments": units,
        "urgencies": ["1", "2", "3"],
    }
    made = []
    for days in rng.choice([*WINDOWS], count, p=[*WINDOWS.values()]):
        back = timedelta(minutes=int(rng.integers(0, 600)))
        until = city.now - back * int(days) / 2
        restricted = rng.choice([*choices], int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2])), replace=False)
        made.append(
            CaseFilter(
                since=until - timedelta(days=int(days)),
                until=until,
                **{name: frozenset({str(rng.choice(choices[name]))}) for name in restricted},
            )
        )
    return made
