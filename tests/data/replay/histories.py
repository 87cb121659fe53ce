"""Histories of cases for tests: acts at random that the life cycle admits, and a store that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from data.cases.fold import fold_one
from data.cases.lifecycle import REPORT, TRANSITIONS
from data.engine import Store
from data.tables import case_event, cases
from tests.data.cases.samples import CATEGORIES, CHANNELS, DEPARTMENTS, GRIDS, START

#: Minutes between two acts of a case: now and then at the same moment, now and then days apart.
_PAUSES = (0, 1, 7, 45, 300, 1_440, 4_000)


def history(rng: np.random.Generator, number: str) -> list[dict[str, Any]]:
    """The log of one case, from its report to wherever chance leads."""
    grid = GRIDS[int(rng.integers(len(GRIDS)))]
    at = START + timedelta(minutes=int(rng.integers(0, 15 * 1_440)))
    event: dict[str, Any] = {
        "street_code": grid[:9], "case_no": number, "seq": 1, "at": at, "act": REPORT, "from_state": None,
        "to_state": "reported", "actor_role": "reporter", "to_level": "grid", "to_dept": None,
        "to_officer": None, "deadline_at": None, "score": None}
    log = [event]
    for seq in range(2, int(rng.integers(2, 16))):
        state = event["to_state"]
        open_ = [move for move in TRANSITIONS if state in move.sources]
        if not open_:
            break
        move = open_[int(rng.integers(len(open_)))]
        at += timedelta(minutes=_PAUSES[int(rng.integers(len(_PAUSES)))], seconds=int(rng.integers(2)))
        event = {**event, "seq": seq, "at": at, "act": move.act, "from_state": state,
                 "to_state": move.to_state or state, "actor_role": sorted(move.who)[0],
                 "to_level": _one(rng, [None, "grid", "street"]),
                 "to_dept": _one(rng, DEPARTMENTS) if move.act == "dispatch" else None,
                 "to_officer": _one(rng, [None, "O1", "O2"]),
                 "deadline_at": at + timedelta(hours=int(rng.integers(1, 90)))
                 if move.clock in {"start", "set", "resume"} else None,
                 "score": int(rng.integers(1, 6)) * 20 if move.act == "visit" else None}
        log.append(event)
    return log


def histories(count: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """Logs by number of case."""
    rng = np.random.default_rng(seed)
    return {number: history(rng, number) for number in (f"R{n:06d}" for n in range(count))}


def row_of(log: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The row of ``case`` that a log makes; its facts follow from its number."""
    events = list(log)
    first, number = events[0], int(str(events[0]["case_no"])[1:])
    return {
        **fold_one(events), "street_code": first["street_code"], "case_no": first["case_no"],
        "community_code": GRIDS[number % len(GRIDS)][:12] if number % 7 else None,
        "grid_code": GRIDS[number % len(GRIDS)], "cat_code": CATEGORIES[number % len(CATEGORIES)],
        "channel_code": sorted(CHANNELS)[number % len(CHANNELS)], "urgency": number % 3 + 1,
        "title": f"案件 {number}", "address": f"路 {number}",
        "lon": 121.5 + number % 100 / 1e4, "lat": 38.9 + number % 37 / 1e4,
    }


def put(store: Store, logs: Mapping[str, list[dict[str, Any]]], until: datetime | None = None) -> None:
    """Write histories as far as ``until`` (None: whole), in order of their numbers, rows and logs alike."""
    held = {number: [event for event in log if until is None or event["at"] <= until]
            for number, log in logs.items()}
    written = [log for log in held.values() if log]
    with store.engine.begin() as connection:
        connection.execute(sa.insert(cases), [row_of(log) for log in written])
        connection.execute(sa.insert(case_event), [event for log in written for event in log])


def _one(rng: np.random.Generator, values: list[Any]) -> Any:
    return values[int(rng.integers(len(values)))]
