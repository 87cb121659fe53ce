"""Heat map: bytes on the wire and milliseconds on the server, at any number of cases."""

from __future__ import annotations

import zlib
from typing import Any

from benchmarks.city import SIZES, City, grow, open_city
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


def run(profile: str = "city", sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """``bytes`` (the largest payload over zooms and sizes), ``ms`` (median on the load set, all cases)."""
    with open_city(profile) as city:
        first, last = city.readers.cases.reported_range() or (city.now, city.now)
        whole = CaseFilter(since=first, until=last)
        times = {zoom: [timed(lambda z=zoom: payload(city, whole, z)) for _ in range(5)] for zoom in ZOOMS}
        ms = spread([took for found in times.values() for took, _ in found])
        biggest = max(len(found[0][1]) for found in times.values())
        frame = plain_frame(city.readers)
        cases = len(frame)
        plain_ms, sent = timed(
            lambda: plain_heat_json(plain_filter(frame, whole).dropna(subset=["lon", "lat"]))
        )
        plain_bytes = len(sent)
        del frame, sent
        say(f"{ms} {biggest} bytes; plain {plain_ms:.0f} ms {plain_bytes} bytes")
        growth = {str(cases): {"bytes": biggest, **ms}}
        for size in sizes:
            if abs(size - cases) <= cases / 5:
                continue
            held = grow(city, size)
            found = [timed(lambda z=zoom: payload(city, whole, z)) for zoom in ZOOMS]
            growth[str(held)] = {
                "bytes": max(len(sent) for _, sent in found),
                **spread(took for took, _ in found),
            }
            say(f"{held} cases {growth[str(held)]}")
            if held < cases:
                city.readers.snapshot._load()
        zipped = len(zlib.compress(times[13][0][1], 6))
    return {
        "bytes": max(found["bytes"] for found in growth.values()),
        "ms": ms["median_ms"],
        "p95_ms": ms["p95_ms"],
        "gzipped_bytes": zipped,
        "plain_bytes": plain_bytes,
        "plain_ms": round(plain_ms),
        "ratio_plain_bytes": round(plain_bytes / biggest, 1),
        "ratio_plain_ms": round(plain_ms / ms["median_ms"], 1),
        "growth": growth,
    }
