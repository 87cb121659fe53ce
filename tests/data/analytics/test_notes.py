"""Notes on days and surveys: what stands, what was withdrawn, what cannot be, who sees which."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access.audit import Audit
from data.access.scope import EVERYTHING, NOTHING, Scope
from data.access.viewer import CONSOLE
from data.analytics import notes, surveys
from data.analytics.periods import read_period
from data.engine import Store

NOW = datetime(2026, 5, 11, 8, tzinfo=UTC)
TODAY = date(2026, 5, 11)
ZONE = ZoneInfo("Asia/Shanghai")
ON_RECORD = {"today": TODAY, "by": CONSOLE, "now": NOW}


def test_a_note_stands_until_it_is_withdrawn_and_both_are_on_record(store: Store) -> None:
    rain = notes.add(store, day=TODAY, text="  大雨\n请致电 13812345678 ", **ON_RECORD)
    notes.add(store, day=TODAY - timedelta(days=9), text="停水", **ON_RECORD)
    found = notes.of_days(store, date(2026, 5, 1), date(2026, 6, 1))
    assert [(one.day, one.text) for one in found] == [(date(2026, 5, 2), "停水"), (TODAY, "大雨 请致电 ****")]
    assert notes.of_days(store, date(2026, 5, 3), TODAY) == []  # the last day is not of the span
    assert notes.withdraw(store, rain, by=CONSOLE, now=NOW)
    assert not notes.withdraw(store, rain, by=CONSOLE, now=NOW)
    assert [one.text for one in notes.of_days(store, date(2026, 5, 1), date(2026, 6, 1))] == ["停水"]
    told = [entry.action for entry in Audit(store).listing()]
    assert sorted(told) == ["day_note_added", "day_note_added", "day_note_withdrawn"]


@pytest.mark.parametrize(("said", "expected"), [
    ({"day": TODAY + timedelta(days=1)}, "day must be a day from 1990-01-01 to 2026-05-11, got 2026-05-12"),
    ({"day": date(1989, 12, 31)}, "day must be a day"),
    ({"text": " \n"}, "text must be 1 to 60 signs, got 0"),
    ({"text": "雨" * 61}, "text must be 1 to 60 signs, got 61")])
def test_a_note_that_cannot_be_is_told(store: Store, said: dict[str, object], expected: str) -> None:
    with pytest.raises(notes.NoteError, match=expected):
        notes.add(store, **{"day": TODAY, "text": "雨", **ON_RECORD, **said})  # type: ignore[arg-type]
    assert notes.of_days(store, date.min, date.max) == []


@settings(deadline=None)
@given(days=st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=8))
def test_each_note_stands_in_the_one_period_of_its_day(days: list[date]) -> None:
    said = [notes.Note(note_id=n, day=day, text="", set_at=NOW, set_by="") for n, day in enumerate(days)]
    months = [read_period(f"2026-{month:02}", ZONE) for month in range(1, 13)]
    found = notes.by_period(said, months)
    assert sorted(one.note_id for held in found.values() for one in held) == list(range(len(days)))
    assert all(f"{one.day:%Y-%m}" == code for code, held in found.items() for one in held)
    assert all(found.values())


def entered(store: Store, **said: object) -> int:
    row = {"kind": "awareness", "day": TODAY, "area_code": None, "asked": 400, "agreed": 300,
           "about": "电话抽样", **ON_RECORD, **said}
    return surveys.add(store, **row)  # type: ignore[arg-type]


def test_surveys_are_read_within_the_scope_and_summed_without_counting_anybody_twice(store: Store) -> None:
    entered(store, area_code="510108001", asked=100, agreed=90)
    entered(store, area_code="510108002", asked=100, agreed=50)
    entered(store, kind="satisfaction", asked=10, agreed=10)
    span = {"first": date(2026, 5, 1), "after": date(2026, 6, 1)}
    held = surveys.listing(store, EVERYTHING)
    assert surveys.summed(held, "awareness", **span) == (140, 200)
    assert surveys.summed(held, "awareness", **span, areas=["510108001"]) == (90, 100)
    assert surveys.summed(held, "awareness", first=date(2026, 6, 1), after=date(2026, 7, 1)) is None
    entered(store, area_code="510108001003", asked=40, agreed=1)  # of the street, which asked there too
    assert surveys.summed(surveys.listing(store, EVERYTHING), "awareness", **span) == (140, 200)
    whole = entered(store)
    assert surveys.summed(surveys.listing(store, EVERYTHING), "awareness", **span) == (300, 400)
    part = surveys.listing(store, Scope(areas=frozenset({"510108001"})))
    assert [(one.area_code, one.agreed) for one in part] == [("510108001003", 1), ("510108001", 90)]
    assert surveys.listing(store, NOTHING) == []
    assert surveys.withdraw(store, whole, by=CONSOLE, now=NOW)
    assert surveys.summed(surveys.listing(store, EVERYTHING), "awareness", **span) == (140, 200)


@pytest.mark.parametrize(("said", "expected"), [
    ({"kind": "mood"}, "kind must be one of awareness, satisfaction; got 'mood'"),
    ({"asked": 0}, "asked must be 1 to"), ({"agreed": 401}, "agreed must be 0 to 400"),
    ({"agreed": -1}, "agreed must be"), ({"about": " "}, "about must be 1 to 120 signs, got 0"),
    ({"day": TODAY + timedelta(days=1)}, "day must be a day")])
def test_a_survey_that_cannot_be_is_told(store: Store, said: dict[str, object], expected: str) -> None:
    with pytest.raises(surveys.SurveyError, match=expected):
        entered(store, **said)
    assert surveys.listing(store, EVERYTHING) == []
