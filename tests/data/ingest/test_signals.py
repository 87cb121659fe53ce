"""Signals to a running import: whole batches only, and the next run finishes the work."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data import embedded_cluster
from data.cases.check import check
from data.engine import Store, open_store
from data.ingest.command import import_file
from data.ingest.mapping import parse_mapping
from data.settings import Settings
from tests.data.ingest.samples import NOW, area_table, assert_adds_up, rows_of

ROOT = Path(__file__).parents[3]
ROWS = 160_000
#: A column that nobody reads: it makes the file as long as a hundred batches of 2 MB.
REMARK = "no remark. " * 100
DEADLINE_S = 120.0
MAPPING = """
kind = "cases"
source_system = "signals"
[columns]
source_id = "id"
status = "status"
category = "category"
reported = "reported"
closed = "closed"
lon = "lon"
lat = "lat"
address = "address"
[states]
open = "accepted"
done = "closed"
"""


@pytest.fixture(scope="module")
def files() -> Iterator[Path]:
    """A folder with the mapping and the rows."""
    made = Path(tempfile.mkdtemp(prefix="grid-signal-"))
    (made / "signals.toml").write_text(MAPPING, encoding="utf-8")
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    with (made / "cases.csv").open("w", encoding="utf-8") as handle:
        handle.write("id,status,category,reported,closed,lon,lat,address,remark\n")
        for number in range(ROWS):
            at = begin + timedelta(seconds=30 * number)
            closed = (at + timedelta(hours=2)).isoformat() if number % 2 else ""
            lon = 0 if number % 1000 == 7 else 104.1001 + number % 199 / 10_000
            handle.write(f"{number},{'done' if number % 2 else 'open'},kind {number % 20},{at.isoformat()},"
                         f"{closed},{lon},{30.6601 + number % 197 / 10_000},road {number},{REMARK}\n")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder of its own; not pytest's, another run of pytest closes that to the server's user."""
    made = Path(tempfile.mkdtemp(prefix="grid-signal-"))
    yield made
    if embedded_cluster.is_alive(made / "pg18"):
        embedded_cluster.stop(made / "pg18")
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def placed(folder: Path) -> Iterator[Store]:
    store = open_store(Settings(data_dir=folder))
    store.append("area", area_table())
    yield store
    store.close()


def start(files: Path, store: Store, folder: Path) -> subprocess.Popen[str]:
    """The command on the store of ``folder``, as a person runs it."""
    return subprocess.Popen(
        [sys.executable, "app.py", "import", "cases", str(files / "cases.csv"),
         "--mapping", str(files / "signals.toml")],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"GRID_DATA_DIR": str(folder), "PATH": "/usr/bin:/bin"})


def counted(store: Store) -> int:
    return int(rows_of(store, 'select count(*) as n from "case"')[0]["n"])


def wait_for_rows(store: Store, process: subprocess.Popen[str]) -> None:
    """Until the first batch is committed; the import must still be at work then."""
    until = time.monotonic() + DEADLINE_S
    while not counted(store):
        assert process.poll() is None, f"the import ended with {process.returncode}"
        assert time.monotonic() < until, "no batch was committed"


def assert_whole(store: Store) -> int:
    """Every case with its whole log, and nothing in disorder; returns the number of cases."""
    events = rows_of(store, 'select (select sum(event_seq) from "case") as told, '
                            "(select count(*) from case_event) as held")[0]
    assert events["told"] == events["held"]
    assert check(store)["ok"]
    return counted(store)


def finish(store: Store, files: Path, before: int) -> None:
    """Import the file again: all rows are in, and those of before were known."""
    mapping = parse_mapping(tomllib.loads(MAPPING), name="signals")
    result: dict[str, Any] = import_file(store, "cases", files / "cases.csv", mapping=mapping, now=NOW)
    assert_adds_up(result)
    bad = ROWS // 1000
    assert (result["read"], result["unchanged"], result["inserted"], result["rejected_by_reason"]) == (
        ROWS, before, ROWS - bad - before, {"outside_district": bad})
    assert counted(store) == ROWS - bad


def test_ctrl_c_ends_after_the_batch_and_says_so(files: Path, folder: Path, placed: Store) -> None:
    process = start(files, placed, folder)
    wait_for_rows(placed, process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 130
    line = json.loads(output.strip().splitlines()[-1])
    assert_adds_up(line)
    assert line["interrupted"] is True
    assert line["inserted"] == assert_whole(placed)
    assert 0 < line["inserted"] < ROWS - ROWS // 1000
    finish(placed, files, line["inserted"])


def test_a_terminated_import_leaves_whole_batches_and_no_server(
    files: Path, folder: Path, placed: Store
) -> None:
    process = start(files, placed, folder)
    wait_for_rows(placed, process)
    placed.close()
    process.terminate()
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 128 + signal.SIGTERM
    assert not embedded_cluster.is_alive(folder / "pg18")
    reopened = open_store(Settings(data_dir=folder))
    before = assert_whole(reopened)
    assert 0 < before < ROWS - ROWS // 1000
    finish(reopened, files, before)
    reopened.close()


def test_a_killed_import_leaves_whole_batches_and_can_be_run_again(
    files: Path, folder: Path, placed: Store
) -> None:
    process = start(files, placed, folder)
    wait_for_rows(placed, process)
    process.kill()
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == -signal.SIGKILL
    reopened = open_store(Settings(data_dir=folder))
    settle(reopened)
    before = assert_whole(reopened)
    assert 0 < before < ROWS - ROWS // 1000
    finish(reopened, files, before)
    reopened.close()


def settle(store: Store) -> None:
    """Until the server has noticed that the killed program's sessions are gone."""
    until = time.monotonic() + DEADLINE_S
    busy = ("select count(*) as n from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid() and state <> 'idle'")
    while rows_of(store, busy)[0]["n"]:
        assert time.monotonic() < until, "a session of the killed import goes on"
