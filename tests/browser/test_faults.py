"""Things break under a wall that stays open: it says so, keeps its last picture, and catches up by itself.

The server is the real one, in processes of its own that are killed, stopped, cut off and starved here.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from fasteners import InterProcessLock

from data import embedded_cluster
from data.cases.commands import perform, report
from data.clock import store_now
from data.engine import Store, open_store
from data.settings import Settings
from data.tables import case_event
from tests.browser.mapping import PATIENCE_S, Address, browser_page, until
from tests.signed_in import access_of, now, signed_in

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
ACCEPTED = "document.querySelector('[data-kpi=accepted] .tile__value').textContent.replace(',', '')"
BADGE = "document.querySelector('#wall-badge').classList"
#: Of the disk that is filled: room for a demo district and the log of its server.
DISK_MB = 700


@dataclass
class House:
    """A served district: its store, its processes, its disk."""

    store: Store
    address: Address
    now: datetime
    server: psutil.Process
    folder: Path
    is_own_disk: bool
    accepted: int = 0

    @property
    def worker(self) -> psutil.Process:
        return self.server.children()[0]

    @property
    def database(self) -> int:
        return int(embedded_cluster.pid_file(self.folder / "pg18")["pid"])

    def answers(self) -> bool:
        """Its database takes questions."""
        try:
            with self.store.engine.connect() as connection:
                return connection.scalar(sa.select(sa.literal(1))) == 1
        except sa.exc.OperationalError:
            return False

    def accept(self, count: int = 1) -> None:
        for _ in range(count):
            at = self.now - timedelta(hours=1)
            case_no = report(self.store, {"street_code": "210202001", "cat_code": "E0101"}, at=at)
            perform(self.store, case_no, "accept", at=at, actor_role="operator")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(condition: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.05)


def mounted(folder: Path) -> bool:
    """A small disk of its own, where we may mount one."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    asked = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0700", "tmpfs", str(folder)]
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="grid-faults-"))
    is_own_disk = mounted(folder)
    port = free_port()
    known = {**os.environ, "GRID_DATA_DIR": str(folder), "PORT": str(port), "DATABASE_URL": ""}
    subprocess.run([sys.executable, "app.py", "demo", "zhongshan", "--seed", "7"], cwd=ROOT, env=known,
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    store = open_store(Settings(data_dir=folder))
    access = access_of(store, Settings(data_dir=folder))
    server = subprocess.Popen([sys.executable, "app.py", "serve"], cwd=ROOT, env=known, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert any(line.startswith("Ready") for line in server.stdout or ()), server.poll()
        yield House(store, Address(f"http://127.0.0.1:{port}/", signed_in(access)), store_now(store, now()),
                    psutil.Process(server.pid), folder, is_own_disk)
    finally:
        server.terminate()
        server.wait(60)
        store.close()
        if embedded_cluster.is_alive(folder / "pg18"):
            embedded_cluster.stop(folder / "pg18")
        if is_own_disk:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def screen(house: House) -> Iterator[Any]:
    """One page for all the faults: it is never opened anew."""
    with browser_page(1280, 720, house.address) as page:
        page.clock.install()
        page.goto(f"{house.address}?layers=areas,officers")
        until(page, "document.querySelectorAll('#wall-kpis .tile').length === 6")
        until(page, "Boolean(window.shell?.live.isStreaming() && shell.live.cursor() && shell.state.view)")
        page.evaluate("() => { window.sameDocument = true; }")
        house.accepted = accepted(page)
        yield page


@pytest.fixture
def page(screen: Any, house: House) -> Iterator[Any]:
    """Calm before and after: streaming, nothing stale; the same document, camera and figures."""
    until(screen, f"shell.live.isStreaming() && {BADGE}.contains('badge--live')")
    camera = screen.evaluate("() => JSON.stringify(mapRoom.state.camera)")
    yield screen
    before = accepted(screen)
    house.accept()
    until(screen, f"{ACCEPTED} === '{before + 1}'", what="it follows again")
    until(screen, f"shell.live.isStreaming() && {BADGE}.contains('badge--live')")
    assert screen.evaluate("() => JSON.stringify(mapRoom.state.camera)") == camera
    assert screen.evaluate("() => window.sameDocument"), "the page was never loaded anew"


def accepted(page: Any) -> int:
    return int(page.evaluate(f"() => {ACCEPTED}"))


def is_told(page: Any, kept: int) -> None:
    """The badge says that the picture is old, and the picture is kept."""
    until(page, f"{BADGE}.contains('badge--stale')")
    assert accepted(page) == kept


def test_a_killed_worker(house: House, page: Any) -> None:
    before, killed = accepted(page), house.worker
    killed.kill()
    house.accept(2)  # the next one takes the questions that came meanwhile: nobody need be told
    until(page, f"{ACCEPTED} === '{before + 2}'")
    assert house.worker.pid != killed.pid


def test_a_killed_database(house: House, page: Any) -> None:
    before = accepted(page)
    with InterProcessLock(house.folder / "pg18.lock"):  # nobody starts another one before the screen looks
        os.kill(house.database, signal.SIGKILL)
        is_told(page, before)
    wait_for(house.answers, "a new server")
    house.accept(2)
    until(page, f"{ACCEPTED} === '{before + 2}'")


def test_a_cut_network(house: House, page: Any) -> None:
    before = accepted(page)
    page.context.set_offline(True)
    page.evaluate("() => shell.live.hangUp()")  # a browser that is cut off keeps an open stream for a while
    is_told(page, before)
    house.accept(2)
    page.clock.fast_forward(60_000)
    is_told(page, before)
    page.context.set_offline(False)
    until(page, f"{ACCEPTED} === '{before + 2}'")


def test_a_server_that_answers_nothing_any_more(house: House, page: Any) -> None:
    before, worker = accepted(page), house.worker
    worker.suspend()
    try:
        house.accept(2)
        assert not page.evaluate(f"() => {BADGE}.contains('badge--stale')")
        page.clock.fast_forward(46_000)
        is_told(page, before)
    finally:
        worker.resume()
    until(page, f"{ACCEPTED} === '{before + 2}'")


@pytest.mark.parametrize("hours", [-26, 26])
def test_a_wall_clock_that_is_set(house: House, page: Any, hours: int) -> None:
    """The browser's; what is measured by it must neither cry wolf nor fall silent."""
    before = accepted(page)
    page.evaluate("""(ms) => { const plain = Date.now; Date.now = () => plain() + ms;
      window.setBack = () => { Date.now = plain; }; }""", hours * 3_600_000)
    try:
        house.accept()
        until(page, f"{ACCEPTED} === '{before + 1}'")
        assert page.evaluate(f"() => {BADGE}.contains('badge--live')")
        house.worker.suspend()
        page.clock.fast_forward(46_000)
        is_told(page, before + 1)
    finally:
        house.worker.resume()
        page.evaluate("() => window.setBack()")


def test_a_full_disk(house: House, page: Any) -> None:
    if not house.is_own_disk:
        pytest.skip("only who may mount a small disk can fill it")
    before, ballast = accepted(page), house.folder / "ballast"
    with ballast.open("wb") as filled:
        left = shutil.disk_usage(house.folder).free
        os.posix_fallocate(filled.fileno(), 0, left)
    refused = 0
    try:
        while refused < 3:  # what is still free inside the files of the server goes first
            try:
                house.accept(200)
            except (sa.exc.SQLAlchemyError, OSError):
                refused += 1
        until(page, f"{BADGE}.contains('badge--stale') || {ACCEPTED} === '{in_store(house)}'")
    except sa.exc.SQLAlchemyError:  # it went down altogether
        is_told(page, accepted(page))
    finally:
        ballast.unlink()
    wait_for(lambda: embedded_cluster.is_alive(house.folder / "pg18"), "a server with room to write")
    wait_for(lambda: answers(house), "it answers")
    until(page, f"{ACCEPTED} === '{in_store(house)}'", what="what was kept, and nothing else")
    assert in_store(house) >= before


def answers(house: House) -> bool:
    try:
        return in_store(house) > 0
    except sa.exc.SQLAlchemyError:
        return False


def in_store(house: House) -> int:
    """What the wall has to show: as many as at the beginning, and those accepted here since."""
    with house.store.engine.connect() as connection:
        own = sa.select(sa.func.count()).where(
            case_event.c.act == "accept", case_event.c.at == house.now - timedelta(hours=1),
            case_event.c.actor_role == "operator")
        return house.accepted + int(connection.scalar(own) or 0)
