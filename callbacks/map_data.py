"""What each data address of the map answers: reader -> frame -> columns or GeoJSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any, Final

import pandas as pd

from callbacks.map_query import (
    Asked,
    known_only,
    read_filter,
    read_level,
    read_place,
    read_ref,
    read_refs,
    read_span,
    read_tolerance,
    read_view,
)
from callbacks.tracking import track
from dashboard.texts import LANGS
from data.cases.points import Box
from data.filters import FilterError
from data.patrol.reader import LONGEST_STEP_S
from layers import areas as area_layers
from layers import basemap, buildings, chiefs, heat, labels, motion, officers, reach, resources, traces
from layers import cases as case_layers
from layers import zones as zone_layers

#: By detail 0 (software GL), 1, 2 (GPU): what a frame can carry.
MAX_POINTS: Final = (4_000, 10_000, 20_000)
MAX_CELLS: Final = (5_000, 10_000, 20_000)
MAX_VERTICES: Final = (5_000, 12_000, 40_000)
MAX_BUILDINGS: Final = (1_200, 4_000, 12_000)
TRAIL_MINUTES: Final = 30
POSITION_AGE: Final = timedelta(hours=8)
#: Kinds of grid beside the partition.
OVERLAYS: Final = ("work", "professional", "compound", "unit")
_METRES_PER_PIXEL: Final = 78_271.517
#: Pixels that somebody walks between two fixes of a trail.
_TRAIL_PX: Final = (6.0, 3.0, 1.5)
_WALK_MPS: Final = 1.4
_LEAST_STEP_S: Final = 5
_BIN_PX: Final = (34, 28, 24)  # bubbles that do not cover each other

Args = Mapping[str, str]
Answer = bytes | dict[str, Any] | list[dict[str, Any]]


def cases(args: Args, readers: Any, now: datetime) -> Answer:
    """Case points in the box, or bins where there are more than the screen can show."""
    known_only(args)
    filter_, asked = read_filter(args), read_view(args)
    _, placed = readers.cases.point_count(filter_, asked.box, now=now)
    most = MAX_POINTS[asked.detail]
    if placed > most:
        cells = readers.cases.heat(filter_, box=asked.box, cell_m=_bin_metres(asked), now=now)
        return case_layers.encode_bins(cells.to_pandas(), total=placed)
    found = readers.cases.points(filter_, asked.box, most, now=now).to_pandas()
    return case_layers.encode_points(found, origin_s=int(filter_.since.timestamp()), total=placed)


def changes(args: Args, readers: Any, now: datetime) -> Answer:
    """Those of some cases that the map would show: of the filter, placed in the box."""
    known_only(args, "refs")
    filter_, asked, refs = read_filter(args), read_view(args), read_refs(args)
    found = readers.cases.chosen_points(filter_, refs, asked.box, now=now).to_pandas()
    return case_layers.encode_points(found, origin_s=int(filter_.since.timestamp()), total=len(found))


def _bin_metres(asked: Asked) -> float:
    return min(max(_BIN_PX[asked.detail] * _pixel_metres(asked), 10.0), 50_000.0)


def _pixel_metres(asked: Asked) -> float:
    latitude = (asked.box.south + asked.box.north) / 2 if asked.box else 0.0
    return _METRES_PER_PIXEL * cos(radians(min(abs(latitude), 80))) / 2**asked.zoom


def heat_cells(args: Args, readers: Any, now: datetime) -> Answer:
    """Heat cells in the box."""
    known_only(args)
    filter_, asked = read_filter(args), read_view(args)
    cells = readers.cases.heat(filter_, box=asked.box, zoom=asked.zoom, now=now)
    cell_m = float(cells.schema.metadata[b"cell_m"])
    box = asked.box or readers.cases.extent()
    while cells.num_rows > MAX_CELLS[asked.detail]:
        cell_m *= 2
        cells = readers.cases.heat(filter_, box=box, cell_m=cell_m, now=now)
    frame = cells.to_pandas()
    latitude = radians(min(abs(box.south + box.north) / 2, 80))
    return heat.encode_heat(
        frame, cell_deg=cell_m / (111_320 * cos(latitude)), total=int(frame["weight"].sum())
    )


def shapes(args: Args, readers: Any, _now: datetime) -> Answer:
    """Shapes of the areas of a level."""
    known_only(args, "level", "tolerance")
    level = read_level(args)
    beside = level in OVERLAYS
    frame = readers.areas.grids(level) if beside else readers.areas.geometry(level)
    return area_layers.area_shapes(frame, tolerance_m=read_tolerance(args))


def ground(args: Args, readers: Any, _now: datetime) -> Answer:
    """Outline, water and green."""
    known_only(args)
    return basemap.ground_shapes(readers.areas.outline(), readers.areas.features())


def roads(args: Args, readers: Any, _now: datetime) -> Answer:
    """Roads of the classes that the zoom shows."""
    known_only(args)
    asked = read_view(args)
    return basemap.road_shapes(readers.areas.roads(asked.box), zoom=asked.zoom)


def road_chiefs(args: Args, readers: Any, _now: datetime) -> Answer:
    """Roads with a chief."""
    known_only(args)
    asked = read_view(args)
    return chiefs.chief_shapes(readers.areas.roads(asked.box), zoom=asked.zoom)


def footprints(args: Args, readers: Any, _now: datetime) -> Answer:
    """Buildings in the box, the highest first where there are too many."""
    known_only(args)
    asked = read_view(args)
    if asked.zoom < buildings.FIRST_ZOOM - 0.5:
        raise FilterError(f"buildings need zoom {buildings.FIRST_ZOOM:g} or nearer, got {asked.zoom:g}")
    most = MAX_BUILDINGS[asked.detail]
    found = readers.areas.buildings(_wide(asked.box), most + 1)
    return buildings.building_shapes(found.iloc[:most], total=len(found))


def _wide(box: Box | None) -> Box:
    if box is None:
        raise FilterError("buildings need a box, got none")
    return box


def zones(args: Args, readers: Any, _now: datetime) -> Answer:
    """Zones of the six nets."""
    known_only(args, "lang")
    lang = args.get("lang", "zh")
    if lang not in LANGS:
        raise FilterError(f"lang must be one of {', '.join(LANGS)}; got {lang[:20]!r}")
    return zone_layers.zone_shapes(readers.areas.zones(), lang=lang)


def names(args: Args, readers: Any, _now: datetime) -> Answer:
    """Names of areas and where they stand."""
    known_only(args)
    tree = readers.areas.tree()
    return labels.label_rows(tree[tree["grid_kind"].fillna("base").eq("base")])


def trails(args: Args, readers: Any, now: datetime) -> Answer:
    """Traces of the last minutes in the box."""
    known_only(args)
    asked = read_view(args)
    fixes = readers.patrol.trails(now, TRAIL_MINUTES, box=asked.box, step_s=_trail_step(asked)).to_pandas()
    since = now - timedelta(minutes=TRAIL_MINUTES)
    return traces.encode_traces(
        fixes,
        origin_s=int(since.timestamp()),
        span_s=TRAIL_MINUTES * 60,
        zoom=asked.zoom,
        max_vertices=MAX_VERTICES[asked.detail],
    )


def _trail_step(asked: Asked) -> int:
    """Seconds between two fixes of a trail worth reading; 0: all of them.

    A device may send each second: half an hour of 5,000 officers would be nine million fixes, for
    a picture of some thousand vertices.
    """
    step_s = int(_pixel_metres(asked) * _TRAIL_PX[asked.detail] / _WALK_MPS)
    return 0 if step_s < _LEAST_STEP_S else min(step_s, LONGEST_STEP_S)


def positions(args: Args, readers: Any, now: datetime) -> Answer:
    """Where the officers are."""
    known_only(args)
    return officers.encode_officers(pd.DataFrame(readers.patrol.positions(now, POSITION_AGE)))


def movements(args: Args, readers: Any, now: datetime) -> Answer:
    """How the officers moved in a span, to be played; nothing after ``now``."""
    known_only(args, "from", "until", "step")
    since, until, step_s = read_span(args, now)
    fixes = readers.patrol.tape(since, until, step_s=step_s, box=read_view(args).box).to_pandas()
    return motion.encode_motion(fixes, since=since, until=until)


def stations(args: Args, readers: Any, _now: datetime) -> Answer:
    """Resources with a place."""
    known_only(args)
    found = readers.resources.all()
    return resources.encode_resources(found[found["lon"].notna() & found["lat"].notna()])


def reached(args: Args, readers: Any, _now: datetime) -> Answer:
    """The roads within reach of a point."""
    known_only(args, "lon", "lat")
    point = read_place(args)
    pieces, metres = readers.areas.network().reached(*point, reach_m=reach.REACH_M)
    return reach.reach_shapes(pieces, metres, point)


def case_number(args: Args, readers: Any, _now: datetime) -> Answer:
    """The number of the case behind a point."""
    known_only(args, "ref")
    ref = read_ref(args)
    found = readers.cases.case_by_ref(ref)
    if found is None:
        raise LookupError(f"no case has the handle {ref}")
    return {"case_no": found["case_no"]}


#: Name of the address -> what answers it.
ANSWERS: Final[Mapping[str, Callable[[Args, Any, datetime], Answer]]] = {
    "cases": cases,
    "changes": changes,
    "heat": heat_cells,
    "areas": shapes,
    "ground": ground,
    "roads": roads,
    "chiefs": road_chiefs,
    "zones": zones,
    "buildings": footprints,
    "labels": names,
    "traces": trails,
    "officers": positions,
    "motion": movements,
    "resources": stations,
    "reach": reached,
    "track": track,
    "case": case_number,
}
#: Those that change only with the areas.
STILL: Final = frozenset({"areas", "ground", "roads", "chiefs", "zones", "labels"})
