"""Risk of areas (风险指数): what presses there now, as points.

risk = 8 red + 4 orange + 2 yellow + 1 blue, alerts in hand, + 2 overdue + 1 repeated, cases of the filter.

Alerts about limits that have gone by and about repetition say what the cases say; they count there alone.
The weights double from colour to colour; they are ours, no source gives any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

COLOR_POINTS: Final[Mapping[str, int]] = {"red": 8, "orange": 4, "yellow": 2, "blue": 1}
OVERDUE_POINTS: Final = 2
REPEATED_POINTS: Final = 1
#: Kinds of alerts that count as their cases.
AS_CASES: Final = ("case_overdue", "case_repeat")
#: Counter of cases that is needed beside those of the wall.
REPEATED: Final = "repeated"
KEY: Final = "risk"


def with_risk(counted: pd.DataFrame, alerted: pd.DataFrame) -> pd.DataFrame:
    """Counters with a column ``risk``; areas that have alerts and no case are there as well.

    Args:
        counted: by code, with ``overdue`` and ``repeated``.
        alerted: ``grid_code, points`` of `data.alerts.reader.AlertReader.points`.
    """
    points = alerted.set_index("grid_code")["points"]
    found = counted.reindex(counted.index.union(points.index), fill_value=0)
    cases = OVERDUE_POINTS * found["overdue"] + REPEATED_POINTS * found[REPEATED]
    return found.assign(**{KEY: cases + points.reindex(found.index, fill_value=0).astype("int64")})
