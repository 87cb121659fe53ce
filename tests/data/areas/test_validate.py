"""Each rule fires on its own fault and on nothing else."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from data.areas.codes import AreaError
from data.areas.validate import validate
from tests.data.areas.samples import SIDE, district, square

GRID = "510108001001001"


def changed(code: str, **values: object) -> gpd.GeoDataFrame:
    """The sound district with some fields of one area replaced."""
    areas = district()
    row = areas.index[areas["area_code"] == code][0]
    for column, value in values.items():
        areas.at[row, column] = value
    return areas


def rules(areas: gpd.GeoDataFrame, buildings: pd.DataFrame | None = None) -> dict[str, str]:
    return {finding.rule: finding.area_code for finding in validate(areas, buildings)[0]}


def test_a_sound_district_has_no_findings():
    assert validate(district())[0] == []


@pytest.mark.parametrize(("code", "fault", "wanted"), [
    (GRID, {"area_code": "51010800100100X"}, {"code_shape"}),
    (GRID, {"parent_code": "510108001002"}, {"parent"}),
    (GRID, {"geometry": None}, {"geometry_missing", "gap"}),
    (GRID, {"geometry": square(0, 0, 2)}, {"overlap"}),
    (GRID, {"geometry": shapely.box(104, 30, 104.009, 30.01)}, {"gap"}),
    (GRID, {"geometry": shapely.box(103.9, 30, 104.01, 30.01)}, {"outside_parent"}),
    (GRID, {"chief_officer_id": None}, {"no_chief"}),
    ("510108001001", {"households": 801}, {"sum_households"}),
], ids=lambda value: ",".join(sorted(value)) if isinstance(value, set) else "")
def test_a_fault_is_found_by_its_rule(code, fault, wanted):
    found = set(rules(changed(code, **fault)))
    assert found - {"sum_households"} == wanted - {"sum_households"}
    if "sum_households" in wanted:
        assert "sum_households" in found


@pytest.mark.parametrize(("households", "is_found"), [(299, True), (300, False), (500, False), (501, True)])
def test_households_outside_300_to_500_are_reported(households, is_found):
    findings = validate(changed(GRID, households=households))[0]
    found = [finding for finding in findings if finding.rule == "households"]
    assert bool(found) == is_found
    assert all((finding.got, finding.severity) == (str(households), "warning") for finding in found)


def test_a_ring_that_crosses_itself_is_repaired_and_reported():
    bow = shapely.Polygon([(104, 30), (104.01, 30.01), (104.01, 30), (104, 30.01)])
    findings, repaired = validate(changed(GRID, geometry=bow))
    finding = next(finding for finding in findings if finding.rule == "geometry_invalid")
    assert (finding.area_code, finding.severity) == (GRID, "repaired")
    assert "Self-intersection" in finding.got
    assert repaired.geometry.is_valid.all()
    assert set(repaired.columns) == set(district().columns)


def test_a_code_may_come_once():
    areas = district()
    assert "code_repeated" in rules(gpd.GeoDataFrame(pd.concat([areas, areas.iloc[[4]]]), crs=areas.crs))


def test_work_grids_hold_base_grids_of_their_street_once():
    areas = district()
    work = areas.iloc[[4, 4]].copy()
    work["area_code"], work["grid_kind"] = ["510108001W001", "510108001W002"], "work"
    work["parent_code"], work["chief_officer_id"] = "510108001", None
    work["members"] = [[GRID], [GRID, "510108009001001"]]
    both = gpd.GeoDataFrame(pd.concat([areas, work]), crs=areas.crs)
    messages = [finding.got for finding in validate(both)[0] if finding.rule == "members"]
    assert messages == ["['510108009001001']", f"{GRID} also in 510108001W001"]


def test_a_building_stands_in_the_grid_that_it_names():
    buildings = pd.DataFrame({"building_id": ["B1", "B2", "B3"], "grid_code": [GRID, GRID, None],
                              "lon": [104.005, 104.015, 104.025], "lat": [30.005, 30.005, 30.005]})
    found = [finding.got for finding in validate(district(), buildings)[0]]
    assert found == ["B2 stands in 510108001001002", "B3 stands in 510108001002001"]


def test_codes_and_polygons_alone_are_enough():
    bare = district()[["area_code", "geometry"]]
    assert rules(bare) == {}
    bare.loc[4, "geometry"] = shapely.box(104, 30, 104 + SIDE / 2, 30.01)
    assert set(rules(bare)) == {"gap"}
    with pytest.raises(AreaError, match="area_code"):
        validate(bare[["geometry"]])
