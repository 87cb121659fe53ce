"""Do the counters of the parts add up to those of the whole, at every level of areas?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from data.cases.queries import breakdown, reported_range
from data.cases.rules import COUNTERS
from data.engine import Copying
from data.filters import CaseFilter

#: From the whole to the part.
_LEVELS: Final = ("street", "community", "grid")
_WHOLE: Final = "*"
_EXAMPLES: Final = 20
#: The report where there is nothing to add.
NO_SUMS: Final[dict[str, Any]] = {"compared": 0, "differences": 0, "examples": ()}


def sums(copy: Copying, now: datetime) -> dict[str, Any]:
    """Compare every counter of every area with the sum over its children.

    Each level is counted on its own, by the codes in the cases; who is whose
    child comes from table ``area``, or from the code where it is not there.

    Returns:
        ``compared`` sums, ``differences`` and ``examples`` of these.
    """
    first, last = (copy.select(reported_range())[name].to_pylist()[0] for name in ("first_at", "last_at"))
    if first is None:
        return dict(NO_SUMS)
    filter_ = CaseFilter(since=first, until=last + timedelta(microseconds=1))
    counted = copy.select(breakdown(_LEVELS, filter_, now=now, counters=COUNTERS)).to_pandas()
    parents = _parents(copy)
    by_level = {_WHOLE: counted[counted["grouped"] == (1 << len(_LEVELS)) - 1].assign(code=_WHOLE)}
    for place, level in enumerate(_LEVELS):
        bits = ((1 << len(_LEVELS)) - 1) & ~(1 << (len(_LEVELS) - 1 - place))
        by_level[level] = counted[counted["grouped"] == bits].assign(code=counted[level])
    examples: list[dict[str, Any]] = []
    compared = differences = 0
    for upper, lower in zip((_WHOLE, *_LEVELS), _LEVELS, strict=False):
        whole = by_level[upper].dropna(subset="code").set_index("code")[list(COUNTERS)]
        parts = _added(by_level[lower].dropna(subset="code"), upper, parents)
        ours = whole.to_numpy(np.int64)
        theirs = parts.reindex(whole.index, fill_value=0).to_numpy(np.int64)
        wrong = np.argwhere(ours != theirs).tolist()
        compared += ours.size
        differences += len(wrong)
        examples += [
            {"area": whole.index[row], "counter": COUNTERS[column],
             "whole": int(ours[row, column]), f"sum_of_{lower}": int(theirs[row, column])}
            for row, column in wrong[:max(_EXAMPLES - len(examples), 0)]
        ]
    return {"compared": compared, "differences": differences, "examples": examples}


def _added(parts: pd.DataFrame, upper: str, parents: dict[str, str]) -> pd.DataFrame:
    """The counters of the parts, added by the area they belong to."""
    owner = [_WHOLE if upper == _WHOLE else parents.get(code, code[:-3]) for code in parts["code"]]
    added: pd.DataFrame = parts[list(COUNTERS)].groupby(np.array(owner, dtype=object)).sum()
    return added


def _parents(copy: Copying) -> dict[str, str]:
    found = copy.execute("SELECT area_code, parent_code FROM area WHERE parent_code IS NOT NULL")
    assert found is not None  # noqa: S101 - a query
    return dict(zip(found["area_code"].to_pylist(), found["parent_code"].to_pylist(), strict=True))

