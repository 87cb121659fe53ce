"""Photos belong to cases: who may see them, how they are kept, how many there may be."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from data.access.audit import Audit
from data.access.scope import EVERYTHING, NOTHING, Scope
from data.access.viewer import Viewer
from data.attachments import photos as module
from data.attachments.files import Files
from data.attachments.photos import Photos, Sent, between_m, listed, seen, taken
from data.attachments.tables import attachment
from data.engine import Store
from data.readers import Readers, build_readers
from data.settings import Settings
from data.tables import cases
from data.uploads import limits
from data.uploads.refused import UploadError
from tests.data.uploads.pictures import CHENGDU, photo

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
STREET, OTHER = "510108002", "510108004"


def viewer(*roles: str, scope: Scope = EVERYTHING, token_id: int | None = None) -> Viewer:
    return Viewer(account_id=7, name="wang", roles=frozenset(roles), scope=scope, token_id=token_id)


OPERATOR = viewer("operator")


@pytest.fixture
def album(store: Store, tmp_path: Path) -> Photos:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(cases), [
            {"case_no": "A1", "street_code": STREET, "state": "handling", "main_dept_id": "D1"},
            {"case_no": "B1", "street_code": OTHER, "state": "handling", "main_dept_id": "D2"}])
    return Photos(store, tmp_path / "attachments")


@pytest.fixture
def readers(store: Store) -> Readers:
    return build_readers(store, Settings())


def send(album: Photos, content: bytes, case_no: str = "A1", street: str = STREET) -> str:
    sent = Sent(case_no=case_no, street_code=street, content=content, name="p.jpg", address="10.0.0.9")
    return album.add(sent, viewer=OPERATOR, zone=ZONE, now=NOW)


def test_a_photo_is_kept_and_on_record(album: Photos, readers: Readers, store: Store, tmp_path: Path) -> None:
    content_hash = send(album, photo(gps=CHENGDU))
    found = listed(readers.seen_by(OPERATOR), "A1")
    assert [(one.content_hash, one.width, one.lon, one.lat, one.added_at) for one in found] == [
        (content_hash, 320, 104.1, 30.67, NOW)]
    assert found[0].taken_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    path = album.file(content_hash)
    assert path == tmp_path / "attachments" / content_hash[:2] / content_hash[2:4] / f"{content_hash}.jpg"
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in list(path.parents)[:3]} == {0o700}
    entry = Audit(store).listing()[0]
    assert (entry.action, entry.object_id, entry.account_name, entry.address, entry.detail["content"]) == (
        "photo_added", "A1", "wang", "10.0.0.9", content_hash)


def test_the_same_photo_again_is_the_same(album: Photos, readers: Readers) -> None:
    assert send(album, photo()) == send(album, photo()) == send(album, photo(), "B1", OTHER)
    assert [len(listed(readers.seen_by(OPERATOR), case)) for case in ("A1", "B1")] == [1, 1]


@pytest.mark.parametrize(("who", "expected"), [
    (OPERATOR, True),
    (viewer("operator", scope=Scope(frozenset({STREET}))), True),
    (viewer("operator", scope=Scope(frozenset({OTHER}))), False),
    (viewer("operator", scope=Scope(frozenset({"*"}), frozenset({"D1"}))), True),
    (viewer("operator", scope=Scope(frozenset({"*"}), frozenset({"D2"}))), False),
    (viewer("operator", scope=NOTHING), False),
    (viewer("dept_op"), False),
    (viewer("planner"), False),
    (viewer(token_id=3), False),
], ids=["all", "street", "other street", "department", "other department", "nothing", "dept", "planner",
        "screen"])
def test_a_photo_is_seen_where_its_case_and_people_are(album: Photos, readers: Readers, who: Viewer,
                                                       expected: bool) -> None:
    content_hash = send(album, photo())
    theirs = readers.seen_by(who)
    assert (bool(listed(theirs, "A1")), seen(theirs, content_hash)) == (expected, expected)


def test_the_database_itself_keeps_photos_of_other_scopes(album: Photos, readers: Readers) -> None:
    send(album, photo())
    plain = sa.select(attachment.c.case_no)
    inside, outside = (readers.seen_by(viewer("operator", scope=Scope(frozenset({code}))))
                       for code in (STREET, OTHER))
    assert inside.store.arrow(plain).to_pylist() == [{"case_no": "A1"}]
    assert outside.store.arrow(plain).num_rows == 0


def test_a_photo_of_a_deleted_case_is_gone(album: Photos, readers: Readers, store: Store) -> None:
    content_hash = send(album, photo())
    with store.engine.begin() as connection:
        connection.execute(sa.update(cases).values(deleted_at=NOW))
    assert not seen(readers.seen_by(OPERATOR), content_hash)


def test_a_case_is_no_album(album: Photos, readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PHOTOS_OF_A_CASE", 3)
    refused: list[str] = []

    def one(width: int) -> None:
        try:
            send(album, photo(width=width))
        except UploadError as refusal:
            refused.append(refusal.code)

    threads = [threading.Thread(target=one, args=(100 + place,)) for place in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(listed(readers.seen_by(OPERATOR), "A1")), refused) == (3, ["photos", "photos"])


def test_what_is_no_photo_leaves_nothing_behind(album: Photos, store: Store, tmp_path: Path) -> None:
    with pytest.raises(UploadError, match=r"p\.jpg must be a JPEG, PNG or WebP picture"):
        send(album, b"<svg/>")
    assert not (tmp_path / "attachments").exists()
    assert Audit(store).count() == 0


@pytest.mark.parametrize("name", ["", "a" * 63, "../" * 21 + "a", "A" * 64, "g" * 64, "a" * 64 + "\n"])
def test_names_that_are_no_hashes_lead_nowhere(name: str, tmp_path: Path) -> None:
    assert Files(tmp_path).find(name) is None


def test_a_spoilt_file_is_written_again(tmp_path: Path) -> None:
    files = Files(tmp_path)
    path = files.find(files.put(b"abc"))
    assert path
    path.write_bytes(b"")
    assert files.find(files.put(b"abc")) == path
    assert path.read_bytes() == b"abc"


@pytest.mark.parametrize(("told", "expected"), [
    (None, None),
    ("2026-11-20T09:30:00", datetime(2026, 11, 20, 1, 30, tzinfo=UTC)),
    ("2026-11-20T09:30:00+00:00", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
    ("2036-11-20T09:30:00", None),
    ("1980-01-01T00:00:00", None),
])
def test_when_a_camera_says_a_photo_was_taken(told: str | None, expected: datetime | None) -> None:
    assert taken(told, zone=ZONE, now=NOW) == expected


def test_how_far_the_camera_was() -> None:
    assert between_m(104.1, 30.67, 104.1, 30.67) == 0
    assert between_m(104.1, 30.67, 104.1, 30.68) == pytest.approx(1111.95, abs=0.1)
    assert between_m(179.9, 0, -179.9, 0) == pytest.approx(22239, abs=1)
    assert between_m(None, 30.67, 104.1, 30.68) is None
    assert module.EARTH_M == 6_371_008.8
