"""The space-time scan: seconds of one process for 1,000 grids, 60 days and 999 runs of chance."""

from __future__ import annotations

import resource
import sys
from functools import partial
from typing import Any

import numpy as np

from benchmarks.measure import say, timed
from data.alerts.scan import Rules, scan

GRIDS, DAYS = 1_000, 60
#: The product's rules, and the widest that the method knows: half the days, half the cases, any radius.
ASKED = {"product": Rules(), "widest": Rules(most_days=DAYS // 2, radius_m=1e9)}


def district(seed: int = 5) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Grids 300 m apart with four cases a day on the average, busy and quiet ones, and a week's rhythm."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(GRIDS)))
    at = np.arange(GRIDS)
    places = np.column_stack((at % side, at // side)) * 300.0 + rng.normal(0, 60, (GRIDS, 2))
    usual = rng.gamma(1.5, 4 / 1.5, GRIDS)
    week = 1 + 0.2 * np.sin(np.arange(DAYS) / 7 * 2 * np.pi)
    return places, rng.poisson(np.outer(usual, week))


def run(_profile: str = "city") -> dict[str, Any]:
    """``seconds`` with the product's rules, ``widest_s`` with the widest ones; cases and memory."""
    places, counts = district()
    found: dict[str, Any] = {"grids": GRIDS, "days": DAYS, "runs": ASKED["product"].runs,
                             "cases": int(counts.sum())}
    for name, rules in ASKED.items():
        took, clusters = timed(partial(scan, places, counts, rules))
        say(f"{name}: {took / 1e3:.1f} s, strongest p {clusters[0].p_value:.3f}")
        found["seconds" if name == "product" else f"{name}_s"] = round(took / 1e3, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found["peak_mib"] = round(peak / (1024 if sys.platform != "darwin" else 1024**2))
    return found
