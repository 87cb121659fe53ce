"""Cases for tests: one by its facts, many at random, and filters over them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from hypothesis import strategies as st

from data.access.scope import EVERYTHING, Scope
from data.cases.lifecycle import STATES
from data.engine import Store
from data.exchange.categories import categories
from data.filters import URGENCIES, CaseFilter
from data.tables import cases, category, channel

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 30
NOW = START + timedelta(days=20)
WHOLE = CaseFilter(since=START, until=START + timedelta(days=DAYS), scope=EVERYTHING)
STREETS = [f"21020200{n}" for n in range(1, 4)]
COMMUNITIES = [f"{street}00{n}" for street in STREETS for n in range(1, 4)]
GRIDS = [f"{community}00{n}" for community in COMMUNITIES for n in range(1, 4)]
CATEGORIES = ["E0101", "E0102", "E0201", "C0101", "S0701"]
CHANNELS = {"officer_pda": "patrol", "hotline_12345": "hotline", "wechat_mp": "internet", "iot": "device"}
DEPARTMENTS = ["police", "health", "water"]
_NUMBERS = itertools.count(1)
_LATER_H = {
    "accepted": 1,
    "filed": 2,
    "dispatched": 5,
    "first_feedback": 60,
    "handled": 90,
    "verified": 100,
    "closed": 110,
    "visited": 200,
    "ended": 120,
}


def add_channels(store: Store) -> None:
    """Channels, and the categories but for one, which no theme and no mechanism knows."""
    known = {found.cat_code: found for found in categories()}
    with store.engine.begin() as connection:
        connection.execute(sa.insert(category), [known[code]._asdict() for code in CATEGORIES[:-2]])
        connection.execute(sa.insert(category), [
            {**known[CATEGORIES[-1]]._asdict(), "mechanism": None}])
        connection.execute(
            sa.insert(channel),
            [{"channel_code": code, "name": code, "group_code": group} for code, group in CHANNELS.items()],
        )


def add_case(store: Store, **about: Any) -> str:
    """One case; a test states only what it is about. Returns its number."""
    number = about.pop("case_no", f"T{next(_NUMBERS):08d}")
    row = {
        "street_code": STREETS[0],
        "community_code": COMMUNITIES[0],
        "grid_code": GRIDS[0],
        "state": "reported",
        "cat_code": CATEGORIES[0],
        "channel_code": "iot",
        "reported_at": START,
        **about,
    }
    with store.engine.begin() as connection:
        connection.execute(sa.insert(cases).values(case_no=number, **row))
    return number


def change_case(store: Store, case_no: str, **columns: Any) -> None:
    with store.engine.begin() as connection:
        connection.execute(
            sa.update(cases)
            .where(cases.c.case_no == case_no)
            .values(changed_xid=sa.text("pg_current_xact_id()::text::bigint"), **columns)
        )


def add_random_cases(store: Store, count: int, seed: int = 3) -> None:
    """Cases whose every column varies, also in ways that the life cycle would refuse."""
    rng = np.random.default_rng(seed)

    def some(values: list[Any], missing: float = 0.05) -> list[Any]:
        return [
            None if gone else values[at]
            for at, gone in zip(rng.integers(0, len(values), count), rng.random(count) < missing, strict=True)
        ]

    # whole minutes, so that "exactly at" happens
    reported = [START + timedelta(minutes=int(minute)) for minute in rng.integers(0, DAYS * 1440, count)]

    def later(hours: float, missing: float = 0.2) -> pa.Array:
        return pa.array(
            [
                None if gone else at + timedelta(minutes=int(minute))
                for at, minute, gone in zip(
                    reported,
                    rng.integers(0, max(int(hours * 60), 2), count),
                    rng.random(count) < missing,
                    strict=True,
                )
            ],
            pa.timestamp("us", "UTC"),
        )

    grids = [GRIDS[at] for at in rng.integers(0, len(GRIDS), count)]
    placed = rng.random(count) > 0.03
    flags = (
        "is_supervised",
        "is_joint",
        "is_whistle",
        "is_self_done",
        "is_forced_close",
        "is_repeat",
        "is_typical",
    )
    store.append(
        "case",
        pa.table(
            {
                "case_no": [f"R{seed}{number:07d}" for number in range(count)],
                "street_code": [grid[:9] for grid in grids],
                "community_code": [
                    grid[:12] if keep else None for grid, keep in zip(grids, placed, strict=True)
                ],
                "grid_code": [grid if keep else None for grid, keep in zip(grids, placed, strict=True)],
                "lon": pa.array(
                    [
                        121.6 + x * 0.1 if keep else None
                        for x, keep in zip(rng.random(count), placed, strict=True)
                    ],
                    pa.float64(),
                ),
                "lat": pa.array(
                    [
                        38.9 + y * 0.1 if keep else None
                        for y, keep in zip(rng.random(count), placed, strict=True)
                    ],
                    pa.float64(),
                ),
                "cat_code": some(CATEGORIES),
                "channel_code": some([*CHANNELS, "unknown"]),
                "state": some([*STATES], 0.0),
                "urgency": pa.array(rng.integers(1, 4, count), pa.int16()),
                "nature": some(["help", "complaint"]),
                "main_dept_id": some(DEPARTMENTS, 0.2),
                "first_dept_id": some(DEPARTMENTS, 0.2),
                "level_closed": some(["grid", "street"], 0.3),
                "reported_at": pa.array(reported, pa.timestamp("us", "UTC")),
                **{f"{moment}_at": later(hours) for moment, hours in _LATER_H.items()},
                "deadline_at": later(90, 0.1),
                "clock_stopped_at": later(60, 0.9),
                "stopped_s": pa.array(rng.integers(0, 7200, count), pa.int64()),
                **{
                    name: pa.array(rng.integers(0, 3, count), pa.int32())
                    for name in ("rework_count", "return_count", "postpone_count", "urge_count")
                },
                **{name: pa.array(rng.random(count) < 0.2) for name in flags},
                "satisfaction": pa.array(some([100, 80, 50, 0, -100], 0.4), pa.int16()),
            }
        ),
    )


_MOMENTS = st.integers(min_value=0, max_value=DAYS * 1440).map(
    lambda minute: START + timedelta(minutes=minute)
)
NOWS = _MOMENTS


def _some(codes: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(codes), max_size=3)


#: Scopes of every level and of departments, over the random cases.
SCOPES = st.builds(
    Scope,
    areas=st.one_of(st.just(frozenset({"*"})), _some(["210202", "510108", *STREETS, *COMMUNITIES, *GRIDS])),
    departments=st.one_of(st.just(frozenset()), _some(DEPARTMENTS)),
)


WHOLE_STORE = st.just(EVERYTHING)


@st.composite
def filters(draw: st.DrawFn, scopes: st.SearchStrategy[Scope] = WHOLE_STORE) -> CaseFilter:
    """Any filter over the random cases, every field drawn; by default in the scope of everything."""
    since, until = sorted(draw(st.tuples(_MOMENTS, _MOMENTS)))
    prefixes = sorted({code[:length] for code in CATEGORIES for length in (1, 3, 5)})
    return CaseFilter(
        since=since,
        until=max(until, since + timedelta(minutes=1)),
        areas=draw(_some(["210202", "510108", *STREETS, *COMMUNITIES, *GRIDS])),
        categories=draw(_some(prefixes)),
        domains=draw(_some(["city", "dispute", "safety", "nowhere"])),
        mechanisms=draw(_some(["enforcement", "command", "mediation"])),
        channels=draw(_some([*CHANNELS])),
        departments=draw(_some(DEPARTMENTS)),
        states=draw(_some([*STATES])),
        urgencies=draw(_some([*URGENCIES])),
        scope=draw(scopes),
    )
