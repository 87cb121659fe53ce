"""/analytics/notes and /analytics/surveys over HTTP: who may write, what is refused and shown."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from callbacks import notes, surveys
from callbacks.cookies import Jar
from callbacks.system import Office
from data.access.scope import EVERYTHING, Scope
from data.analytics import notes as kept_notes
from data.analytics import surveys as kept_surveys
from tests.callbacks.system_room import CSRF, HOSTILE, ZONE, Areas

PART = Scope(areas=frozenset({"510108001"}))
ANSWERS = {"kind": "awareness", "day": "2026-05-01", "area": "", "asked": "400", "agreed": "300",
           "about": "区统计局电话抽样"}


@pytest.fixture
def room(system):
    office = Office(access=None, clock=lambda: system.now, zone=ZONE, areas=Areas, jar=Jar(secure=False))
    desk = SimpleNamespace(everything=SimpleNamespace(store=system.store, areas=Areas()),
                           now=lambda: system.now, zone=ZONE)
    for pages in (notes, surveys):
        pages.register(system.server, office, system.permits, desk=desk)
    return system


def send(browser, path, **form):
    return browser.client.post(f"{path}?lang=en", data={"csrf_token": CSRF, **form},
                               headers={"Sec-Fetch-Mode": "navigate"})


def held(room):
    return kept_notes.of_days(room.store, date.min, date.max)


def test_a_leader_writes_a_note_everybody_reads_it_and_it_is_withdrawn(room):
    leader = room.signed_in("leader", scope=EVERYTHING)
    assert send(leader, "/analytics/notes", day="2026-05-02", text=HOSTILE[0]).status_code == 303
    page = room.signed_in("operator").get("/analytics/notes?lang=en").text
    assert "&lt;script&gt;" in page
    assert HOSTILE[0] not in page
    assert "/withdraw" not in page
    note, = held(room)
    for wrong in ("", "x", "99999999999999999999", f"{note.note_id}0"):
        send(leader, "/analytics/notes/withdraw", note=wrong)
    assert held(room) == [note]
    assert send(leader, "/analytics/notes/withdraw", note=f"{note.note_id}").status_code == 303
    assert held(room) == []


@pytest.mark.parametrize(("form", "said"), [
    ({"day": "2026-05-12", "text": "x"}, "The day must be from 1990-01-01 to today (2026-05-11)"),
    ({"day": "soon", "text": "x"}, "The day must be"), ({"day": "2026-05-02", "text": ""}, "Write some")])
def test_a_note_that_cannot_be_is_told(room, form, said):
    answer = send(room.signed_in("leader", scope=EVERYTHING), "/analytics/notes", **form)
    assert answer.status_code == 400
    assert said in answer.text
    assert held(room) == []


@pytest.mark.parametrize("path", ["/analytics/notes", "/analytics/notes/withdraw", "/analytics/surveys",
                                  "/analytics/surveys/withdraw"])
def test_who_sees_a_part_of_the_district_or_is_no_leader_writes_nothing(room, path):
    form = {**ANSWERS, "text": "x", "note": "1", "survey": "1"}
    assert send(room.signed_in("leader", scope=PART), path, **form).status_code == 403
    assert send(room.signed_in("operator"), path, **form).status_code == 403
    assert held(room) == []
    assert kept_surveys.listing(room.store, EVERYTHING) == []


def test_a_survey_is_shown_with_its_share_and_interval_and_withdrawn(room):
    leader = room.signed_in("leader", scope=EVERYTHING)
    assert send(leader, "/analytics/surveys", **ANSWERS).status_code == 303
    of_street = {**ANSWERS, "area": "510108001", "agreed": "0"}
    assert send(leader, "/analytics/surveys", **of_street).status_code == 303
    page = leader.get("/analytics/surveys?lang=en&saved=1").text
    for said in ("75.0%", "70.5% – 79.0%", "区统计局电话抽样", "猛追湾街道", "0.0%"):
        assert said in page
    part = room.signed_in("leader", scope=PART).get("/analytics/surveys?lang=en").text
    assert "75.0%" not in part
    assert "猛追湾街道" in part
    for one in kept_surveys.listing(room.store, EVERYTHING):
        assert send(leader, "/analytics/surveys/withdraw", survey=f"{one.survey_id}").status_code == 303
    assert "No survey was entered yet" in leader.get("/analytics/surveys?lang=en").text


@pytest.mark.parametrize(("form", "said"), [
    ({"kind": "mood"}, "Choose what was asked"), ({"day": "2026-13-01"}, "The last day must be"),
    ({"area": "999"}, "Choose a street"), ({"asked": "0"}, "Answers must be"),
    ({"asked": "４"}, "Answers must be"),
    ({"agreed": "401"}, "Aware / content must be"), ({"agreed": "-1"}, "Aware / content must be"),
    ({"about": ""}, "Say who asked")])
def test_a_survey_that_cannot_be_is_told_and_nothing_is_kept(room, form, said):
    answer = send(room.signed_in("leader", scope=EVERYTHING), "/analytics/surveys", **{**ANSWERS, **form})
    assert answer.status_code == 400
    assert said in answer.text
    assert kept_surveys.listing(room.store, EVERYTHING) == []
