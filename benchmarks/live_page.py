"""One real browser on the wall while the streams are measured: when a change is seen, and what piles up.

A change is seen (``seen``) when the ring of its case stands in a frame that was drawn and waited for. It is
counted (``counted``) when the figures that were asked for after it was told have come, the map holds all data
that it asked for with them, and the frame drawn with them has been waited for. Officers go on moving.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass, field
from queue import Empty
from typing import Any, Final

from benchmarks.points import READY, WALL, page_of, wait

WATCH: Final = """() => {
  const seen = window.seenByTest = [], counted = window.countedByTest = [];
  const plain = window.fetch, put = window.dash_clientside.set_props;
  let told = [], asked = [], busy = 0;
  shell.live.heard.push((found) => told.push(...found.cases || []));
  window.dash_clientside.set_props = (id, props) => {
    if (id === "shell-data-version") { asked.push(...told); told = []; }
    return put(id, props);
  };
  /* Who has a ring and had none is seen when the frame with it was made, and the GPU has done all before. */
  const known = new Set();
  window.forgetByTest = () => known.clear();
  /* Until the GPU has done all that it was told; asked for without holding up the page. */
  const nap = () => new Promise((go) => setTimeout(go, 10));
  const drawn = async () => {
    const gl = mapRoom.state.deck.device.gl, fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    while (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) await nap();
    gl.deleteSync(fence);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    return Date.now();
  };
  mapRoom.on("rings", (refs) => {
    const fresh = [...refs].filter((ref) => !known.has(ref));
    if (!fresh.length) return;
    fresh.forEach((ref) => known.add(ref));
    /* told while the frame with it is made */
    requestAnimationFrame(async () => seen.push([fresh, await drawn()]));
  });
  const settle = () => {
    if (busy || !asked.length) return;
    if (!mapRoom.idle()) { setTimeout(settle, 20); return; }
    const shown = asked;
    asked = [];
    requestAnimationFrame(() => requestAnimationFrame(async () => counted.push([shown, await drawn()])));
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
SEEN: Final = "() => ({seen: seenByTest.splice(0), counted: countedByTest.splice(0)})"
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
        """Close it: ``seen``, ``counted`` (handle of a case -> seconds since 1970), ``heap_growth``,
        ``history``, ``camera_moved``.
        """
        self.commands.put("end")
        found: dict[str, Any] = self.answers.get(timeout=120)
        return found


def _watch(address: str, cookie: str, commands: Any, answers: Any) -> None:
    with page_of() as page:
        page.context.add_cookies([{"name": "session", "value": cookie, "url": address, "httpOnly": True,
                                   "sameSite": "Lax"}])
        page.goto(f"{address}/?preset=90d&layers={','.join((*WALL, 'changes'))}", wait_until="commit")
        wait(page, READY, [*WALL])
        page.evaluate(WATCH)
        heap, camera = page.context.new_cdp_session(page), page.evaluate(CAMERA)
        answers.put("ready")
        found: dict[str, dict[int, float]] = {"seen": {}, "counted": {}}
        begun, first = time.time(), 0
        while True:
            for name, looks in page.evaluate(SEEN).items():
                for handles, at_ms in looks:
                    for handle in handles:
                        found[name].setdefault(int(handle), at_ms / 1e3)
            if not first and time.time() - begun > WARM_S:
                first = _heap_bytes(heap)
            try:
                commands.get(timeout=0.5)
                break
            except Empty:
                page.wait_for_timeout(1)  # lets the browser's own events through
        page.evaluate("forgetByTest()")  # what only the watcher keeps is no growth of the page
        last = _heap_bytes(heap)
        answers.put({**found, "heap_growth": round(last / first - 1, 4) if first else None,
                     "heap_mb": round(last / 2**20), "history": page.evaluate(HISTORY),
                     "camera_moved": page.evaluate(CAMERA) != camera})


def _heap_bytes(session: Any) -> int:
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])
