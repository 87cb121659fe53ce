"""Photos over HTTP: who may send one, who may see it, and how it is answered."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app import create_app, desk_of
from callbacks.cards import side
from callbacks.viewer import as_viewer
from data.access.scope import EVERYTHING, Scope
from data.attachments.tables import attachment
from data.engine import Store
from data.filters import CaseFilter
from data.readers import build_readers
from data.settings import Settings
from data.uploads import limits
from tests.data.uploads.bombs import nested
from tests.data.uploads.memory import Peak
from tests.data.uploads.pictures import huge_png, parts, photo
from tests.signed_in import a_viewer, access_of, client_of, now, signed_in

Served = tuple[Any, Any, Any]


@pytest.fixture(scope="module")
def served(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An application that keeps photos in a folder of its own, its access bundle and its desk."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    readers = build_readers(demo_store, settings)
    readers.snapshot.refresh()
    access = access_of(demo_store)
    yield create_app(settings, readers=readers, access=access), access, desk_of(readers, settings, now)
    with demo_store.engine.begin() as connection:
        connection.execute(sa.delete(attachment))
    readers.snapshot.stop()


@pytest.fixture(scope="module")
def case(demo_store: Store) -> dict[str, Any]:
    """A case with a place."""
    found = demo_store.arrow('SELECT case_no, street_code, lon, lat FROM "case" WHERE lon IS NOT NULL'
                             " AND left(coalesce(cat_code, ''), 3) = 'C01' ORDER BY case_no LIMIT 1")
    return dict(found.to_pylist()[0])


def who(served: Served, *roles: str, scope: Scope = EVERYTHING) -> FlaskClient:
    wall, access, _ = served
    cookie = signed_in(access, roles=roles, scope=scope)
    session = access.sessions.find(cookie, now=now())
    return client_of(wall, cookie, session.csrf)


def near(case: dict[str, Any], metres_north: float) -> dict[int, Any]:
    return {1: "N", 2: parts(case["lat"] + metres_north / 111_195), 3: "E", 4: parts(case["lon"])}


def send(client: FlaskClient, case_no: str, content: bytes, name: str = "现场.jpg") -> Any:
    return client.post(f"/api/cases/{quote(case_no)}/photos?lang=en", data=content,
                       content_type="application/octet-stream", headers={"X-File-Name": quote(name)})


def test_a_photo_goes_to_a_case_and_comes_back_bare(served: Served, case: dict[str, Any]) -> None:
    client = who(served, "operator")
    sent = send(client, case["case_no"], photo(gps=near(case, 200)))
    assert sent.status_code == 201
    answer = client.get(f"/photos/{sent.get_json()['photo']}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert b"SECRET" not in answer.data
    headers = answer.headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert (headers["X-Content-Type-Options"], headers["Content-Disposition"]) == ("nosniff", "inline")
    assert headers["Cache-Control"] == "no-store"
    again = client.get(f"/photos/{sent.get_json()['photo']}", headers={"If-None-Match": headers["ETag"]})
    assert again.status_code == 304


def test_the_card_shows_the_photo_and_how_far_it_was_taken(served: Served,
                                                           case: dict[str, Any]) -> None:
    client = who(served, "operator")
    content_hash = send(client, case["case_no"], photo(width=333, gps=near(case, 500))).get_json()["photo"]
    card = card_of(served, case, "operator")
    assert f"/photos/{content_hash}" in card
    assert "500 m from the case&#x27;s place" in card or "500 m from the case's place" in card
    assert "add-photo" in card
    assert "add-photo" not in card_of(served, case, "leader")
    assert content_hash in card_of(served, case, "leader")
    dept = card_of(served, case, "dept_op")
    assert "add-photo" in dept
    assert content_hash not in dept
    assert "photo" not in card_of(served, case, "planner").lower()


def card_of(served: Served, case: dict[str, Any], *roles: str) -> str:
    _, _, desk = served
    with as_viewer(a_viewer(roles)):
        found = side({"kind": "case", "code": case["case_no"]},
                     CaseFilter(since=desk.now(), until=desk.now() + timedelta(days=1)), "en", desk=desk)
    return str(found)


@pytest.mark.parametrize(("roles", "sends", "sees"), [
    (("operator",), 201, 200), (("street_op",), 201, 200), (("dept_op",), 201, 403), (("leader",), 403, 200),
    (("planner",), 403, 403), (("system_admin",), 403, 403), (("auditor",), 403, 403),
])
def test_who_may_send_and_who_may_see(served: Served, case: dict[str, Any], roles: tuple[str, ...],
                                      sends: int, sees: int) -> None:
    content_hash = send(who(served, "operator"), case["case_no"], photo()).get_json()["photo"]
    client = who(served, *roles)
    assert send(client, case["case_no"], photo()).status_code == sends
    assert client.get(f"/photos/{content_hash}").status_code == sees


def test_a_case_outside_the_scope_does_not_exist(served: Served, case: dict[str, Any]) -> None:
    content_hash = send(who(served, "operator"), case["case_no"], photo()).get_json()["photo"]
    away = "510104999" if case["street_code"] != "510104999" else "510104998"
    stranger = who(served, "operator", scope=Scope(frozenset({away})))
    own = who(served, "operator", scope=Scope(frozenset({case["street_code"]})))
    assert [client.get(f"/photos/{content_hash}").status_code for client in (stranger, own)] == [404, 200]
    assert send(stranger, case["case_no"], photo()).status_code == 404


def test_nobody_and_a_page_without_its_token_are_refused(served: Served,
                                                         case: dict[str, Any]) -> None:
    wall, access, _ = served
    assert send(wall.server.test_client(), case["case_no"], photo()).status_code == 401
    assert wall.server.test_client().get(f"/photos/{'a' * 64}").status_code == 401
    client = client_of(wall, signed_in(access, roles=("operator",)), "not-the-token")
    assert send(client, case["case_no"], photo()).status_code == 403


@pytest.mark.parametrize(("content", "status", "says"), [
    (b"<svg onload=alert(1)></svg>", 422, "Only JPEG, PNG or WebP photos are accepted."),
    (huge_png(), 422, "The photo has too many pixels."),
    (photo()[:999], 422, "The photo is damaged and cannot be read."),
    (b"", 422, "Only JPEG, PNG or WebP photos are accepted."),
], ids=["svg", "huge", "cut", "empty"])
def test_what_is_no_photo_is_refused_in_words(served: Served, case: dict[str, Any], content: bytes,
                                              status: int, says: str) -> None:
    with Peak() as peak:
        answer = send(who(served, "operator"), case["case_no"], content, "\r\n<b>.jpg")
    assert (answer.status_code, answer.get_json()["text"]) == (status, says)
    assert peak.grown_mib < 64


def test_a_body_over_the_limit_is_not_read(served: Served, case: dict[str, Any]) -> None:
    answer = send(who(served, "operator"), case["case_no"], bytes(limits.PHOTO_BYTES + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["a" * 64, "..%2f..%2fetc%2fpasswd", "x", "A" * 64])
def test_a_photo_that_nobody_has(served: Served, name: str) -> None:
    assert who(served, "operator").get(f"/photos/{name}").status_code == 404


def test_bombs_in_a_row_leave_the_server_alive(served: Served, case: dict[str, Any],
                                               tmp_path: Path) -> None:
    client, statuses = who(served, "operator"), []
    bomb = nested(tmp_path).read_bytes()
    threads = [threading.Thread(target=lambda: statuses.append(
        send(who(served, "operator"), case["case_no"], huge_png() + bomb).status_code)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [422] * 6
    health = client.get("/healthz")
    assert health.status_code == 200
    assert not re.search(rb"error\W+\S*bomb", health.data)
