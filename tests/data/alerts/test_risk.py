"""The points of areas: what the formula says, of what is told and in hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import sqlalchemy as sa

from data.access.scope import EVERYTHING, Scope
from data.alerts.reader import AlertReader
from data.alerts.risk import with_risk
from data.alerts.tables import alert
from data.engine import Store
from tests.data.alerts.samples import add_alert

STREET = "210202001"
GRID, NEXT, LAST = (f"{STREET}001{number:03d}" for number in (1, 2, 3))


def test_the_points_of_a_grid_are_those_of_the_formula(store: Store, clock: datetime) -> None:
    for number, (grid, kind, color) in enumerate((
            (GRID, "smoke", "red"), (GRID, "manhole", "orange"), (GRID, "case_urgent", "blue"),
            (NEXT, "smoke", "yellow"), (GRID, "case_overdue", "red"), (GRID, "case_repeat", "red"),
            (None, "smoke", "red"))):
        add_alert(store, at=clock, subject=f"S{number}", kind=kind, color=color, grid_code=grid)
    add_alert(store, at=clock, subject="L", kind="smoke", color="red", grid_code=GRID, roles=["leader"])
    with store.engine.begin() as connection:
        connection.execute(sa.update(alert).where(alert.c.subject_id == "S3").values(
            shelved_until=clock + timedelta(hours=1)))
    operator = frozenset({"operator"})
    reader = AlertReader(store.seen_by(EVERYTHING), scope=EVERYTHING)
    assert reader.points(clock, operator).to_dict("records") == [{"grid_code": GRID, "points": 13}]
    assert reader.points(clock, operator | {"leader"})["points"].tolist() == [21]
    later = reader.points(clock + timedelta(hours=2), operator)
    assert dict(zip(later["grid_code"], later["points"], strict=True)) == {GRID: 13, NEXT: 2}
    away = Scope(frozenset({"210202002"}))
    assert AlertReader(store.seen_by(away), scope=away).points(clock, operator).empty

    counted = pd.DataFrame({"overdue": [2, 0], "repeated": [1, 3], "accepted": [9, 9]}, index=[GRID, LAST])
    found = with_risk(counted, later)
    assert found["risk"].to_dict() == {GRID: 13 + 4 + 1, NEXT: 2, LAST: 3}
    assert found["accepted"].to_dict() == {GRID: 9, NEXT: 0, LAST: 9}
