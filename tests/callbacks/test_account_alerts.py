"""What an account is told on its own page: its own choice, in its own scope, for its own roles."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from app import create_app
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE
from data.alerts.editing import rules
from data.clock import store_now
from data.demo.build import build
from data.readers import build_readers
from data.settings import Settings
from tests.data.alerts.samples import add_alert
from tests.signed_in import access_of, client_of, signed_in

STREET, OTHER = "210202003", "210202010"
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def room(module_store):
    build("zhongshan", 7, None, module_store)
    readers, access = build_readers(module_store, Settings()), access_of(module_store)
    readers.snapshot.refresh()
    now = store_now(module_store, readers.cases.reported_range()[1])
    wall = create_app(Settings(), readers=readers, access=access)

    def as_role(role, scope=EVERYTHING):
        cookie = signed_in(access, roles=[role], scope=scope)
        return client_of(wall, cookie, access.sessions.find(cookie, now=now).csrf)

    def fired(subject, street=STREET, *, ago=5, **about):
        return add_alert(module_store, at=now - timedelta(minutes=ago), street=street, subject=subject,
                         subject_type="device", **about)

    yield SimpleNamespace(store=module_store, as_role=as_role, fired=fired)
    readers.snapshot.stop()


def shown(client):
    text = client.get("/account?lang=en", headers=PAGE).text
    listed = [int(number) for number in re.findall(r"sel=alert:(\d+)", text)]
    return text, listed


def test_a_choice_is_told_counted_and_seen(room):
    client = room.as_role("operator", Scope(frozenset({STREET})))
    assert "Nothing chosen yet" in shown(client)[0]
    choice = {"kind": ["smoke"], "color": ["red", "orange"]}
    assert client.post("/account/alerts", data=choice).status_code == 303
    told = room.fired("A", kind="smoke", color="red")
    for subject, street, about in (("B", STREET, {"color": "blue"}), ("C", STREET, {"kind": "manhole"}),
                                   ("D", OTHER, {}), ("E", STREET, {"roles": ["leader"]})):
        room.fired(subject, street, **{"kind": "smoke", "color": "red", **about})
    text, listed = shown(client)
    assert listed == [told]
    assert '<span class="told__badge">1</span>' in text
    assert "new</strong>" not in text, "it fired before the choice"
    later = room.fired("F", kind="smoke", color="orange", ago=-1)
    text, listed = shown(client)
    assert (listed, "1 new</strong>" in text) == ([told, later], True)
    assert client.post("/account/alerts/seen").status_code == 303
    client.post("/account/alerts", data={"kind": ["manhole"], "color": ["red"]})
    assert len(shown(client)[1]) == 1, "another choice takes its place"


@pytest.mark.parametrize("form", [{"kind": "none", "color": "red"}, {"kind": "smoke", "color": "pink"}],
                         ids=["kind", "color"])
def test_what_is_none_is_refused(room, form):
    client = room.as_role("operator")
    assert client.post("/account/alerts", data=form).status_code == 400
    assert "Nothing chosen yet" in shown(client)[0]


def test_who_sees_nothing_of_the_district_chooses_nothing(room):
    client = room.as_role("auditor")
    assert "told__" not in shown(client)[0]
    assert client.post("/account/alerts", data={"kind": "smoke", "color": "red"}).status_code == 403


def test_offered_is_what_a_rule_tells_the_role(room):
    kinds = {row["kind"] for row in rules(room.store) if "operator" in row["roles"]}
    text = shown(room.as_role("operator"))[0]
    assert set(re.findall(r'name="kind" value="(\w+)"', text)) == kinds
    assert CONSOLE.name not in text
