"""Whoever asks whatever: no personal text that was planted in the store comes back.

Every public method of every reader, every data address of the map, search, cards, table and export
are asked as each kind of viewer, over one store and the answers that it keeps for all of them.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa
from plotly.utils import PlotlyJSONEncoder

from app import desk_of, utc_now
from callbacks.cards import side
from callbacks.export import lines
from callbacks.map_data import ANSWERS
from callbacks.page import opening
from callbacks.pin import place_of
from callbacks.search import answers as search_answers
from callbacks.table import table_of
from callbacks.viewer import as_viewer
from dashboard.components.hits import hits_list
from dashboard.texts import speaker
from data.access.scope import EVERYTHING, Scope
from data.access.tables import person_detail
from data.access.viewer import Viewer
from data.analytics.causes import cells
from data.analytics.lineage import sides
from data.cases.indicators import INDICATORS
from data.cases.points import Box
from data.cases.rules import WALL
from data.clock import store_now
from data.demo.build import build
from data.engine import Store
from data.filters import CaseFilter
from data.readers import Readers, build_readers
from data.search import search
from data.settings import Settings
from data.tables import case_event, cases, officer, resource

#: Nobody gets these, masked though they may be.
NEVER = ("CANARY-NAME", "CANARY-PHONE", "CANARY-DEVICE", "CANARY-REPORTER", "CANARY-ACTOR", "CANARY-STREAM",
         "CANARY-DETAIL", "CANARY-HASH", "13812345678")
#: Only those who see people get these.
PEOPLE_ONLY = ("CANARY-ADDRESS",)
OFFICER_ID = re.compile(
    r"G\d{15}-\w+|C\d{12}-(?:chief|police)|S\d{9}-(?:leader|dispatcher|verifier)|D\d{6}-[a-z]+\d+"
    r"|R\d{9}-(?:road|lane)\d+|\d{9}P\d{3}-1")
SCREEN = Viewer(account_id=None, name="lobby", roles=frozenset(), scope=EVERYTHING, token_id=1,
                pages=frozenset({"/"}))


def viewer(role: str, scope: Scope = EVERYTHING) -> Viewer:
    return Viewer(account_id=1, name=role, roles=frozenset({role}), scope=scope)


VIEWERS = [viewer("leader"), SCREEN, viewer("planner"), viewer("street_op"), viewer("dept_op"),
           viewer("officer"), viewer("officer", Scope(frozenset({"210202010"}))),
           Viewer(account_id=None, name="lobby", roles=frozenset({"leader"}), token_id=2,
                  scope=Scope(frozenset({"210202010"})))]


@pytest.fixture(scope="module")
def planted(module_store: Store) -> Store:
    """A small district whose personal fields hold canaries."""
    build("zhongshan", 7, None, module_store)
    with module_store.engine.begin() as connection:
        connection.execute(sa.update(officer).values(
            name_masked="CANARY-NAME", phone_masked="CANARY-PHONE-01", device_id="CANARY-DEVICE"))
        connection.execute(sa.update(cases).values(
            title=sa.literal("CANARY-TITLE 13812345678 ") + sa.func.coalesce(cases.c.title, ""),
            description="CANARY-TEXT 电话13812345678", reporter_masked="CANARY-REPORTER",
            reporter_kind="CANARY-KIND", address="府南街33号CANARY-ADDRESS"))
        connection.execute(sa.update(case_event).values(note="CANARY-NOTE 13812345678"))
        connection.execute(sa.update(case_event).where(case_event.c.act == "report",
                                                       case_event.c.actor_id.is_(None)).values(
            actor_id="CANARY-ACTOR"))
        connection.execute(sa.update(resource).values(stream_url="rtsp://CANARY-STREAM"))
        connection.execute(sa.update(person_detail).values(name="CANARY-DETAIL", phone="CANARY-DETAIL",
                                                           address="CANARY-DETAIL"))
    return module_store


@pytest.fixture(scope="module")
def everything(planted: Store) -> Readers:
    readers = build_readers(planted, Settings())
    readers.snapshot.refresh()
    return readers


@pytest.fixture(scope="module")
def now(planted: Store) -> datetime:
    return store_now(planted, utc_now())


@pytest.fixture(scope="module")
def about(everything: Readers, now: datetime) -> dict[str, Any]:
    """Things that exist, by the whole store's own readers."""
    wide = CaseFilter(since=now - timedelta(days=120), until=now + timedelta(seconds=1), scope=EVERYTHING)
    line = everything.cases.listing(wide, now, limit=1).iloc[0]
    house = everything.areas.buildings(limit=1).iloc[0]
    in_hand = everything.store.arrow(  # type: ignore[attr-defined]
        "SELECT min(case_no) FROM \"case\" WHERE state = 'handling' AND lon IS NOT NULL")[0][0].as_py()
    return {"filter": wide, "case_no": line["case_no"], "case_in_hand": in_hand,
            "case_ref": int(line["case_ref"]), "grid": line["grid_code"],
            "officer": f"G{line['grid_code']}-1", "building": house["building_id"],
            "resource": everything.resources.all()["resource_id"].iloc[0],
            "box": Box(west=121.6, south=38.86, east=121.7, north=38.95)}


