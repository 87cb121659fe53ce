"""A plane in metres around one place, and a gentle warp that makes straight cuts look like roads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]

METRES_PER_DEGREE_LAT: Final = 111_132.0
METRES_PER_DEGREE_LON: Final = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Equirectangular metres around (lon, lat): exact enough for one district (< 0.1 % at 50 km)."""

    lon: float
    lat: float

    @property
    def scale(self) -> tuple[float, float]:
        """Metres per degree of longitude and of latitude."""
        return METRES_PER_DEGREE_LON * math.cos(math.radians(self.lat)), METRES_PER_DEGREE_LAT

    def to_metres(self, lonlat: Floats) -> Floats:
        """(n, 2) degrees to (n, 2) metres east and north."""
        return (np.asarray(lonlat, dtype=float) - (self.lon, self.lat)) * self.scale

    def to_degrees(self, metres: Floats) -> Floats:
        """Inverse of `to_metres`."""
        return np.asarray(metres, dtype=float) / self.scale + (self.lon, self.lat)

    def metres(self, geometry: Any) -> Any:
        """Geometry (or array of them) in degrees to metres."""
        return shapely.transform(geometry, self.to_metres)

    def degrees(self, geometry: Any) -> Any:
        """Geometry (or array of them) in metres to degrees."""
        return shapely.transform(geometry, self.to_degrees)


def plane_of(geometry: Any) -> Plane:
    """The plane around the middle of a geometry in degrees."""
    west, south, east, north = shapely.total_bounds(geometry)
    return Plane(lon=(west + east) / 2, lat=(south + north) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warp:
    """Turn by ``angle`` (radians) and bend by sine waves; invertible while the bend is gentle."""

    angle: float
    amplitude_m: float
    wave_m: float
    phase: float

    def _bend(self, points: Floats) -> Floats:
        wave = 2 * math.pi / self.wave_m
        return self.amplitude_m * np.column_stack((
            np.sin(wave * points[:, 1] + self.phase),
            np.sin(wave * points[:, 0] * 0.8 + 2 * self.phase),
        ))

    def _turn(self, angle: float) -> Floats:
        return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    def forward(self, points: Floats) -> Floats:
        """From the plane to the space where roads are straight."""
        turned = points @ self._turn(self.angle)
        return turned + self._bend(turned)

    def inverse(self, points: Floats) -> Floats:
        """From straight roads back to the plane (fixed point, below a micrometre)."""
        turned = points.copy()
        for _ in range(40):
            turned = points - self._bend(turned)
        return turned @ self._turn(-self.angle)
