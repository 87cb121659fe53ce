"""One real browser on the wall while the streams are measured: when a change is seen, and what piles up.

A change counts as seen when the figures that were asked for after it was told have come, the map holds all
data that it asked for with them, and the frame drawn with them has been waited for. Officers go on moving.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass, field
from queue import Empty
from typing import Any, Final

from benchmarks.points import READY, WALL, page_of, wait

WATCH: Final = """() => {
  const seen = window.seenByTest = [], plain = window.fetch, put = window.dash_clientside.set_props;
  let told = [], asked = [], busy = 0;
  shell.live.heard.push((found) => told.push(...found.cases || []));
  window.dash_clientside.set_props = (id, props) => {
    if (id === "shell-data-version") { asked.push(...told); told = []; }
    return put(id, props);
  };
  const settle = () => {
    if (busy || !asked.length) return;
    if (!mapRoom.idle()) { setTimeout(settle, 20); return; }
    const shown = asked, gl = mapRoom.state.deck.device.gl;
    asked = [];
    requestAnimationFrame(() => requestAnimationFrame(() => {
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); /* waits for the frame */
      seen.push([shown, Date.now()]);
    }));
  };
  window.fetch = async (...request) => {
    const isFigures = String(request[0]?.url || request[0]).includes("_dash-update-component");
    busy += isFigures;
    try { return await plain(...request); }
    finally { if (isFigures && --busy === 0) setTimeout(settle, 50); }
  };
}"""
CAMERA: Final = "() => JSON.stringify(mapRoom.state.camera)"
HISTORY: Final = "() => Math.max(...dash_stores.map((store) => store.getState().history.past.length))"
SEEN: Final = "() => window.seenByTest.splice(0)"
#: The heap is measured first when caches are full, and changes have come for so many seconds.
WARM_S: Final = 20.0


@dataclass
class Watcher:
    """The browser, in a process of its own."""

    address: str
    cookie: str
    commands: Any = field(default_factory=lambda: multiprocessing.get_context("spawn").Queue())
    answers: Any = field(default_factory=lambda: multiprocessing.get_context("spawn").Queue())

    def start(self) -> None:
        """Open the wall; see `is_ready`."""
        multiprocessing.get_context("spawn").Process(
            target=_watch, args=(self.address, self.cookie, self.commands, self.answers), daemon=True).start()

    def is_ready(self) -> bool:
        """The wall stands in the browser."""
        return not self.answers.empty() and self.answers.get() == "ready"

    def end(self) -> dict[str, Any]:
        """Close it: ``seen`` (handle of a case -> seconds since 1970), ``heap_growth``, ``history``,
        ``camera_moved``.
        """
        self.commands.put("end")
        found: dict[str, Any] = self.answers.get(timeout=120)
        return found


def _watch(address: str, cookie: str, commands: Any, answers: Any) -> None:
    with page_of() as page:
        page.context.add_cookies([{"name": "session", "value": cookie, "url": address, "httpOnly": True,
                                   "sameSite": "Lax"}])
        page.goto(f"{address}/?preset=90d&layers={','.join(WALL)}", wait_until="commit")
        wait(page, READY, [*WALL])
        page.evaluate(WATCH)
        heap, camera = page.context.new_cdp_session(page), page.evaluate(CAMERA)
        answers.put("ready")
        seen: dict[int, float] = {}
        begun, first = time.time(), 0
        while True:
            for handles, at_ms in page.evaluate(SEEN):
                for handle in handles:
                    seen.setdefault(int(handle), at_ms / 1e3)
            if not first and time.time() - begun > WARM_S:
                first = _heap_bytes(heap)
            try:
                commands.get(timeout=0.5)
                break
            except Empty:
                page.wait_for_timeout(1)  # lets the browser's own events through
        last = _heap_bytes(heap)
        answers.put({"seen": seen, "heap_growth": round(last / first - 1, 4) if first else None,
                     "heap_mb": round(last / 2**20), "history": page.evaluate(HISTORY),
                     "camera_moved": page.evaluate(CAMERA) != camera})


def _heap_bytes(session: Any) -> int:
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])
