"""An import in a process of its own: one at a time, its end is told, nothing stays behind."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.engine import Store
from data.ingest.background import BusyError, Ended, Importer, Order
from data.ingest.runs import OPEN_VALUES, Runs
from tests.data.uploads.bombs import nested

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ROWS = ("id,reported,lon,lat,category,title,reporter_phone\n"
        "1,2026-11-01 08:00,104.1,30.66,=HYPERLINK(1),a,13800000000\n"
        "2,not a time,104.1,30.66,b,a,13800000000\n")


def order_of(importer: Importer, name: str, content: str | bytes, kind: str = "cases", **about: Any) -> Order:
    room = importer.room()
    path = room / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Order(kind=kind, folder=room, path=path, started_at=NOW, **about)


def done(importer: Importer, order: Order) -> Ended:
    told: list[Ended] = []
    importer.start(order, then=told.append)
    importer.join(120)
    assert importer.current is None
    assert not order.folder.exists()
    assert told == [importer.last]
    return told[0]


def script(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def test_a_file_goes_in_and_its_rows_are_accounted_for(store: Store, tmp_path: Path) -> None:
    importer = Importer(tmp_path / "uploads", store.url)
    areas = ("area_code,name,level,lon,lat\n510108,成华区,district,104.1,30.66\n"
             "510108002,猛追湾,street,104.1,30.66\n")
    ended = done(importer, order_of(importer, "区划.csv", areas, "areas"))
    assert (ended.state, ended.summary["inserted"], ended.message) == ("done", 2, "")
    run = Runs(store).latest()[0]
    assert (run.run_id, run.file_name, run.summary["read"]) == (ended.summary["run_id"], "区划.csv", 2)
    assert run.finished_at is not None
    assert (tmp_path / "uploads").stat().st_mode & 0o777 == 0o700


def test_a_bomb_fails_with_its_reason_and_without_a_path(store: Store, tmp_path: Path) -> None:
    importer = Importer(tmp_path / "uploads", store.url)
    ended = done(importer, order_of(importer, "bomb.zip", nested(tmp_path).read_bytes()))
    assert ended.state == "failed"
    assert "not be an archive within the archive" in ended.message
    assert str(tmp_path) not in ended.message
    assert Runs(store).latest() == []


def test_one_import_at_a_time(tmp_path: Path) -> None:
    go = tmp_path / "go"
    waiting = script(f"import pathlib\nwhile not pathlib.Path({str(go)!r}).exists(): pass\nprint('{{}}')")
    importer, ended = Importer(tmp_path / "uploads", "postgresql://x/y", command=waiting), threading.Event()
    importer.start(order_of(importer, "a.csv", "a"), then=lambda _ended: ended.set())
    try:
        with pytest.raises(BusyError, match=r"a\.csv is being imported"):
            importer.start(order_of(importer, "b.csv", "b"))
    finally:
        go.touch()
    assert ended.wait(60)


def test_an_import_can_be_stopped(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    patient = script("import pathlib, signal, sys, threading\nstop = threading.Event()\n"
                     "signal.signal(signal.SIGINT, lambda *_: stop.set())\n"
                     f"pathlib.Path({str(ready)!r}).touch()\n"
                     "stop.wait(60)\nprint('{\"run_id\": 4, \"interrupted\": true}')\nsys.exit(130)")
    importer = Importer(tmp_path / "uploads", "postgresql://x/y", command=patient)
    importer.stop()
    importer.start(order_of(importer, "a.csv", "a"))
    while not ready.exists():
        pass
    importer.stop()
    importer.join(60)
    assert importer.last is not None
    assert (importer.last.state, importer.last.summary["run_id"]) == ("interrupted", 4)


def test_secrets_stay_here_and_an_end_without_a_word_is_told(tmp_path: Path,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRID_SECRET_KEY", "x")
    asking = script("import os, sys\nsys.stderr.write('import: ' + str(sorted(k for k in os.environ"
                    " if k in ('GRID_SECRET_KEY', 'DATABASE_URL'))))\nsys.exit(1)")
    importer = Importer(tmp_path / "uploads", "postgresql://x/y", command=asking)
    assert done(importer, order_of(importer, "a.csv", "a")).message == "['DATABASE_URL']"
    crashing = Importer(tmp_path / "uploads", "postgresql://x/y", command=script("import os; os.abort()"))
    assert done(crashing, order_of(crashing, "a.csv", "a")).message == (
        "the import ended with status -6; the log says why")


def test_values_that_may_tell_of_persons_are_not_asked_for(placed_store: Store, load: Any,
                                                           tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(ROWS, encoding="utf-8")
    run_id = load(path)["run_id"]
    runs = Runs(placed_store)
    found = list(runs.findings(run_id))
    assert found
    assert len(found) == runs.count(run_id)
    assert [row for row in found if row[4] is not None and row[1] not in OPEN_VALUES] == []
    assert any(row[1] == "reported" and row[4] == "not a time" for row in found)
    assert "13800000000" not in str(found)
    assert runs.one(run_id + 1) is None
