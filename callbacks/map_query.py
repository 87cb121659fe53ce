"""What the map asks for, read out of an address that may be hostile."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from data.cases.points import Box, parse_box
from data.filters import FIRST_YEAR, LAST_YEAR, SETS, CaseFilter, FilterError, from_store
from data.patrol.tape import MAX_STEP_S, longest_span_s

MAX_ZOOM: Final = 22.0
#: A picture has at most this many pixels: several walls of 4400 x 1600, tilted and snapped outwards.
MAX_PIXELS: Final = 200_000_000
DETAILS: Final = (0, 1, 2)
LEVELS: Final = ("district", "street", "community", "grid", "work", "professional", "compound", "unit")
#: So many cases are asked for at once by their handles.
MAX_REFS: Final = 300
_REF: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_KEY: Final = re.compile(r"[A-Za-z0-9_.:+\-]{0,80}")
_FILTER: Final = frozenset({"since", "until", *SETS})
_VIEW: Final = frozenset({"box", "zoom", "detail", "v"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is on the screen: a box (None: everywhere), the zoom, how much detail (0 least … 2 most)."""

    box: Box | None
    zoom: float
    detail: int


def known_only(args: Mapping[str, str], *extra: str) -> None:
    """Refuse arguments that nobody reads: a misspelt restriction must not look like none.

    Raises:
        FilterError: an argument is unknown.
    """
    unknown = sorted(set(args) - _FILTER - _VIEW - set(extra))
    if unknown:
        raise FilterError(f"unknown arguments {[name[:40] for name in unknown[:5]]}")
    if not _KEY.fullmatch(args.get("v", "")):
        raise FilterError(f"v must be a version of at most 80 signs, got {args['v'][:60]!r}")


def read_filter(args: Mapping[str, str]) -> CaseFilter:
    """The filter of an address; since and until are compulsory.

    Raises:
        FilterError: a field is missing or malformed.
    """
    stored: dict[str, object] = {
        name: args[name].replace(" ", "+") for name in ("since", "until") if name in args
    }
    stored.update({name: [code for code in args[name].split(",") if code] for name in SETS if name in args})
    return from_store(stored)


def read_view(args: Mapping[str, str]) -> Asked:
    """Box, zoom and detail of an address.

    Raises:
        FilterError: not a number, not finite, out of range, or a picture of too many pixels.
    """
    box = parse_box(args["box"]) if "box" in args else None
    zoom = _number("zoom", args.get("zoom", "11"))
    if not 0 <= zoom <= MAX_ZOOM:
        raise FilterError(f"zoom must be 0..{MAX_ZOOM:g}, got {zoom!r}")
    detail = args.get("detail", "1")
    if detail not in {str(one) for one in DETAILS}:
        raise FilterError(f"detail must be 0, 1 or 2, got {detail[:20]!r}")
    if box is not None:
        scale = 512 * 2**zoom / 360
        pixels = (box.east - box.west) * scale * (box.north - box.south) * scale
        if pixels > MAX_PIXELS:
            raise FilterError(f"box and zoom must ask for at most {MAX_PIXELS:,} pixels, got {pixels:,.0f}")
    return Asked(box=box, zoom=zoom, detail=int(detail))


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FilterError(f"{name} must be a finite number, got {text[:40]!r}")
    return value


def read_place(args: Mapping[str, str]) -> tuple[float, float]:
    """``lon, lat`` in WGS-84 degrees.

    Raises:
        FilterError: not two finite degrees on the globe.
    """
    lon, lat = (_number(name, args.get(name, "")) for name in ("lon", "lat"))
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise FilterError(f"lon, lat must lie within ±180, ±90 degrees; got {lon:g}, {lat:g}")
    return lon, lat


def read_level(args: Mapping[str, str]) -> str:
    """The level of areas asked for.

    Raises:
        FilterError: no such level.
    """
    level = args.get("level", "")
    if level not in LEVELS:
        raise FilterError(f"level must be one of {', '.join(LEVELS)}; got {level[:40]!r}")
    return level


def read_ref(args: Mapping[str, str]) -> int:
    """The handle of a case.

    Raises:
        FilterError: not a whole number 1..2^53.
    """
    text = args.get("ref", "")
    if not text.isascii() or not text.isdigit() or not 0 < len(text) <= 15 or int(text) < 1:
        raise FilterError(f"ref must be a whole number of at most 15 digits, got {text[:40]!r}")
    return int(text)


def read_refs(args: Mapping[str, str]) -> tuple[int, ...]:
    """The handles of some cases, as ``refs=1,2,3``.

    Raises:
        FilterError: none, more than `MAX_REFS`, or not whole numbers of at most 15 digits.
    """
    parts = args.get("refs", "").split(",")
    if len(parts) > MAX_REFS or not all(_REF.fullmatch(part) for part in parts):
        raise FilterError(f"refs must be 1 to {MAX_REFS} whole numbers of at most 15 digits, with commas"
                          f" between; got {len(parts)} parts, {args.get('refs', '')[:40]!r}")
    return tuple(sorted({int(part) for part in parts}))


def read_span(args: Mapping[str, str], now: datetime) -> tuple[datetime, datetime, int]:
    """``from``, ``until`` (aware) and ``step`` (seconds between two fixes, 0: all) of a span to play.

    Raises:
        FilterError: malformed, empty, too long, or ``until`` lies after ``now``.
    """
    since, until = (_instant(name, args.get(name, "")) for name in ("from", "until"))
    text = args.get("step", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MAX_STEP_S):
        raise FilterError(f"step must be a whole number of seconds 0..{MAX_STEP_S}, got {text[:20]!r}")
    span, longest = (until - since).total_seconds(), longest_span_s(int(text))
    if not 0 < span <= longest:
        raise FilterError(f"until must lie at most {longest} s after from (step={text}), got {span:g} s")
    if until > now:
        raise FilterError(f"until must not lie after {now.isoformat()}, got {until.isoformat()}")
    return since, until, int(text)


def _instant(name: str, text: str) -> datetime:
    expected = f"{name} must be an instant as 2026-06-30T08:15:00+08:00, got {text[:40]!r}"
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise FilterError(expected) from None
    if found.tzinfo is None or not FIRST_YEAR < found.year < LAST_YEAR:
        raise FilterError(expected)
    return found


def read_tolerance(args: Mapping[str, str]) -> float:
    """How far borders may move, in metres.

    Raises:
        FilterError: not a finite number 0..1000.
    """
    value = _number("tolerance", args.get("tolerance", "0"))
    if not 0 <= value <= 1000:
        raise FilterError(f"tolerance must be 0..1000 metres, got {value!r}")
    return value
