"""The stream and its twin over HTTP: who is told what, how many, and until when."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from app import create_app
from callbacks import live
from callbacks.cookies import Jar
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE
from data.cases.commands import report
from data.engine import Store
from data.live.positions import read_last
from data.readers import build_readers
from data.settings import Settings
from data.tables import cases, officer
from layers.columns import decode
from tests.data.cases.samples import STREETS
from tests.signed_in import access_of, client_of, now, signed_in

AT = datetime(2026, 3, 6, 8, tzinfo=UTC)
STREET = Scope(frozenset({STREETS[0]}))


@dataclass
class Office:
    """An application over a store of its own, with one stream's room left for a second."""

    store: Store
    readers: Any
    wall: Any
    access: Any

    def client(self, scope: Scope = EVERYTHING, roles: tuple[str, ...] = ("operator",)) -> Any:
        made = client_of(self.wall, signed_in(self.access, roles=roles, scope=scope))
        made.cookie = made.get_cookie(Jar(secure=False).session).value
        return made

    def report(self, street: str = STREETS[0]) -> int:
        number = report(self.store, {"street_code": street}, at=AT)
        self.readers.snapshot.refresh()
        self.readers.snapshot.settle()
        found = self.store.arrow(sa.select(cases.c.case_ref).where(cases.c.case_no == number))
        return int(found["case_ref"][0].as_py())

    def hub(self) -> Any:
        return self.readers.snapshot._teller._heard[0].__self__


@pytest.fixture
def office(store: Store) -> Iterator[Office]:
    readers, access = build_readers(store, Settings()), access_of(store)
    readers.snapshot.refresh()
    wall = create_app(Settings(streams=2), readers=readers, access=access, clock=now)
    return Office(store, readers, wall, access)


class Stream:
    """An open stream and what it said."""

    def __init__(self, client: Any, address: str = "/api/live", **headers: str) -> None:
        self.response = client.get(address, headers=headers)
        assert self.response.status_code == 200, self.response.get_data()
        self._said = iter(self.response.response)

    def next(self) -> tuple[str, dict[str, Any]]:
        raw = next(self._said)
        said = raw.decode() if isinstance(raw, bytes) else raw
        lines = said.strip().split("\n")
        assert [line.partition(": ")[0] for line in lines] == ["id", "data"]
        return lines[0].partition(": ")[2], json.loads(lines[1].partition(": ")[2])

    def close(self) -> None:
        self.response.close()


def test_the_first_word_says_how_things_stand(office: Office) -> None:
    stream = Stream(office.client())
    cursor, told = stream.next()
    stream.close()
    assert stream.response.mimetype == "text/event-stream"
    assert stream.response.headers["X-Accel-Buffering"] == "no"
    assert "no-store" in stream.response.headers["Cache-Control"]
    assert told["cursor"] == cursor
    assert (told["kinds"], told["reset"], told["failed_since"], told["frozen"]) == ([], False, None, False)
    assert {"now", "time_zone", "presets", "version", "refreshed_at", "age_s"} <= set(told)


def test_a_change_is_told_to_the_stream_and_to_who_asks(office: Office) -> None:
    client = office.client()
    stream = Stream(client)
    cursor, first = stream.next()
    handle = office.report()
    _, told = stream.next()
    stream.close()
    asked = client.get("/api/delta", query_string={"cursor": cursor}).get_json()
    for found in (told, asked):
        assert (found["kinds"], found["cases"]) == (["cases"], [handle])
        assert found["version"] != first["version"]
    assert told["version"] == asked["version"]


def test_a_cut_stream_goes_on_where_it_was_cut_without_gap_or_double(office: Office) -> None:
    client, wanted, heard = office.client(), [], []
    stream = Stream(client)
    cursor, _ = stream.next()
    for turn in range(6):
        wanted.append(office.report())
        if turn % 2:  # cut before it was read: the next stream tells it
            stream.close()
            wanted.append(office.report())
            header = {"Last-Event-ID": cursor} if turn == 1 else {}
            stream = Stream(client, "/api/live" if header else f"/api/live?cursor={cursor}", **header)
        cursor, told = stream.next()
        heard += told["cases"]
    stream.close()
    assert heard == wanted


def test_a_restarted_worker_asks_for_everything_anew(office: Office) -> None:
    cursor = office.client().get("/api/delta").get_json()["cursor"]
    readers = build_readers(office.store, Settings())
    readers.snapshot.refresh()
    wall = create_app(Settings(), readers=readers, access=office.access)
    again = Office(office.store, readers, wall, office.access).client()
    assert again.get("/api/delta", query_string={"cursor": cursor}).get_json()["reset"] is True


def test_nothing_outside_the_scope_is_told_not_even_that_it_happened(office: Office) -> None:
    client = office.client(STREET)
    first = client.get("/api/delta").get_json()
    office.report(STREETS[1])
    quiet = client.get("/api/delta", query_string={"cursor": first["cursor"]}).get_json()
    assert (quiet["kinds"], quiet["cases"], quiet["version"]) == ([], [], first["version"])
    assert client.get("/api/status").get_json()["version"] == first["version"]
    stream = Stream(client)
    stream.next()
    office.report(STREETS[1])
    own = office.report()
    assert stream.next()[1]["cases"] == [own]
    stream.close()


