"""How many case rows a second the import takes from CSV, grid assignment included."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import sqlalchemy as sa

from benchmarks.city import UNTIL, settings
from benchmarks.measure import say, timed
from data.access.scope import EVERYTHING
from data.areas.queries import shapes
from data.areas.reader import AreaReader
from data.embedded_cluster import pid_file
from data.engine import Store, open_store
from data.ingest.command import import_file
from data.readers import build_readers

ROWS = 400_000
FIRST_ROWS = 60_000
RUNS = 3
PLAIN_ROWS = 20_000
CELL_M = 440.0
BOX = (104.07, 30.62, 104.24, 30.77)
SEED = 19
MOMENTS = {
    "accepted_at": (60, 1_800),
    "dispatched_at": (1_900, 7_200),
    "handled_at": (7_300, 90_000),
    "closed_at": (90_100, 172_800),
}


def write_csv(path: Path, rows: int, *, first_id: int, staged: bool = True) -> None:
    """A file of closed cases as a city would export them, in the order of time.

    Args:
        path: where to.
        rows: how many.
        first_id: number of the first case.
        staged: with the time of every stage, which makes eight events of a case;
            else only reported and closed, as open data have it: three events.
    """
    rng = np.random.default_rng(SEED + first_id)
    ago = np.sort(rng.integers(3 * 86_400, 365 * 86_400, rows))[::-1]
    reported = pd.DatetimeIndex(pd.Timestamp(UNTIL).tz_localize(None) - pd.to_timedelta(ago, unit="s"))
    after = {
        name: (reported + pd.to_timedelta(rng.integers(low, high, rows), unit="s")).strftime(
            "%Y-%m-%d %H:%M:%S"
        )
        for name, (low, high) in MOMENTS.items()
        if staged or name == "closed_at"
    }
    pd.DataFrame(
        {
            "case_no": [f"B{first_id + number:08d}" for number in range(rows)],
            "status": "closed",
            "category": rng.choice(["garbage", "noise", "parking", "sewer", "lamp"], rows),
            "lon": np.round(rng.uniform(BOX[0], BOX[2], rows), 6),
            "lat": np.round(rng.uniform(BOX[1], BOX[3], rows), 6),
            "address": [f"某路{number}号" for number in rng.integers(1, 400, rows)],
            "reported_at": reported.strftime("%Y-%m-%d %H:%M:%S"),
            **after,
        }
    ).to_csv(path, index=False)


@dataclass(frozen=True, slots=True)
class Measured:
    """One import: the account that it prints, and what it cost."""

    done: dict[str, Any]
    cpu_s: float  # of the program and the server together

    @property
    def rate(self) -> float:
        """Rows a second."""
        return float(self.done["read"] / self.done["seconds"])


def measured(store: Store, path: Path) -> Measured:
    """Import a file and look at the clocks."""
    before = cpu_s(path.parent)
    done = import_file(store, "cases", path, now=UNTIL)
    found = Measured(done, cpu_s(path.parent) - before)
    say(f"{path.name}: {found.rate:.0f} rows/s, {found.cpu_s:.1f} s of CPU in {done['seconds']} s")
    return found


def cpu_s(folder: Path) -> float:
    """Seconds of CPU that this program and the embedded server of a data folder have used so far."""
    own = psutil.Process().cpu_times()
    server = psutil.Process(int(pid_file(folder.resolve() / "pg18")["pid"]))
    ended = server.cpu_times()
    total = own.user + own.system + ended.user + ended.system + ended.children_user + ended.children_system
    for session in server.children():
        with suppress(psutil.NoSuchProcess):
            times = session.cpu_times()
            total += times.user + times.system
    return float(total)


def run(profile: str = "city", rows: int = ROWS) -> dict[str, Any]:  # noqa: ARG001 - all benchmarks are called alike
    """``rows_per_s`` of a CSV into a store with some 1,600 cells; the plain way beside it.

    The median of `RUNS` files, each of new cases with all their stages. Beside it
    files of open data (``short_``) and the last file once more (``again_``).
    """
    chosen = settings()
    folder = chosen.data_dir / "import"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    store = open_store(replace(chosen, data_dir=folder))
    try:
        write_csv(folder / "first.csv", FIRST_ROWS, first_id=0)
        import_file(store, "cases", folder / "first.csv", now=UNTIL, derive_cell_m=CELL_M)
        staged, short = [], []
        for number in range(1, RUNS + 1):
            for found, name in ((staged, "staged"), (short, "short")):
                first_id = number * 10_000_000 + (5_000_000 if found is short else 0)
                path = folder / f"{name}{number}.csv"
                write_csv(path, rows, first_id=first_id, staged=found is staged)
                found.append(measured(store, path))
        again = measured(store, folder / f"staged{RUNS}.csv")
        plain = plain_rate(store, folder / f"staged{RUNS}.csv")
        cells = store.arrow(
            sa.select(sa.func.count().label("n")).select_from(
                shapes("grid", None, "base", scope=EVERYTHING).subquery()
            )
        )["n"][0].as_py()
    finally:
        store.close()
        shutil.rmtree(folder, ignore_errors=True)
    middle = sorted(staged, key=lambda one: one.rate)[RUNS // 2]
    say(f"{middle.rate:.0f} rows/s, plain {plain:.0f} rows/s")
    return {
        "rows_per_s": round(middle.rate),
        "rows": middle.done["read"],
        "inserted": middle.done["inserted"],
        "cells": cells,
        "seconds": middle.done["seconds"],
        "cpu_s": round(middle.cpu_s, 1),
        "runs_rows_per_s": [round(one.rate) for one in staged],
        "short_rows_per_s": round(median(one.rate for one in short)),
        "again_rows_per_s": round(again.rate),
        "again_unchanged": again.done["unchanged"],
        "plain_rows_per_s": round(plain),
        "ratio_plain": round(middle.rate / plain, 1),
        "load_average": round(os.getloadavg()[0], 1),
    }


def plain_rate(store: Store, path: Path) -> float:
    """Rows a second of `read_csv`, a spatial join and `to_sql`, the way it is usually written."""
    reader: AreaReader = build_readers(store, settings()).areas
    grids = reader.geometry("grid")

    def load() -> None:
        frame = pd.read_csv(path, nrows=PLAIN_ROWS, parse_dates=["reported_at", *MOMENTS])
        points = gpd.GeoDataFrame(
            frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326"
        )
        joined = gpd.sjoin(points, grids[["area_code", "geometry"]], how="left").drop(
            columns=["geometry", "index_right"]
        )
        pd.DataFrame(joined).to_sql("plain_case", store.engine, if_exists="replace", index=False)

    return PLAIN_ROWS / (timed(load)[0] / 1e3)
