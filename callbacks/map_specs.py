"""What each layer of the map is told: filter and scope -> spec. Decides nothing about looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from callbacks.map_data import OVERLAYS, TRAIL_MINUTES
from dashboard.view import View
from data.alerts import risk
from data.alerts.clusters import DAYS
from data.cases.indicators import BY_KEY
from data.cases.rules import WALL
from data.filters import SETS, CaseFilter
from layers import (
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
    zones,
)
from layers import legend as legends
from layers.measures import Measure, measure
from layers.spec import Spec
from layers.theme import lit

#: How far a border may move, in metres: less than a pixel at the zooms where each is used.
FAR_M, NEAR_M = "20", "2"
#: The level whose shapes are drawn, by the kind of grids chosen.
SHAPES: Final[Mapping[str, str]] = {"base": "grid", **{kind: kind for kind in OVERLAYS}}
#: Kinds of grid whose cases are found by the ground on which they lie.
ON_GROUND: Final = ("compound", "unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything a spec depends on; ``told``: the roles whose alerts the viewer sees."""

    filter_: CaseFilter
    view: View
    now: datetime
    readers: Any
    told: frozenset[str] = frozenset()

    def url(self, layer: str, *, filtered: bool = False, still: bool = False, **more: str) -> str:
        """An address of data; the version in it makes new data a new address."""
        readers = self.readers
        version = readers.cases.areas_version if still else readers.cases.version
        parts = [self.filter_.to_query()] if filtered else []
        parts += [f"{name}={value}" for name, value in more.items()]
        parts.append(f"v={_plain(str(version))}")
        return f"/columns/{layer}?{'&'.join(parts)}"


def _plain(version: str) -> str:
    return "".join(sign for sign in version if sign.isascii() and (sign.isalnum() or sign in "_.-:"))[:80]


def spec_of(key: str, question: Question) -> Spec:
    """The spec of one layer in the language of the view."""
    spec = SPECS[key](question)
    legend = spec["legend"]
    if legend and _counts_cases(key, question):
        filter_ = question.filter_
        legend = legends.counted(
            legend,
            since=filter_.since.isoformat(),
            until=filter_.until.isoformat(),
            narrowed=any(getattr(filter_, name) for name in SETS if name != "areas"),
        )
    if legend:
        spec["legend"] = legends.localised(legend, question.view.lang)
    return lit(spec) if question.view.theme == "light" else spec


def _counts_cases(key: str, question: Question) -> bool:
    """Whether the colours of a layer count cases of the filter; households, for one, do not."""
    counts = key in FILTERED and key != "changes"
    return counts and (key != "areas" or measure(question.view.measure).source == "cases")


def specs_of(question: Question) -> dict[str, Spec]:
    """The specs of all layers, for the first picture of a page."""
    return {key: spec_of(key, question) for key in SPECS}


def _areas(question: Question) -> Spec:
    view, readers = question.view, question.readers
    chosen = measure(view.measure)
    kind = SHAPES.get(view.grids, "grid")
    shapes = shapes_of(kind, readers)
    values, left_out = area_values(shapes, chosen, question)
    outline = readers.areas.outline()
    home = areas.bulk_bounds(outline if len(outline) else shapes)
    inside = shapes[shapes["area_code"].str.startswith(view.area)] if view.area else shapes.iloc[:0]
    return areas.area_layer(
        values,
        chosen,
        shapes_url=question.url("areas", still=True, level=kind, tolerance=FAR_M),
        near_url=question.url("areas", still=True, level=kind, tolerance=NEAR_M),
        borders_url=question.url("areas", still=True, level="street", tolerance=FAR_M),
        focus={"code": view.area, "bounds": _bounds(inside) or home, "home": home},
        lang=view.lang,
        options=areas.AreaOptions(
            adaptive=view.scale == "adaptive",
            kind=kind,
            narrowed=bool(question.filter_.areas) and chosen.source == "cases",
            left_out=left_out,
        ),
    )


def shapes_of(kind: str, readers: Any) -> gpd.GeoDataFrame:
    """The areas drawn: base grids, or those of a kind beside the partition."""
    return readers.areas.grids(kind) if kind in OVERLAYS else readers.areas.geometry("grid")


def _bounds(frame: gpd.GeoDataFrame) -> list[float] | None:
    return [round(float(value), 6) for value in frame.total_bounds] if len(frame) else None


def area_values(shapes: pd.DataFrame, chosen: Measure, question: Question) -> tuple[pd.DataFrame, int]:
    """``area_code, name, value`` of each drawn area, and how many cases stand in none of them.

    NaN where nothing is known: outside the filter's areas, nothing to divide by, an
    unknown population, or a professional grid, which cases are not assigned to.
    """
    named = pd.DataFrame({"area_code": shapes["area_code"], "name": shapes["name"]}).reset_index(drop=True)
    if chosen.source == "areas":
        return named.assign(value=shapes[chosen.key].to_numpy(dtype=float, na_value=np.nan)), 0
    kind = shapes["grid_kind"].iloc[0] if len(shapes) else "base"
    if chosen.key == risk.KEY and kind in ON_GROUND:
        return named.assign(value=np.nan), 0  # an alert names its base grid, no ground
    counted = _counted(kind, question, chosen)
    own = shapes["area_code"] if kind in ON_GROUND else None
    per_area = _per_area(shapes, counted) if own is None else counted.reindex(own, fill_value=0)
    values = _measured(per_area, chosen, shapes)
    wanted = question.filter_.areas
    if wanted:
        inside = (
            (shapes["area_code"] if own is None else shapes["parent_code"])
            .map(lambda code: any(str(code).startswith(area) for area in wanted))
            .to_numpy()
        )
        values = np.where(inside, values, np.nan)
    counter = chosen.key if chosen.key in counted and chosen.key != risk.KEY else "accepted"
    every = counted[counter].sum()
    if own is not None:
        every = getattr(question.readers.cases.counts(question.filter_, question.now, WALL), counter)
    left_out = int(every) - int(np.nansum(per_area[counter].to_numpy(dtype=float)))
    return named.assign(value=values), max(0, left_out)


