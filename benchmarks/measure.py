"""Timing and the plain way: the same work with pandas and plotly."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import psutil

from data.cases.rules import WALL
from data.filters import CaseFilter

#: Use of all cores up to which the machine counts as resting.
IDLE_PERCENT = 15.0


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds that the work took, and what it gave."""
    begun = time.perf_counter()
    found = work()
    return (time.perf_counter() - begun) * 1e3, found


def spread(times_ms: Iterable[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    times = np.asarray([*times_ms], dtype=float)
    return {
        "median_ms": round(float(np.median(times)), 1),
        "p95_ms": round(float(np.quantile(times, 0.95)), 1),
    }


def rest(most_s: float = 30.0) -> None:
    """Wait until the machine has nothing else to do, such as what follows a load; at most ``most_s``."""
    end = time.perf_counter() + most_s
    while psutil.cpu_percent(interval=2.0) > IDLE_PERCENT and time.perf_counter() < end:
        say("waiting for the machine to rest")


def say(text: str) -> None:
    """A line of progress on stderr."""
    sys.stderr.write(f"\n  {text}")
    sys.stderr.flush()


def plain_frame(readers: Any) -> pd.DataFrame:
    """What a plain dashboard holds in memory: the cases as a pandas frame."""
    from sqlalchemy import select  # noqa: PLC0415 - only the plain way needs it

    from data.tables import cases  # noqa: PLC0415

    names = (
        "street_code",
        "community_code",
        "grid_code",
        "cat_code",
        "channel_code",
        "main_dept_id",
        "state",
        "urgency",
        "lon",
        "lat",
        "reported_at",
        "accepted_at",
        "handled_at",
        "closed_at",
        "ended_at",
        "dispatched_at",
        "deadline_at",
        "clock_stopped_at",
        "is_self_done",
    )
    return readers.snapshot.run(select(*(cases.c[name] for name in names))).to_pandas()


def plain_filter(frame: pd.DataFrame, filter_: CaseFilter) -> pd.DataFrame:
    """The cases of a filter, masked column by column."""
    keep = (frame["reported_at"] >= filter_.since) & (frame["reported_at"] < filter_.until)
    for name, column in (("channels", "channel_code"), ("departments", "main_dept_id"), ("states", "state")):
        if getattr(filter_, name):
            keep &= frame[column].isin(getattr(filter_, name))
    if filter_.urgencies:
        keep &= frame["urgency"].isin([int(code) for code in filter_.urgencies])
    for codes, column in ((filter_.areas, "grid_code"), (filter_.categories, "cat_code")):
        if codes:
            keep &= frame[column].str.startswith(tuple(codes)).fillna(False).astype(bool)
    return frame[keep]


def plain_counters(frame: pd.DataFrame, now: Any) -> pd.DataFrame:
    """The counters of the wall as columns of true and false."""
    by = {
        name: frame[f"{name}_at"] <= now for name in ("accepted", "handled", "closed", "ended", "dispatched")
    }
    stopped = frame["clock_stopped_at"] <= now
    overdue = (frame["deadline_at"] < now) & ~by["handled"] & ~by["ended"] & ~stopped
    unlimited = frame["deadline_at"].isna()
    in_time = (frame["handled_at"] <= frame["deadline_at"]) | (unlimited & frame["is_self_done"])
    cancelled = (frame["state"] == "cancelled") & by["ended"]
    handling = by["dispatched"] & ~by["handled"] & ~by["ended"]
    used = (now - frame["dispatched_at"]) / (frame["deadline_at"] - frame["dispatched_at"])
    return pd.DataFrame(
        {
            "reported": frame["reported_at"] <= now,
            "accepted": by["accepted"],
            "handled": by["handled"],
            "closed": by["closed"],
            "closed_on_time": by["closed"] & by["handled"] & in_time,
            "need_close": (by["handled"] | by["closed"] | overdue) & ~cancelled,
            "need_close_limited": (by["handled"] | by["closed"] | overdue) & ~cancelled
            & (~unlimited | frame["is_self_done"]),
            "open": by["accepted"] & ~by["ended"],
            "in_handling": handling,
            "due_soon": handling & (used >= 0.7) & ~(frame["deadline_at"] < now) & ~stopped,
            "overdue": overdue,
        }
    )[[*WALL]]


def plain_answer(frame: pd.DataFrame, filter_: CaseFilter, now: Any) -> dict[str, Any]:
    """Everything behind one filter change, by pandas group-bys."""
    chosen = plain_filter(frame, filter_)
    flags = plain_counters(chosen, now)
    found: dict[str, Any] = {"": flags.sum()}
    keys = {
        "street": chosen["street_code"],
        "channel": chosen["channel_code"],
        "category_class": chosen["cat_code"].str[:3],
        "grid": chosen["grid_code"],
    }
    for name, codes in keys.items():
        found[name] = flags.groupby(codes.to_numpy()).sum()
    found["histogram"] = np.histogram(
        chosen["reported_at"].astype("int64") / 1e6,
        96,
        (filter_.since.timestamp(), filter_.until.timestamp()),
    )
    found["listing"] = chosen[flags["open"]].sort_values("deadline_at").head(20)
    column, row = (chosen["lon"] / 1e-3).round(), (chosen["lat"] / 1e-3).round()
    found["heat"] = chosen.groupby([column, row]).size()
    return found


def plain_heat_json(frame: pd.DataFrame) -> str:
    """The heat map as plotly's `densitymap` would be sent: every case as JSON."""
    return go.Figure(go.Densitymap(lon=frame["lon"].tolist(), lat=frame["lat"].tolist(), radius=8)).to_json()
