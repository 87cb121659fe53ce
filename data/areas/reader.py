"""Reads areas, buildings and the base map for the screens."""

from __future__ import annotations

import json
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely

from data.areas import queries
from data.areas.card import area_card
from data.areas.holding import SMALL, Holding, holding_of
from data.areas.protected import UNKNOWN, ProtectedCounts, Told
from data.areas.spots import counts_in
from data.cases.points import Box
from data.cases.reader import CaseReader
from data.filters import CaseFilter
from data.memo import Memo
from data.resources.network import RoadNetwork, network_of
from data.sql import Query

if TYPE_CHECKING:
    from data.access.seen import Asked

CRS: Final = "EPSG:4326"
#: Kinds of grid in the order in which the screens offer them.
KINDS: Final = ("base", "work", "professional", "compound", "unit")
MAX_BUILDINGS: Final = 50_000
_KEPT_ANSWERS: Final = 48
#: Trees and shapes, a dozen for each scope; those of a part are small.
_KEPT_SHAPES: Final = 256


class AreaReader:
    """Answers questions about places in the scope of ``cases``; polygons are kept until the data change."""

    def __init__(self, store: Asked, cases: CaseReader, *, memos: tuple[Memo, Memo] | None = None,
                 protected: ProtectedCounts | None = None) -> None:
        self._store, self._cases, self._scope = store, cases, cases.scope
        self._memos = memos or (Memo(_KEPT_ANSWERS), Memo(_KEPT_SHAPES))
        self._memo, self._shown = self._memos
        self._protected = protected or ProtectedCounts(store)

    def seen_with(self, cases: CaseReader, store: Asked) -> AreaReader:
        """The same reader in the scope of other cases, over a store that shows no more."""
        return AreaReader(store, cases, memos=self._memos, protected=self._protected)

    def tree(self) -> pd.DataFrame:
        """Every area, `queries.PLAIN`, parents before children."""
        return self._kept(("tree",), lambda: self._store.arrow(queries.tree(scope=self._scope)).to_pandas())

    def chiefs(self) -> dict[str, bool]:
        """Code of a base grid -> whether it has a chief (网格长)."""
        found = self._kept(("chiefs",),
                           lambda: self._store.arrow(queries.kept(scope=self._scope)).to_pandas())
        return dict(zip(found["area_code"], found["has_chief"], strict=True))

    def area(self, area_code: str) -> dict[str, Any] | None:
        """One area without its polygon; None where there is none of that code."""
        rows = self._store.arrow(queries.one_area(area_code, scope=self._scope)).to_pylist()
        return rows[0] if rows else None

    def children(self, area_code: str | None, level: str | None = None) -> list[tuple[str, str]]:
        """Code and name of the base areas of a level below an area (None: all), by code."""
        tree = self.tree()
        found = tree if area_code is None else tree[tree["area_code"].str.startswith(area_code)]
        level = level or _level_below(area_code)
        found = found[(found["level"] == level) & found["grid_kind"].fillna("base").eq("base")]
        return list(zip(found["area_code"], found["name"], strict=True))

    def path(self, area_code: str | None) -> list[dict[str, Any]]:
        """``area_code, name, level`` from the top of the scope down to the area; None gives the top.

        The top is the district, or the one area of the scope; empty where there are several,
        and for an area that does not exist.
        """
        tree = self.tree().set_index("area_code", drop=False)
        code: Any = area_code
        if code is None:
            code = self._scope.home
            top = tree[tree["level"] == "district"]
            code = top["area_code"].iloc[0] if code is None and len(top) == 1 else code
        steps: list[dict[str, Any]] = []
        while code is not None and code in tree.index:
            row = tree.loc[code]
            steps.insert(0, {"area_code": row["area_code"], "name": row["name"], "level": row["level"]})
            code = row["parent_code"]
        return steps

    def geometry(self, level: str, parent: str | None = None) -> gpd.GeoDataFrame:
        """Base areas of a level in EPSG:4326, `queries.PLAIN` and ``geometry``; not to be modified."""
        return self._shapes(level, parent, "base")

    def outline(self) -> gpd.GeoDataFrame:
        """The ground of the whole: districts, or the areas of a smaller scope; not to be modified."""
        roots = self._scope.roots
        return self._kept(("outline",), lambda: self._roots(roots)) if roots else self.geometry("district")

    def _roots(self, roots: tuple[str, ...]) -> gpd.GeoDataFrame:
        levels = sorted({queries.LEVELS[len(root)] for root in roots})
        held = [shapes[shapes["area_code"].isin(roots)] for shapes in map(self.geometry, levels)]
        return gpd.GeoDataFrame(pd.concat(held, ignore_index=True), crs=CRS)

    def work_grids(self) -> gpd.GeoDataFrame:
        """Work grids (工作网格) with ``members``, the codes of their base grids."""
        return self._shapes("grid", None, "work")

    def professional_grids(self) -> gpd.GeoDataFrame:
        """Professional grids (专业网格) with ``professional_field``."""
        return self._shapes("grid", None, "professional")

    def grids(self, kind: str) -> gpd.GeoDataFrame:
        """Grids of a kind: base, work, professional, compound or unit; no row where the store has none."""
        return self._shapes("grid", None, kind)

    def grid_kinds(self) -> list[str]:
        """The kinds of grid that the store has, base first, in the order of `KINDS`."""
        here = set(self.tree()["grid_kind"].dropna())
        return [kind for kind in KINDS if kind == "base" or kind in here]

    def counts_on(self, kind: str, filter_: CaseFilter, now: datetime) -> pd.DataFrame:
        """Counters of `WALL` by ``code`` of the grids of a kind, by the ground on which cases lie."""
        shapes, filter_ = self.grids(kind), filter_.with_(scope=self._scope)
        return self._memo.get(
            (self._cases.version, self._scope.key, "on", kind, filter_, now.replace(microsecond=0)),
            lambda: counts_in(shapes.geometry.to_numpy(), shapes["area_code"].tolist(), self._frame,
                              filter_, now))

    def unit_at(self, lon: float | None, lat: float | None) -> dict[str, Any] | None:
        """Code and name of the unit grid at a place, WGS-84 degrees; None where there is none."""
        return self._at("unit", lon, lat)

    def grid_at(self, lon: float | None, lat: float | None) -> dict[str, Any] | None:
        """Code and name of the base grid at a place, WGS-84 degrees; None where there is none.

        On a border it is the grid of the smaller code, as for cases.
        """
        return self._at("base", lon, lat)

    def _at(self, kind: str, lon: float | None, lat: float | None) -> dict[str, Any] | None:
        if lon is None or lat is None or not (isfinite(lon) and isfinite(lat)):
            return None
        shapes = self.grids(kind)
        found = shapes.sindex.query(shapely.Point(lon, lat), predicate="intersects")
        if not len(found):
            return None
        row = shapes.iloc[int(found.min())]
        return {"area_code": row["area_code"], "name": row["name"]}

    def city(self) -> dict[str, str]:
        """``name, name_en`` of the city above the district; empty where nobody said."""
        rows = self._kept(("city",), lambda: self._store.arrow(queries.city()).to_pylist())
        return dict(json.loads(rows[0]["value"])) if rows else {}

    def roads(self, box: Box | None = None) -> gpd.GeoDataFrame:
        """Roads in EPSG:4326: ``road_id, name, class_code, street_code, chief_id, length_m, geometry``.

        All of them; ``chief_id`` only of those whose street lies in the scope.
        """
        every = self._kept(("roads",), self._roads)
        return every if box is None else every.cx[box.west:box.east, box.south:box.north]

    def network(self) -> RoadNetwork:
        """All roads as a graph, open to everybody; joined once, and kept until places change."""
        found: RoadNetwork = self._kept_open(("network",), lambda: network_of(self._open_roads().geometry))
        return found

    def zones(self) -> gpd.GeoDataFrame:
        """Zones of the nets of prevention: ``zone_id, net, name, area_code, dept_id``, EPSG:4326 geometry."""
        return self._kept(("zones",), lambda: _frame(self._store.arrow(queries.zones(scope=self._scope)),
                                                     "geometry"))

    def features(self) -> gpd.GeoDataFrame:
        """Water and green in EPSG:4326: ``feature_id, kind, name, geometry``."""
        return self._kept_open(("features",),
                               lambda: _frame(self._store.arrow(queries.features()), "geometry"))

    def buildings(self, box: Box | None = None, limit: int = MAX_BUILDINGS) -> gpd.GeoDataFrame:
        """Buildings in EPSG:4326, the highest first; ``geometry`` is the footprint or the point."""
        query = queries.buildings(box, min(limit, MAX_BUILDINGS), scope=self._scope)
        question = (self._cases.areas_version, self._scope.key, "buildings", box, limit)
        return self._memo.get(question, lambda: _buildings(self._store.arrow(query)))

    def building(self, building_id: str) -> dict[str, Any] | None:
        """One building without its footprint; None where there is none of that id."""
        found = self._store.arrow(queries.one_building(building_id, scope=self._scope))
        rows = found.drop_columns(["footprint"]).to_pylist()
        return rows[0] if rows else None

    def card(self, area_code: str, now: datetime) -> dict[str, Any] | None:
        """The grid card of an area of any level; see `data.areas.card.area_card`.

        ``people`` has ``floating`` and ``floating_withheld`` too, see `data.areas.protected`.
        """
        found = self.area(area_code)
        if found is None:
            return None
        holding = self._holding(found)
        card = area_card(found, now, ask=self._ask, frame=self._frame, cases=self._cases, holding=holding,
                         children=self._below(found, holding), parts=self._parts(holding),
                         grid_kinds=self.grid_kinds())
        told = self._floating(found)
        card["people"] |= {"floating": told.number, "floating_withheld": told.is_withheld}
        return card

    def _floating(self, area: dict[str, Any]) -> Told:
        if area["grid_kind"] not in (None, "base", "work"):
            return UNKNOWN
        return self._protected.floating(area["area_code"], area["members"], self._cases.places_version)

    def _holding(self, area: dict[str, Any]) -> Holding:
        """What belongs to an area; grids beside the partition by the base grids in their ground."""
        kind = area["grid_kind"]
        if kind in (None, "base") or area["members"]:
            return holding_of(area, (), None)
        shapes = self.grids(kind)
        polygon = shapes.geometry[shapes["area_code"] == area["area_code"]]
        if polygon.empty:
            return holding_of(area, (), None)
        base = self.geometry("grid")
        if kind in SMALL:
            place = shapely.Point(area["lon"], area["lat"])
            return holding_of(area, base["area_code"].iloc[base.sindex.query(place, "intersects")].tolist(),
                            polygon.iloc[0])
        middles = shapely.points(base[["lon", "lat"]].to_numpy(dtype=float))
        return holding_of(area, base["area_code"][shapely.contains(polygon.iloc[0], middles)].tolist(),
                        polygon.iloc[0])

    def _below(self, area: dict[str, Any], holding: Holding) -> list[tuple[str, str]]:
        """What the card leads to: the level below, the compounds of a grid, the grids of another kind."""
        tree = self.tree()
        if holding.kind is not None:
            found = tree[tree["area_code"].isin(holding.grids)]
        elif area["level"] == "grid":
            found = tree[(tree["parent_code"] == holding.code) & tree["grid_kind"].eq("compound")]
        else:
            return self.children(holding.code)
        return list(zip(found["area_code"], found["name"], strict=True))

    def _parts(self, holding: Holding) -> dict[str, int]:
        """How many areas of each level, and grids of each kind, lie below an area of the partition."""
        if holding.kind is not None:
            return {}
        tree = self.tree()
        held = tree[(tree["parent_code"].fillna("") + "/").str.startswith(holding.code)
                    & (tree["area_code"] != holding.code)]
        names = held["grid_kind"].where(held["level"] == "grid", held["level"]).fillna("base")
        return {str(name): int(count) for name, count in names.value_counts().items()}

    def _frame(self, query: Query) -> pd.DataFrame:
        return self._store.arrow(query).to_pandas()

    def _ask(self, query: Query) -> list[dict[str, Any]]:
        return self._store.arrow(query).to_pylist()

    def _shapes(self, level: str, parent: str | None, kind: str) -> gpd.GeoDataFrame:
        query = queries.shapes(level, parent, kind, scope=self._scope)
        return self._kept(("shapes", level, parent, kind),
                          lambda: _frame(self._store.arrow(query), "geometry"))

    def _roads(self) -> gpd.GeoDataFrame:
        every = self._open_roads()
        known = self._store.arrow(queries.road_chiefs(scope=self._scope)).to_pandas()
        chiefs = known.set_index("road_id")["chief_id"]
        return every.assign(chief_id=every["road_id"].map(chiefs))

    def _open_roads(self) -> gpd.GeoDataFrame:
        return self._kept_open(("roads",), lambda: _frame(self._store.arrow(queries.roads()), "geometry"))

    def _kept(self, question: tuple[Any, ...], answer: Any) -> Any:
        return self._shown.get((self._cases.areas_version, self._scope.key, *question), answer)

    def _kept_open(self, question: tuple[Any, ...], answer: Any) -> Any:
        """An answer that is the same in every scope."""
        return self._shown.get((self._cases.places_version, "open", *question), answer)


def _level_below(area_code: str | None) -> str:
    return {9: "community", 12: "grid", 15: "none"}.get(len(area_code or ""), "street")


def _frame(rows: pa.Table, geometry: str) -> gpd.GeoDataFrame:
    """A frame with the WKB column as its geometry; rows without one are left out."""
    frame = rows.to_pandas()
    frame = frame[frame[geometry].notna()]
    shapes = shapely.from_wkb(frame[geometry].to_numpy())
    return gpd.GeoDataFrame(frame.drop(columns=geometry), geometry=shapes, crs=CRS).reset_index(drop=True)


def _buildings(rows: pa.Table) -> gpd.GeoDataFrame:
    frame = rows.to_pandas()
    shapes = shapely.from_wkb(frame["footprint"].to_numpy())
    points = shapely.points(frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float))
    shapes[frame["footprint"].isna().to_numpy()] = points[frame["footprint"].isna().to_numpy()]
    return gpd.GeoDataFrame(frame.drop(columns="footprint"), geometry=shapes, crs=CRS)
