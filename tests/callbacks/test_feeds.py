"""The status board over HTTP: scope, both languages, and that it can be made to stand still."""

from __future__ import annotations

import re

import pytest

from callbacks.cookies import Jar
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE
from tests.signed_in import client_of, now, signed_in

PAGE = {"Accept": "text/html"}


def of(real, access, **about):
    return client_of(real, signed_in(access, **about))


@pytest.mark.parametrize(("lang", "said"), [("zh", "数据来源状态"), ("en", "State of the feeds")])
def test_every_channel_and_department_that_sent_something_has_its_row(real, access, demo_store, lang, said):
    answer = of(real, access).get(f"/feeds?lang={lang}", headers=PAGE)
    assert answer.status_code == 200
    assert said in answer.text
    channels = demo_store.arrow('SELECT DISTINCT channel_code AS code FROM "case"').num_rows
    departments = demo_store.arrow(
        'SELECT DISTINCT main_dept_id AS code FROM "case" WHERE handled_at IS NOT NULL'
        " AND main_dept_id IS NOT NULL").num_rows
    rows = re.findall(r'<tr role="row">\s*<td', answer.text)
    assert len(rows) == channels + departments + 1 + 3, "and one of positions, one of each kind of sensors"


def test_a_scope_counts_its_own_records_only(real, access, demo_store):
    street = demo_store.arrow('SELECT min(street_code) AS code FROM "case"')["code"][0].as_py()

    def daily(text):
        cells = re.findall(r'data-name="A day" class="doc__number">([\d.]+)<', text)
        return sum(float(cell) for cell in cells)

    whole = daily(of(real, access).get("/feeds?lang=en").text)
    part = daily(of(real, access, scope=Scope(frozenset({street}))).get("/feeds?lang=en").text)
    assert 0 < part < whole


def test_it_refreshes_by_itself_until_it_is_told_not_to(real, access):
    client = of(real, access)
    assert client.get("/feeds").headers["Refresh"] == "30"
    assert "Refresh" not in client.get("/feeds?still=1").headers


def test_a_display_brings_its_own_way_on(real, access):
    _, token = access.tokens.issue("屏", EVERYTHING, ["/", "/feeds"], issued_by=CONSOLE, expires_at=None,
                                       now=now())
    client = real.server.test_client()
    client.set_cookie(Jar(secure=False).screen, token)
    answer = client.get("/feeds?kiosk=1&every=20", headers=PAGE)
    assert answer.status_code == 200
    assert "Refresh" not in answer.headers, "a browser that asks a dead server shows nothing any more"
    assert 'data-every="20" data-again="30" data-page="/"' in answer.text
    assert "<nav" not in answer.text
    assert "still=1" not in answer.text
    assert "63-tour.js" not in of(real, access).get("/feeds").text


def test_a_failing_store_is_said(real, access, readers, monkeypatch, clock):
    monkeypatch.setattr(readers.snapshot, "failed_since", clock)
    assert 'role="alert"' in of(real, access).get("/feeds?lang=en").text
