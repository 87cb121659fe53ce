"""What the callbacks decide, without Dash and without a store."""

import json

import pytest

from callbacks.cards import side
from callbacks.charts import category_shares, channel_shares
from callbacks.desk import child_level, opening_filter
from callbacks.page import histogram, opening
from callbacks.pressing import OPEN_WITHIN, order_from_store, pressing
from callbacks.search import question
from callbacks.status import status
from callbacks.table import asked_for
from dashboard.view import View, ViewError
from data.cases.pressing import ORDERS
from data.filters import CaseFilter, FilterError
from data.vocabulary import _CLASS_NAMES
from tests.dashboard.asserts import texts
from tests.fake_readers import CASE, GRID, NOW, STREET, desk


def window(**about):
    since, until = desk().presets(NOW)["24h"]
    return CaseFilter(since=since, until=until, **about)


def test_levels_below_a_scope():
    assert [
        child_level(area) for area in (None, "510108", "510108002", "510108002001", "510108002001005")
    ] == ["street", "street", "community", "grid", "grid"]


def test_channels_are_counted_without_the_filters_own_channels():
    at = desk()
    rows = channel_shares(window(channels=frozenset({"web"}), states=frozenset({"handling"})), "zh", desk=at)
    assert rows[0].name == "12345热线"
    assert at.readers.cases.asked[0].channels == frozenset()
    assert at.readers.cases.asked[0].states == frozenset({"handling"})


def test_categories_have_names_in_the_language_of_the_viewer():
    assert category_shares(window(), "en", desk=desk())[0].name == "Emergencies"


def test_time_line_spans_the_context_whatever_is_brushed():
    at = desk()
    context = {"since": "2026-11-01T00:00:00+08:00", "until": "2026-11-22T00:00:00+08:00"}
    bars = histogram(window(areas=frozenset({STREET})).to_store(), context, desk=at)
    asked = at.readers.cases.asked[0]
    assert (asked.since.isoformat(), asked.until.isoformat()) == (context["since"], context["until"])
    assert asked.areas == frozenset({STREET})
    assert len(bars["counts"]) == 96
    assert bars["step_s"] == pytest.approx(21 * 86400 / 96)


@pytest.mark.parametrize("context", [None, 7, {}, {"since": "x", "until": "y"}])
def test_time_line_refuses_a_hostile_context(context):
    with pytest.raises(FilterError):
        histogram(window().to_store(), context, desk=desk())


def test_opening_reads_scope_window_and_selection_from_the_address():
    found = opening(
        {
            "area": STREET,
            "preset": "30d",
            "since": "2026-11-20T00:00:00+08:00",
            "until": "2026-11-21T00:00:00+08:00",
            "sel": f"case:{CASE['case_no']}",
            "lang": "en",
        },
        desk(),
    )
    assert found.filter_.areas == frozenset({STREET})
    assert found.filter_.since.isoformat() == "2026-11-20T00:00:00+08:00"
    assert found.context["since"] < "2026-11-20"
    assert found.selection == {"kind": "case", "code": CASE["case_no"]}
    assert (found.district, found.synthetic, found.fault) == ("Chenghua", "Synthetic data", "")


def test_opening_with_a_bad_address_is_the_default_and_says_why():
    found = opening({"mode": "4d"}, desk())
    assert found.view == View()
    assert "mode must be one of 2d, 3d; got '4d'" in found.fault


def test_a_window_of_the_address_is_its_own_context_when_custom():
    filter_, context = opening_filter(
        {"since": "2020-01-01T00:00:00+08:00", "until": "2020-02-01T00:00:00+08:00"},
        View(preset="custom"),
        desk().presets(NOW),
    )
    assert context == {"since": filter_.since.isoformat(), "until": filter_.until.isoformat()}


def test_question_trims_and_refuses():
    assert question({"text": "  猛追湾 ", "kind": "area"}) == ("猛追湾", "area")
    assert question({"text": "   "}) is None
    with pytest.raises(ViewError, match=r"search.kind must be one of .* got 'person'"):
        question({"text": "x", "kind": "person"})
    with pytest.raises(ViewError, match=r"at most 80 signs, got 81"):
        question({"text": "x" * 81})


def test_table_refuses_unknown_orders():
    assert asked_for({"kind": "areas", "order": "rate", "descending": True}) == ("areas", "rate", True)
    with pytest.raises(ViewError, match=r"table.order must be one of .* got 'evil'"):
        asked_for({"kind": "cases", "order": "evil"})


def test_status_says_since_when_refreshing_fails():
    at = desk()
    at.readers.snapshot.failed_since = NOW
    assert status(at, NOW)["failed_since"] == NOW.isoformat()


def test_case_card_tells_its_whole_trace():
    found = texts(side({"kind": "case", "code": CASE["case_no"]}, window(), "zh", desk=desk()))
    assert "下水道堵塞" in found
    assert "上报" in found
    assert any(text.startswith("超 ") for text in found)


def test_a_code_nobody_knows_is_said_to_be_missing():
    assert any(
        "没有找到 nothing" in text
        for text in texts(side({"kind": "case", "code": "nothing"}, window(), "zh", desk=desk()))
    )


def test_what_presses_is_counted_and_asked_for_in_the_order_chosen():
    at = desk()
    assert [pressing(window(), order, desk=at).lines[0]["title"] for order in ORDERS] == [*ORDERS]
    assert all(asked.since <= NOW - OPEN_WITHIN for asked in at.readers.cases.asked)
    shown = texts(side(None, window(), "zh", desk=at))
    assert "近一年在办: 超期 9 · 临近 3" in shown
    assert "超期最久" in shown


def test_an_unknown_order_of_pressing_cases_is_refused():
    assert order_from_store(None) == "near"
    for evil in ("newest", 3, {"near": 1}, ["near"]):
        with pytest.raises(ViewError, match="pressing must be one of near, oldest; got"):
            order_from_store(evil)


def test_a_classes_english_name_is_used_where_the_class_is_the_one_we_know():
    assert _CLASS_NAMES["C01", "公用设施"] == "Public utilities"
    assert ("C01", "renamed") not in _CLASS_NAMES


def test_an_officers_cases_are_asked_by_officer_not_by_area():
    at = desk()
    person = {"officer_id": "G1", "name_masked": "杨*", "grid_code": GRID, "on_duty": True, "fixes": 0}
    at.readers.patrol.officer = lambda code, now: person
    found = texts(side({"kind": "officer", "code": "G1"}, window(), "zh", desk=at))
    assert (at.readers.cases.officers, at.readers.cases.asked[0].areas) == (["G1"], frozenset())
    assert "下水道堵塞" in found
    assert "望平社区" in found


def test_the_id_of_a_reporter_who_is_no_person_of_the_grids_never_reaches_the_card():
    at = desk()
    at.readers.patrol.officer = lambda code, now: None
    events = at.readers.cases.events(CASE["case_no"]).assign(actor_id="13800001111")
    at.readers.cases.events = lambda case_no: events
    shown = side({"kind": "case", "code": CASE["case_no"]}, window(), "zh", desk=at)
    assert "13800001111" not in json.dumps(shown, default=lambda part: part.to_plotly_json())
