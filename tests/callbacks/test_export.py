"""The cases of a filter as a file: who may, what is in it, what is on record."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest

from app import create_app
from data.access.scope import Scope
from data.filters import CaseFilter
from data.settings import Settings
from tests.signed_in import COOKIE, a_session, a_viewer, client_of, fake_access

QUERY = {"since": "2019-03-01T00:00:00+08:00", "until": "2019-03-08T00:00:00+08:00"}
WEEK = CaseFilter(**{key: datetime.fromisoformat(value) for key, value in QUERY.items()})
STREET = "210202001"


def asked(readers, roles, scope=None, **query):
    about = {} if scope is None else {"scope": scope}
    access = fake_access(**{COOKIE: a_session(a_viewer(roles, **about))})
    wall = create_app(Settings(), readers=readers, access=access)
    return client_of(wall).get("/export/cases.csv", query_string={**QUERY, **query}), access.audit.entries


def lines(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_a_file_holds_all_cases_of_the_filter_the_oldest_first(readers):
    answer, entries = asked(readers, {"planner"})
    found = lines(answer)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert len(found) == readers.cases.counts(WEEK, WEEK.until).reported
    assert [row["上报时间"] for row in found] == sorted(row["上报时间"] for row in found)
    assert [(entry.action, entry.detail["rows"]) for entry in entries] == [("exported", len(found))]


@pytest.mark.parametrize("roles", [{"operator"}, {"dept_op"}, {"auditor"}, {"system_admin"}])
def test_who_may_not_take_lists_away_gets_none(readers, roles):
    answer, entries = asked(readers, roles)
    assert answer.status_code == 403
    assert entries == []


def test_a_file_ends_at_the_scope(readers):
    found = lines(asked(readers, {"planner"}, Scope(areas=frozenset({STREET})))[0])
    whole = lines(asked(readers, {"planner"})[0])
    assert {row["网格编码"][:9] for row in found} == {STREET}
    assert len(found) == sum(row["网格编码"].startswith(STREET) for row in whole)


def test_what_is_too_much_is_refused_with_its_number(readers, monkeypatch):
    monkeypatch.setattr("callbacks.export.MAX_ROWS", 10)
    answer, entries = asked(readers, {"planner"})
    assert answer.status_code == 422
    assert "at most 10 cases, got" in answer.get_json()["error"]
    assert entries == []


def test_a_filter_that_cannot_be_is_refused(readers):
    assert asked(readers, {"planner"}, states="nothing")[0].status_code == 400
    assert asked(readers, {"planner"}, evil="1")[0].status_code == 400


def test_english_heads_for_english_readers(readers):
    found = lines(asked(readers, {"planner"}, lang="en")[0])
    assert "Reported" in found[0]
