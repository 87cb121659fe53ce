"""Synthetic roads of a demo district: every cut between grids is a road with a name and a class."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from data.demo.streets import Partition

_SUFFIX: Final = {"primary": ("大道", "大街", "路"), "secondary": ("路", "街"),
                  "tertiary": ("街", "中街", "北街", "南街", "东街", "西街")}
_COLUMNS: Final = ("road_id", "name", "class_code", "street_code", "chief_id", "length_m", "is_synthetic",
                   "source_system", "geometry")


def roads(ground: Partition, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Roads along the cell borders, in pieces that belong to one street each.

    Returns:
        One row per piece (``road`` of data/tables.py), EPSG:4326, sorted by
        ``road_id``. The class follows the border: street border primary or
        secondary, community border tertiary, grid border residential or lane.
        ``chief_id`` is None: the slot of the street chief (街长) or lane chief (巷长).
    """
    pieces = _pieces(ground)
    names = _names(ground, pieces, rng)
    rows: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for (cut, street), (line, level) in sorted(pieces.items(), key=lambda item: (item[0][1], item[0][0])):
        counts[street] = counts.get(street, 0) + 1
        length = float(shapely.length(ground.plane.metres(line)))
        rows.append({
            "road_id": f"R{street}{counts[street]:04d}", "name": names[cut],
            "class_code": _class(cut, level, names[cut], length), "street_code": street, "chief_id": None,
            "length_m": round(length, 1), "is_synthetic": True, "source_system": "demo", "geometry": line})
    return gpd.GeoDataFrame(rows, columns=list(_COLUMNS), geometry="geometry", crs="EPSG:4326")


def _class(cut: str, level: str, name: str, length_m: float) -> str:
    if cut == "":
        return "trunk"  # the first cut parts the whole district
    if level == "street":
        return "primary" if name.endswith(("大道", "大街")) else "secondary"
    if level == "community":
        return "tertiary"
    return "lane" if length_m < 230 else "residential"


def _pieces(ground: Partition) -> dict[tuple[str, str], tuple[Any, str]]:
    """(cut, street) -> (line, level of the cut)."""
    shared = ground.shared
    inner = np.flatnonzero(shared.right >= 0)
    pairs, index = np.unique(np.column_stack((shared.left[inner], shared.right[inner])), axis=0,
                             return_inverse=True)
    keys: list[tuple[str, str]] = []
    levels: dict[str, str] = {}
    for left, right in pairs:
        cut = _common(ground.paths[left], ground.paths[right])
        street_depth, community_depth = ground.depths[left]
        levels[cut] = ("street" if len(cut) < street_depth
                       else "community" if len(cut) < community_depth else "grid")
        keys.append((cut, min(ground.codes[left], ground.codes[right])[:9]))
    lines = shared.lines[inner]
    grouped: dict[tuple[str, str], list[Any]] = {}
    for line, pair in zip(lines, index.reshape(-1), strict=True):
        grouped.setdefault(keys[pair], []).append(line)
    return {key: (shapely.line_merge(shapely.multilinestrings(parts)), levels[key[0]])
            for key, parts in grouped.items()}


def _common(first: str, second: str) -> str:
    """The cuts that two cells share; the next one parted them."""
    same = 0
    while same < min(len(first), len(second)) and first[same] == second[same]:
        same += 1
    return first[:same]


def _names(ground: Partition, pieces: dict[tuple[str, str], tuple[Any, str]], rng: np.random.Generator
           ) -> dict[str, str]:
    """A name per cut: one road keeps its name through all streets it passes."""
    facts = json.loads(resources.files("data.demo.facts").joinpath("road_words.json").read_text("utf-8"))
    words = facts[ground.district.facts].split()
    level_of = {cut: level for (cut, _), (_, level) in pieces.items()}
    home = _communities(ground)
    used: set[str] = set()
    names: dict[str, str] = {}
    small: dict[str, int] = {}
    for cut in sorted(level_of, key=lambda item: (len(item), item)):
        level = level_of[cut]
        if level == "grid":
            base = _short(ground.known[home[cut]].name)
            small[base] = small.get(base, 0) + 1
            names[cut] = f"{base}{_numeral(small[base])}{'巷' if cut[-1:] == '1' else '街'}"
            continue
        kind = "tertiary" if level == "community" else "primary" if len(cut) < 2 else "secondary"
        options = [word + suffix for word in rng.permutation(words) for suffix in _SUFFIX[kind]
                   if word + suffix not in used]
        names[cut] = str(options[0]) if options else f"规划{len(used)}路"
        used.add(names[cut])
    return names | _fixed_name(ground, pieces)


def _communities(ground: Partition) -> dict[str, str]:
    """The community that each cut between grids runs through."""
    home: dict[str, str] = {}
    for path, code, (_, depth) in zip(ground.paths, ground.codes, ground.depths, strict=True):
        for length in range(depth, len(path)):
            home.setdefault(path[:length], code[:12])
    return home


def _short(name: str) -> str:
    """The word of a community that streets are named after: 望平街社区 gives 望平."""
    word = name.removesuffix("社区").removesuffix("村")
    return word[:-1] if len(word) > 2 and word[-1] in "路街" else word


def _numeral(number: int) -> str:
    """1…99 as street signs write them: 一, 十二, 二十."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones or not tens else "")


def _fixed_name(ground: Partition, pieces: dict[tuple[str, str], tuple[Any, str]]) -> dict[str, str]:
    """学士街 runs through 青云林海, where the worked example of the sources stands."""
    inside = [path for path, code in zip(ground.paths, ground.codes, strict=True)
              if code[:12] in ground.district.fixed_grids]
    cut = _common(min(inside), max(inside)) if inside else ""
    return {cut: "学士街"} if inside and any(key == cut for key, _ in pieces) else {}
