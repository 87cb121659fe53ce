"""What one worker holds in memory: the snapshot of the load set and everything the wall asked."""

from __future__ import annotations

import gc
import os
import resource
from dataclasses import replace
from typing import Any

import psutil

from benchmarks.city import open_city, settings, some_filters
from benchmarks.filter import change
from benchmarks.measure import plain_frame, say
from data.access.viewer import CONSOLE

CHANGES = 40


def run(profile: str = "city") -> dict[str, Any]:
    """``mb`` at rest after use, ``peak_mb`` (the load of the snapshot included); one worker, app imported.

    The plain way holds the same cases as a pandas frame.
    """
    from app import desk_of  # noqa: PLC0415 - a worker has imported all of the application

    with open_city(profile) as city:
        areas = city.readers.areas
        for level in ("district", "street", "community", "grid"):
            areas.geometry(level)
        areas.buildings()
        areas.roads()
        areas.features()
        city.readers.patrol.positions(city.now)
        city.readers.patrol.trails(city.now, 30)
        desk = replace(desk_of(city.readers, settings(), lambda: city.now), viewer=lambda: CONSOLE)
        for filter_ in some_filters(city, CHANGES):
            change(city, desk, filter_)
        gc.collect()
        mb = psutil.Process(os.getpid()).memory_info().rss / 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        frame = plain_frame(city.readers)
        plain = float(frame.memory_usage(deep=True).sum()) / 1e6
        say(f"{mb:.0f} MB, peak {peak:.0f} MB, plain frame alone {plain:.0f} MB")
    return {
        "mb": round(max(mb, peak)),
        "rest_mb": round(mb),
        "peak_mb": round(peak),
        "plain_frame_mb": round(plain),
        "cases": len(frame),
    }
