"""SOS (呼救): an officer's device cries for help; the alert stands before the device gets its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from data.alerts.engine import evaluate
from data.alerts.rules.model import Found, Rule
from data.devices.devices import Device
from data.devices.rows import Row
from data.engine import Store
from data.tables import officer

KIND: Final = "officer_sos"
#: What a device says of a position to cry for help; other words of the kind are not heeded.
ALARM: Final = "sos"
#: Replaced by each rule of the kind.
_ANY: Final = Rule(rule_id="", kind=KIND, color="", roles=())


def cries(sent: Sequence[Any], refused: Iterable[int]) -> tuple[bool, list[int]]:
    """Whether a refused position cried for help, and which of the taken ones did, by place among them.

    Args:
        sent: what a device sent, objects that may have ``alarm``.
        refused: places in it, from 1, of what was not taken.
    """
    lost = set(refused)
    crying = [isinstance(one, Mapping) and str(one.get("alarm") or "").strip().lower() == ALARM
              for one in sent]
    taken = [cry for place, cry in enumerate(crying, 1) if place not in lost]
    return any(cry for place, cry in enumerate(crying, 1) if place in lost), [
        place for place, cry in enumerate(taken) if cry]


def cry(store: Store, device: Device, rows: Sequence[Row], *, now: datetime) -> None:
    """Tell that the officer of a device cries for help.

    A second cry while the alert stands counts on; what was sent again is no second one.

    Args:
        rows: positions from which they did; none: from nobody knows where.
        now: the store's now, aware.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the store failed, nobody was told.
    """
    last = max(rows, key=lambda row: row.at, default=None)
    with store.engine.connect() as connection:
        who = connection.execute(sa.select(officer.c.community_code, officer.c.grid_code).where(
            officer.c.street_code == device.street_code, officer.c.officer_id == device.sends_for)).first()
    evaluate(store, now=now, kinds={KIND}, waits=True, told={KIND: [Found(
        rule=_ANY, subject_type="officer", subject_id=device.sends_for, street_code=device.street_code,
        community_code=who.community_code if who else None, grid_code=who.grid_code if who else None,
        lon=last.lon if last else None, lat=last.lat if last else None,
        since=min(last.at, now) if last else now)]})
