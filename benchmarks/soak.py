"""`python -m benchmarks.soak [--minutes N]` (`make soak`): a wall stays open over a living district.

A demo district is served as it is really served; `simulate` writes into it, ten seconds of it a second; one
browser shows the live wall, and somebody works at it all the time: opens cards, filters, tilts, replays half
an hour, comes back. Every half minute garbage is collected by force and counted what is left: heap, listeners
and nodes of the page, contexts of the GPU that were ever made, what Dash remembers, memory, threads and files
of the server, connections of the database. The first samples are compared with the last; what grew is named,
with status 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import psutil
import sqlalchemy as sa
from playwright.sync_api import Page

from benchmarks.measure import say
from benchmarks.signed_in import Entry, entry
from data.engine import Store, open_store
from data.settings import Settings
from tests.browser.mapping import browser_page, until

ROOT: Final = Path(__file__).parents[1]
PORT: Final = 8973
MINUTES: Final = 15.0
#: The district's day, whenever it is run.
DAY: Final = "2026-06-30"
EVERY_S: Final = 30.0
#: Seconds of the store in one of ours.
RATE: Final = 10
#: Caches are full after so many samples; the median of as many is compared with that of the last.
WARM, COMPARED = 4, 5
#: Name of a count -> how much more of it there may be at the end, as a part of the first and as a number.
BOUNDS: Final[dict[str, tuple[float, int]]] = {
    "heap_mb": (0.05, 0), "listeners": (0.0, 10), "nodes": (0.25, 400), "held_nodes": (0.05, 200),
    "documents": (0.0, 0), "contexts": (0.0, 0), "streams": (0.0, 0), "server_mb": (0.10, 20),
    "threads": (0.0, 2), "files": (0.0, 8), "connections": (0.0, 4)}
#: Contexts of the GPU are counted from the first script on, those that were lost as well.
COUNTED: Final = """(() => {
  window.contextsMade = 0;
  for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
    const plain = kind.prototype.getContext, known = new WeakSet();
    kind.prototype.getContext = function (name, ...rest) {
      const made = plain.call(this, name, ...rest);
      if (!made || !String(name).startsWith("webgl") || known.has(made)) return made;
      known.add(made);
      window.contextsMade += 1;
      return made;
    };
  }
  const open = new Set();
  window.EventSource = class extends EventSource {
    constructor(...about) { super(...about); open.add(this); }
    close() { open.delete(this); super.close(); }
  };
  window.streamsOpen = () => [...open].filter((one) => one.readyState !== EventSource.CLOSED).length;
})()"""
#: Nodes that stand in the document: others of `Nodes` nobody sees, and something holds them.
STANDING: Final = """(() => {
  const walker = document.createNodeIterator(document);
  let standing = 0;
  while (walker.nextNode()) standing += 1;
  return standing;
})()"""
CONNECTIONS: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
CASE: Final = "document.querySelector('#wall-side [data-select=case]')"
#: A minute of somebody's work, each step with what must come of it.
WORK: Final = (
    (f"() => {CASE}?.click()", f"!{CASE} || document.querySelector('#wall-side .card__name')"),
    ("() => shell.select(null)", "shell.state.selection === null"),
    ("() => shell.patchFilter({urgencies: ['1', '2']})", "mapRoom.idle()"),
    ("() => shell.clear()", "mapRoom.idle()"),
    ("() => mapRoom.setMode('2d')", "!mapRoom.state.moving"),
    ("() => mapRoom.setMode('3d')", "!mapRoom.state.moving"),
    ("() => shell.clock.seek(Date.parse(shell.state.now.now) - 30 * 60e3)",
     "shell.clock.mode === 'paused' && mapRoom.idle()"),
    ("() => shell.clock.play()", "shell.clock.mode === 'replay'"),
    ("() => shell.clock.live()", "shell.clock.mode === 'live' && mapRoom.idle()"),
)


@dataclass(frozen=True, slots=True)
class House:
    """The served district with all that is counted of it."""

    store: Store
    worker: psutil.Process
    address: str
    entry: Entry


@contextmanager
def _house(folder: Path) -> Iterator[House]:
    """A demo district of its own, its server and the life in it, each a process."""
    known = {**os.environ, "GRID_DATA_DIR": str(folder), "PORT": str(PORT), "DATABASE_URL": ""}

    def start(*words: str, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "app.py", *words], cwd=ROOT, env=known, text=True, **more)

    if start("demo", "chenghua", "--until", DAY).wait():
        raise RuntimeError("the demo district could not be built")
    store = open_store(Settings(data_dir=folder))
    server = start("serve", stdout=subprocess.PIPE)
    life = None
    try:
        if not any(line.startswith("Ready") for line in server.stdout or ()):
            raise RuntimeError(f"the server must say that it is ready, got exit status {server.poll()}")
        life = start("simulate", "--rate", str(RATE), stdout=subprocess.DEVNULL)
        yield House(store, psutil.Process(server.pid).children()[0], f"http://127.0.0.1:{PORT}/",
                    entry(store, Settings(data_dir=folder)))
        if life.poll() is not None:
            raise RuntimeError(f"the simulation must go on, got exit status {life.poll()}")
    finally:
        for process in (life, server):
            if process is not None:
                process.terminate()
                process.wait(60)
        store.close()


def main(arguments: list[str]) -> int:
    """Run it; the last line printed is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"how long (default: {MINUTES:g})")
    found = run(parser.parse_args(arguments).minutes)
    print(json.dumps(found))
    return 1 if found["grown"] or found["faults"] else 0


