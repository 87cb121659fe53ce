"""A page with nothing but the map, on figures made up here: for tests and for looking at it.

``python -m tests.browser.harness PORT`` serves it; the address `/specs` gives all specs.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pydeck
from flask import Flask, Response, request, send_from_directory
from shapely import affinity
from shapely.geometry import LineString, Polygon, box
from shapely.ops import unary_union

from data.cases.lifecycle import STATES
from layers import (
    alerts,
    areas,
    basemap,
    buildings,
    cases,
    changes,
    chiefs,
    clusters,
    heat,
    labels,
    officers,
    reach,
    resources,
    traces,
    whistles,
    zones,
)
from layers.measures import measure

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
WEST, SOUTH, STEP, ACROSS, UP = 104.03, 30.60, 0.0045, 40, 40
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self' blob:"
)
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>map</title>
<link rel="icon" href="data:,">{styles}<div class="map"><div id="map-canvas" class="map__canvas"></div></div>
<script src="/pydeck/index.js"></script>{scripts}</html>"""


START = """
window.written = {};
window.dash_clientside.set_props = (id, props) => { window.written[id] = props.data; };
fetch("/specs").then((answer) => answer.json()).then((specs) => {
  window.mapRoom.state.point = [104.12, 30.68];
  const on = new URLSearchParams(location.search).get("layers");
  window.mapRoom.KEYS.forEach((key) => window.mapRoom.toggle(key, !on || on.split(",").includes(key)));
  Object.entries(specs).forEach(([key, spec]) => window.mapRoom.draw(spec, key));
});
"""


def _corner(i: int, j: int) -> tuple[float, float]:
    return (
        WEST + STEP * (i + 0.3 * np.sin(i * 3.1 + j)),
        SOUTH + STEP * 0.86 * (j + 0.3 * np.cos(j * 2.7 + i)),
    )