def told(answer: Any) -> str:  # noqa: PLR0911 - one line for each kind of answer
    """Anything as text, with all that stands in it."""
    if isinstance(answer, bytes):
        return (gzip.decompress(answer) if answer[:2] == b"\x1f\x8b" else answer).decode("latin-1")
    if isinstance(answer, (pd.DataFrame, gpd.GeoDataFrame)):
        return pd.DataFrame(answer).drop(columns="geometry", errors="ignore").to_json(
            orient="split", date_format="iso", force_ascii=False, default_handler=str)
    if isinstance(answer, pa.Table):
        return str(answer.to_pylist()) + str(answer.schema.metadata)
    if isinstance(answer, Mapping):
        return " ".join(f"{key}: {told(value)}" for key, value in answer.items())
    if isinstance(answer, (list, tuple)) and not hasattr(answer, "to_plotly_json"):
        return " ".join(told(one) for one in answer)
    if hasattr(answer, "to_plotly_json"):
        return json.dumps(answer, cls=PlotlyJSONEncoder, ensure_ascii=False)
    return str(answer)


def case_questions(about: dict[str, Any], now: datetime) -> dict[str, Callable[[Any], Any]]:
    f = about["filter"]
    return {
        "seen_in": lambda _r: "", "scope": lambda r: r.scope.areas, "version": lambda r: r.version,
        "areas_version": lambda r: r.areas_version, "places_version": lambda r: r.places_version,
        "refreshed_at": lambda r: r.refreshed_at, "status": lambda r: r.status(),
        "reported_range": lambda r: r.reported_range(), "counts": lambda r: r.counts(f, now).to_dict(),
        "counts_by": lambda r: [r.counts_by(one, f, now) for one in ("street", "grid", "nature", "officer")],
        "crossed": lambda r: r.crossed(("officer", "category"), f, now, WALL),
        "durations_by": lambda r: r.durations_by("officer", f, now),
        "asked": lambda r: [str(sides(r, f, now, INDICATORS[2])), cells(r, f, now)],
        "histogram": lambda r: r.histogram(f), "daily": lambda r: r.daily(f),
        "durations": lambda r: r.durations(f, now),
        "extremes": lambda r: r.extremes(f, now), "point_count": lambda r: r.point_count(f, about["box"]),
        "points": lambda r: r.points(f), "chosen_points": lambda r: r.chosen_points(f, [about["case_ref"]]),
        "heat": lambda r: r.heat(f, box=about["box"], zoom=13),
        "extent": lambda r: r.extent(),
        "listing": lambda r: [r.listing(f, now, limit=500),
                              r.listing(f, now, officer_id=about["officer"], only="open")],
        "pressing": lambda r: r.pressing(f, now, "near", 50).lines,
        "case": lambda r: r.case(about["case_no"]), "case_by_ref": lambda r: r.case_by_ref(about["case_ref"]),
        "events": lambda r: r.events(about["case_no"]), "reach": lambda r: str(r.reach(now)),
    }


def area_questions(about: dict[str, Any], now: datetime) -> dict[str, Callable[[Any], Any]]:
    grid = about["grid"]
    return {
        "seen_with": lambda _r: "", "tree": lambda r: r.tree(), "chiefs": lambda r: r.chiefs(),
        "area": lambda r: r.area(grid),
        "children": lambda r: r.children(grid[:12]), "path": lambda r: r.path(grid),
        "geometry": lambda r: r.geometry("grid"), "outline": lambda r: r.outline(),
        "work_grids": lambda r: r.work_grids(), "professional_grids": lambda r: r.professional_grids(),
        "grids": lambda r: r.grids("compound"), "grid_kinds": lambda r: r.grid_kinds(),
        "counts_on": lambda r: r.counts_on("unit", about["filter"], now),
        "unit_at": lambda r: r.unit_at(121.65, 38.92), "grid_at": lambda r: r.grid_at(121.65, 38.92),
        "city": lambda r: r.city(),
        "roads": lambda r: r.roads(), "features": lambda r: r.features(),
        "zones": lambda r: r.zones(), "network": lambda r: r.network().nodes.tolist(),
        "buildings": lambda r: r.buildings(about["box"]),
        "building": lambda r: r.building(about["building"]),
        "card": lambda r: [r.card(code, now) for code in (grid[:6], grid[:9], grid[:12], grid)],
    }


