"""Do the counters of the parts add up to those of the whole, at every level of areas?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from data.access.scope import EVERYTHING
from data.cases.breakdown import WHOLE, breakdown, decoded
from data.cases.queries import reported_range
from data.cases.rules import COUNTERS
from data.engine import Copying
from data.filters import CaseFilter

#: From the whole to the part.
_LEVELS: Final = ("street", "community", "grid")
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
    known = copy.select(reported_range(scope=EVERYTHING)).to_pylist()[0]
    first, last = known["first_at"], known["last_at"]
    if first is None:
        return dict(NO_SUMS)
    filter_ = CaseFilter(since=first, until=last + timedelta(microseconds=1), scope=EVERYTHING)
    sets = [(level,) for level in _LEVELS]
    counted = copy.select(breakdown(sets, filter_, now=now, counters=COUNTERS))
    by_level = decoded(counted, sets, COUNTERS)
    parents = _parents(copy)
    examples: list[dict[str, Any]] = []
    compared = differences = 0
    for upper, lower in zip((WHOLE, *_LEVELS), _LEVELS, strict=False):
        whole = _named(by_level[upper], upper).set_index("code")[list(COUNTERS)]
        parts = _added(_named(by_level[lower], lower), upper, parents)
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


def _named(parts: pd.DataFrame, level: str) -> pd.DataFrame:
    """The areas of a level; a case without one belongs to no part."""
    return parts if level == WHOLE else parts[parts["code"] != ""]


def _added(parts: pd.DataFrame, upper: str, parents: dict[str, str]) -> pd.DataFrame:
    """The counters of the parts, added by the area they belong to."""
    owner = [WHOLE if upper == WHOLE else parents.get(code, code[:-3]) for code in parts["code"]]
    added: pd.DataFrame = parts[list(COUNTERS)].groupby(np.array(owner, dtype=object)).sum()
    return added


def _parents(copy: Copying) -> dict[str, str]:
    found = copy.execute("SELECT area_code, parent_code FROM area WHERE parent_code IS NOT NULL")
    assert found is not None  # noqa: S101 - a query
    return dict(zip(found["area_code"].to_pylist(), found["parent_code"].to_pylist(), strict=True))

