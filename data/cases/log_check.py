"""What is wrong with a log: every event against the table of transitions and its predecessor."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.cases.fold import READ, Log
from data.cases.lifecycle import ACTS, REPORT, STATES, TRANSITIONS

#: Columns of ``case_event`` that are looked at.
LOOKED_AT: Final = (*READ, "from_state")
#: Fault -> what it means.
FAULTS: Final = {
    "illegal_move": "the table of transitions does not allow the act in that state, or it leads elsewhere",
    "from_state": "from_state is not the to_state of the event before",
    "seq": "seq does not count 1, 2, 3, …",
    "backwards": "the event is earlier than the one before",
}
_EXAMPLES: Final = 10


@lru_cache(maxsize=1)
def _legal() -> npt.NDArray[np.bool_]:
    """(act, state before, state after) -> allowed; the last place of each axis is 'none'."""
    legal = np.zeros((len(ACTS) + 1, len(STATES) + 1, len(STATES) + 1), dtype=bool)
    legal[ACTS.index(REPORT), -1, STATES.index("reported")] = True
    for move in TRANSITIONS:
        for source in move.sources:
            legal[ACTS.index(move.act), STATES.index(source), STATES.index(move.to_state or source)] = True
    return legal


def faults(events: pa.Table) -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
    """The faults of some logs.

    Args:
        events: rows of ``case_event`` with `LOOKED_AT`, sorted by case and ``seq``.

    Yields:
        For each fault of `FAULTS`: its name, in how many events it is, and some
        of these as dicts; also those that are in none.
    """
    log = Log(events.select(list(READ)).combine_chunks())
    rows = events.num_rows
    seq = events["seq"].to_numpy()
    at = events["at"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    is_first = np.zeros(rows, dtype=bool)
    is_first[log.first] = True
    came = pc.fill_null(pc.index_in(events["from_state"], value_set=pa.array(STATES)), -1).to_numpy()
    before = log.previous(log.state) if rows else log.state
    wrong = {
        "illegal_move": ~_legal()[log.act, before, log.state],
        "from_state": came != before,
        "seq": seq != np.where(is_first, 1, np.roll(seq, 1) + 1),
        "backwards": ~is_first & (at < np.roll(at, 1)),
    }
    for name, flags in wrong.items():
        found = np.flatnonzero(flags)
        shown = ["case_no", "seq", "act", "from_state", "to_state", "at"]
        examples = events.select(shown).take(pa.array(found[:_EXAMPLES])).to_pylist()
        yield name, int(found.size), examples