def patrol_questions(about: dict[str, Any], now: datetime) -> dict[str, Callable[[Any], Any]]:
    one = about["officer"]
    return {
        "seen_in": lambda _r: "", "positions": lambda r: r.positions(now, timedelta(hours=8)),
        "trails": lambda r: [r.trails(now, 600), r.trails(now, 600, officers=[one]),
                             r.trails(now, 60, box=about["box"])],
        "tape": lambda r: [r.tape(now - timedelta(minutes=15), now), r.tape(
            now - timedelta(hours=1), now, step_s=60, box=about["box"])],
        "officer": lambda r: r.officer(one, now), "names": lambda r: r.names([one]),
        "presence": lambda r: r.presence(now - timedelta(days=9), now, ZoneInfo("Asia/Shanghai")),
        "hours_by_grid": lambda r: r.hours_by_grid(now - timedelta(days=9), now),
        "team": lambda r: r.team(one, None),
        "reported": lambda r: r.reported(one, now, 12), "on_duty": lambda r: r.on_duty(),
    }


def resource_questions(about: dict[str, Any], now: datetime) -> dict[str, Callable[[Any], Any]]:
    return {"seen_in": lambda _r: "", "all": lambda r: r.all(), "one": lambda r: r.one(about["resource"]),
            "engaged": lambda r: sorted(r.engaged()),
            "status_changes": lambda r: r.status_changes(about["resource"], now)}


QUESTIONS = {"cases": case_questions, "areas": area_questions, "patrol": patrol_questions,
             "resources": resource_questions}


def public(reader: Any) -> set[str]:
    return {name for name in dir(type(reader)) if not name.startswith("_")}


def leaks(text: str, who: Viewer) -> list[str]:
    found = [one for one in NEVER if one in text]
    if who.is_screen:
        found += re.findall(r"CANARY-[A-Z]+", text)
    if who.is_screen or not {"leader", "street_op"} & who.roles:
        found += [one for one in PEOPLE_ONLY if one in text]
        found += OFFICER_ID.findall(text)
    return found


@pytest.mark.parametrize("who", VIEWERS, ids=lambda who: f"{who.name}-{who.scope.home}")
@pytest.mark.parametrize("name", QUESTIONS)
def test_no_reader_tells(everything: Readers, about: dict[str, Any], now: datetime, name: str,
                         who: Viewer) -> None:
    reader = getattr(everything.seen_by(who), name)
    questions = QUESTIONS[name](about, now)
    assert set(questions) == public(reader), "a method of the reader is asked by no question here"
    for method, ask in questions.items():
        assert not leaks(told(ask(reader)), who), method


@pytest.mark.parametrize("who", VIEWERS, ids=lambda who: f"{who.name}-{who.scope.home}")
@pytest.mark.parametrize("name", QUESTIONS)
def test_no_reader_of_a_past_moment_tells(everything: Readers, about: dict[str, Any], now: datetime,
                                          name: str, who: Viewer) -> None:
    past = now - timedelta(hours=3)
    reader = getattr(everything.at(past).seen_by(who), name)
    for method, ask in QUESTIONS[name](about, past).items():
        assert not leaks(told(ask(reader)), who), method


def test_the_store_behind_answers_what_is_looked_for(everything: Readers, about: dict[str, Any],
                                                     now: datetime) -> None:
    """The canaries are there, and those who see people see what they may: the test can fail."""
    leader = everything.seen_by(viewer("leader"))
    assert "CANARY-TITLE **** " in told(leader.cases.case(about["case_no"]))
    assert told(leader.patrol.officer(about["officer"], now)).count("C**") == 1
    assert OFFICER_ID.search(told(leader.patrol.positions(now, timedelta(hours=8))))
    with everything.store.engine.connect() as connection:  # type: ignore[attr-defined]
        row = connection.execute(sa.select(cases).where(cases.c.case_no == about["case_no"])).mappings().one()
    assert leaks(str(dict(row)), SCREEN)
    assert everything.seen_by(SCREEN).patrol.officer(about["officer"], now) is None
    assert len(everything.seen_by(SCREEN).patrol.positions(now, timedelta(hours=8))) == len(
        leader.patrol.positions(now, timedelta(hours=8))) > 0


