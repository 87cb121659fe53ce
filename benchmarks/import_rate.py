"""How many case rows a second the import takes from CSV, grid assignment included."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import sqlalchemy as sa

from benchmarks.city import UNTIL, settings
from benchmarks.measure import say, timed
from data.areas.queries import shapes
from data.areas.reader import AreaReader
from data.engine import Store, open_store
from data.ingest.command import import_file
from data.readers import build_readers

ROWS = 400_000
FIRST_ROWS = 60_000
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


def write_csv(path: Path, rows: int, *, first_id: int) -> None:
    """A file of closed cases as a city would export them, in the order of time."""
    rng = np.random.default_rng(SEED + first_id)
    ago = np.sort(rng.integers(3 * 86_400, 365 * 86_400, rows))[::-1]
    reported = pd.DatetimeIndex(pd.Timestamp(UNTIL).tz_localize(None) - pd.to_timedelta(ago, unit="s"))
    after = {
        name: (reported + pd.to_timedelta(rng.integers(low, high, rows), unit="s")).strftime(
            "%Y-%m-%d %H:%M:%S"
        )
        for name, (low, high) in MOMENTS.items()
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


def run(profile: str = "city", rows: int = ROWS) -> dict[str, Any]:  # noqa: ARG001 - all benchmarks are called alike
    """``rows_per_s`` of a CSV into a store with some 1,600 cells; the plain way beside it."""
    chosen = settings()
    folder = chosen.data_dir / "import"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    store = open_store(replace(chosen, data_dir=folder))
    try:
        write_csv(folder / "first.csv", FIRST_ROWS, first_id=0)
        write_csv(folder / "cases.csv", rows, first_id=10_000_000)
        import_file(store, "cases", folder / "first.csv", now=UNTIL, derive_cell_m=CELL_M)
        _, done = timed(lambda: import_file(store, "cases", folder / "cases.csv", now=UNTIL))
        rate = done["read"] / done["seconds"]
        say(f"{done}")
        again = import_file(store, "cases", folder / "cases.csv", now=UNTIL)
        plain = plain_rate(store, folder / "cases.csv")
        say(f"{rate:.0f} rows/s, plain {plain:.0f} rows/s")
        cells = store.arrow(
            sa.select(sa.func.count().label("n")).select_from(shapes("grid", None, "base").subquery())
        )["n"][0].as_py()
    finally:
        store.close()
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "rows_per_s": round(rate),
        "rows": done["read"],
        "inserted": done["inserted"],
        "cells": cells,
        "seconds": done["seconds"],
        "again_rows_per_s": round(again["read"] / again["seconds"]),
        "again_unchanged": again["unchanged"],
        "plain_rows_per_s": round(plain),
        "ratio_plain": round(rate / plain, 1),
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