def test_there_is_room_for_so_many_and_a_place_that_is_left_is_free(office: Office) -> None:
    client = office.client()
    streams = [Stream(client), Stream(client)]
    full = client.get("/api/live")
    assert full.status_code == 503
    assert full.get_json()["error"].startswith("every stream is taken")
    assert client.get("/api/delta").status_code == client.get("/healthz").status_code == 200
    streams[0].close()
    streams[0] = Stream(client)
    for _ in range(3):  # what is refused holds no place
        assert client.get("/api/live?cursor=nonsense").status_code in {400, 503}
    streams[1].close()
    assert client.get("/api/live?cursor=nonsense").status_code == 400
    Stream(client).close()
    streams[0].close()


@pytest.mark.parametrize(("query", "message"), [
    ("cursor=x", "cursor must be as of an earlier answer, got 'x'"),
    ("box=1,2,3", "box"),
    ("step=-1", "step must be a number of metres from 0 to 100000, got '-1'"),
    ("step=1e9", "step must be a number of metres from 0 to 100000, got '1e9'"),
    ("since=0", "arguments must be of box, cursor, seat, step, whole; got 'since'"),
])
@pytest.mark.parametrize("address", ["/api/live", "/api/delta"])
def test_what_cannot_be_understood_is_refused(office: Office, address: str, query: str, message: str) -> None:
    answer = office.client().get(f"{address}?{query}")
    assert answer.status_code == 400
    assert message in answer.get_json()["error"]


def test_a_stream_ends_with_the_session(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.0)
    monkeypatch.setattr(live, "PATIENCE_S", 0.01)
    client = office.client()
    stream = Stream(client)
    stream.next()
    assert stream.next()[1]["kinds"] == []  # a sign of life
    office.access.sessions.end(client.cookie)
    with pytest.raises(StopIteration):
        stream.next()
    stream.close()
    assert client.get("/api/live").status_code == 401


def test_a_stream_ends_when_the_rights_change_or_the_screen_is_revoked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.0)
    monkeypatch.setattr(live, "PATIENCE_S", 0.01)
    number, token = office.access.tokens.issue("wall", EVERYTHING, ["/"], issued_by=CONSOLE, expires_at=None,
                                               now=now())
    screen = office.wall.server.test_client()
    screen.set_cookie(Jar(secure=False).screen, token)
    stream = Stream(screen)
    stream.next()
    stream.next()
    office.access.tokens.revoke(number, by=CONSOLE, now=now())
    with pytest.raises(StopIteration):
        stream.next()
    stream.close()
    assert screen.get("/api/live").status_code == 401


def test_a_stream_ends_with_the_server(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PATIENCE_S", 0.01)
    stream = Stream(office.client())
    stream.next()
    office.hub().close()
    with pytest.raises(StopIteration):
        stream.next()
    stream.close()


def test_a_failure_of_the_store_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PATIENCE_S", 0.01)
    stream = Stream(office.client())
    stream.next()
    office.readers.snapshot.failed_since = AT
    assert stream.next()[1]["failed_since"] == AT.isoformat()
    stream.close()


def test_positions_carry_ids_only_for_who_may_see_people(office: Office) -> None:
    with office.store.engine.begin() as connection:
        connection.execute(sa.insert(officer), [
            {"street_code": street, "officer_id": f"G-{street}", "role": "grid_officer"}
            for street in STREETS[:2]])
    at = now()
    office.store.append("gps_fix", pa.table({
        "street_code": STREETS[:2], "officer_id": [f"G-{street}" for street in STREETS[:2]], "at": [at, at],
        "lon": [121.5, 121.6], "lat": [38.9, 38.9]}))
    assert office.hub().move(read_last(office.store, at, None)) == 2
    _, token = office.access.tokens.issue("wall", EVERYTHING, ["/"], issued_by=CONSOLE, expires_at=None,
                                          now=now())
    screen = office.wall.server.test_client()
    screen.set_cookie(Jar(secure=False).screen, token)

    def positions(client: Any, query: str = "") -> tuple[Any, Any]:
        told = client.get(f"/api/delta{query}").get_json()["positions"]
        columns, rows, meta = decode(base64.b64decode(told))
        assert rows == len(columns["lon"])
        return columns, meta

    columns, meta = positions(office.client())
    assert meta["ids"] == [f"G-{street}" for street in STREETS[:2]]
    assert meta["whole"] is True
    assert columns["lon"].tolist() == [1215000000, 1216000000]
    assert abs(meta["origin_s"] + columns["at_ms"][0] / 1000 - at.timestamp()) < 0.002
    columns, meta = positions(screen)
    assert meta["ids"] is None
    assert STREETS[0] not in json.dumps(meta)
    assert len(set(columns["mark"].tolist())) == 2
    assert positions(office.client(STREET))[1]["ids"] == [f"G-{STREETS[0]}"]
    assert positions(office.client(), "?box=121.55,38,122,39")[1]["ids"] == [f"G-{STREETS[1]}"]
    cursor = office.client().get("/api/delta").get_json()["cursor"]
    assert office.client().get("/api/delta", query_string={"cursor": cursor}).get_json()["positions"] is None
    assert positions(office.client(), f"?cursor={cursor}&step=25&whole=1")[1]["whole"] is True
