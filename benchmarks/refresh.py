"""How long the snapshot takes to see 1,000 changed cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import sqlalchemy as sa

from benchmarks.city import open_city
from benchmarks.measure import plain_frame, say, spread, timed
from data.tables import cases

CHANGED = 1_000
ROUNDS = 25


def run(profile: str = "city") -> dict[str, Any]:
    """``ms`` (median of refreshes of 1,000 changed cases), ``idle_ms`` with nothing changed.

    ``told_ms``: until who listens to changes was told of them, too.

    Half of the cases are recent, half are from anywhere; the rows are touched, not altered.
    The plain way reads all cases again into a pandas frame.
    """
    rng = np.random.default_rng(5)
    with open_city(profile) as city:
        snapshot = city.readers.snapshot
        refs = np.sort(snapshot.run(sa.select(cases.c.case_ref))["case_ref"].to_numpy())
        snapshot.observe(lambda _touched: None)  # as the stream to the screens does
        times, told, idle = [], [], []
        for _ in range(ROUNDS):
            recent, old = (
                rng.choice(refs[-50_000:], CHANGED // 2, False),
                rng.choice(refs, CHANGED // 2, False),
            )
            changed = [int(ref) for ref in np.union1d(recent, old)]
            with city.store.engine.begin() as connection:
                connection.execute(
                    sa.update(cases)
                    .where(cases.c.case_ref.in_(changed))
                    .values(changed_xid=sa.text("pg_current_xact_id()::text::bigint"))
                )
            took, rows = timed(snapshot.refresh)
            assert rows == len(changed), f"{rows} rows refreshed, {len(changed)} changed"
            times.append(took)
            told.append(took + timed(snapshot.settle)[0])
            idle.append(timed(snapshot.refresh)[0])
        say(f"refresh {spread(times)} told {spread(told)} idle {spread(idle)}")
        plain = timed(
            lambda: city.store.arrow(sa.select(cases).where(cases.c.deleted_at.is_(None))).to_pandas()
        )[0]
        say(f"plain {plain:.0f} ms")
        assert len(plain_frame(city.readers)) == len(refs)
    return {
        "ms": spread(times)["median_ms"],
        "p95_ms": spread(times)["p95_ms"],
        "told_ms": spread(told)["median_ms"],
        "idle_ms": spread(idle)["median_ms"],
        "plain_ms": round(plain),
        "ratio_plain": round(plain / spread(times)["median_ms"]),
        "changed": CHANGED,
        "cases": len(refs),
    }
