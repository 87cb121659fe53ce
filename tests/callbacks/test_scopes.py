"""Who may see one street gets that street over HTTP: pages, callbacks, binary columns, deep links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app import create_app
from callbacks.map_data import ANSWERS
from data.access.scope import Scope
from data.clock import store_now
from data.engine import Store
from data.filters import CaseFilter
from data.readers import build_readers
from data.settings import Settings
from layers import columns as wire
from tests.callbacks.conftest import Page, server_outputs
from tests.signed_in import a_session, a_viewer, client_of, fake_access

STREET, OTHER = "210202001", "210202010"
SCOPES = {
    "street": Scope(areas=frozenset({STREET})),
    "other": Scope(areas=frozenset({OTHER})),
    "community": Scope(areas=frozenset({f"{STREET}002"})),
    "department": Scope(areas=frozenset({"*"}), departments=frozenset({"urban_mgmt"})),
    "district": Scope(areas=frozenset({"210202"})),
    "nothing": Scope(areas=frozenset()),
}
#: Codes of areas below the district; those within ids of departments are open.
CODES = re.compile(r"(?<![0-9A-Za-z_-])210202\d{3}(?:\d{3}){0,2}(?![0-9])")
UNREACHED = {"..wall-table.tree..": {"shell_table": {"kind": "areas", "order": "name"}}}


def cookie_of(name: str) -> str:
    return f"the-cookie-of-the-viewer-of-{name}".ljust(43, "0")


@pytest.fixture(scope="module")
def room(demo_store: Store) -> Iterator[Any]:
    settings = Settings()
    readers = build_readers(demo_store, settings)
    readers.snapshot.refresh()
    sessions = {cookie_of(name): a_session(a_viewer(scope=scope)) for name, scope in SCOPES.items()}
    wall = create_app(settings, readers=readers, access=fake_access(**sessions))
    now = store_now(demo_store, readers.cases.reported_range()[1])
    month = CaseFilter(since=now - timedelta(days=30), until=now)
    seen = {name: readers.seen_by(a_viewer(scope=scope)) for name, scope in SCOPES.items()}
    clients = {name: client_of(wall, cookie_of(name)) for name in SCOPES}
    yield SimpleNamespace(wall=wall, now=now, month=month, seen=seen, clients=clients, whole=readers)
    readers.snapshot.stop()


def query_of(layer: str, room: Any) -> str:
    box = room.whole.cases.extent()
    lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    newest = ",".join(map(str, room.whole.cases.points(room.month, limit=50)["case_ref"].to_pylist()))
    return {"cases": room.month.to_query(), "changes": f"{room.month.to_query()}&refs={newest}",
            "heat": room.month.to_query(), "areas": "level=grid&tolerance=20",
            "motion": f"from={(room.now - timedelta(minutes=15)).isoformat()}&until={room.now.isoformat()}",
            "reach": f"lon={lon}&lat={lat}",
            "buildings": f"zoom=15&box={lon - 0.02},{lat - 0.02},{lon + 0.02},{lat + 0.02}"}.get(layer, "")


def outside(text: str, scope: Scope, *, asked: str = "") -> set[str]:
    """Codes of areas outside that an answer holds and the question did not."""
    return {code for code in CODES.findall(text) if not scope.holds_area(code) and code not in asked}


def plain(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.mark.parametrize("layer", sorted(set(ANSWERS) - {"case", "track"}))
def test_versions_and_answers_of_a_layer_differ_by_scope(room: Any, layer: str) -> None:
    address = f"/columns/{layer}?{query_of(layer, room)}"
    answers = {name: client.get(address) for name, client in room.clients.items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    tags = {name: answer.headers["ETag"] for name, answer in answers.items()}
    assert len(set(tags.values())) == len(SCOPES)
    again = room.clients["street"].get(address, headers={"If-None-Match": tags["street"]})
    foreign = room.clients["street"].get(address, headers={"If-None-Match": tags["district"]})
    assert (again.status_code, foreign.status_code) == (304, 200)
    assert foreign.data == answers["street"].data
    assert answers["street"].headers["Cache-Control"].startswith("private")


def test_a_force_is_followed_to_a_case_of_the_scope_alone(room: Any) -> None:
    line = next(row for row in room.whole.store.arrow(
        "SELECT case_no, street_code FROM \"case\" WHERE state = 'handling' AND lon IS NOT NULL"
        " ORDER BY case_no").to_pylist() if row["street_code"] == STREET)
    car = room.whole.resources.all(["police_car"])["resource_id"].iloc[0]
    address = f"/columns/track?case={line['case_no']}&who=resource:{car}"
    for name in ("other", "nothing"):
        answer = room.clients[name].get(address)
        assert answer.status_code == 404
        assert outside(plain(answer), SCOPES[name], asked=address) == set()
    answer = room.clients["street"].get(address)
    assert outside(plain(answer), SCOPES["street"], asked=address) == set()
    found = room.clients["district"].get(address)
    assert (found.status_code, found.json["is_over"]) == (200, False)
    foreign = room.clients["other"].get(address, headers={"If-None-Match": found.headers["ETag"]})
    assert foreign.status_code == 404


def test_points_are_those_of_the_scope(room: Any) -> None:
    refs = {}
    for name, client in room.clients.items():
        columns, rows, meta = wire.decode(client.get(f"/columns/cases?{room.month.to_query()}").data)
        _, placed = room.seen[name].cases.point_count(room.month, now=room.now)
        assert (rows, meta["kind"]) == (placed, "points")
        refs[name] = {int(ref) for ref in columns["case_ref"]}
    assert refs["street"]
    assert refs["community"] < refs["street"] < refs["district"]
    assert not refs["street"] & refs["other"]
    assert refs["nothing"] == set()


def test_heat_weighs_the_cases_of_the_scope(room: Any) -> None:
    for name, client in room.clients.items():
        columns, _, _ = wire.decode(client.get(f"/columns/heat?{room.month.to_query()}").data)
        cases = room.seen[name].cases
        _, placed = cases.point_count(room.month, cases.extent(), now=room.now)
        assert int(sum(columns["weight"])) == placed


@pytest.mark.parametrize("name", ["street", "community", "nothing"])
def test_no_layer_names_an_area_outside(room: Any, name: str) -> None:
    for layer in sorted(set(ANSWERS) - {"case", "cases", "heat", "track"}):
        for level in ("district", "street", "grid", "work", "unit") if layer == "areas" else ("",):
            query = f"level={level}&tolerance=20" if level else query_of(layer, room)
            answer = room.clients[name].get(f"/columns/{layer}?{query}")
            assert answer.status_code == 200
            text = answer.data.decode("utf-8", "replace")
            assert outside(text, SCOPES[name]) == set(), layer


@pytest.mark.parametrize("name", ["street", "community", "department", "nothing"])
@pytest.mark.parametrize("area", ["", OTHER, f"{OTHER}001", "210202", "999999999"])
def test_pages_and_callbacks_name_no_area_outside(room: Any, name: str, area: str) -> None:
    address = f"http://localhost/?lang=zh&area={area}&areas={area}&sel=area:{area or STREET}"
    client = room.clients[name]
    layout = client.get("/_dash-layout", headers={"Referer": address})
    assert outside(plain(layout), SCOPES[name], asked=address) == set()
    page = Page(room.wall, client, address)
    for output in server_outputs(room.wall):
        answer = page.ask(output, **UNREACHED.get(output, {}))
        assert answer.status_code in (200, 204), output
        assert outside(plain(answer), SCOPES[name], asked=address) == set(), output


def test_a_filter_outside_counts_nothing(room: Any) -> None:
    inside = room.seen["street"]
    filter_ = room.month.with_(areas=frozenset({OTHER}))
    assert inside.cases.counts(filter_, room.now).reported == 0
    shown = []
    for area in (OTHER, "210202999", STREET):  # what is outside looks like what is not there
        page = Page(room.wall, room.clients["street"], f"http://localhost/?areas={area}")
        answer = page.ask("..wall-kpis.tree...wall-words.tree..")
        shown.append(plain(answer).replace(area, "AREA"))
    assert shown[0] == shown[1] != shown[2]


def test_a_deep_link_outside_looks_like_one_to_nothing(room: Any) -> None:
    line = room.seen["other"].cases.listing(room.month, room.now, limit=1).iloc[0]
    case_no, ref = line["case_no"], int(line["case_ref"])
    officer = room.seen["other"].patrol.positions(room.now, timedelta(hours=9))["officer_id"].iloc[0]
    building = room.seen["other"].areas.buildings()["building_id"].iloc[0]
    resource = room.seen["other"].resources.all()["resource_id"].iloc[0]
    for kind, code in (("case", case_no), ("officer", officer), ("building", building),
                       ("resource", resource), ("area", OTHER), ("area", f"{OTHER}001001")):
        own = card(room, "other", kind, code)
        hidden, nothing = card(room, "street", kind, code), card(room, "street", kind, "none-such")
        assert hidden == nothing.replace("none-such", code) != own, kind
        if kind != "area":  # people of other streets walk there too
            assert card(room, "district", kind, code) == own
    answers = [room.clients["street"].get(f"/columns/case?ref={number}") for number in (ref, 10**12)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json["error"].replace(str(ref), "") == answers[1].json["error"].replace(str(10**12), "")
    assert room.clients["other"].get(f"/columns/case?ref={ref}").json == {"case_no": case_no}


def card(room: Any, name: str, kind: str, code: str) -> str:
    page = Page(room.wall, room.clients[name])
    sides = page.ask("wall-side.tree", shell_selection={"kind": kind, "code": code})
    pin = page.ask("wall-map-pin.data" if "wall-map-pin.data" in room.wall.callback_map else
                   page.answering("map-pin.data"), shell_selection={"kind": kind, "code": code})
    return plain(sides) + plain(pin)


def test_search_finds_nothing_outside(room: Any) -> None:
    line = room.seen["other"].cases.listing(room.month, room.now, limit=1).iloc[0]
    for text in (line["case_no"], OTHER, "街道", f"G{OTHER}"):
        page = Page(room.wall, room.clients["street"])
        shown = plain(page.ask("wall-results.tree", shell_query={"text": text, "kind": "all"}))
        assert outside(shown, SCOPES["street"], asked=text) == set()
        assert line["case_no"] not in shown
    own = Page(room.wall, room.clients["other"]).ask(
        "wall-results.tree", shell_query={"text": line["case_no"], "kind": "all"})
    assert line["case_no"] in plain(own)


def test_a_viewer_begins_at_their_own_area(room: Any) -> None:
    def steps(name: str) -> list[str]:
        shown = plain(Page(room.wall, room.clients[name]).ask("wall-crumbs.tree"))
        return re.findall(r'"data-scope": ?"(\w+)"', shown)

    assert steps("street") == [STREET]
    assert steps("community") == [f"{STREET}002"]
    assert steps("district") == ["210202"]
    assert steps("nothing") == []


def test_status_tells_versions_apart(room: Any) -> None:
    told = {name: client.get("/api/status").json for name, client in room.clients.items()}
    assert len({status["version"] for status in told.values()}) == len(SCOPES)
    assert json.dumps(told["nothing"]["presets"]) != json.dumps(told["district"]["presets"])