def grids() -> gpd.GeoDataFrame:
    """A round district of about 1,200 grids; every 10 x 10 are a street, every 5 x 5 a community."""
    rows = []
    for i in range(ACROSS):
        for j in range(UP):
            if np.hypot((i - 19.5) / 20, (j - 19.5) / 20) > 1:
                continue
            street, community = (i // 10) * 4 + j // 10 + 1, (i % 10 // 5) * 2 + j % 10 // 5 + 1
            code = f"510108{street:03d}{community:03d}{(i % 5) * 5 + j % 5 + 1:03d}"
            rows.append(
                {
                    "area_code": code,
                    "name": f"第{len(rows) + 1}网格",
                    "geometry": Polygon(
                        [_corner(i, j), _corner(i + 1, j), _corner(i + 1, j + 1), _corner(i, j + 1)]
                    ),
                }
            )
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


GRIDS = grids()
CENTRES = np.column_stack(
    [GRIDS.geometry.map(lambda g: g.centroid.x), GRIDS.geometry.map(lambda g: g.centroid.y)]
)
OUTLINE = gpd.GeoDataFrame(
    {"name": ["成华区"]}, geometry=[unary_union(list(GRIDS.geometry))], crs="EPSG:4326"
)
NAMES = [
    "猛追湾",
    "双桥子",
    "府青路",
    "二仙桥",
    "跳蹬河",
    "双水碾",
    "万年场",
    "桃蹊路",
    "建设路",
    "保和",
    "青龙",
    "龙潭",
    "圣灯",
    "白莲池",
    "驷马桥",
    "东郊",
]


def streets(length: int = 9) -> gpd.GeoDataFrame:
    keyed = GRIDS.assign(code=GRIDS["area_code"].str[:length])
    merged = keyed.dissolve("code").reset_index()
    names = [
        NAMES[(int(code[6:9]) - 1) % 16] + (f"{int(code[9:12])}社区" if length == 12 else "街道")
        for code in merged["code"]
    ]
    return gpd.GeoDataFrame(
        {"area_code": merged["code"], "name": names}, geometry=merged.geometry, crs="EPSG:4326"
    )


def case_frame(n: int = 4000, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    at = CENTRES[rng.integers(0, len(CENTRES), n)] + rng.normal(0, STEP / 2, (n, 2))
    return pd.DataFrame(
        {
            "lon": at[:, 0],
            "lat": at[:, 1],
            "reported_at": pd.to_datetime(NOW - pd.to_timedelta(rng.integers(0, 86400, n), unit="s")),
            "cat_code": rng.choice(["E0101", "E0102", "C0305", "S0201"], n),
            "channel_code": rng.choice(["patrol", "hotline"], n),
            "state": rng.choice(STATES, n),
            "urgency": rng.integers(1, 4, n),
            "case_ref": np.arange(n) + 1,
            "is_overdue": rng.random(n) < 0.06,
        }
    )


def fix_frame(people: int = 300, steps: int = 40, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    at = CENTRES[rng.integers(0, len(CENTRES), people)][:, None, :] + np.cumsum(
        rng.normal(0, STEP / 14, (people, steps, 2)) + rng.normal(0, STEP / 20, (people, 1, 2)), axis=1
    )
    seconds = np.arange(steps) * 45
    return pd.DataFrame(
        {
            "officer_id": np.repeat([f"G-{i:04d}" for i in range(people)], steps),
            "at": np.tile(
                pd.to_datetime(NOW - timedelta(minutes=30)) + pd.to_timedelta(seconds, unit="s"), people
            ),
            "lon": at[:, :, 0].ravel(),
            "lat": at[:, :, 1].ravel(),
        }
    )


def columns(layer: str, args: dict[str, str]) -> Any:  # noqa: PLR0911 - one answer per layer
    """The content of a data address of the harness."""
    rng = np.random.default_rng(11)
    if layer in {"cases", "changes"}:
        found = case_frame()
        if "refs" in args:
            found = found[found["case_ref"].isin([int(ref) for ref in args["refs"].split(",")])]
        if "since" in args:
            found = found[found["reported_at"] >= datetime.fromisoformat(args["since"])]
        if "category" in args:
            found = found[found["cat_code"].str.startswith(args["category"])]
        return cases.encode_points(
            found, origin_s=int((NOW - timedelta(days=1)).timestamp()), total=len(found)
        )
    if layer == "heat":
        found = case_frame(3000)[["lon", "lat"]].assign(weight=rng.integers(1, 9, 3000))
        return heat.encode_heat(found, cell_deg=STEP / 2, total=int(found["weight"].sum()))
    if layer == "clusters":
        return cluster_answer(args)
    if layer == "traces":
        return traces.encode_traces(
            fix_frame(),
            origin_s=int((NOW - timedelta(minutes=30)).timestamp()),
            span_s=1800,
            zoom=float(args.get("zoom", 12)),
            max_vertices=8000,
        )
    if layer == "officers":
        last = fix_frame().groupby("officer_id").tail(1)
        return officers.encode_officers(
            last.assign(
                heading=rng.uniform(0, 360, len(last)),
                age_s=rng.choice([20, 900, 5000], len(last), p=[0.85, 0.1, 0.05]),
                role="grid_officer",
                grid_code=GRIDS["area_code"].sample(len(last), replace=True, random_state=1).to_numpy(),
            )
        )
    if layer == "resources":
        at = CENTRES[rng.integers(0, len(CENTRES), 60)]
        return resources.encode_resources(
            pd.DataFrame(
                {
                    "resource_id": [f"R{i}" for i in range(60)],
                    "kind": rng.choice(["police_car", "hospital", "redband", "drone"], 60),
                    "force_class": rng.choice(["professional", "mass"], 60),
                    "name": "站",
                    "status": rng.choice(["idle", "busy", None], 60),
                    "heading": rng.choice([45.0, np.nan], 60),
                    "lon": at[:, 0],
                    "lat": at[:, 1],
                    "area_code": "510108001",
                }
            )
        )
    if layer == "labels":
        named = pd.concat(
            [
                frame.assign(level=level)
                for frame, level in ((streets(), "street"), (streets(12), "community"), (GRIDS, "grid"))
            ]
        )
        centres = named.geometry.representative_point()
        return labels.label_rows(named.assign(lon=centres.x, lat=centres.y))
    if layer == "case":
        return {"case_no": f"CASE-{args['ref']}"}
    return _shapes(layer, args)


def _shapes(layer: str, args: dict[str, str]) -> dict[str, Any]:
    rng = np.random.default_rng(12)
    if layer == "areas":
        return areas.area_shapes(
            {"grid": GRIDS, "street": streets(), "community": streets(12)}[args["level"]]
        )
    if layer == "ground":
        water = gpd.GeoDataFrame(
            {"feature_id": ["w"], "kind": ["water"], "name": ["沙河"]},
            crs="EPSG:4326",
            geometry=[
                LineString([(WEST + 0.02 * i, SOUTH + 0.08 + 0.02 * np.sin(i)) for i in range(10)]).buffer(
                    0.0012
                )
            ],
        )
        return basemap.ground_shapes(OUTLINE, water)
    if layer in {"roads", "chiefs"}:
        lines = [LineString([_corner(i, j) for j in range(UP)]) for i in range(0, ACROSS, 2)]
        found = gpd.GeoDataFrame(
            {
                "road_id": [f"r{i}" for i in range(len(lines))],
                "name": "建设路",
                "class_code": rng.choice(["trunk", "primary", "tertiary"], len(lines)),
                "chief_id": ["张*" if i % 3 == 0 else None for i in range(len(lines))],
            },
            geometry=lines,
            crs="EPSG:4326",
        )
        zoom = float(args.get("zoom", 12))
        return (
            basemap.road_shapes(found, zoom=zoom)
            if layer == "roads"
            else chiefs.chief_shapes(found, zoom=zoom)
        )
    if layer == "zones":
        found = streets().iloc[:12]
        return zones.zone_shapes(gpd.GeoDataFrame({
            "zone_id": found["area_code"], "net": [net for net, *_ in zones.NETS] * 2, "name": found["name"],
            "area_code": found["area_code"]}, geometry=found.geometry, crs=found.crs), lang="zh")
    if layer == "reach":
        ways = np.array([[_corner(i, 20), _corner(i + 1, 20)] for i in range(16, 24)])
        return reach.reach_shapes(ways, np.linspace(200, 1900, len(ways)), _corner(20, 20))
    at = CENTRES[rng.integers(0, len(CENTRES), 1200)]
    found = gpd.GeoDataFrame(
        {
            "building_id": [f"B{i}" for i in range(1200)],
            "name": "楼",
            "height_m": np.nan,
            "floors": rng.integers(3, 33, 1200),
        },
        crs="EPSG:4326",
        geometry=[affinity.rotate(box(x, y, x + 0.0005, y + 0.0002), 20) for x, y in at],
    )
    return buildings.building_shapes(found, total=1200)


def cluster_answer(args: dict[str, str]) -> dict[str, Any]:
    """Two clusters in the middle and apart from it; asked ``slow``, a scan done at the second look."""
    if "slow" in args and "look" not in args:
        return {"type": "FeatureCollection", "features": [], "scan": {"state": "running", "share": 0.4}}
    far = np.hypot(*(CENTRES - CENTRES.mean(axis=0)).T).argsort()
    found = pd.DataFrame([
        {"grids": GRIDS["area_code"].iloc[chosen].tolist(), "days": days, "observed": 30, "expected": 9.5,
         "p_value": p, "recurrence_days": 1 / p}
        for chosen, days, p in ((far[:9], 4, 0.001), (far[300:303], 1, 0.04))])
    shapes = clusters.cluster_shapes(found, GRIDS, lang="zh")
    return {**shapes, "scan": {"state": "done", "n": 2, "total": 4321}}


def specs() -> dict[str, Any]:
    """All specs of the page by layer."""
    rng = np.random.default_rng(7)
    values = np.where(rng.random(len(GRIDS)) < 0.04, np.nan, np.floor(rng.random(len(GRIDS)) ** 3 * 24))
    counted = pd.DataFrame({"area_code": GRIDS["area_code"], "name": GRIDS["name"], "value": values})
    bounds = [float(value) for value in OUTLINE.total_bounds]
    return {
        "basemap": basemap.basemap_layer(ground_url="/columns/ground", roads_url="/columns/roads"),
        "areas": areas.area_layer(
            counted,
            measure("accepted"),
            shapes_url="/columns/areas?level=grid",
            borders_url="/columns/areas?level=street",
            focus={"code": None, "bounds": bounds, "home": bounds},
        ),
        "buildings": buildings.building_layer("/columns/buildings"),
        "chiefs": chiefs.chief_layer("/columns/chiefs"),
        "heat": heat.heat_layer("/columns/heat"),
        "clusters": clusters.cluster_layer("/columns/clusters", lang="zh", days=60),
        "traces": traces.trace_layer("/columns/traces", minutes=30),
        "cases": cases.case_layer("/columns/cases"),
        "changes": changes.change_layer("/columns/changes?v=1"),
        "resources": resources.resource_layer("/columns/resources"),
        "officers": officers.officer_layer("/columns/officers"),
        "alerts": alerts.alert_layer(_alerts()),
        "whistles": whistles.whistle_layer(_whistles(), lang="zh"),
        "labels": labels.label_layer("/columns/labels"),
        "reach": reach.reach_layer("/columns/reach"),
        "zones": zones.zone_layer("/columns/zones"),
    }


def _alerts() -> pd.DataFrame:
    """An alert of each colour in turn, in the middle of some grids."""
    middles = GRIDS.geometry.representative_point().iloc[::31]
    colors = [list(alerts.SIGNS)[place % 4] for place in range(len(middles))]
    return pd.DataFrame({"alert_id": range(len(middles)), "color": colors, "lon": middles.x, "lat": middles.y,
                         "title": "alert", "area_code": GRIDS["area_code"].iloc[::31]})


def _whistles() -> pd.DataFrame:
    """Whistles in the middle of some grids, every second one late."""
    middles = GRIDS.geometry.representative_point().iloc[::31]
    return pd.DataFrame({
        "whistle_id": range(len(middles)), "kind": "case", "code": "A1", "lon": middles.x, "lat": middles.y,
        "title": "whistle", "area_code": GRIDS["area_code"].iloc[::31],
        "due_at": pd.Timestamp("2026-03-06T08:00Z"),
        "is_late": [place % 2 == 0 for place in range(len(middles))]})


def create() -> Flask:
    """The harness as a Flask app, under the same strict policy as the product."""
    app = Flask(__name__)
    content = specs()

    @app.get("/")
    def page() -> str:
        files = sorted(
            path.name
            for path in (ROOT / "assets").iterdir()
            if path.name[:2] in {"10", "30"} or path.name[0] == "3"
        )
        styles = "".join(
            f'<link rel="stylesheet" href="/assets/{name}">'
            for name in ["10-tokens.css", "20-layout.css", *files]
            if name.endswith("css")
        )
        scripts = "".join(f'<script src="/assets/{name}"></script>' for name in files if name.endswith("js"))
        return PAGE.format(styles=styles, scripts=scripts + '<script src="/start.js"></script>')

    @app.get("/start.js")
    def start() -> Response:
        return Response(START, mimetype="text/javascript")

    @app.get("/specs")
    def all_specs() -> Response:
        return Response(json.dumps(content), mimetype="application/json")

    @app.get("/columns/<layer>")
    def data(layer: str) -> Response:
        found = columns(layer, dict(request.args))
        if isinstance(found, bytes):
            return Response(found, mimetype="application/octet-stream")
        return Response(json.dumps(found), mimetype="application/json")

    @app.get("/assets/<name>")
    def asset(name: str) -> Response:
        return send_from_directory(ROOT / "assets", name)

    @app.get("/pydeck/index.js")
    def bundle() -> Response:
        return send_from_directory(Path(pydeck.__file__).parent / "nbextension" / "static", "index.js")

    @app.after_request
    def sign(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


if __name__ == "__main__":
    create().run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8799, threaded=True)
