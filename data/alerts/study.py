"""The cylinders of a scan and how strongly each stands out; formulas as in `data.alerts.scan`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from data.alerts.zones import Floats, Ints, Zones, circles

#: Ratios nearer to each other than this are the same but for rounding.
SAME: Final = 1e-7
MAX_PLACES: Final = 6_000
MAX_CASES: Final = 5_000_000


class ScanError(ValueError):
    """Rules or counts that cannot be scanned; the message names field, value got and expected."""


class ScanStopped(RuntimeError):  # noqa: N818 - what happened, not what is wrong
    """The scan was told to stop; there is no result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What may be a cluster and how it is tried.

    Attributes:
        most_days: days of the longest cylinder, fewer than there are.
        most_share: share of all cases that a circle may hold, 0 < share <= 0.5.
        radius_m: metres of the widest circle.
        least_cases: a cylinder with fewer is none.
        runs: how often the days are dealt anew; p is no smaller than 1 / (runs + 1).
        seed: the same seed and counts give the same p.
        most_clusters: how many are told at most.
    """

    most_days: int = 14
    most_share: float = 0.5
    radius_m: float = 2_000.0
    least_cases: int = 3
    runs: int = 999
    seed: int = 1
    most_clusters: int = 10

    def __post_init__(self) -> None:
        for name, low, high in (("most_days", 1, 366), ("least_cases", 2, 1_000_000), ("runs", 1, 99_999),
                                ("seed", 0, 2**63), ("most_clusters", 1, 100)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ScanError(f"{name} must be a whole number {low}..{high}, got {value!r}")
        if not 0 < self.most_share <= 0.5:
            raise ScanError(f"most_share must be more than 0 and at most 0.5, got {self.most_share!r}")
        if not 0 <= self.radius_m < float("inf"):
            raise ScanError(f"radius_m must be metres from 0, got {self.radius_m!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One cylinder that stands out.

    Attributes:
        centre: index of the place in its middle.
        members: indices of its places, nearest to the middle first.
        radius_m: metres from the middle to the furthest of them; 0 for one place alone.
        days: it holds the last so many days.
        observed: cases in it.
        expected: cases due in it by chance.
        ratio: log likelihood ratio.
        p_value: share of runs of pure chance with a cylinder as strong.
        recurrence_days: after how many days such a cluster is due by chance once, one look a day.
    """

    centre: int
    members: tuple[int, ...]
    radius_m: float
    days: int
    observed: int
    expected: float
    ratio: float
    p_value: float = 1.0

    @property
    def recurrence_days(self) -> float:
        """1 / p, see the class."""
        return 1.0 / self.p_value


@dataclass(frozen=True, slots=True)
class Study:
    """The counts of a scan and what never changes when days are dealt anew.

    Attributes:
        cases: (C, 2) of each case its place and how many days ago it was, 0 for the last day.
        totals: (n,) cases of each place in the whole time.
        by_days: (most_days,) cases everywhere in the last 1, 2, … days.
        zones: the circles.
        rules: what may be a cluster.
    """

    cases: Ints
    totals: Ints
    by_days: Ints
    zones: Zones
    rules: Rules
    _terms: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        counts = np.arange(len(self.cases) + 1, dtype=float)
        object.__setattr__(self, "_terms", xlogy(counts, counts) + xlogy(counts[::-1], counts[::-1]))

    def windows(self, ago: Ints) -> Ints:
        """(n, most_days) cases of each place in the last 1, 2, … days, the cases being ``ago`` days old."""
        places, days = len(self.totals), self.rules.most_days
        late = ago < days
        flat = np.bincount(self.cases[late, 0] * days + ago[late], minlength=places * days)
        return np.cumsum(flat.reshape(places, days), axis=1)

    def expected(self, of_circle: Ints) -> Floats:
        """(m, most_days) cases due in the cylinders over circles with so many cases (m,)."""
        return of_circle[:, None] * (self.by_days / max(len(self.cases), 1))

    def ratio(self, held: Ints, expected: Floats) -> Floats:
        """The log likelihood ratio of cylinders; 0 where they hold no more than is due, or too few."""
        total = len(self.cases)
        high = (held > expected) & (held >= self.rules.least_cases)
        safe = np.where(high, expected, 0.5)
        found = self._terms[held] - held * np.log(safe) - (total - held) * np.log(total - safe)
        return np.where(high, found, 0.0)

    def strongest(self, windows: Ints, zones: Zones) -> Cluster | None:
        """The cylinder with the highest ratio among some circles; None where none holds more than is due."""
        best: Cluster | None = None
        if not len(self.cases):
            return None
        held, of_circle = np.zeros_like(windows), np.zeros_like(self.totals)
        for k in range(int(zones.depth.max(initial=0))):
            last = zones.order[:, k]
            held, of_circle = held + windows[last], of_circle + self.totals[last]
            ratio = self.ratio(held, self.expected(of_circle))
            ratio[zones.depth <= k] = 0.0
            i, days = np.unravel_index(int(ratio.argmax()), ratio.shape)
            if ratio[i, days] > (best.ratio + SAME if best else 0.0):
                best = Cluster(
                    centre=int(i), members=tuple(zones.order[i, :k + 1].tolist()), days=int(days) + 1,
                    radius_m=float(zones.radius_m[i, k]), observed=int(held[i, days]),
                    expected=float(self.expected(of_circle[i:i + 1])[0, days]), ratio=float(ratio[i, days]))
        return best


def study_of(places_m: Floats, counts: npt.NDArray[Any], rules: Rules) -> Study:
    """Lay out counts for a scan.

    Args:
        places_m: (n, 2) where each place stands, metres in a plane.
        counts: (n, days) cases by place and day of 24 hours, the newest day last.
        rules: what may be a cluster.

    Raises:
        ScanError: shapes that do not fit, counts that are no counts, too many places or cases, or as
            many days in a cylinder as there are.
    """
    places_m, counts = np.asarray(places_m, dtype=float), np.asarray(counts)
    if counts.ndim != 2 or places_m.shape != (len(counts), 2):
        raise ScanError("places_m must be (n, 2) and counts (n, days),"
                        f" got {places_m.shape} and {counts.shape}")
    if not np.isfinite(places_m).all():
        raise ScanError("places_m must be finite metres, got some that are not")
    if not np.issubdtype(counts.dtype, np.integer) or (counts < 0).any():
        raise ScanError("counts must be whole numbers from 0,"
                        f" got {counts.dtype} from {counts.min(initial=0)}")
    if len(counts) > MAX_PLACES or int(counts.sum()) > MAX_CASES:
        raise ScanError(f"a scan must have at most {MAX_PLACES} places and {MAX_CASES} cases,"
                        f" got {len(counts)} and {int(counts.sum())}")
    days = counts.shape[1]
    if rules.most_days >= days:
        raise ScanError(f"most_days must be less than the {days} days of the counts, got {rules.most_days}")
    flat = counts.astype(np.int64)
    totals = flat.sum(axis=1)
    place, day = np.divmod(np.repeat(np.arange(flat.size), flat.ravel()), days)
    return Study(
        cases=np.column_stack((place, days - 1 - day)), totals=totals,
        by_days=np.cumsum(flat.sum(axis=0)[::-1])[:rules.most_days],
        zones=circles(places_m, totals, most_cases=rules.most_share * totals.sum(), radius_m=rules.radius_m),
        rules=rules)
