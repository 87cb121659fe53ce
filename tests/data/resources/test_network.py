"""Ways by road, against a brute force and on streets whose lengths are known."""

import numpy as np
import pytest
import shapely

from data.areas.plane import Plane
from data.resources.network import MAX_OFF_M, network_of

LON, LAT = 104.1, 30.67
PLANE = Plane(lon=LON, lat=LAT)


def degrees(*metres):
    return PLANE.to_degrees(np.array(metres, dtype=float))


def way(*metres):
    return shapely.LineString(degrees(*metres))


def metres(network, start, *ends, reach_m=1e9):
    (lon, lat), = degrees(start)
    return network.metres(lon, lat, degrees(*ends), reach_m=reach_m)


def test_the_way_round_a_corner_is_as_long_as_its_legs():
    network = network_of([way((0, 0), (1000, 0)), way((1000, 0), (1000, 500))])
    assert metres(network, (0, 0), (1000, 500), (1000, 0)) == pytest.approx([1500, 1000], abs=3)


def test_a_point_beside_the_road_walks_to_it():
    network = network_of([way((0, 0), (1000, 0))])
    assert metres(network, (0, 100), (1000, 0)) == pytest.approx([1100], abs=3)


def test_roads_that_only_cross_are_not_joined():
    bridge = network_of([way((-500, 0), (500, 0)), way((0, -510), (0, 490))])
    assert np.isinf(metres(bridge, (-500, 0), (0, 490)))
    crossing = network_of([way((-500, 0), (0, 0), (500, 0)), way((0, -510), (0, 0), (0, 490))])
    assert metres(crossing, (-500, 0), (0, 490)) == pytest.approx([990], abs=3)


def test_beyond_reach_off_the_roads_and_without_a_place_there_is_no_way():
    network = network_of([way((0, 0), (3000, 0))])
    ends = [(1900, 0), (2100, 0), (100, MAX_OFF_M + 50), (np.nan, np.nan)]
    found = metres(network, (0, 0), *ends, reach_m=2000)
    assert np.isfinite(found).tolist() == [True, False, False, False]


@pytest.mark.parametrize("roads", [[], [None], [shapely.LineString()], [shapely.Point(LON, LAT)]])
def test_without_roads_nothing_can_be_reached(roads):
    assert np.isinf(metres(network_of(roads), (0, 0), (0, 0))).all()


@pytest.mark.parametrize("seed", range(6))
def test_lengths_are_those_of_every_way_tried(seed):
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 60, (12, 2)) * 40.0
    spots = np.unique(spots, axis=0)
    pairs = [(i, j) for i in range(len(spots)) for j in range(i) if rng.random() < 0.25]
    network = network_of([way(spots[i], spots[j]) for i, j in pairs] + [way(spots[0], spots[1])])
    best = np.full((len(spots), len(spots)), np.inf)
    np.fill_diagonal(best, 0)
    for i, j in [*pairs, (0, 1)]:
        best[i, j] = best[j, i] = np.hypot(*(spots[i] - spots[j]))
    for k in range(len(spots)):
        best = np.minimum(best, best[:, [k]] + best[[k], :])
    on_road = sorted({one for pair in [*pairs, (0, 1)] for one in pair})
    found = metres(network, spots[0], *spots[on_road])
    wanted = best[0, on_road]
    assert np.isinf(found).tolist() == np.isinf(wanted).tolist()
    assert found[np.isfinite(wanted)] == pytest.approx(wanted[np.isfinite(wanted)], rel=0.01, abs=6)


def test_reach_ends_where_the_way_is_too_long_on_every_branch():
    network = network_of([way((0, 0), (1000, 0)), way((300, 0), (300, 1000)), way((300, 0), (0, 0))])
    (lon, lat), = degrees((0, 0))
    pieces, far = network.reached(lon, lat, reach_m=500)
    ends = PLANE.to_metres(pieces.reshape(-1, 2))
    assert far.max() <= 500
    assert ends[:, 0].max() == pytest.approx(500, abs=51)
    assert ends[:, 1].max() == pytest.approx(200, abs=51)
    assert network.reached(lon + 1, lat, reach_m=500)[0].shape == (0, 2, 2)


def test_ways_from_the_same_point_are_found_once(monkeypatch):
    network = network_of([way((0, 0), (1000, 0))])
    first = metres(network, (0, 0), (1000, 0))
    monkeypatch.setattr("data.resources.network.dijkstra", None)
    assert (metres(network, (0, 0), (1000, 0)) == first).all()
