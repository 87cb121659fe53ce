"""Every callback over HTTP: right questions are answered, hostile ones refused, none breaks the server."""

import pytest

from tests.callbacks.conftest import CALLBACK, Page, server_outputs

FILTER = {"since": "2019-04-01T00:00:00+08:00", "until": "2019-05-01T00:00:00+08:00"}
HOSTILE_FILTERS = [
    None,
    7,
    [],
    "x",
    {},
    {"since": "x", "until": "y"},
    {**FILTER, "areas": "210202"},
    {**FILTER, "areas": ["'; DROP"]},
    {**FILTER, "areas": [{"a": 1}]},
    {**FILTER, "evil": 1},
    {**FILTER, "since": "2019-04-01T00:00:00"},
    {**FILTER, "until": "2018-01-01T00:00:00+08:00"},
    {**FILTER, "states": ["nothing"]},
    {**FILTER, "urgencies": [3]},
    {**FILTER, "since": "0001-01-01T00:00:00+00:00"},
    {**FILTER, "since": float("1e308")},
    {**FILTER, "categories": ["E" * 100]},
    {**FILTER, "channels": [str(n) for n in range(1000)]},
]
HOSTILE_VIEWS = [
    None,
    7,
    [],
    "x",
    {"lang": "fr"},
    {"area": "12"},
    {"area": ["210202"]},
    {"layers": 1},
    {"measure": {}},
    {"camera": {"lon": "NaN"}},
    {"mode": None},
]
HOSTILE_SELECTIONS = [
    7,
    [],
    "x",
    {},
    {"kind": "case"},
    {"kind": "person", "code": "1"},
    {"kind": "case", "code": 1},
    {"kind": "area", "code": "x" * 1000},
    {"kind": "case", "code": "\x00"},
]
GARBAGE_BODIES = [
    None,
    7,
    [],
    "x",
    {},
    {"output": None},
    {"output": "nothing.children"},
    {"output": {}, "inputs": []},
    {"output": "..wall-kpis.tree..", "outputs": None},
    {"output": "..wall-kpis.tree..", "inputs": 3},
]
UNREACHED = {"..wall-table.tree..": {"shell_table": {"kind": "cases", "order": "deadline"}}}


def outputs(wall):
    return server_outputs(wall)


def test_every_callback_answers_the_first_picture(wall, page):
    faults = {
        output: answer.status_code
        for output in outputs(wall)
        if (answer := page.ask(output, **UNREACHED.get(output, {}))).status_code not in (200, 204)
    }
    assert not faults


@pytest.mark.parametrize(
    "area", ["210202", "210202001", "210202001001", "210202001001001", "999999999", "210202001W001"]
)
def test_every_callback_answers_in_any_scope(wall, client, area):
    page = Page(wall, client, f"http://localhost/?area={area}&lang=en&sel=area:{area}")
    faults = {
        output: answer.status_code
        for output in outputs(wall)
        if (answer := page.ask(output, **UNREACHED.get(output, {}))).status_code not in (200, 204)
    }
    assert not faults


@pytest.mark.parametrize("hostile", HOSTILE_FILTERS, ids=lambda value: str(value)[:60])
def test_hostile_filters_are_refused_never_a_500(wall, page, hostile):
    for output in outputs(wall):
        answer = page.ask(output, shell_filter=hostile, **UNREACHED.get(output, {}))
        assert answer.status_code < 500, (output, answer.get_data(as_text=True))
        if "shell-filter" in {item["id"] for item in wall.callback_map[output]["inputs"]}:
            assert answer.status_code == 400, output
            assert "got" in answer.get_json()["error"] or "unknown" in answer.get_json()["error"]


@pytest.mark.parametrize(
    "edge",
    [
        ("0001-01-01T00:00:00+14:00", "0001-01-02T00:00:00+14:00"),
        ("9999-12-30T00:00:00-12:00", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_the_ends_of_time_break_nothing(wall, page, edge):
    stored = {"since": edge[0], "until": edge[1]}
    for output in outputs(wall):
        answer = page.ask(output, shell_filter=stored, shell_context=stored, **UNREACHED.get(output, {}))
        assert answer.status_code < 500, (output, answer.get_data(as_text=True))


@pytest.mark.parametrize("hostile", HOSTILE_VIEWS, ids=lambda value: str(value)[:60])
def test_hostile_views_are_refused_never_a_500(wall, page, hostile):
    for output in outputs(wall):
        answer = page.ask(output, shell_view=hostile, map_scope=hostile)
        assert answer.status_code < 500, (output, answer.get_data(as_text=True))


@pytest.mark.parametrize("hostile", HOSTILE_SELECTIONS, ids=lambda value: str(value)[:60])
def test_hostile_selections_searches_and_tables_are_refused(page, hostile):
    assert page.ask("wall-side.tree", shell_selection=hostile).status_code == 400
    assert page.ask("wall-results.tree", shell_query=hostile).status_code == 400
    assert page.ask("wall-table.tree", shell_table=hostile).status_code == 400


@pytest.mark.parametrize("body", GARBAGE_BODIES, ids=lambda value: str(value)[:60])
def test_garbage_bodies_are_refused_by_name(page, body):
    answer = page.post(body)
    assert answer.status_code == 400
    assert "got" in answer.get_json()["error"]


def test_broken_json_is_refused(client):
    answer = client.post(CALLBACK, data=b"{", content_type="application/json")
    assert answer.status_code == 400


def test_every_part_of_a_body_may_be_anything(wall, page):
    for output in outputs(wall):
        for part in ("inputs", "outputs", "state", "changedPropIds"):
            for value in (None, 7, "x", {}, [None], [[]], [{"id": "x"}], [{"id": {}, "property": 1}]):
                answer = page.post({**page.body(output), part: value})
                assert answer.status_code < 500, (output, part, value)


@pytest.mark.parametrize(
    "path", ["/nope", "/admin", "/assets/../app.py", "/_dash-nothing", "/cases", "/columns/nope"]
)
def test_unknown_paths_are_404(client, path):
    assert client.get(path).status_code == 404


def test_a_foreign_host_or_origin_is_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    answer = client.post(CALLBACK, json={}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


def test_a_huge_body_is_refused(client):
    answer = client.post(CALLBACK, data=b" " * 2_000_000, content_type="application/json")
    assert answer.status_code in (400, 413)


def test_every_answer_carries_the_policy(client):
    for path in ("/", "/healthz", "/nope", "/_dash-layout"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe-eval" not in policy
        assert "http" not in policy
        assert "'unsafe-inline'" not in policy.split("style-src")[0]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_status_tells_the_age_of_the_data(client):
    found = client.get("/api/status").get_json()
    assert found["failed_since"] is None
    assert found["frozen"] is True
    assert found["rate"] == 0
    assert found["age_s"] >= 0
    assert set(found["presets"]) == {"today", "24h", "7d", "30d", "90d", "all"}


@pytest.mark.parametrize(
    "address",
    [
        "?area=12",
        "?camera=nan,1,2,3,4",
        "?since=x",
        "?mode=4d",
        "?sel=evil:1",
        "?layers=x",
        "?channels=%27%3B",
        "?since=9999-12-31T23:59:59%2B00:00",
    ],
)
def test_an_address_that_cannot_be_understood_opens_the_default_and_says_why(wall, client, address):
    page = Page(wall, client, f"http://localhost/{address}")
    fault = page.values["wall-failure", "children"]
    assert fault, "the page must say what was wrong"
    assert page.ask("wall-kpis.tree").status_code == 200
