"""Requests about a past moment: read once, checked, answered as of it, and never a write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from callbacks.moment import HEADER, Moments, read_moment, said
from dashboard import ids
from dashboard.security import CALLBACKS
from data.filters import FilterError
from tests.callbacks.conftest import Page

NOW = datetime(2026, 3, 20, 10, 0, tzinfo=UTC)
FIRST = NOW - timedelta(days=30)
COLUMNS = "/columns/cases?since=2019-04-01T00:00:00%2B08:00&until=2019-06-01T00:00:00%2B08:00"


@pytest.mark.parametrize(("text", "expected"), [
    ("2026-03-01T08:00:00+08:00", datetime(2026, 3, 1, tzinfo=UTC)),
    ("2026-03-01T08:00:00 08:00", datetime(2026, 3, 1, tzinfo=UTC)),
    ("2026-03-01T00:00:00.900Z", datetime(2026, 3, 1, tzinfo=UTC)),
])
def test_a_moment_is_an_aware_time_to_the_second(text: str, expected: datetime) -> None:
    assert read_moment(text, "at") == expected


@pytest.mark.parametrize("text", ["", "now", "2026-03-01", "2026-03-01T08:00:00", "x" * 5_000,
                                  "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1e9"])
def test_what_is_no_moment_is_refused_with_the_field(text: str) -> None:
    with pytest.raises(FilterError, match=r"^X-Clock-At must"):
        read_moment(text, HEADER)


def moments(first: datetime | None = FIRST, held: datetime | None = None) -> Moments:
    return Moments(lambda: NOW, lambda: (first, held))


@pytest.mark.parametrize(("path", "headers", "expected"), [
    ("/columns/cases", {HEADER: "a"}, (HEADER, "a")),
    ("/columns/cases?at=b", {}, None),
    (CALLBACKS, {HEADER: "a"}, (HEADER, "a")),
    ("/_dash-layout", {HEADER: "a", "Referer": "http://localhost/?at=b&lang=en"}, ("at", "b")),
    ("/_dash-layout", {"Referer": "http://localhost/?at="}, ("at", "")),
    ("/_dash-layout", {"Referer": "http://localhost/"}, None),
    ("/export/cases.csv?at=c", {}, ("at", "c")),
    ("/api/status?at=c", {HEADER: "a", "Referer": "http://localhost/?at=b"}, None),
    ("/api/live", {HEADER: "a"}, None),
])
def test_where_a_moment_is_said(path: str, headers: dict[str, str], expected: Any) -> None:
    with Flask(__name__).test_request_context(path, headers=headers):
        assert said() == expected


def test_outside_a_request_it_is_now() -> None:
    assert (moments().current(), moments().now()) == (None, NOW)


@pytest.mark.parametrize(("at", "known", "match"), [
    (NOW + timedelta(seconds=1), moments(), "after .* the store's now"),
    (FIRST - timedelta(seconds=1), moments(), "before .* the first case"),
    (NOW, moments(first=None), "there is none"),
    (FIRST + timedelta(days=1), moments(held=FIRST + timedelta(days=2)), "held"),
])
def test_what_cannot_be_shown_is_refused(at: datetime, known: Moments, match: str) -> None:
    with (Flask(__name__).test_request_context("/columns/cases", headers={HEADER: at.isoformat()}),
          pytest.raises(FilterError, match=match)):
        known.current()


@pytest.mark.parametrize("at", [NOW, FIRST, FIRST + timedelta(days=3)])
def test_what_can_be_shown_is_the_now_of_the_request(at: datetime) -> None:
    with Flask(__name__).test_request_context("/columns/cases", headers={HEADER: at.isoformat()}):
        known = moments()
        assert (known.current(), known.now()) == (at, at)


# ---- the whole application ----

KPIS = f"{ids.KPIS}.tree"
PAST = "2019-05-01T12:00:00+08:00"


def test_numbers_are_those_of_the_moment(page: Page, client: Any) -> None:
    live = page.ask(KPIS).get_json()
    past = client.post(CALLBACKS, json=page.body(KPIS), headers={HEADER: PAST}).get_json()
    assert past["response"] != live["response"]
    assert page.ask(KPIS).get_json() == live  # nobody else is put back


def test_columns_are_those_of_the_moment_and_have_a_version_of_their_own(client: Any) -> None:
    live = client.get(COLUMNS)
    past = client.get(COLUMNS, headers={HEADER: PAST})
    later = client.get(COLUMNS, headers={HEADER: "2019-05-01T12:00:01+08:00"})
    assert (live.status_code, past.status_code) == (200, 200)
    assert len({live.headers["ETag"], past.headers["ETag"], later.headers["ETag"]}) == 3
    assert live.data != past.data
    assert HEADER in past.headers["Vary"]
    again = client.get(COLUMNS, headers={HEADER: PAST, "If-None-Match": past.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("at", ["soon", "2019-05-01T12:00:00", "2030-01-01T00:00:00Z",
                                "1999-01-01T00:00:00Z"])
def test_a_moment_that_cannot_be_is_400(client: Any, page: Page, at: str) -> None:
    for answer in (client.get(COLUMNS, headers={HEADER: at}),
                   client.post(CALLBACKS, json=page.body(KPIS), headers={HEADER: at})):
        assert answer.status_code == 400
        assert answer.get_json()["error"].startswith(f"{HEADER} must")


def test_a_page_with_a_moment_that_cannot_be_opens_live_and_says_why(wall: Any, client: Any) -> None:
    live = Page(wall, client)
    page = Page(wall, client, "http://localhost/?at=2030-01-01T00:00:00Z")
    assert page.values[ids.NOW, "data"] == live.values[ids.NOW, "data"]
    answer = client.get("/_dash-layout", headers={"Referer": "http://localhost/?at=2030-01-01T00:00:00Z"})
    assert "at must not lie after" in answer.get_data(as_text=True)


def test_the_status_tells_the_live_clock(client: Any) -> None:
    plain = client.get("/api/status").get_json()
    past = client.get("/api/status", headers={HEADER: PAST}).get_json()
    assert {**past, "age_s": 0} == {**plain, "age_s": 0}


def test_a_page_opens_at_the_moment_of_its_address(wall: Any, client: Any) -> None:
    page = Page(wall, client, f"http://localhost/?at={PAST.replace('+', '%2B')}")
    assert page.values[ids.NOW, "data"]["now"] == PAST
    assert page.values[ids.FILTER, "data"]["until"] <= "2019-05-01T12:01:00+08:00"


def test_the_past_cannot_be_changed(client: Any) -> None:
    for path in ("/api/cases/201905011080/photos", "/persons/open"):
        refused = client.post(path, headers={HEADER: PAST})
        assert refused.status_code == 409
        assert "past" in refused.get_json()["error"]


def test_who_may_not_ask_is_told_nothing_of_moments(wall: Any) -> None:
    answer = wall.server.test_client().get(COLUMNS, headers={HEADER: "soon"})
    assert answer.status_code == 401
