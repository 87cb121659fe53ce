"""A bulletin as a sheet: its content and its versions put into words and order. Pure: always the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import shapely

from dashboard.bulletin import tables
from dashboard.bulletin.sheet import Map, Section, Shape, Sheet, Signature
from dashboard.figures.area_map import WIDTH, area_map, ground_of
from dashboard.figures.periods import period_name
from dashboard.figures.said import changed, listed
from dashboard.figures.values import change, counted_change, shown
from dashboard.format import NONE, moment, number
from dashboard.texts import Say, speaker
from data.analytics.periods import HALF, Period, read_period
from data.bulletin.keeping import SIGNED, Version
from data.cases.counts import CaseCounts
from data.cases.indicators import BY_KEY, rates

#: What the map shows.
MAPPED: Final = "closure_rate_standard"
#: Indicators of the cover beside the number of cases.
_COVER: Final = ("closure_rate_standard", "on_time_handling_rate", "satisfaction_rate")
_ABOUT: Final = {"street": "bulletin.about_ranks", "department": "bulletin.about_departments"}
_NUMERALS: Final = "一二三四五六七八九十"
#: Sections in their order; a text block is left out where nobody wrote it and nothing is computed.
ORDER: Final = ("lead", "street", "department", "community", "classes", "typical", "overdue", "problems",
                "steps")


def compose(content: Mapping[str, Any], versions: Sequence[Version], zone: ZoneInfo, lang: str) -> Sheet:
    """The sheet of the last of some versions.

    Args:
        content: as of `data.bulletin.content`, of that version.
        versions: of the period, oldest first, up to the one that is shown.
        zone: in which times are told.
        lang: ``zh`` or ``en``.
    """
    say, last = speaker(lang), versions[-1]
    period = read_period(content["period"], zone)
    centre = _centre(content, lang)
    sections = [section for key in ORDER if (section := _SECTIONS[key](content, last, zone, say, key))]
    return Sheet(
        title=say("bulletin.of", district=centre), centre=centre,
        issue=say("bulletin.issue", n=_issue(period), year=period.first.year,
                  period=period_name(period, say)),
        state=last.state, state_text=say(f"bulletin.state.{last.state}"),
        lines=_lines(content, last, zone, say), key_figures=_cover(content, say),
        sections=[_numbered(section, place, lang) for place, section in enumerate(sections)],
        signed=_signed(versions, zone, say), at=last.at, lang=lang)


def namer(content: Mapping[str, Any], lang: str) -> tables.Name:
    """Subject and code -> the name that was kept; the code itself where there is none."""
    nth = 1 if lang == "en" else 0
    return lambda subject, code: content["names"][subject].get(code, [code, code])[nth] or NONE


def problems(content: Mapping[str, Any], name: tables.Name, say: Say) -> list[str]:
    """What is amiss, in plain words: only what was counted."""
    said = [say("bulletin.said.overdue", n=number(content["overdue"]["total"]))]
    for dimension, subject in (("street", "areas"), ("department", "departments")):
        rows = [row for row in content["rankings"][dimension] if row["rank"] is not None]
        if len(rows) < 2:
            continue
        behind = [row for row in rows if row["rank_low"] > len(rows) / 2]
        if behind:
            said.append(say(f"bulletin.said.behind.{dimension}", names=listed(
                [name(subject, row["code"]) for row in behind[::-1]], say)))
        fallen = sorted((row for row in rows if row["rank_before"] and row["rank"] - row["rank_before"] >= 3),
                        key=lambda row: row["rank_before"] - row["rank"])
        if fallen:
            said.append(say("bulletin.said.fallen", name=name(subject, fallen[0]["code"]),
                            n=fallen[0]["rank"] - fallen[0]["rank_before"], rank=fallen[0]["rank"]))
    return said


def mapped(content: Mapping[str, Any], name: tables.Name, say: Say) -> Map:
    """The streets by the rate of `MAPPED`."""
    one, ground = BY_KEY[MAPPED], content["ground"]
    areas = gpd.GeoDataFrame({"area_code": [area["code"] for area in ground]},
                             geometry=shapely.from_wkb([area["wkb"] for area in ground]), crs="EPSG:4326")
    found = ground_of(areas)
    values = {row["code"]: row[MAPPED] for row in content["rankings"]["street"]}
    drawing = area_map(found, values)
    legend = [f"{shown(low, one, say)} – {shown(high, one, say)}" for low, high in pairwise(drawing.breaks)]
    return Map(
        title=say("bulletin.map", name=one.zh if say("bulletin.lang") == "zh" else one.en),
        shapes=[Shape(path=path, step=step, name=_short(name("areas", code)),
                      value=shown(values.get(code), one, say), x=x, y=y, room=room)
                for code, path, step, (x, y), room in zip(found.codes, found.paths, drawing.steps,
                                                          found.points, _rooms(areas), strict=True)],
        height=found.height, legend=legend or [shown(edge, one, say) for edge in drawing.breaks],
        bare=say("bulletin.bare") if None in drawing.steps else "")


def _rooms(areas: gpd.GeoDataFrame) -> list[float]:
    """How wide a square of the size of each area would be, in units of the drawing."""
    west, south, east, north = areas.total_bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    unit = WIDTH / max((east - west) * squeeze, 1e-9)
    return [math.sqrt(area * squeeze) * unit for area in shapely.area(areas.geometry.to_numpy())]


def _short(name: str) -> str:
    return name.removesuffix("街道")


def _centre(content: Mapping[str, Any], lang: str) -> str:
    district = content["district"]
    return str((district.get("name_en") if lang == "en" else "") or district.get("name") or "")


def _issue(period: Period) -> int:
    """The number of a half-month in its year, 1..24."""
    return 2 * period.first.month - (1 if period.first.day <= HALF else 0)


def _lines(content: Mapping[str, Any], last: Version, zone: ZoneInfo, say: Say) -> list[str]:
    weights = {part: f"{points:g}" for part, points in content["weights"]["this"].items()}
    found = [say("bulletin.as_of" if content["over"] else "bulletin.running",
                 time=moment(content["as_of"], zone, year=True)),
             say("bulletin.weights", **weights), say("bulletin.version", n=last.version)]
    synthetic = content["synthetic"].get(say("bulletin.lang"), "")
    return [*found, synthetic] if synthetic else found


def _cover(content: Mapping[str, Any], say: Say) -> list[tuple[str, str, str]]:
    now, earlier = content["counts"]["this"], content["counts"]["before"]
    rated, rated_before = rates(now), rates(earlier)
    found = [(say("analytics.counter.reported"), number(now["reported"]),
              counted_change(now["reported"], earlier["reported"]))]
    for key in _COVER:
        one = BY_KEY[key]
        turned = change(rated[key], rated_before[key], one, say("analytics.points"))
        found.append((say(f"bulletin.cover.{key}"), shown(rated[key], one, say), turned["text"]))
    return found


def _signed(versions: Sequence[Version], zone: ZoneInfo, say: Say) -> list[Signature]:
    """Who drafted, reviewed and published what stands: signatures before the last draft do not count."""
    begun = max((place for place, one in enumerate(versions) if one.act in {"returned", "corrected"}),
                default=0)
    found = []
    for act in SIGNED:
        held = [one for one in (versions if act == "made" else versions[begun:]) if one.act == act]
        one = held[-1] if held else None
        found.append(Signature(
            act=say(f"bulletin.signed.{act}"), at=moment(one.at, zone, year=True) if one else "",
            name="" if one is None else one.by_name or say("bulletin.schedule")))
    return found


def _numbered(section: Section, place: int, lang: str) -> Section:
    mark = f"{_NUMERALS[place]}、" if lang == "zh" else f"{place + 1}. "
    return Section(key=section.key, title=mark + section.title, paragraphs=section.paragraphs,
                   table=section.table, map=section.map)


Made = Section | None


def _lead(content: Mapping[str, Any], last: Version, _zone: ZoneInfo, say: Say, key: str) -> Made:
    counts = {window: CaseCounts(**content["counts"][window]) for window in ("this", "before")}
    text = _written(last, key) or [say("bulletin.joint").join(changed(counts, say))]
    return Section(key=key, title=say("bulletin.section.lead"), paragraphs=text,
                   table=tables.indicators(content, say("bulletin.lang"), say))


def _ranking(content: Mapping[str, Any], _last: Version, _zone: ZoneInfo, say: Say, key: str) -> Made:
    name = namer(content, say("bulletin.lang"))
    if not content["rankings"][key]:
        return None
    drawn = mapped(content, name, say) if key == "street" and content["ground"] else None
    return Section(key=key, title=say(f"bulletin.section.{key}"),
                   paragraphs=[say(_ABOUT[key])] if key in _ABOUT else [],
                   table=tables.ranking(content, key, name, say), map=drawn)


def _classes(content: Mapping[str, Any], _last: Version, _zone: ZoneInfo, say: Say, key: str) -> Made:
    return Section(key=key, title=say(f"bulletin.section.{key}"),
                   table=tables.classes(content, namer(content, say("bulletin.lang")), say)
                   ) if content["classes"] else None


def _typical(content: Mapping[str, Any], _last: Version, zone: ZoneInfo, say: Say, key: str) -> Made:
    return Section(key=key, title=say(f"bulletin.section.{key}"),
                   table=tables.typical(content, namer(content, say("bulletin.lang")), zone, say)
                   ) if content["typical"] else None


def _overdue(content: Mapping[str, Any], _last: Version, zone: ZoneInfo, say: Say, key: str) -> Made:
    held = content["overdue"]
    said = say("bulletin.overdue.some", n=number(held["total"]), shown=len(held["cases"])) \
        if held["total"] else say("bulletin.overdue.none")
    name = namer(content, say("bulletin.lang"))
    table = tables.overdue(content, name, zone, say) if held["cases"] else None
    return Section(key=key, title=say(f"bulletin.section.{key}"), paragraphs=[said], table=table)


def _problems(content: Mapping[str, Any], last: Version, _zone: ZoneInfo, say: Say, key: str) -> Made:
    text = _written(last, key) or problems(content, namer(content, say("bulletin.lang")), say)
    return Section(key=key, title=say("bulletin.section.problems"), paragraphs=text)


def _steps(_content: Mapping[str, Any], last: Version, _zone: ZoneInfo, say: Say, key: str) -> Made:
    text = _written(last, key)
    return Section(key=key, title=say("bulletin.section.steps"), paragraphs=text) if text else None


def _written(last: Version, block: str) -> list[str]:
    """The paragraphs of a text block; none where nobody wrote it."""
    return [line for line in last.texts.get(block, "").split("\n") if line.strip()]


_SECTIONS: Final[Mapping[str, Callable[[Mapping[str, Any], Version, ZoneInfo, Say, str], Made]]] = {
    "lead": _lead, "street": _ranking, "department": _ranking, "community": _ranking, "classes": _classes,
    "typical": _typical, "overdue": _overdue, "problems": _problems, "steps": _steps,
}
