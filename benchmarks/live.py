"""From a commit to the open walls: streams of real clients over HTTP while officers walk and cases change.

What is measured: for each change of a case the time from before its commit until each of the clients has read
it (``p95_ms``); how many changes a client never got (``lost``) or got more often than they were made
(``doubled``); the processor time of the serving process and of its database, each over the wall time. Writer
and clients are processes of their own on the same machine. Fixes are copied into the table in one piece a
second and announced once, as the writer of devices does; they do not pass the HTTP door of devices.

One real browser shows the wall meanwhile (`benchmarks.live_page`): the time until a change is seen in it
(``pixel_p95_ms``) and until its figures and its heat count it (``counted_p95_ms``), the growth of its heap
after forced garbage collections, what Dash remembers of changes.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import sqlalchemy as sa

from benchmarks.city import copied, open_city, settings
from benchmarks.import_rate import cpu_s
from benchmarks.live_page import Watcher
from benchmarks.measure import say, spread
from benchmarks.signed_in import entry
from data.cases.commands import report
from data.engine import Store, open_store
from data.live.listener import FIXES
from data.settings import Settings
from data.tables import cases, officer

WALLS, OFFICERS, CHANGES_PER_S, SECONDS = 100, 5_000, 20, 60
PORT = 8972
ROOT = Path(__file__).parents[1]
#: What a screen of 1280 x 720 that shows the whole district asks for.
SIGHT = "box=103.798828,30.498047,104.414063,30.9375&step=32.9"
#: After the last change the clients listen on for so long.
AFTER_S = 5.0
#: A window of the wall ends before the minute that begins now.
BEFORE = timedelta(seconds=1)


@dataclass
class Wall:
    """One client: its socket, what is not yet a whole line, and when it read of which case."""

    socket: socket.socket
    rest: bytes = b""
    heard: list[tuple[int, float]] = field(default_factory=list)
    bytes: int = 0
    positions: int = 0
    has_ended: bool = False

    def read(self) -> bool:
        """Take what has come; False when the stream ended."""
        found = self.socket.recv(1 << 20)
        if not found:
            self.has_ended = True
            return False
        at = time.time()
        self.bytes += len(found)
        *lines, self.rest = (self.rest + found).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                told = json.loads(line[6:])
                self.heard += [(handle, at) for handle in told["cases"] or ()]
                self.positions += told["positions"] is not None
        return True


def run(profile: str = "city", seconds: int = SECONDS) -> dict[str, Any]:
    """``p95_ms, lost, doubled``, ``cores`` (of the serving process), and what a browser showed meanwhile."""
    with copied(profile) as folder, open_city(profile, fill=False, folder=folder) as city:
        known = entry(city.store, settings())
        with _serving(folder) as worker:
            watcher = Watcher(f"http://127.0.0.1:{PORT}", known.cookie)
            watcher.start()
            walls = [_connect(known.cookie) for _ in range(WALLS)]
            while not watcher.is_ready():
                _listen(walls, time.time() + 1.0)
            before, begun = _cpu(worker, folder), time.time()
            written = multiprocessing.get_context("spawn").Queue()
            writer = multiprocessing.get_context("spawn").Process(
                target=_write, args=(folder, city.now, seconds, written))
            writer.start()
            made = _while(writer, walls, written)
            spent = {name: at - before[name] for name, at in _cpu(worker, folder).items()}
            took = time.time() - begun
            page = watcher.end()
    ended = sum(wall.has_ended for wall in walls)
    say(f"{len(made)} changes, {ended} of {len(walls)} streams ended before their time")
    return {**_result(walls, made), **_on_the_page(page, made), "cores": round(spent["worker"] / took, 2),
            "cores_database": round(spent["database"] / took, 2), "walls": WALLS, "officers": OFFICERS,
            "changes": len(made), "seconds": seconds, "ended": ended,
            "kib_per_wall_s": round(sum(wall.bytes for wall in walls) / WALLS / took / 1024, 1)}


@contextmanager
def _serving(folder: Path) -> Iterator[psutil.Process]:
    """The server as it is really served over a load set; gives its worker."""
    known = {**os.environ, "GRID_DATA_DIR": str(folder), "PORT": str(PORT), "DATABASE_URL": ""}
    server = subprocess.Popen([sys.executable, "app.py", "serve"], cwd=ROOT, env=known, text=True,
                              stdout=subprocess.PIPE)
    try:
        said = next((line for line in server.stdout or () if line.startswith("Ready")), None)
        if said is None:
            raise RuntimeError(f"the server must say that it is ready, got exit status {server.poll()}")
        yield psutil.Process(server.pid).children()[0]
    finally:
        server.terminate()
        server.wait(60)


def _cpu(worker: psutil.Process, folder: Path) -> dict[str, float]:
    """Seconds of processor time so far of the serving process and of its database."""
    times, own = worker.cpu_times(), psutil.Process().cpu_times()
    return {"worker": times.user + times.system, "database": cpu_s(folder) - own.user - own.system}


def _connect(cookie: str) -> Wall:
    opened = socket.create_connection(("127.0.0.1", PORT), timeout=30)
    head = f"GET /api/live?{SIGHT} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: session={cookie}\r\n\r\n"
    opened.sendall(head.encode())
    return Wall(opened)


def _listen(walls: list[Wall], until: float) -> None:
    """Read from all of them until a moment."""
    with selectors.DefaultSelector() as selector:
        for wall in (wall for wall in walls if not wall.has_ended):
            selector.register(wall.socket, selectors.EVENT_READ, wall)
        while time.time() < until:
            for key, _ in selector.select(0.1):
                if not key.data.read():
                    selector.unregister(key.fileobj)


def _while(writer: Any, walls: list[Wall], written: Any) -> list[tuple[int, float]]:
    """Listen while the writer writes, and a while longer; what it wrote: handle and when."""
    made: list[tuple[int, float]] = []
    end = None
    while end is None or time.time() < end:
        _listen(walls, time.time() + 0.5)
        while not written.empty():
            made.append(written.get())
        if end is None and not writer.is_alive():
            end = time.time() + AFTER_S
    writer.join()
    if writer.exitcode:
        raise RuntimeError(f"the writer must end well, got exit status {writer.exitcode}")
    return made


def _write(folder: Path, at: datetime, seconds: int, written: Any) -> None:
    """Report cases evenly and copy one fix of each officer a second; runs in a process of its own."""
    store = open_store(Settings(data_dir=folder))
    people = store.arrow(sa.select(officer.c.street_code, officer.c.officer_id).limit(OFFICERS))
    streets = sorted(set(people["street_code"].to_pylist()))
    begun = time.time()
    for number in range(seconds * CHANGES_PER_S):
        if number % CHANGES_PER_S == 0:
            _walk(store, people, streets, at + timedelta(seconds=number // CHANGES_PER_S - seconds))
        time.sleep(max(0.0, begun + number / CHANGES_PER_S - time.time()))
        before = time.time()
        place = {"lon": 104.05 + number * 37 % 100 * 1e-3, "lat": 30.62 + number * 53 % 100 * 1e-3}
        street = streets[number % len(streets)]
        case_no = report(store, {"street_code": street, "is_synthetic": True, **place}, at=at - BEFORE)
        handle = store.arrow(sa.select(cases.c.case_ref).where(cases.c.case_no == case_no))
        written.put((int(handle["case_ref"][0].as_py()), before))
    store.close()


def _walk(store: Store, people: pa.Table, streets: list[str], at: datetime) -> None:
    with store.copying() as copy:
        count = people.num_rows
        copy.append("gps_fix", people.append_column("at", [[at] * count])
                    .append_column("lon", [[104.1 + 1e-5 * at.second] * count])
                    .append_column("lat", [[30.67] * count]))
        copy.execute("SELECT pg_notify($1, $2)", [FIXES, json.dumps(
            {"street_codes": streets, "count": count})])


def _on_the_page(page: dict[str, Any], made: list[tuple[int, float]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, word, missed in (("seen", "pixel", "unseen"), ("counted", "counted", "uncounted")):
        found = page.pop(name)
        waits = [(found[handle] - at) * 1e3 for handle, at in made if handle in found]
        times = spread(waits) if waits else {"median_ms": None, "p95_ms": None}
        told |= {f"{word}_p95_ms": times["p95_ms"], f"{word}_median_ms": times["median_ms"],
                 missed: len(made) - len(waits)}
    return {**told, **page}


def _result(walls: list[Wall], made: list[tuple[int, float]]) -> dict[str, Any]:
    waits, lost, doubled = [], 0, 0
    for wall in walls:
        counted = Counter(handle for handle, _ in wall.heard)
        first = dict(reversed(wall.heard))
        lost += sum(handle not in counted for handle, _ in made)
        doubled += sum(counted[handle] > 1 for handle, _ in made)
        waits += [(first[handle] - at) * 1e3 for handle, at in made if handle in first]
    return {**spread(waits), "lost": lost, "doubled": doubled,
            "positions_told": min(wall.positions for wall in walls)}
