"""/analytics/weights over HTTP: who may set them, what is refused in words, what stands in the history."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from callbacks import weights
from callbacks.cookies import Jar
from callbacks.system import Office
from data.access.scope import EVERYTHING, Scope
from data.analytics.weights import history
from tests.callbacks.system_room import CSRF, ZONE, Areas

GOOD = {"on_time": "50", "closure": "35", "rework": "15", "reason": "区考核办法第3条", "csrf_token": CSRF}


@pytest.fixture
def room(system):
    office = Office(access=None, clock=lambda: system.now, zone=ZONE, areas=Areas, jar=Jar(secure=False))
    desk = SimpleNamespace(everything=SimpleNamespace(store=system.store), now=lambda: system.now, zone=ZONE)
    weights.register(system.server, office, system.permits, desk=desk)
    return system


def send(browser, **form):
    return browser.client.post("/analytics/weights?lang=en", data={**GOOD, **form},
                               headers={"Sec-Fetch-Mode": "navigate"})


def test_a_leader_sets_them_and_everybody_reads_since_when(room):
    browser = room.signed_in("leader", scope=EVERYTHING)
    today = room.now.astimezone(ZONE).date()
    assert send(browser, valid_from=f"{today}").status_code == 303
    held, = history(room.store)
    assert held.weights.to_store() == {"on_time": 50, "closure": 35, "rework": 15}
    page = browser.get("/analytics/weights?lang=en&saved=1")
    assert "区考核办法第3条" in page.text
    assert 'data-part="on_time">50.0<' in page.text


@pytest.mark.parametrize(("form", "said"), [
    ({"rework": "20"}, "sum to 100"), ({"on_time": "a lot"}, "On-time handling must be a number"),
    ({"valid_from": "2001-01-01"}, "must not lie before today"), ({"valid_from": "soon"}, "The day must not"),
    ({"reason": ""}, "Say why")])
def test_what_cannot_be_is_told_and_nothing_is_set(room, form, said):
    answer = send(room.signed_in("leader", scope=EVERYTHING), **{"valid_from": "2199-01-01", **form})
    assert answer.status_code == 400
    assert said in answer.text
    assert history(room.store) == []


def test_who_sees_a_part_of_the_district_or_is_no_leader_sets_none(room):
    part = room.signed_in("leader", scope=Scope(areas=frozenset({"510108001"})))
    assert send(part, valid_from="2199-01-01").status_code == 403
    assert "<form" not in part.get("/analytics/weights?lang=en").text.split("<main")[1]
    assert send(room.signed_in("operator"), valid_from="2199-01-01").status_code == 403
    assert history(room.store) == []
