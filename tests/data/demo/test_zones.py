"""The zones of a demo: six nets, each zone inside the area that it is said to lie in."""

import pytest
import shapely

from data.patrol.tables import NETS
from data.readers import build_readers
from data.settings import Settings


@pytest.fixture(scope="module")
def readers(demo_store):
    return build_readers(demo_store, Settings())


def test_a_demo_has_zones_of_all_six_nets(readers):
    found = readers.areas.zones()
    assert set(found["net"]) == set(NETS)
    assert found["zone_id"].is_unique
    assert found.geometry.is_valid.all()
    assert (shapely.area(found.geometry.to_numpy()) > 0).all()


def test_zones_of_communities_cover_what_the_communities_cover(readers):
    found = readers.areas.zones()
    own = found[found["net"] == "community"].set_index("area_code").geometry
    areas = readers.areas.geometry("community").set_index("area_code").geometry
    assert set(own.index) == set(areas.index)
    assert own.loc[areas.index].geom_equals(areas).all()


def test_zones_of_a_street_do_not_leave_it(readers):
    found, streets = readers.areas.zones(), readers.areas.geometry("street").set_index("area_code").geometry
    for net in ("open_street", "technology"):
        own = found[found["net"] == net]
        outside = own.geometry.to_numpy()
        rest = shapely.difference(outside, streets.loc[own["area_code"]].to_numpy())
        assert shapely.area(rest).max() < 1e-9
