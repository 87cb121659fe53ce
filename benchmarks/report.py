"""Writes docs/performance.md from the figures of all benchmarks."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Found = Mapping[str, Mapping[str, Any]]

HEAD = """# Performance

Written by `python -m benchmarks` (`make bench`); do not edit by hand. Every figure stands beside
the same work done the plain way (pandas group-by, plotly `scattermap`/`densitymap` JSON) in the
same run. Load set: `demo city`, {cases} cases, made once and kept under `GRID_DATA_DIR/benchmarks`.

Measured on {day}: {cores} cores, {memory} GiB, {system}, Python {python}. No GPU; frames are
software GL.

| what | bound | measured | the plain way | ratio |
|---|---|---|---|---|
"""

TAIL = """
## How to reproduce

```
make bench                           # everything, and this file
python -m benchmarks filter --json   # one by name: filter, refresh, points, heat, import, memory, trust,
                                     # scan, replay, live, analytics, bulletin, hotspots,
                                    # mining
```

Each benchmark runs in a process of its own and prints one JSON object last. The first run builds
the load set, which takes some minutes. Growth: 0.15 M keeps every tenth case of the load set, 15 M
holds ten copies of each case, some metres and minutes apart, made inside the snapshot; the store
holds the load set itself. Filters are drawn with a fixed seed: windows of 1, 7, 30, 90 and 365 days
with none, one or two restrictions. "One filter change" is what the callbacks of the wall ask for it,
one after the other: tiles, charts (each without its own restriction), all grids, time line, pressing
cases of a year, count of points, heat; nothing of it is kept from an earlier change.
"""


def write_report(path: Path, found: Found, failed: Mapping[str, str]) -> None:
    """The report as Markdown; a benchmark that failed says so in its row."""
    cases = found.get("filter", {}).get("cases", 0)
    head = HEAD.format(
        cases=f"{cases:,}",
        day=time.strftime("%Y-%m-%d"),
        cores=os.cpu_count(),
        memory=_memory_gib(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )
    rows = [row for name, make in ROWS.items() if name in found for row in make(found[name])]
    rows += [f"| {name} | | not measured: {reason} | | |" for name, reason in failed.items()]
    parts = [
        head + "\n".join(rows),
        *(_growth(name, found[name]) for name in ("filter", "heat") if name in found),
    ]
    if "points" in found:
        parts.append(_details("points", found["points"]))
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([*parts, TAIL]), encoding="utf-8")


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _filter(it: Mapping[str, Any]) -> list[str]:
    plain, same = it["plain"], f"{it['ratio_plain_same_filters']}× over the same filters"
    return [
        _row(
            "all queries behind one filter change, p95",
            "≤ 100 ms",
            f"{it['p95_ms']} ms",
            f"{plain['p95_ms']} ms",
            f"{it['ratio_plain']}×",
        ),
        _row("the same, median", "", f"{it['median_ms']} ms", f"{plain['median_ms']} ms", same),
    ]


def _refresh(it: Mapping[str, Any]) -> list[str]:
    took = f"{it['ms']} ms (p95 {it['p95_ms']}, nothing new {it['idle_ms']})"
    plain = f"{it['plain_ms']:,} ms, all read again"
    return [
        _row(f"refresh of {it['changed']:,} changed cases", "≤ 20 ms", took, plain, f"{it['ratio_plain']}×")
    ]


def _points(it: Mapping[str, Any]) -> list[str]:
    ratio = f"{it['frame_ratio_plain']}×"
    others = ", ".join(f"{int(size) / 1e6:.2g} M cases: {step['first_map_s']}"
                       for size, step in it["growth"].items() if int(size) != it["cases"])
    return [
        _row("bytes of a point on the wire", "≤ 20", it["bytes_per_point"], "", ""),
        _row("frame of the whole default wall, 1280×720", "≤ 800 ms", f"{it['wall_frame_ms']} ms", "", ratio),
        _row("filter change to finished picture", "≤ 1,500 ms", f"{it['filter_to_picture_ms']} ms", "", ""),
        _row("page to first map of the load set, median of three", "≤ 5 s",
             f"{it['first_map_s']} s ({others})", "", ""),
    ]


def _heat(it: Mapping[str, Any]) -> list[str]:
    sent = f"{it['bytes']:,} ({it['gzipped_bytes']:,} gzipped at zoom 13)"
    return [
        _row(
            "heat payload, bytes, largest of all zooms and sizes",
            "≤ 1,000,000",
            sent,
            f"{it['plain_bytes']:,}",
            f"{it['ratio_plain_bytes']}×",
        ),
        _row(
            "heat of all cases on the server, median",
            "",
            f"{it['ms']} ms",
            f"{it['plain_ms']:,} ms",
            f"{it['ratio_plain_ms']}×",
        ),
    ]


def _import(it: Mapping[str, Any]) -> list[str]:
    what = f"import of CSV with grid assignment, {it['rows']:,} rows, {it['cells']:,} grids"
    rate = (
        f"{it['rows_per_s']:,} rows/s with all stages, {it['cpu_s']} s of CPU in {it['seconds']} s"
        f" (only reported and closed: {it['short_rows_per_s']:,};"
        f" again, nothing changed: {it['again_rows_per_s']:,})"
    )
    return [
        _row(what, "≥ 50,000 rows/s", rate, f"{it['plain_rows_per_s']:,} rows/s", f"{it['ratio_plain']}×")
    ]


def _memory(it: Mapping[str, Any]) -> list[str]:
    held = f"{it['mb']:,} MB (peak {it['peak_mb']:,}, at rest {it['rest_mb']:,})"
    return [
        _row("memory of a worker", "≤ 1,500 MB", held, f"{it['plain_frame_mb']:,} MB, the frame alone", "")
    ]


def _trust(it: Mapping[str, Any]) -> list[str]:
    added = f"{it['overhead_percent']} % ({it['overhead_percent_planner']} % for who sees no people)"
    longest = f"{it['flood_healthz_max_ms']} ms at most, median {it['flood_healthz_ms']} ms"
    return [
        _row(
            f"guard, scope and masks, added to a filter change over HTTP ({it['requests']} requests)",
            "≤ 10 %",
            added,
            f"{it['bare_ms']} ms without",
            "",
        ),
        _row(f"`/healthz` while {it['flood_per_s']} sign-ins a second arrive", "≤ 1 s", longest, "", ""),
    ]


def _scan(it: Mapping[str, Any]) -> list[str]:
    what = f"space-time scan, {it['grids']:,} grids × {it['days']} days × {it['runs']} runs, one process"
    took = f"{it['seconds']} s (half of the days and of the cases in any circle: {it['widest_s']} s)"
    return [_row(what, "≤ 60 s", took, "", "")]


def _replay(it: Mapping[str, Any]) -> list[str]:
    fold = it["fold"]
    took = (f"{it['seek_p95_ms']} ms (median {it['seek_median_ms']}; the fold of {fold['cases']:,} cases"
            f" {fold['median_ms']})")
    return [_row("replay: a jump to any instant of any stored day, all answers of the wall, p95", "≤ 200 ms",
                 took, f"{it['live']['p95_ms']} ms the same about now", "")]


def _analytics(it: Mapping[str, Any]) -> list[str]:
    what = f"any view of the analytics, {it['views']} of them each asked once, p95"
    return [_row(what, "≤ 200 ms", f"{it['p95_ms']} ms (median {it['median_ms']};"
                 f" the page alone {it['page']['p95_ms']})", "", "")]


def _bulletin(it: Mapping[str, Any]) -> list[str]:
    return [_row("bulletin of a half-month: figures, map, PDF, Word and Excel, slowest of 3", "≤ 10 s",
                 f"{it['seconds']} s", "", "")]


def _hotspots(it: Mapping[str, Any]) -> list[str]:
    what = f"classes of hot spots, {it['grids']:,} grids over {it['slices']} months, the slowest of 3"
    return [_row(what, "≤ 5 s", f"{it['seconds']} s (silent grids {it['silence_s']})", "", "")]


def _mining(it: Mapping[str, Any]) -> list[str]:
    what = f"mining of a year in the background, {it['cases']:,} cases with {it['events']:,} events"
    return [_row(what, "≤ 10 s", f"{it['seconds']} s (slowest {it['slowest_s']})", "", "")]


def _live(it: Mapping[str, Any]) -> list[str]:
    load = f"{it['officers']:,} fixes/s and {it['changes'] / it['seconds']:.0f} case changes/s"
    what = f"write to {it['walls']} walls, {load} for {it['seconds']} s; lost, doubled"
    return [_row(what, "p95 ≤ 1 s; 0, 0", f"{it['p95_ms']:.0f} ms; {it['lost']}, {it['doubled']}", "", ""),
            _row("processor of the serving process meanwhile", "≤ 1.2 cores",
                 f"{it['cores']} (database {it['cores_database']})", "", ""),
            _row("write to pixel in a browser without a GPU on the same machine", "p95 ≤ 2 s",
                 _pixels(it), "", ""),
            _row("its heap after forced collections; changes that Dash remembers; the camera",
                 "≤ 5 %; < 60; still",
                 f"{it['heap_growth']:+.1%}; {it['history']}; {'moved' if it['camera_moved'] else 'still'}"
                 if it["heap_growth"] is not None else "the run was too short", "", "")]


def _pixels(it: Mapping[str, Any]) -> str:
    never = f"{it['unseen']:,} of {it['changes']:,} were never at rest on it"
    return never if it["pixel_p95_ms"] is None else f"{it['pixel_p95_ms']:.0f} ms; {never}"


ROWS = {
    "filter": _filter,
    "refresh": _refresh,
    "points": _points,
    "heat": _heat,
    "import": _import,
    "memory": _memory,
    "trust": _trust,
    "scan": _scan,
    "replay": _replay,
    "analytics": _analytics,
    "bulletin": _bulletin,
    "hotspots": _hotspots,
    "mining": _mining,
    "live": _live,
}


def _growth(name: str, it: Mapping[str, Any]) -> str:
    lines = [f"\n## Growth: {name}\n", "| cases | median | p95 | bytes |", "|---|---|---|---|"]
    lines += [
        f"| {int(cases):,} | {found['median_ms']} ms | {found['p95_ms']} ms | {found.get('bytes', '')} |"
        for cases, found in sorted(it["growth"].items(), key=lambda entry: int(entry[0]))
    ]
    return "\n".join(lines)


def _details(name: str, it: Mapping[str, Any]) -> str:
    rows = "\n".join(f"| {key} | {value} |" for key, value in it.items())
    return f"\n## All figures of {name}\n\n| figure | value |\n|---|---|\n{rows}"
