"""Who takes a seat sees what a viewer of that scope sees, in every answer, and never more than their own."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
from flask import Flask, g

from app import create_app
from callbacks.seats import HEADER, found_again, seated
from dashboard import ids
from dashboard.security import CALLBACKS
from data.access.scope import EVERYTHING, Scope
from data.access.seat import read_seat
from data.readers import build_readers
from data.settings import Settings
from data.vocabulary import read_vocabulary
from layers import columns as wire
from tests.callbacks.conftest import Page
from tests.signed_in import a_session, a_viewer, client_of, fake_access

STREET, OTHER = "210202003", "210202010"
COLUMNS = "/columns/cases?since=2019-04-01T00:00:00%2B08:00&until=2019-06-01T00:00:00%2B08:00"
SEATS = {f"street:{STREET}": Scope(frozenset({STREET})),
         f"community:{STREET}001": Scope(frozenset({f"{STREET}001"})),
         f"grid:{STREET}001001": Scope(frozenset({f"{STREET}001001"})),
         "dept:urban_mgmt": Scope(frozenset({"*"}), frozenset({"urban_mgmt"}))}
OWN = {"whole": EVERYTHING, "street": Scope(frozenset({STREET})), **SEATS}
FIGURES = (f"{ids.KPIS}.tree", f"{ids.HISTOGRAM}.data", f"{ids.CHANNELS}.tree",
           f"{ids.FORCES}.tree")


@pytest.fixture(scope="module")
def room(demo_store):
    readers = build_readers(demo_store, Settings())
    readers.snapshot.refresh()
    cookies = {name: f"the-cookie-of-{number}".ljust(43, "0") for number, name in enumerate(OWN)}
    sessions = {cookies[name]: a_session(a_viewer(scope=scope)) for name, scope in OWN.items()}
    wall = create_app(Settings(), readers=readers, access=fake_access(**sessions))
    yield SimpleNamespace(wall=wall, client=lambda name: client_of(wall, cookies[name]))
    readers.snapshot.stop()


def layout(client, query):
    found = client.get("/_dash-layout", headers={"Referer": f"http://localhost/{query}"}).get_json()
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def in_order(content):
    """The rows of binary columns in an order of their own: that of an answer is nobody's promise."""
    columns, rows, about = wire.decode(content)
    plain = {name: values for name, values in columns.items() if values.ndim == 1 and len(values) == rows}
    order = np.lexsort([plain[name] for name in sorted(plain)])
    return {name: values[order].tolist() if len(values) == rows else values.tolist()
            for name, values in columns.items()}, rows, about


@pytest.mark.parametrize("seat", SEATS)
def test_a_seat_answers_what_a_viewer_of_its_part_is_answered(room, seat):
    whole, own = room.client("whole"), room.client(seat)
    page = Page(room.wall, own)
    for output in FIGURES:
        body = page.body(output)
        seated = whole.post(CALLBACKS, json=body, headers={HEADER: seat}).get_json()
        assert seated == own.post(CALLBACKS, json=body).get_json(), output
        assert seated != whole.post(CALLBACKS, json=body).get_json(), output
    drawn = whole.get(COLUMNS, headers={HEADER: seat})
    assert in_order(drawn.data) == in_order(own.get(COLUMNS).data)
    assert drawn.headers["ETag"] != whole.get(COLUMNS).headers["ETag"]
    assert HEADER in drawn.headers["Vary"]
    assert whole.get(f"/api/delta?seat={seat}").get_json()["version"] == \
        own.get("/api/delta").get_json()["version"] != whole.get("/api/delta").get_json()["version"]


def test_a_file_that_is_taken_away_is_that_of_the_seat(room):
    query = f"/export/cases.csv?{COLUMNS.partition('?')[2]}"
    whole, own = room.client("whole"), room.client("dept:urban_mgmt")
    seated = whole.get(f"{query}&seat=dept:urban_mgmt")
    assert (seated.status_code, seated.data) == (200, own.get(query).data)
    assert len(seated.data) < len(whole.get(query).data)


@pytest.mark.parametrize("seat", [f"street:{OTHER}", f"community:{OTHER}001", "district:210202",
                                  "street:999999999", f"community:{STREET}999", "dept:nobody", "x" * 500])
def test_what_lies_outside_or_is_none_is_refused_everywhere(room, seat):
    client = room.client("street")
    page = Page(room.wall, client)
    answers = [client.get(COLUMNS, headers={HEADER: seat}), client.get("/api/status", headers={HEADER: seat}),
               client.post(CALLBACKS, json=page.body(FIGURES[0]), headers={HEADER: seat}),
               client.get(f"/api/delta?seat={seat}"), client.get(f"/api/live?seat={seat}")]
    assert [answer.status_code for answer in answers] == [400] * len(answers)
    assert all(answer.get_json()["error"].startswith("seat must") for answer in answers)


