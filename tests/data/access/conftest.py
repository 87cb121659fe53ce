"""The room of the tests about scopes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from data.alerts.tables import alert, alert_event
from data.clock import store_now
from data.engine import Store
from data.readers import build_readers
from data.settings import Settings
from tests.data.access.scoped_room import Room, ids_of, scopes_of
from tests.data.access.worlds import Whole
from tests.data.alerts.samples import add_alert


@pytest.fixture(scope="module")
def alerted(demo_store: Store) -> Iterator[Store]:
    """The demo district with alerts about cases and people all over it; they are taken away again."""
    moment = datetime(2019, 5, 11, 15, 50, tzinfo=UTC)
    rows = demo_store.arrow('SELECT street_code, community_code, grid_code, case_no, lon, lat FROM "case"'
                            " ORDER BY md5(case_no) LIMIT 90").to_pylist()
    people = demo_store.arrow("SELECT street_code, community_code, grid_code, officer_id FROM officer"
                              " ORDER BY md5(officer_id) LIMIT 40").to_pylist()
    for number, row in enumerate([*rows, *people]):
        who = row.pop("officer_id", None)
        about = {"subject": who, "subject_type": "officer"} if who else {"subject": row["case_no"]}
        street, roles = row.pop("street_code"), [["operator"], ["leader", "operator"], ["dept_op"]]
        add_alert(demo_store, at=moment - timedelta(seconds=17 * number), street=street,
                  color=("red", "orange", "yellow", "blue")[number % 4], roles=roles[number % 3],
                  kind=f"kind_{number % 3}", group_key=f"{street}/{number % 2}", **about, **row)
    yield demo_store
    with demo_store.engine.begin() as connection:
        connection.execute(sa.delete(alert))
        connection.execute(sa.delete(alert_event))


@pytest.fixture(scope="module")
def room(alerted: Store) -> Room:
    demo_store = alerted
    readers = build_readers(demo_store, Settings(hot_days=4000))
    readers.snapshot.refresh()
    whole = Whole(demo_store)
    now = store_now(demo_store, readers.cases.reported_range()[1])
    return Room(store=demo_store, readers=readers, whole=whole, now=now, scopes=scopes_of(whole),
                ids=ids_of(whole))
