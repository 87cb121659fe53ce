"""Heat map: bytes on the wire and milliseconds on the server, at any number of cases."""

from __future__ import annotations

import zlib
from functools import partial
from typing import Any

from benchmarks.city import SIZES, City, grow, open_city
from benchmarks.filter import reported_total
from benchmarks.measure import plain_filter, plain_frame, plain_heat_json, say, spread, timed
from callbacks.map_data import heat_cells
from data.filters import CaseFilter

ZOOMS = (10, 11, 12, 13, 14, 15)
DETAIL = "2"


def payload(city: City, filter_: CaseFilter, zoom: int) -> bytes:
    """What `GET /columns/heat` answers for the whole city at a zoom with full detail."""
    box = city.readers.cases.extent()
    args = {
        key: value if isinstance(value, str) else ",".join(value) for key, value in filter_.to_store().items()
    }
    args |= {"zoom": str(zoom), "detail": DETAIL, "box": f"{box.west},{box.south},{box.east},{box.north}"}
    found = heat_cells(args, city.readers, city.now)
    assert isinstance(found, bytes), type(found)
    return found


def payloads(city: City, filter_: CaseFilter, rounds: int) -> dict[str, float]:
    """``bytes`` (largest over the zooms) and the spread of the milliseconds."""
    found = [timed(partial(payload, city, filter_, zoom)) for zoom in ZOOMS for _ in range(rounds)]
    return {"bytes": max(len(sent) for _, sent in found), **spread(took for took, _ in found)}


def plain(city: City, filter_: CaseFilter) -> tuple[float, int]:
    """Milliseconds and bytes of every placed case as plotly JSON."""
    frame = plain_frame(city.readers)
    took, sent = timed(lambda: plain_heat_json(plain_filter(frame, filter_).dropna(subset=["lon", "lat"])))
    return took, len(sent)


def run(profile: str = "city", sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """``bytes`` (the largest payload over zooms and sizes), ``ms`` (median on the load set, all cases)."""
    with open_city(profile) as city:
        first, last = city.readers.cases.reported_range() or (city.now, city.now)
        whole = CaseFilter(since=first, until=last)
        ours = payloads(city, whole, 5)
        zipped = len(zlib.compress(payload(city, whole, 13), 6))
        plain_ms, plain_bytes = plain(city, whole)
        say(f"{ours}; plain {plain_ms:.0f} ms {plain_bytes} bytes")
        cases = reported_total(city)
        growth = {str(cases): ours}
        for size in (size for size in sizes if abs(size - cases) > cases / 5):
            held = grow(city, size)
            growth[str(held)] = payloads(city, whole, 1)
            say(f"{held} cases {growth[str(held)]}")
            if held < cases:
                city.readers.snapshot._load()
    return {
        "bytes": max(found["bytes"] for found in growth.values()),
        "ms": ours["median_ms"],
        "p95_ms": ours["p95_ms"],
        "gzipped_bytes": zipped,
        "plain_bytes": plain_bytes,
        "plain_ms": round(plain_ms),
        "ratio_plain_bytes": round(plain_bytes / ours["bytes"], 1),
        "ratio_plain_ms": round(plain_ms / ours["median_ms"], 1),
        "growth": growth,
    }
