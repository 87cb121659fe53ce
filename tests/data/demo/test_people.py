"""Staff, resources and positions of the demo of Zhongshan."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data.demo.mix import CATEGORY_SHARE
from data.demo.profiles import PROFILES
from data.demo.resources import KINDS, SITES
from data.engine import Store
from data.exchange.labels import codes


def test_every_base_grid_has_one_officer_two_auxiliaries_volunteers_and_a_chief(demo_store: Store) -> None:
    teams = demo_store.arrow("""
        SELECT a.area_code, a.chief_officer_id, count(*) FILTER (WHERE o.role = 'grid_officer') AS officers,
               count(*) FILTER (WHERE o.role = 'aux_police') AS auxiliaries,
               count(*) FILTER (WHERE o.role = 'volunteer') AS volunteers,
               count(DISTINCT o.post) AS posts, bool_or(o.officer_id = a.chief_officer_id) AS has_chief
        FROM area a JOIN officer o ON o.grid_code = a.area_code WHERE a.grid_kind = 'base'
        GROUP BY 1, 2""").to_pandas()
    assert len(teams) == 239
    assert teams["officers"].eq(1).all()
    assert teams["auxiliaries"].eq(2).all()
    assert teams["volunteers"].ge(8).all()
    assert teams["posts"].eq(5).all()
    assert teams["has_chief"].all()


def test_every_chief_exists(demo_store: Store) -> None:
    for table, column in (("area", "chief_officer_id"), ("building", "chief_id"), ("road", "chief_id")):
        lost = demo_store.arrow(
            f"SELECT count(*) AS n FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN "
            "(SELECT officer_id FROM officer)")["n"].to_pylist()
        assert lost == [0], table
    for table, column in (("area", "chief_officer_id"), ("building", "chief_id")):
        none = demo_store.arrow(f"SELECT count(*) AS n FROM {table} WHERE {column} IS NULL")
        assert none["n"].to_pylist() == [0], table


def test_roles_posts_and_shifts_have_labels(demo_store: Store) -> None:
    for column in ("role", "post", "shift"):
        used = demo_store.arrow(f"SELECT DISTINCT {column} AS code FROM officer WHERE {column} IS NOT NULL")
        assert set(used["code"].to_pylist()) <= set(codes(column))


def test_resources_of_every_kind_stand_in_their_grid(demo_store: Store) -> None:
    kinds = demo_store.arrow("SELECT kind, count(*) AS n FROM resource GROUP BY 1").to_pandas()
    elsewhere = {site.kind for site in SITES} - {kind.kind for kind in KINDS}
    assert set(kinds["kind"]) == set(codes("resource_kind")) - elsewhere
    assert kinds.set_index("kind")["n"]["camera"] == 400
    forces = demo_store.arrow("SELECT DISTINCT force_class AS f FROM resource")["f"].to_pylist()
    assert {"professional", "mass"} <= set(forces)
    streams = demo_store.arrow("SELECT count(*) AS n FROM resource WHERE stream_url IS NOT NULL")
    assert streams["n"][0].as_py() > 0


def test_positions_lie_on_the_roads_of_the_district(demo_store: Store) -> None:
    lines = demo_store.arrow("SELECT geometry FROM road")["geometry"].to_pylist()
    roads = gpd.GeoSeries.from_wkb(lines, crs=4326)
    network = roads.to_crs(32651)
    fixes = demo_store.arrow(
        "SELECT lon, lat, valid FROM gps_fix WHERE valid ORDER BY officer_id, at").to_pandas().iloc[::97]
    points = gpd.GeoSeries(gpd.points_from_xy(fixes["lon"], fixes["lat"]), crs=4326).to_crs(32651)
    tree = shapely.STRtree(network.to_numpy())
    _, metres = tree.query_nearest(points.to_numpy(), return_distance=True, all_matches=False)
    assert np.median(metres) < 8
    assert (metres < 20).mean() > 0.95


def test_officers_move_stop_and_pause(demo_store: Store) -> None:
    days = demo_store.arrow("""
        SELECT officer_id, date_trunc('day', at + interval '8 hours') AS day, count(*) AS n,
               sum(speed_mps * 60) / 1000 AS km,
               min(heading) AS low, max(heading) AS high
        FROM gps_fix WHERE valid GROUP BY 1, 2""").to_pandas()
    assert days["officer_id"].nunique() > 0.95 * 239
    whole = days[days["n"] > 200]
    assert 5 <= whole["km"].median() <= 9
    assert days["low"].min() >= 0
    assert days["high"].max() <= 360
    invalid = demo_store.arrow("SELECT avg((NOT valid)::int::float8) AS share FROM gps_fix")
    assert 0.001 < invalid["share"][0].as_py() < 0.01


def test_the_shares_of_the_mix_add_up() -> None:
    assert sum(CATEGORY_SHARE.values()) == pytest.approx(100.0)
    for profile in PROFILES.values():
        assert sum(profile.channels.values()) == pytest.approx(100.0)
