"""Kill -9 at any moment: no acknowledged row is lost and the next start is clean."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pyarrow as pa
import pytest
import sqlalchemy as sa

from data import embedded, embedded_cluster
from data.cases.check import check
from data.engine import Store, open_store
from data.settings import Settings
from data.tables import cases

ROOT = Path(__file__).parents[2]
#: Reports and accepts cases for ever; says each number once both are committed.
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data.cases.commands import perform, report
from data.engine import open_store
from data.settings import Settings
store = open_store(Settings(data_dir=Path(sys.argv[1])))
at = datetime(2026, 3, 6, 8, tzinfo=UTC)
while True:
    number = report(store, {"street_code": "510108001"}, at=at)
    perform(store, number, "accept", at=at, actor_role="operator")
    print(number, flush=True)
"""
#: Stops in the middle of a bulk load.
LOADER = """
import sys
from pathlib import Path
import pyarrow as pa
from data.engine import open_store
from data.settings import Settings
store = open_store(Settings(data_dir=Path(sys.argv[1])))
with store.copying() as copy:
    copy.append("case", pa.table({"street_code": ["1"] * 1000, "case_no": [str(n) for n in range(1000)],
                                  "state": ["reported"] * 1000}))
    print("half", flush=True)
    sys.stdin.read()
"""
OPENER = """
import sys
from pathlib import Path
from data.engine import open_store
from data.settings import Settings
print("begin", flush=True)
store = open_store(Settings(data_dir=Path(sys.argv[1])))
print(store.arrow("SELECT count(*) AS n FROM area")["n"][0], flush=True)
sys.stdin.read()
store.close()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder whose server is stopped in the end, whatever became of it.

    Not pytest's own: another run of pytest closes that to the server's user.
    """
    made = Path(tempfile.mkdtemp(prefix="grid-crash-"))
    yield made
    if embedded_cluster.is_alive(made / "pg18"):
        embedded_cluster.stop(made / "pg18")
    shutil.rmtree(made, ignore_errors=True)


