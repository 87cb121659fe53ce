"""Coordinates of other systems to WGS-84: GCJ-02 (AMap, Tencent), BD-09 (Baidu), EPSG codes.

Converted once, at the door; the store knows WGS-84 only. All functions take and
return arrays of degrees (longitude first) and are exact far below a metre; where
GCJ-02 is not defined (outside its box around China) they change nothing.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjError

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]

_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY2: Final = 0.006_693_421_622_965_943_23
_X_PI: Final = math.pi * 3000.0 / 180.0
#: Where GCJ-02 shifts at all: west, south, east, north.
_BOX: Final = (72.004, 0.8293, 137.8347, 55.8271)
_ROUNDS: Final = 12
_EPSG: Final = re.compile(r"EPSG:(\d{4,6})")
SYSTEMS: Final = ("wgs84", "gcj02", "bd09", "EPSG:n")


class CrsError(ValueError):
    """A reference system that is not known; the message says what is."""


def check_crs(crs: str) -> str:
    """The normal form of the name of a system.

    Raises:
        CrsError: neither wgs84, gcj02, bd09 nor a known EPSG code.
    """
    name = str(crs).strip()
    if name.lower() in ("wgs84", "gcj02", "bd09"):
        return name.lower()
    code = _EPSG.fullmatch(name.upper())
    if not code:
        raise CrsError(f"crs must be one of {', '.join(SYSTEMS)}, got {str(crs)[:40]!r}")
    try:
        CRS.from_epsg(int(code[1]))
    except ProjError:
        raise CrsError(f"crs must be a known EPSG code, got {str(crs)[:40]!r}") from None
    return "wgs84" if code[1] in ("4326", "4490") else f"EPSG:{int(code[1])}"


def to_wgs84(lon: Any, lat: Any, crs: str = "wgs84") -> Pair:
    """Coordinates of a system to WGS-84.

    Args:
        lon: longitude in degrees, or easting in the unit of the EPSG code.
        lat: latitude, or northing; same shape. NaN stays NaN.
        crs: ``wgs84``, ``gcj02``, ``bd09`` or ``EPSG:n`` (axis order x, y always).

    Raises:
        CrsError: unknown system.
    """
    east, north = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    system = check_crs(crs)
    if system == "wgs84":
        return east.copy(), north.copy()
    if system in ("gcj02", "bd09"):
        with np.errstate(invalid="ignore"):  # NaN and infinity go through and are refused elsewhere
            return gcj02_to_wgs84(*(bd09_to_gcj02(east, north) if system == "bd09" else (east, north)))
    x, y = _transformer(system).transform(east, north)
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    missing = ~(np.isfinite(x) & np.isfinite(y))
    return np.where(missing, np.nan, x), np.where(missing, np.nan, y)


@lru_cache(maxsize=8)
def _transformer(system: str) -> Transformer:
    return Transformer.from_crs(system, "EPSG:4326", always_xy=True)


def _defined(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = _BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _shift(lon: Floats, lat: Floats) -> Pair:
    """The GCJ-02 offset at a WGS-84 place, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = (-100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
             + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
             + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0)
    east = (300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
            + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
            + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0)
    radians = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(radians) ** 2
    north = np.degrees(north) / (_AXIS_M * (1.0 - _ECCENTRICITY2)) * magic * np.sqrt(magic)
    east = np.degrees(east) / (_AXIS_M * np.cos(radians)) * np.sqrt(magic)
    return east, north


def wgs84_to_gcj02(lon: Any, lat: Any) -> Pair:
    """WGS-84 to GCJ-02."""
    east, north = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    inside = _defined(east, north)
    by_east, by_north = _shift(np.where(inside, east, 105.0), np.where(inside, north, 35.0))
    return np.where(inside, east + by_east, east), np.where(inside, north + by_north, north)


def gcj02_to_wgs84(lon: Any, lat: Any) -> Pair:
    """GCJ-02 to WGS-84; no closed form, so iterated until it does not move (below 1 mm)."""
    east, north = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    guess_east, guess_north = east.copy(), north.copy()
    for _ in range(_ROUNDS):
        there_east, there_north = wgs84_to_gcj02(guess_east, guess_north)
        step_east, step_north = east - there_east, north - there_north
        guess_east, guess_north = guess_east + step_east, guess_north + step_north
        if not np.any(np.abs(step_east) + np.abs(step_north) > 1e-10):
            break
    inside = _defined(east, north)
    return np.where(inside, guess_east, east), np.where(inside, guess_north, north)


def gcj02_to_bd09(lon: Any, lat: Any) -> Pair:
    """GCJ-02 to BD-09."""
    east, north = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    radius = np.hypot(east, north) + 0.00002 * np.sin(north * _X_PI)
    angle = np.arctan2(north, east) + 0.000003 * np.cos(east * _X_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: Any, lat: Any) -> Pair:
    """BD-09 to GCJ-02, iterated from the published approximation (which alone is off by up to 1 m)."""
    east, north = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = east - 0.0065, north - 0.006
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * _X_PI)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _X_PI)
    guess_east, guess_north = radius * np.cos(angle), radius * np.sin(angle)
    for _ in range(_ROUNDS):
        there_east, there_north = gcj02_to_bd09(guess_east, guess_north)
        guess_east, guess_north = guess_east + east - there_east, guess_north + north - there_north
    return guess_east, guess_north