@pytest.mark.parametrize("who", VIEWERS, ids=lambda who: f"{who.name}-{who.scope.home}")
def test_search_finds_nothing_by_what_is_hidden(everything: Readers, about: dict[str, Any],
                                                who: Viewer) -> None:
    readers = everything.seen_by(who)
    for text in ("CANARY", "canary-name", "13812345678", "CANARY-TITLE", "CANARY-PHONE", about["officer"],
                 about["case_no"], "C**"):
        assert not leaks(told(search(readers, text, 50)), who), text
    assert search(readers, "13812345678") == []
    assert search(readers, "CANARY-NAME") == []
    if who.is_screen:
        assert search(readers, "CANARY") == []


@pytest.mark.parametrize("who", VIEWERS, ids=lambda who: f"{who.name}-{who.scope.home}")
@pytest.mark.parametrize("layer", ANSWERS)
def test_no_data_address_tells(everything: Readers, about: dict[str, Any], now: datetime, layer: str,
                               who: Viewer) -> None:
    box, f = about["box"], about["filter"]
    view = {"box": f"{box.west},{box.south},{box.east},{box.north}", "zoom": "15"}
    filtered = {**dict(parse_qsl(f.to_query())), **view}
    args: dict[str, dict[str, str]] = {
        "areas": {"level": "grid"}, "ground": {}, "labels": {}, "resources": {}, "officers": {},
        "case": {"ref": str(about["case_ref"])}, "cases": filtered, "heat": filtered,
        "changes": {**filtered, "refs": str(about["case_ref"])},
        "zones": {}, "reach": {"lon": "121.65", "lat": "38.92"},
        "track": {"case": about["case_in_hand"], "who": f"officer:{about['officer']}"},
        "motion": {"from": (now - timedelta(minutes=15)).isoformat(), "until": now.isoformat()}}
    try:
        answer = ANSWERS[layer](args.get(layer, view), everything.seen_by(who), now)
    except LookupError as missing:
        assert who.scope.home or layer == "track"  # who knows no officer finds none to follow
        assert not leaks(str(missing).replace(about["officer"], ""), who)
        return
    assert not leaks(told(answer), who)


@pytest.mark.parametrize("who", VIEWERS, ids=lambda who: f"{who.name}-{who.scope.home}")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_card_tells(everything: Readers, about: dict[str, Any], who: Viewer, lang: str) -> None:
    desk, f = desk_of(everything, Settings(), utc_now), about["filter"]
    with as_viewer(who):
        for kind, code in (("area", about["grid"]), ("area", about["grid"][:12]), ("area", about["grid"][:6]),
                           ("case", about["case_no"]), ("officer", about["officer"]),
                           ("building", about["building"]), ("resource", about["resource"]),
                           ("place", "121.65,38.92")):
            card = told(side({"kind": kind, "code": code}, f, lang, desk=desk))
            assert not leaks(card.replace(code, ""), who), kind
            assert not leaks(told(place_of({"kind": kind, "code": code}, desk=desk)), who)
        assert not leaks(told(side(None, f, lang, desk=desk)), who)
        view = opening({"lang": lang}, desk).view
        assert not leaks(told(table_of({"kind": "cases", "order": "deadline"}, f, view, desk=desk)), who)
        taken = islice(lines(desk.readers, f, desk.now(), desk.words(), lang), 300)
        assert not leaks(told(list(taken)), who)
        assert not leaks(told(hits_list(search_answers({"text": "CANARY", "kind": "all"}, desk=desk),
                                        speaker(lang))), who)


def test_cases_about_protected_people_have_no_place_without_people(everything: Readers, now: datetime,
                                                                   about: dict[str, Any]) -> None:
    elders = about["filter"].with_(categories=frozenset({"S13"}))
    counted = everything.seen_by(viewer("leader")).cases.point_count(elders, now=now)
    assert counted[1] > 0
    for who in (SCREEN, viewer("planner")):
        cases_ = everything.seen_by(who).cases
        assert cases_.point_count(elders, now=now) == (counted[0], 0)
        assert cases_.point_count(elders, about["box"], now=now)[1] == 0
        assert cases_.points(elders, now=now).num_rows == 0
        assert cases_.listing(elders, now)["lon"].isna().all()
        assert cases_.heat(elders, now=now).num_rows == 0


def test_versions_of_other_sights_are_others(everything: Readers) -> None:
    three = (viewer("leader"), viewer("planner"), SCREEN)
    versions = {everything.seen_by(who).cases.version for who in three}
    assert len(versions) == 3
