"""Where cases cluster in space and time: the space-time permutation scan statistic.

Source: M. Kulldorff, R. Heffernan, J. Hartman, R. Assunção, F. Mostashari, "A space-time permutation
scan statistic for disease outbreak detection", PLoS Medicine 2 (2005) e59. It needs cases alone, no
population: what is usual for a place and what is usual for a day is taken out.

A cylinder is a circle of places and the last 1, 2, … days. With c_Z cases of its circle in the whole
time, c_D of its days everywhere and C in all, mu = c_Z * c_D / C are expected in it. One with
c > mu cases has the log likelihood ratio

    c ln(c / mu) + (C - c) ln((C - c) / (C - mu)).

The strongest cylinder is the most likely cluster. How often chance alone makes one as strong is found by
dealing the days anew to the cases (`Rules.runs` times): p = (1 + as strong or stronger) / (1 + runs). The
recurrence interval 1 / p is after how many days of one look each such a cluster is due by chance once.
Further clusters share no place with stronger ones; their p compares them with the strongest of each run,
which makes it too high rather than too low.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from data.alerts.chance import strongest_by_chance
from data.alerts.study import SAME, Cluster, Rules, ScanStopped, study_of
from data.alerts.zones import Floats

__all__ = ["Cluster", "Rules", "ScanStopped", "scan"]


def scan(places_m: Floats, counts: npt.NDArray[Any], rules: Rules | None = None, *,
         progress: Callable[[float], None] = lambda _share: None,
         stopped: Callable[[], bool] = lambda: False) -> tuple[Cluster, ...]:
    """The clusters that end on the last day, the strongest first; none where no circle stands out at all.

    Deterministic: the same counts, rules and seed give the same answer. A cluster may well be chance:
    its p says how easily.

    Args:
        places_m: (n, 2) where each place stands, metres in a plane.
        counts: (n, days) cases by place and day of 24 hours, the newest day last.
        rules: what may be a cluster.
        progress: told the share that is done, 0..1, now and then.
        stopped: asked now and then whether to give up.

    Raises:
        ScanError: see `study_of`.
        ScanStopped: ``stopped`` said so.
    """
    study = study_of(places_m, counts, rules or Rules())
    windows = study.windows(study.cases[:, 1])
    found: list[Cluster] = []
    zones, taken = study.zones, np.zeros(len(study.totals), dtype=bool)
    while len(found) < study.rules.most_clusters:
        if stopped():
            raise ScanStopped("the scan was told to stop")
        best = study.strongest(windows, zones)
        if best is None:
            break
        found.append(best)
        taken[list(best.members)] = True
        zones = zones.free_of(taken)
    if not found:
        progress(1.0)
        return ()
    by_chance = strongest_by_chance(study, progress=progress, stopped=stopped)
    return tuple(
        replace(one, p_value=(1 + int((by_chance >= one.ratio - SAME).sum())) / (1 + len(by_chance)))
        for one in found)
