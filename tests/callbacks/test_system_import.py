"""/system/import over HTTP: a file comes in by the browser, its rows are accounted for, on record."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from callbacks.system_import import plain_name
from data.engine import Store
from data.readers import build_readers
from data.settings import Settings
from data.uploads import limits
from tests.data.uploads.bombs import nested
from tests.data.uploads.memory import Peak
from tests.signed_in import access_of, client_of, now, signed_in

AREAS = ("area_code,name,level,lon,lat\n510108,成华区,district,104.1,30.66\n"
         "510108002,猛追湾,street,104.1,30.66\n51,=1+1,street,104.1,30.66\n")


@pytest.fixture
def served(store: Store, tmp_path: Path) -> Iterator[Any]:
    settings = Settings(data_dir=tmp_path / "data")
    readers = build_readers(store, settings)
    readers.snapshot.refresh()
    access = access_of(store)
    yield SimpleNamespace(wall=create_app(settings, readers=readers, access=access), access=access,
                          uploads=tmp_path / "data" / "uploads")
    readers.snapshot.stop()


def who(served: Any, *roles: str) -> FlaskClient:
    cookie = signed_in(served.access, roles=roles)
    return client_of(served.wall, cookie, served.access.sessions.find(cookie, now=now()).csrf)


def send(client: FlaskClient, content: bytes, name: str = "区划.csv", **fields: Any) -> Any:
    return client.post("/system/import?lang=en", content_type="multipart/form-data",
                       data={"kind": "areas", "file": (io.BytesIO(content), name), **fields})


def wait(client: FlaskClient) -> str:
    """The page once nothing runs any more."""
    while "http-equiv=\"refresh\"" in (text := client.get("/system/import?lang=en").get_data(as_text=True)):
        continue
    return text


def test_a_file_goes_in_and_every_row_is_told(served: Any) -> None:
    client = who(served, "system_admin")
    assert send(client, AREAS.encode()).status_code == 303
    page = wait(client)
    assert "区划.csv" in page
    account = client.get("/system/import/1?lang=en").get_data(as_text=True)
    assert all(word in account for word in ("Account of 区划.csv", "read = inserted + updated"))
    file = client.get("/system/import/1/rejects.csv?lang=en")
    assert file.headers["Content-Disposition"] == 'attachment; filename="import-1.csv"'
    lines = file.get_data(as_text=True).splitlines()
    assert lines[0].removeprefix("\ufeff").startswith('"Row","Field"')
    assert len(lines) > 1
    assert not [line for line in lines for cell in line.split(",") if cell.startswith(('"=', '"+', '"@'))]
    actions = [(row.action, row.detail.get("state")) for row in served.access.audit.listing()
               if row.object_kind == "import"]
    assert actions == [("exported", None), ("import_ended", "done"), ("import", None)]
    assert list(served.uploads.iterdir()) == []


def test_a_bomb_is_told_and_the_server_goes_on(served: Any, tmp_path: Path) -> None:
    client, bomb = who(served, "system_admin"), nested(tmp_path).read_bytes()
    with Peak() as peak:
        send(client, bomb, "../../bomb.zip", kind="fixes")
        page = wait(client)
    assert "not be an archive within the archive" in page
    assert str(tmp_path) not in page
    assert peak.grown_mib < 64
    assert client.get("/healthz").status_code == 200
    assert list(served.uploads.iterdir()) == []


def test_large_files_do_not_pass_through_memory(served: Any, tmp_path: Path) -> None:
    client = who(served, "system_admin")
    large = tmp_path / "large.csv"
    with large.open("wb") as out:
        out.write(AREAS.encode())
        out.seek(60_000_000)
        out.write(b"\n")
    with large.open("rb") as body, Peak() as peak:
        answer = client.post("/system/import", content_type="multipart/form-data",
                             data={"kind": "areas", "file": (body, "large.csv")})
        assert answer.status_code == 303
    wait(client)
    assert peak.grown_mib < 200  # the test client holds the body once; the server holds none of it


@pytest.mark.parametrize(("fields", "says"), [
    ({"kind": "people"}, "Choose the content."),
    ({"file": (io.BytesIO(b""), "")}, "Choose a file."),
    ({"mapping": "chicago"}, "This mapping is not for this content."),
    ({"mapping": "../../etc/passwd"}, "This mapping is not for this content."),
    ({"crs": "EPSG:1"}, "This mapping is not for this content."),
    ({"mapping_file": (io.BytesIO(b"x"), "a.txt")}, "An own mapping must end in .toml"),
    ({"mapping_file": (io.BytesIO(b"[" * 200_000), "a.toml")}, "An own mapping must end in .toml"),
    ({"mapping_file": (io.BytesIO(b"not toml"), "a.toml")}, "This mapping is not for this content."),
], ids=["kind", "file", "other kind", "path", "crs", "no toml", "large toml", "bad toml"])
def test_a_wrong_form_is_told(served: Any, fields: dict[str, Any], says: str) -> None:
    answer = send(who(served, "system_admin"), AREAS.encode(), **fields)
    assert answer.status_code == 400
    assert says in answer.get_data(as_text=True)
    assert list(served.uploads.iterdir()) == []


def test_own_mappings_are_taken(served: Any) -> None:
    client = who(served, "system_admin")
    own = '\n'.join(['kind = "areas"', "[columns]", 'area_code = "c"', 'name = "n"', 'level = "l"'])
    send(client, b"c,n,l\n510108,a,district\n", mapping_file=(io.BytesIO(own.encode()), "own.toml"))
    assert "Last import" in wait(client)
    assert "inserted" in json.dumps(served.access.audit.listing()[0].detail)


@pytest.mark.parametrize("role", ["operator", "leader", "security_admin", "audit_admin", "auditor"])
def test_only_the_system_administrator_imports(served: Any, role: str) -> None:
    client = who(served, role)
    assert send(client, AREAS.encode()).status_code == 403
    assert client.get("/system/import").status_code == 403
    assert client.get("/system/import/1/rejects.csv").status_code == 403
    assert not served.uploads.exists()


def test_a_body_over_the_limit_is_not_read(served: Any) -> None:
    answer = who(served, "system_admin").post(
        "/system/import", content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(limits.FILE_BYTES + limits.FORM_BYTES + 1)})
    assert answer.status_code == 413


def test_runs_that_are_not_there(served: Any) -> None:
    client = who(served, "system_admin")
    assert [client.get(path).status_code for path in
            ("/system/import/9", "/system/import/9/rejects.csv", "/system/import/x")] == [404, 404, 404]


def test_a_second_file_waits(served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go, client = tmp_path / "go", who(served, "system_admin")
    waits = f"while not pathlib.Path({str(go)!r}).exists(): pass\nprint('{{\"run_id\": 1}}')"
    slow = (sys.executable, "-c", f"import pathlib\n{waits}")
    importer = served.wall.server.view_functions["system_import_start"].__self__._importer
    monkeypatch.setattr(importer, "_command", slow)
    assert send(client, AREAS.encode()).status_code == 303
    try:
        answer = send(client, AREAS.encode())
        assert answer.status_code == 409
        assert "wait until it is done" in answer.get_data(as_text=True)
    finally:
        go.touch()
    wait(client)


@pytest.mark.parametrize(("given", "kept"), [
    ("a.csv", "a.csv"), ("../../a.csv", "a.csv"), ("C:\\x\\a.csv", "a.csv"), ("..", "file"), ("", "file"),
    ("a\x00b\n.csv", "ab.csv"), ("-rf.csv", "rf.csv"), ("\u202ea.csv", "a.csv"), (".htaccess", "htaccess"),
    ("案件　表.csv.gz", "案件　表.csv.gz"), ("字" * 200 + ".csv", "字" * 65 + ".csv"),
])
def test_names_become_plain(given: str, kept: str) -> None:
    assert plain_name(given) == kept
    assert len(plain_name(given).encode()) <= 255
