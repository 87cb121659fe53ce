"""Alerts put into a store as the engine puts them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from data.alerts.tables import alert, alert_event
from data.engine import Store


def add_alert(store: Store, *, at: datetime, street: str = "210202001", subject: str = "C1",
              **given: Any) -> int:
    """An open alert with the first event of its log; its number."""
    row = {"street_code": street, "rule_id": "case_overdue", "kind": "case_overdue", "color": "orange",
           "state": "open", "subject_type": "case", "subject_id": subject, "first_at": at, "last_at": at,
           "group_key": f"case_overdue/{street}", "roles": ["operator"], **given}
    with store.engine.begin() as connection:
        made = sa.insert(alert).values(row).returning(alert.c.alert_id)
        number = int(connection.execute(made).scalar_one())
        connection.execute(sa.insert(alert_event).values(
            street_code=street, alert_id=number, seq=1, at=at, act="fire", to_state="open",
            actor_role="system"))
    return number