def test_an_address_that_cannot_be_opens_the_own_part_and_says_why(room):
    client = room.client("street")
    opened = layout(client, f"?seat=street:{OTHER}")
    assert "seat must be a centre within your own scope" in opened
    assert f'"data-seat":"street:{OTHER}"' not in opened
    told = re.findall(rf"(?<![0-9A-Za-z_-]){OTHER}(?!\d)", opened)  # ids of departments are open
    assert told == [OTHER]  # what was got


@pytest.mark.parametrize(("name", "query", "title"), [
    ("whole", "", "中山区社会治理指挥中心"), ("whole", "?seat=dept:urban_mgmt", "综合行政执法局分中心"),
    ("whole", f"?seat=street:{STREET}", "社会治理分中心"), ("street", "", "社会治理分中心"),
    ("street", f"?seat=community:{STREET}001", "综合管理服务站"),
    ("whole", "?seat=dept:police&lang=en", "Police sub-centre"),
])
def test_the_wall_is_headed_by_its_centre(room, name, query, title):
    opened = layout(room.client(name), query)
    assert title in opened
    assert f'"data-seat":"{query[6:].partition("&")[0]}"' in opened


def test_the_centres_offered_are_those_of_the_own_scope_wherever_one_sits(room):
    def offered(client, **about):
        found = client.get("/api/seats", **about).get_json()
        assert [set(found), set(found["tiers"][0])] == [{"tiers", "note"}, {"name", "seats"}]
        tops = [top for tier in found["tiers"] for top in tier["seats"]]
        return {one["seat"] for top in tops for one in (top, *top["below"])}

    whole = offered(room.client("whole"))
    assert {"", f"street:{STREET}", f"community:{STREET}001", f"street:{OTHER}", "dept:police"} <= whole
    assert offered(room.client("whole"), headers={HEADER: f"street:{STREET}"}) == whole
    own = offered(room.client("street"))
    found = room.client(f"community:{STREET}001").get("/api/seats").get_json()["tiers"][1]["seats"]
    assert {leaf["seat"][:17] for top in found for leaf in top["below"]} == {f"grid:{STREET}001"}
    assert {one for one in own if one.startswith(("street:", "community:"))} == {
        one for one in whole if STREET in one}
    department = offered(room.client("dept:urban_mgmt"))
    assert {one for one in department if one.startswith("dept:")} == {"dept:urban_mgmt"}
    for seat in sorted(whole - {""})[::25]:
        assert room.client("whole").get("/api/status", headers={HEADER: seat}).status_code == 200


def test_whoever_listens_from_a_seat_is_found_again_there_and_not_beyond(demo_store):
    words, whole = read_vocabulary(demo_store), a_viewer()
    found = [whole]
    with Flask(__name__).test_request_context("/api/live"):
        g.seat = f"street:{STREET}"
        find = found_again(lambda: lambda: found[0], lambda: words)()
    assert find() == seated(whole, read_seat(f"street:{STREET}"), words)
    found[0] = a_viewer(scope=Scope(frozenset({OTHER})))
    assert find() is None, "the account sees less than the seat meanwhile"
    found[0] = None
    assert find() is None
    with Flask(__name__).test_request_context("/api/live"):
        assert found_again(lambda: lambda: whole, lambda: words)()() == whole


def figures(client, path):
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return re.findall(r'doc__number"[^>]*>(?:<a[^>]*>)?([^<]*)<', answer.text), answer.text


@pytest.mark.parametrize("path", ["/modules", "/feeds"])
def test_a_plain_page_shows_what_its_seat_sees(room, path):
    whole, own, seat = room.client("whole"), room.client("street"), f"street%3A{STREET}"
    seated, text = figures(whole, f"{path}?lang=en&seat={seat}")
    assert seated == figures(own, f"{path}?lang=en")[0] != figures(whole, f"{path}?lang=en")[0]
    assert f'href="/?seat={seat}"' in text
    assert f'class="doc__seat" href="{path}"' in text
    assert "/system/" not in re.sub(r'href="/system/[a-z]+"', "", text), "pages of the system know no seat"
    assert "doc__seat" not in figures(whole, path)[1]
    refused, text = figures(own, f"{path}?lang=en&seat=street:{OTHER}")
    assert (refused, 'role="alert"' in text) == (seated, True)


def test_the_links_of_a_seated_wall_lead_to_seated_pages(room):
    assert f'"href":"/feeds?seat=street%3A{STREET}"' in layout(room.client("whole"), f"?seat=street:{STREET}")
    assert '"href":"/feeds"' in layout(room.client("whole"), "")
