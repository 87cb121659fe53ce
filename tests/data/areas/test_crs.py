"""Foreign coordinates become WGS-84 within a metre of published vectors, and go back exactly."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.areas import crs

VECTORS = json.loads((Path(__file__).parent / "vectors" / "crs.json").read_text(encoding="utf-8"))
SHARED = Path(__file__).parents[4] / "shared" / "data" / "crs" / "gcoord_china_cities_vectors.json"
CHINA_LON, CHINA_LAT = st.floats(74, 134), st.floats(18, 53)


def metres(lon, lat, other):
    """Distance of points to (n, 2) others, in metres."""
    return np.hypot((lon - other[:, 0]) * 111_320 * np.cos(np.radians(lat)), (lat - other[:, 1]) * 111_132)


@pytest.mark.parametrize("system", ["gcj02", "bd09", "EPSG:3857"])
def test_published_cities_land_within_a_metre(system):
    cities = np.array(list(VECTORS["cities"].values()))
    given_, wanted = cities[:, VECTORS["systems"].index(system)], cities[:, 0]
    lon, lat = crs.to_wgs84(given_[:, 0], given_[:, 1], system)
    assert metres(lon, lat, wanted).max() < 1.0


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is absent")
@pytest.mark.parametrize(("system", "key"), [("gcj02", "GCJ02"), ("bd09", "BD09"), ("EPSG:3857", "EPSG3857")])
def test_all_published_cities_land_within_a_metre(system, key):
    rows = [row["coords"] for row in json.loads(SHARED.read_text(encoding="utf-8"))]
    given_, wanted = np.array([row[key] for row in rows]), np.array([row["WGS84"] for row in rows])
    lon, lat = crs.to_wgs84(given_[:, 0], given_[:, 1], system)
    assert len(rows) == 664
    assert metres(lon, lat, wanted).max() < 1.0


def test_exact_pairs_of_gcj02_are_met_to_a_millimetre():
    pairs = np.array(VECTORS["exact_gcj02"])
    lon, lat = crs.wgs84_to_gcj02(pairs[:, 0, 0], pairs[:, 0, 1])
    assert metres(lon, lat, pairs[:, 1]).max() < 1e-3
    lon, lat = crs.gcj02_to_wgs84(pairs[:, 1, 0], pairs[:, 1, 1])
    assert metres(lon, lat, pairs[:, 0]).max() < 1e-3


@given(CHINA_LON, CHINA_LAT)
def test_inverses_undo_their_forward(lon, lat):
    wanted = np.array([[lon, lat]])
    gcj = crs.wgs84_to_gcj02([lon], [lat])
    assert metres(*crs.gcj02_to_wgs84(*gcj), wanted).max() < 1e-3
    bd = crs.gcj02_to_bd09(*gcj)
    assert metres(*crs.to_wgs84(*bd, "bd09"), wanted).max() < 1e-3


@given(CHINA_LON, CHINA_LAT)
def test_gcj02_shifts_by_hundreds_of_metres_inside_its_box(lon, lat):
    east, north = crs.wgs84_to_gcj02([lon], [lat])
    assert 10 < metres(east, north, np.array([[lon, lat]]))[0] < 1500


def test_outside_its_box_gcj02_changes_nothing():
    lon, lat = crs.to_wgs84([-71.06, 2.35], [42.36, 48.85], "gcj02")
    assert lon.tolist() == [-71.06, 2.35]
    assert lat.tolist() == [42.36, 48.85]


def test_missing_coordinates_stay_missing():
    lon, lat = crs.to_wgs84([np.nan, 104.1], [30.6, np.nan], "gcj02")
    assert np.isnan(lon[0])
    assert np.isnan(lat[1])


@pytest.mark.parametrize("name", ["", "gcj", "EPSG:999999", "EPSG:4326; drop", "x" * 400])
def test_an_unknown_system_is_named(name):
    with pytest.raises(crs.CrsError, match="crs must be"):
        crs.to_wgs84([1.0], [1.0], name)


@pytest.mark.parametrize("name", ["wgs84", "WGS84", "EPSG:4326", "epsg:4490"])
def test_wgs84_has_several_names_and_is_left_as_it_is(name):
    lon, lat = crs.to_wgs84([104.1], [30.6], name)
    assert (lon.tolist(), lat.tolist()) == ([104.1], [30.6])