def _counted(kind: str, question: Question, chosen: Measure) -> pd.DataFrame:
    """Counters by the code of the grids that cases belong to, or lie on."""
    if chosen.key == risk.KEY:
        cases_ = question.readers.cases.counts_by("grid", question.filter_, question.now,
                                                  (*WALL, risk.REPEATED))
        alerted = question.readers.alerts.points(question.now, question.told)
        return risk.with_risk(cases_.set_index("code"), alerted)
    if kind in ON_GROUND:
        found = question.readers.areas.counts_on(kind, question.filter_, question.now)
    else:
        found = question.readers.cases.counts_by("grid", question.filter_, question.now)
    return found.set_index("code")


def _per_area(shapes: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Counters by row of ``shapes``: its own, or the sum over the members of a work grid."""
    codes = shapes["area_code"]
    if "members" not in shapes.columns or shapes["grid_kind"].fillna("base").eq("base").all():
        return counted.reindex(codes, fill_value=0).reset_index(drop=True)
    members = shapes["members"].map(lambda held: list(held) if held is not None else [])
    pairs = pd.DataFrame({"at": np.arange(len(shapes)), "code": members.to_numpy()}).explode("code").dropna()
    joined = counted.reindex(pairs["code"], fill_value=0).groupby(pairs["at"].to_numpy()).sum()
    return joined.reindex(np.arange(len(shapes)))  # NaN without members


def _measured(counters: pd.DataFrame, chosen: Measure, shapes: pd.DataFrame) -> np.ndarray[Any, Any]:
    if chosen.rate:
        rows = counters.to_dict("records")
        indicator = BY_KEY[chosen.key]
        found = [None if any(pd.isna(value) for value in row.values()) else indicator.of(row) for row in rows]
        return np.asarray([np.nan if value is None else value for value in found], dtype=float)
    if chosen.key == "per_1000":
        people = shapes["residents"].to_numpy(dtype=float, na_value=np.nan)
        accepted = counters["accepted"].to_numpy(dtype=float)
        return np.divide(accepted * 1000, people, out=np.full(len(people), np.nan), where=people > 0)
    return counters[chosen.key].to_numpy(dtype=float)


def _unplaced(question: Question) -> int:
    total, placed = question.readers.cases.point_count(question.filter_, now=question.now)
    return int(total - placed)


def _resources(question: Question) -> Spec:
    found = question.readers.resources.all()
    return resources.resource_layer(
        question.url("resources"), left_out=int((found["lon"].isna() | found["lat"].isna()).sum())
    )


def _clusters(question: Question) -> Spec:
    """A new hour is a new address, and so is a new day; the filter narrows no scan."""
    version = _plain(f"{question.now:%Y%m%dT%H}-{question.readers.cases.areas_version}")
    lang = question.view.lang
    return clusters.cluster_layer(f"/columns/clusters?lang={lang}&v={version}", lang=lang, days=DAYS)


SPECS: Final[Mapping[str, Callable[[Question], Spec]]] = {
    "basemap": lambda q: basemap.basemap_layer(
        ground_url=q.url("ground", still=True), roads_url=q.url("roads", still=True)
    ),
    "areas": _areas,
    "buildings": lambda q: buildings.building_layer(q.url("buildings", still=True)),
    "zones": lambda q: zones.zone_layer(q.url("zones", still=True, lang=q.view.lang)),
    "chiefs": lambda q: chiefs.chief_layer(q.url("chiefs", still=True)),
    "heat": lambda q: heat.heat_layer(q.url("heat", filtered=True), left_out=_unplaced(q)),
    "clusters": _clusters,
    "reach": lambda q: reach.reach_layer(q.url("reach", still=True)),
    "traces": lambda q: traces.trace_layer(q.url("traces"), minutes=TRAIL_MINUTES),
    "cases": lambda q: cases.case_layer(q.url("cases", filtered=True), left_out=_unplaced(q)),
    "changes": lambda q: changes.change_layer(q.url("changes", filtered=True)),
    "resources": _resources,
    "officers": lambda q: officers.officer_layer(q.url("officers")),
    "labels": lambda q: labels.label_layer(q.url("labels", still=True)),
}
#: Layers that the filter changes, and those that any change of the data may change.
FILTERED: Final = frozenset({"areas", "heat", "cases", "changes"})
#: What does not follow the filter and yet changes with time.
MOVING: Final = frozenset({"clusters", "traces", "resources", "officers"})
