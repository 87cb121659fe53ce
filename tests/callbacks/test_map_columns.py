"""The data addresses of the map over the demo district, as a browser asks them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from dash import Dash, html

from callbacks import columns as route
from callbacks.map_data import ANSWERS
from callbacks.map_specs import SPECS, Question, area_values, shapes_of, spec_of
from dashboard.view import View
from data.cases.rules import WALL
from data.clock import store_now
from data.filters import CaseFilter
from data.readers import build_readers
from data.settings import Settings
from layers import columns as wire
from layers.measures import MEASURES, measure

DAY = "since=2019-05-11T00:00:00Z&until=2019-05-12T00:00:00Z"


@pytest.fixture(scope="module")
def readers(demo_store):
    return build_readers(demo_store, Settings.from_env({}))


@pytest.fixture(scope="module")
def now(readers):
    first, _ = readers.cases.reported_range()
    return store_now(readers.store, first)


@pytest.fixture(scope="module")
def client(readers, now):
    app = Dash(__name__)
    app.layout = html.Div()
    route.register(app, answers=route.Answers(SimpleNamespace(readers=readers, now=lambda: now)))
    return app.server.test_client()


@pytest.fixture(scope="module")
def month(now):
    return CaseFilter(since=now - timedelta(days=30), until=now)


def ask(client, layer, query=""):
    answer = client.get(f"/columns/{layer}?{query}")
    assert answer.status_code == 200, answer.text
    return answer


def newest(readers, filter_, now):
    return readers.cases.points(filter_, limit=5, now=now)["case_ref"].to_pylist()


@pytest.mark.parametrize("layer", sorted(set(ANSWERS) - {"case", "track"}))
def test_every_address_answers(client, readers, month, now, layer):
    box = readers.cases.extent()
    lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    query = {
        "cases": month.to_query(),
        "heat": month.to_query(),
        "changes": month.to_query() + f"&refs={newest(readers, month, now)[0]}",
        "areas": "level=grid&tolerance=20",
        "reach": "lon={}&lat={}".format(*readers.areas.roads().geometry.iloc[0].coords[0]),
        "motion": f"from={(now - timedelta(minutes=15)).isoformat()}&until={now.isoformat()}",
        "buildings": f"zoom=15&box={lon - 0.01},{lat - 0.01},{lon + 0.01},{lat + 0.01}",
    }.get(layer, "")
    answer = ask(client, layer, query)
    if answer.mimetype == "application/json":
        found = json.loads(answer.data)
        assert len(found if isinstance(found, list) else found["features"]) > 0
    else:
        assert wire.decode(answer.data)[1] > 0


def test_points_and_bins_both_account_for_every_placed_case(client, readers, month, now):
    _, placed = readers.cases.point_count(month, now=now)
    everything = CaseFilter(since=now - timedelta(days=200), until=now)
    _, all_placed = readers.cases.point_count(everything, now=now)
    _, rows, meta = wire.decode(ask(client, "cases", month.to_query()).data)
    assert (meta["kind"], rows, meta["left_out"]) == ("points", placed, 0)
    columns, _, meta = wire.decode(ask(client, "cases", everything.to_query() + "&detail=0").data)
    assert meta["kind"] == "bins"
    assert int(columns["weight"].sum()) + meta["left_out"] == all_placed


def test_changes_are_those_of_the_filter_and_the_box(client, readers, month, now):
    every = {row["case_ref"]: row for row in readers.cases.points(month, now=now).to_pylist()}
    refs = newest(readers, month, now)
    query = f"{month.to_query()}&refs={','.join(map(str, [*refs, 999_999_999]))}"
    columns, _, meta = wire.decode(ask(client, "changes", query).data)
    assert (meta["kind"], set(columns["case_ref"])) == ("points", set(refs))

    one = every[refs[0]]
    narrow = f"{query}&categories={one['cat_code']}"
    columns, _, _ = wire.decode(ask(client, "changes", narrow).data)
    assert set(columns["case_ref"]) == {
        ref for ref in refs if every[ref]["cat_code"].startswith(one["cat_code"])}
    lon, lat = one["lon"], one["lat"]
    box = f"{query}&box={lon - 1e-6},{lat - 1e-6},{lon + 1e-6},{lat + 1e-6}"
    columns, _, _ = wire.decode(ask(client, "changes", box).data)
    assert one["case_ref"] in columns["case_ref"]
    assert wire.decode(ask(client, "changes", f"{month.to_query()}&refs=999999999").data)[1] == 0


def test_the_handle_of_a_point_leads_to_its_case(client, month):
    columns, _, _ = wire.decode(ask(client, "cases", month.to_query()).data)
    assert json.loads(ask(client, "case", f"ref={columns['case_ref'][0]}").data)["case_no"]
    assert client.get("/columns/case?ref=999999999").status_code == 404


def test_the_same_question_is_answered_not_modified(client, month):
    first = ask(client, "cases", month.to_query())
    again = client.get(f"/columns/cases?{month.to_query()}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    other = ask(client, "cases", month.to_query() + "&urgencies=3")
    assert other.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("cases", 400),
        ("cases?since=x&until=y", 400),
        ("nothing", 404),
        ("roads?box=0,0,nan,1", 400),
        ("roads?box=-180,-85,180,85&zoom=22", 400),
        ("buildings?zoom=3", 400),
        ("areas?level=moon", 400),
        ("officers?name=x", 400),
        ("case?ref=-1", 400),
        (f"changes?{DAY}", 400),
        (f"changes?{DAY}&refs=1,,2", 400),
        (f"changes?{DAY}&refs=1,-2", 400),
        (f"changes?{DAY}&refs={','.join(['7'] * 301)}", 400),
        ("motion", 400),
        ("motion?from=2019-05-11T08:00&until=2019-05-11T08:15", 400),
        ("motion?from=2019-05-11T08:00:00Z&until=2019-05-11T08:15:01Z", 400),
        ("motion?from=2019-05-11T08:15:00Z&until=2019-05-11T08:00:00Z", 400),
        ("motion?from=2019-05-11T08:00:00Z&until=2019-05-11T08:15:00Z&step=-1", 400),
        ("motion?from=2190-05-11T08:00:00Z&until=2190-05-11T08:15:00Z", 400),
    ],
)
def test_hostile_questions_get_a_clear_answer(client, path, status):
    answer = client.get(f"/columns/{path}")
    assert answer.status_code == status
    assert len(answer.json["error"]) > 10


@pytest.mark.parametrize("key", sorted(SPECS))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_spec_is_plain_json_in_its_language(readers, now, month, key, lang):
    spec = spec_of(key, Question(filter_=month, view=View(lang=lang), now=now, readers=readers))
    assert json.loads(json.dumps(spec, allow_nan=False))["layer"]
    assert spec["legend"] is None or isinstance(spec["legend"]["title"], str)


@pytest.mark.parametrize("chosen", [one.key for one in MEASURES])
def test_every_measure_has_a_figure_somewhere(readers, now, month, chosen):
    question = Question(filter_=month, view=View(), now=now, readers=readers)
    values = area_values(shapes_of("grid", readers), measure(chosen), question)[0]["value"]
    assert np.isfinite(values).any()


def test_grids_sum_to_the_district(readers, now, month):
    question = Question(filter_=month, view=View(), now=now, readers=readers)
    values = area_values(shapes_of("grid", readers), measure("accepted"), question)[0]["value"]
    unplaced = readers.cases.counts_by("grid", month, now).set_index("code")["accepted"].get("", 0)
    assert values.sum() + unplaced == readers.cases.counts(month, now).accepted


def test_areas_outside_the_filter_have_no_data_not_zero(readers, now, month):
    street = readers.areas.geometry("street")["area_code"].iloc[0]
    question = Question(filter_=month.with_(areas=frozenset({street})), view=View(), now=now, readers=readers)
    found, _ = area_values(shapes_of("grid", readers), measure("accepted"), question)
    inside = found["area_code"].str.startswith(street)
    assert found.loc[inside, "value"].notna().all()
    assert found.loc[~inside, "value"].isna().all()


@pytest.mark.parametrize(
    ("key", "chosen", "counts"),
    [
        ("areas", "accepted", True),
        ("areas", "households", False),
        ("heat", "accepted", True),
        ("cases", "accepted", True),
        ("officers", "accepted", False),
    ],
)
def test_a_legend_says_which_cases_it_counts(readers, now, month, key, chosen, counts):
    narrowed = month.with_(states=frozenset({"handling"}))
    question = Question(filter_=narrowed, view=View(measure=chosen), now=now, readers=readers)
    found = spec_of(key, question)["legend"]["counts"]
    window = {"since": month.since.isoformat(), "until": month.until.isoformat(), "narrowed": True}
    assert found == (window if counts else None)


def test_the_chosen_scale_reaches_the_legend(readers, now, month):
    question = Question(filter_=month, view=View(scale="adaptive"), now=now, readers=readers)
    assert spec_of("areas", question)["legend"]["scale"] == "adaptive"


def test_cases_in_no_drawn_area_are_counted(readers, now, month):
    question = Question(filter_=month, view=View(grids="professional"), now=now, readers=readers)
    accepted = readers.cases.counts(month, now).accepted
    assert spec_of("areas", question)["legend"]["left_out"] == accepted


@pytest.mark.parametrize("kind", ["compound", "unit"])
def test_small_grids_count_the_cases_on_their_ground(kind, readers, month, now):
    question = Question(filter_=month, view=View(grids=kind), now=now, readers=readers)
    shapes = shapes_of(kind, readers)
    values, left_out = area_values(shapes, measure("accepted"), question)
    every = readers.cases.counts(month, now, WALL).accepted
    assert 0 < values["value"].sum() < every
    assert left_out == every - values["value"].sum()
    inside = month.with_(areas=frozenset({shapes["parent_code"].iloc[0][:12]}))
    narrowed, _ = area_values(shapes, measure("accepted"), replace(question, filter_=inside))
    assert 0 < narrowed["value"].notna().sum() < len(shapes)


def test_a_trail_is_read_as_fine_as_it_can_be_seen():
    apart = []

    class Patrol:
        def trails(self, _now, _minutes, *, box, step_s):
            apart.append(step_s)
            return pa.table({"officer_id": pa.array([], pa.string()),
                             "at": pa.array([], pa.timestamp("us", "UTC")),
                             "lon": pa.array([], pa.float64()), "lat": pa.array([], pa.float64())})

    far, near = ("104.0,30.6,104.2,30.8", "104.10,30.66,104.11,30.67")
    for box, zoom, detail in ((far, 9, 0), (far, 12, 0), (far, 12, 2), (near, 17, 0)):
        asked = {"box": box, "zoom": str(zoom), "detail": str(detail)}
        ANSWERS["traces"](asked, SimpleNamespace(patrol=Patrol()), datetime(2026, 5, 1, tzinfo=UTC))
    coarsest, overview, fine, whole = apart
    assert coarsest == 240 > overview > fine > whole == 0