def child(code: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


def rest(process: subprocess.Popen[str]) -> list[str]:
    """What else it said before it died; a line that was cut short was not said."""
    process.wait(timeout=60)
    assert process.stdout is not None
    return [line.strip() for line in process.stdout if line.endswith("\n")]


def reopened(folder: Path) -> Store:
    return open_store(Settings(data_dir=folder))


def postmaster(folder: Path) -> int:
    return int(embedded_cluster.pid_file(folder / "pg18")["pid"])


def assert_holds(store: Store, numbers: list[str]) -> None:
    accepted = store.arrow(sa.select(cases.c.case_no).where(cases.c.state == "accepted"))
    assert set(numbers) <= set(accepted["case_no"].to_pylist())
    found = check(store)
    assert found["fold"]["differences"] == found["logs"]["illegal"] == 0, found


def test_killing_the_program_loses_nothing_acknowledged(folder: Path) -> None:
    writer = child(WRITER, folder)
    numbers = lines(writer, 25)
    server = postmaster(folder)
    writer.kill()
    numbers += rest(writer)
    store = reopened(folder)
    assert postmaster(folder) == server  # it was attached to, not started anew
    assert_holds(store, numbers)
    store.close()


def test_killing_the_server_loses_nothing_acknowledged(folder: Path) -> None:
    writer = child(WRITER, folder)
    numbers = lines(writer, 25)
    os.kill(postmaster(folder), signal.SIGKILL)
    numbers += rest(writer)
    store = reopened(folder)
    assert_holds(store, numbers)
    store.close()
    assert not embedded_cluster.pid_file(folder / "pg18")


def test_a_server_that_a_killed_program_left_running_is_stopped_unless_somebody_uses_it(folder: Path) -> None:
    assert embedded.stop_unused(folder)  # there is none yet
    opener = child(OPENER, folder)
    assert lines(opener, 2) == ["begin", "0"]
    loader = child(LOADER, folder)
    assert lines(loader, 1) == ["half"]
    opener.kill()
    opener.wait(timeout=60)
    store = reopened(folder)
    loader.kill()
    loader.wait(timeout=60)
    assert not embedded.stop_unused(folder)
    assert store.arrow("SELECT 1 AS one").num_rows == 1
    store.close()
    assert not embedded_cluster.is_alive(folder / "pg18")
    writer = child(WRITER, folder)
    numbers = lines(writer, 2)
    writer.kill()
    numbers += rest(writer)
    assert embedded_cluster.is_alive(folder / "pg18")
    assert embedded.stop_unused(folder)
    assert not embedded_cluster.pid_file(folder / "pg18")
    store = reopened(folder)
    assert_holds(store, numbers)
    store.close()


def test_a_bulk_load_that_was_killed_left_nothing(folder: Path) -> None:
    loader = child(LOADER, folder)
    assert lines(loader, 1) == ["half"]
    loader.kill()
    loader.wait(timeout=60)
    store = reopened(folder)
    assert store.arrow("SELECT count(*) AS n FROM \"case\"").to_pylist() == [{"n": 0}]
    store.close()


def test_a_bulk_load_that_was_committed_survives_though_its_rows_were_not_logged(folder: Path) -> None:
    store = reopened(folder)
    with store.copying() as copy:
        copy.execute('TRUNCATE "case"')
        copy.append("case", pa.table({"street_code": ["1"] * 5000, "case_no": [str(n) for n in range(5000)],
                                      "state": ["reported"] * 5000}))
    os.kill(postmaster(folder), signal.SIGKILL)
    store.close()
    store = reopened(folder)
    assert store.arrow("SELECT count(*) AS n FROM \"case\"").to_pylist() == [{"n": 5000}]
    store.close()


def test_a_first_start_that_was_killed_is_begun_again(folder: Path) -> None:
    opener = child(OPENER, folder)
    assert lines(opener, 1) == ["begin"]
    while not list(folder.glob("pg18*/PG_VERSION")) and opener.poll() is None:
        os.sched_yield()
    opener.kill()
    opener.wait(timeout=60)
    store = reopened(folder)
    assert check(store)["ok"]
    store.close()


def test_several_may_open_an_empty_folder_at_once_and_the_last_stops_the_server(folder: Path) -> None:
    openers = [child(OPENER, folder) for _ in range(3)]
    assert [lines(opener, 2) for opener in openers] == [["begin", "0"]] * 3
    server = psutil.Process(postmaster(folder))
    for opener in openers:
        assert embedded_cluster.is_alive(folder / "pg18")
        opener.communicate(timeout=60)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_two_copies_stand_side_by_side(folder: Path) -> None:
    one, other = reopened(folder / "one"), reopened(folder / "other")
    with one.engine.begin() as connection:
        connection.execute(sa.insert(cases).values(street_code="1", case_no="1", state="reported"))
    assert [store.arrow(sa.select(cases.c.case_no)).num_rows for store in (one, other)] == [1, 0]
    other.close()
    assert one.arrow("SELECT 1 AS one").num_rows == 1
    one.close()


def test_a_pid_file_with_the_number_of_another_program_is_no_server(folder: Path) -> None:
    reopened(folder).close()
    (folder / "pg18" / "postmaster.pid").write_text(
        f"{os.getpid()}\n{folder / 'pg18'}\n1\n5432\n\n\n0 0\nready\n")
    store = reopened(folder)
    assert postmaster(folder) != os.getpid()
    store.close()


def test_a_long_path_gets_a_short_private_socket_folder(folder: Path) -> None:
    deep = folder / ("d" * 100)
    store = reopened(deep)
    assert store.arrow("SELECT 1 AS one").num_rows == 1
    socket_dir = embedded._socket_dir((deep / "pg18").resolve())
    assert socket_dir.stat().st_mode & 0o777 == 0o700
    store.close()
    socket_dir.rmdir()


def test_the_path_may_hold_anything_that_people_type(folder: Path) -> None:
    odd = folder / "a b'c+网%41&d"
    store = reopened(odd)
    assert store.append("meta", pa.table({"key": pa.array([], pa.string())})) == 0
    assert store.arrow("SELECT 1 AS one").num_rows == 1
    with psycopg.connect(store.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    store.close()
    embedded_cluster.stop(odd / "pg18")  # the visitor may still have been counted


def test_a_forked_child_leaves_the_server_alone(folder: Path) -> None:
    store = reopened(folder)
    server = embedded.start(folder)
    server.owner_pid += 1  # as a child sees it
    server.close()
    assert not server.keeper.closed
    server.owner_pid -= 1
    server.close()
    assert store.arrow("SELECT 1 AS one").num_rows == 1
    store.close()


def test_who_lets_go_is_gone_at_once(folder: Path) -> None:
    stays, leaves = reopened(folder), reopened(folder)
    with leaves.engine.connect() as first, leaves.engine.connect() as second:
        assert first.execute(sa.text("SELECT 1")).scalar() == second.execute(sa.text("SELECT 1")).scalar()
    leaves.arrow("SELECT 1 AS one")
    leaves.close()
    users = stays.arrow("SELECT DISTINCT application_name AS name FROM pg_stat_activity"
                        " WHERE backend_type = 'client backend'")
    assert leaves._application not in users["name"].to_pylist()
    stays.close()
    assert not embedded_cluster.is_alive(folder / "pg18")


def test_a_connection_of_starting_is_no_user(folder: Path) -> None:
    store = reopened(folder)
    with embedded._connect(folder / "pg18", embedded._UNDER_LOCK) as late:
        assert late.execute("SELECT 1").fetchone() == (1,)
        store.close()
        assert not embedded_cluster.is_alive(folder / "pg18")


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    reopened(folder).close()
    (folder / "pg18" / "postgresql.auto.conf").write_text("shared_buffers = 'a lot'\n")
    with pytest.raises(embedded.EmbeddedError, match="did not start; the end of its log"):
        reopened(folder)
