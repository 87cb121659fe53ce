"""Which forces are proposed for a point, and what is said of the others."""

import numpy as np
import pandas as pd
import pytest

from data.areas.plane import Plane
from data.resources.nearest import OF_A_KIND, SHOWN, SPEEDS_KMH, able_officers, able_resources, nearest
from data.resources.network import network_of
from tests.data.resources.test_network import LAT, LON, way

PLANE = Plane(lon=LON, lat=LAT)
NETWORK = network_of([way((0, 0), (20_000, 0))])


def force(number, kind, east, status="idle"):
    lon, lat = PLANE.to_degrees(np.array([east, 0.0]))
    return {"resource_id": f"{kind}-{number}", "kind": kind, "name": f"{kind} {number}", "dept_id": "police",
            "status": status, "lon": lon, "lat": lat}


def asked(*forces):
    return nearest(able_resources(pd.DataFrame(list(forces))), NETWORK, LON, LAT)


def test_the_soonest_is_first_not_the_nearest():
    found = asked(force(1, "redband", 500), force(1, "police_car", 2000))
    assert [one["kind"] for one in found.forces] == ["police_car", "redband"]
    assert found.forces[0]["metres"] == pytest.approx(2000, abs=5)
    assert found.forces[0]["minutes"] == pytest.approx(3.0, abs=0.05)
    assert found.forces[1]["minutes"] == pytest.approx(6.0, abs=0.1)


def test_only_free_forces_that_can_be_sent_are_named_and_the_rest_is_counted():
    found = asked(force(1, "ebike", 100), force(2, "ebike", 100, "busy"), force(3, "ebike", 100, "offline"),
                  force(4, "ebike", 100, None), force(5, "ebike", 9000), force(1, "hydrant", 10),
                  {**force(6, "ebike", 0), "lon": None, "lat": None})
    assert [one["code"] for one in found.forces] == ["ebike-1"]
    assert (found.busy, found.unknown, found.beyond) == (2, 1, 2)


def test_many_of_one_kind_do_not_hide_the_others():
    crowd = [force(n, kind, 100 * n + 100) for kind in SPEEDS_KMH for n in range(4)]
    found = asked(*crowd)
    kinds = [one["kind"] for one in found.forces]
    assert len(kinds) == SHOWN
    assert max(kinds.count(kind) for kind in kinds) <= OF_A_KIND


def test_those_of_the_department_come_first_and_each_kind_before_the_second_of_another():
    kinds = ("ebike", "police_car", "patrol_car")
    crowd = [force(n, kind, 100 * n + 100) for kind in kinds for n in range(3)]
    far = {**force(9, "redband", 3000), "dept_id": "station"}
    able = able_resources(pd.DataFrame([*crowd, far]))
    found = nearest(able, NETWORK, LON, LAT, dept_id="station").forces
    assert [one["code"] for one in found[:1]] == ["redband-9"]
    assert [one["fits"] for one in found] == [True] + [False] * 6
    minutes = [one["minutes"] for one in found[1:]]
    assert minutes == sorted(minutes)


def test_without_forces_nothing_is_named():
    empty = pd.DataFrame([force(1, "ebike", 1)]).iloc[:0]
    found = nearest(able_resources(empty), NETWORK, LON, LAT)
    assert (found.forces, found.busy, found.unknown, found.beyond) == ([], 0, 0, 0)


def test_officers_with_a_fresh_position_are_forces_and_busy_with_a_case_in_hand():
    lon, lat = PLANE.to_degrees(np.array([[500.0, 0.0], [100.0, 0.0], [50.0, 0.0]])).T
    people = pd.DataFrame({"officer_id": ["o-1", "o-2", ""], "role": "grid_officer",
                           "name_masked": ["王*", "李*", None], "lon": lon, "lat": lat})
    found = nearest(able_officers(people, {"o-2"}), NETWORK, LON, LAT)
    assert [(one["what"], one["code"], one["kind"], one["name"]) for one in found.forces] == [
        ("officer", "o-1", "grid_officer", "王*")]
    assert found.forces[0]["minutes"] == pytest.approx(6.0, abs=0.1)
    assert (found.busy, found.unknown, found.beyond) == (1, 0, 0)