def run(minutes: float) -> dict[str, Any]:
    """First and last of each count, ``grown`` (names of those over their bound), ``faults`` of the page."""
    with tempfile.TemporaryDirectory(prefix="grid-soak-") as folder, _house(Path(folder)) as house, \
            browser_page(1280, 720) as page:
        house.entry.sign_in(page.context, house.address)
        page.add_init_script(COUNTED)
        page.on("response", lambda answer: page.faults.append(f"{answer.status} {answer.url[:300]}")
                if answer.status >= 400 else None)
        page.goto(house.address, wait_until="commit")
        until(page, "Boolean(window.mapRoom?.idle?.() && shell.clock.status)")
        samples, rounds = _watch(page, house, minutes)
        faults = [*dict.fromkeys(page.faults)]
        abroad = [asked for asked in page.asked if not asked.startswith((house.address, "data:", "blob:"))]
    first = {name: median(one[name] for one in samples[:COMPARED]) for name in samples[0]}
    last = {name: median(one[name] for one in samples[-COMPARED:]) for name in samples[0]}
    grown = [name for name, (part, number) in BOUNDS.items()
             if last[name] > first[name] * (1 + part) + number]
    if last["history"] >= 60:
        grown.append("history")
    return {"minutes": minutes, "rounds": rounds, "samples": len(samples), "first": first, "last": last,
            "grown": grown, "faults": faults[:10], "abroad": abroad[:10]}


def _watch(page: Page, house: House, minutes: float) -> tuple[list[dict[str, float]], int]:
    """Work until the time is over; the samples after the first `WARM`, and how often all was done."""
    end, next_look = time.monotonic() + minutes * 60, time.monotonic() + EVERY_S
    session, samples, rounds = page.context.new_cdp_session(page), [], 0
    session.send("Performance.enable")
    while time.monotonic() < end or len(samples) < WARM + COMPARED:
        for act, outcome in WORK:
            page.evaluate(act)
            until(page, outcome)
        rounds += 1
        if time.monotonic() >= next_look:
            samples.append(_counts(page, session, house))
            next_look += EVERY_S
            say(json.dumps(samples[-1]))
    return samples[WARM:], rounds


def _counts(page: Page, session: Any, house: House) -> dict[str, float]:
    """What is left after garbage was collected."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    standing = page.evaluate(STANDING)
    of_page = page.evaluate("""() => ({contexts: contextsMade, streams: streamsOpen(),
      history: Math.max(...dash_stores.map((store) => store.getState().history.past.length))})""")
    with house.store.engine.connect() as connection:
        connections = connection.scalar(sa.text(CONNECTIONS))
    with house.worker.oneshot():
        return {"heap_mb": round(told["JSHeapUsedSize"] / 2**20, 1), "listeners": told["JSEventListeners"],
                "nodes": standing, "held_nodes": told["Nodes"] - standing,
                "documents": told["Documents"], **of_page,
                "server_mb": round(house.worker.memory_info().rss / 2**20),
                "threads": house.worker.num_threads(), "files": house.worker.num_fds(),
                "connections": connections}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
