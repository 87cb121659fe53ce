"""The page of the audit log: filter, verdict, export, hostile texts."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.callbacks.system_room import HOSTILE, NOW, Markup, entry


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_in_every_field_are_texts(system, hostile):
    system.audit.record(entry(account_name=hostile, address=hostile, object_kind=hostile, object_id=hostile,
                              reason=hostile, detail={"said": hostile, "listed": [hostile]}), now=NOW)
    browser = system.signed_in("auditor")
    query = "&".join(f"{name}={hostile.replace('&', '%26').replace('#', '%23')}"
                     for name in ("account", "action", "object", "from", "page"))
    for text in (browser.get("/system/audit?lang=zh").text, browser.get(f"/system/audit?{query}").text,
                 browser.post("/system/audit/verify", account=hostile, object_=hostile).text):
        markup = Markup(text)
        assert not {"script", "img", "svg", "iframe", "style"} & markup.tags
        assert not [name for name, _ in markup.attributes if name.startswith("on") or name == "style"]
        assert not [value for name, value in markup.attributes
                    if name in {"href", "src", "action"} and not str(value).startswith(("/", "?", "#"))]
    shown = entry(reason=hostile).reason
    assert sum(shown in text for text in Markup(browser.get("/system/audit").text).texts) >= 5


def test_the_newest_hundred_come_first_and_pages_lead_on(system):
    for number in range(205):
        system.audit.record(entry(object_kind="case", object_id=f"C{number:03}"), now=NOW)
    browser = system.signed_in("auditor")
    pages = [browser.get(f"/system/audit?object=case&page={page}").text for page in (1, 2, 3, 99)]
    found = [re.findall(r"C\d{3}", page) for page in pages]
    assert [len(page) for page in found] == [100, 100, 5, 5]
    assert found[0][0] == "C204"
    assert found[2][-1] == "C000"
    assert 'rel="next"' in pages[0]
    assert 'rel="prev"' not in pages[0]
    assert 'rel="next"' not in pages[2]
    assert "object=case&amp;page=2" in pages[0]
    for page in ("x", "-1", "0", "1e9", "９", "9" * 30):
        assert "C204" in browser.get(f"/system/audit?object=case&page={page}").text or page == "9" * 8


def test_the_filter_reads_local_minutes(system):
    for minute in range(3):
        system.audit.record(entry(object_id=f"at-{minute}"), now=NOW + timedelta(minutes=minute, seconds=30))
    browser = system.signed_in("auditor")

    def shown(query):
        return sorted(set(re.findall(r"at-\d", browser.get(f"/system/audit?{query}").text)))

    assert shown("from=2026-05-11T12:01") == ["at-1", "at-2"]  # 12:01 at Shanghai is 04:01 UTC
    assert shown("to=2026-05-11T12:01") == ["at-0", "at-1"]  # the minute named is meant to its end
    assert shown("from=2026-05-11T12:01&to=2026-05-11T12:01") == ["at-1"]
    assert shown("to=2026-05-11") == ["at-0", "at-1", "at-2"]
    assert shown("to=2026-05-10") == []
    assert "2026-05-11 12:00:30" in browser.get("/system/audit").text


@pytest.mark.parametrize("query", [
    "from=soon", "to=2026-13-01", "from=9999-12-31T23:59:59-14:00", "from=%00"])
def test_a_time_that_is_none_is_said(system, query):
    system.audit.record(entry(object_id="C1"), now=NOW)
    answer = system.signed_in("auditor").get(f"/system/audit?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "C1" not in answer.text
    key, value = query.split("=")
    assert system.signed_in("auditor").post("/system/audit/export", **{f"{key}_": value}).status_code == 400
    assert system.audit.count() == 1


def test_the_verdict_is_given_on_demand_and_names_the_row(system):
    for _ in range(5):
        system.audit.record(entry(), now=NOW)
    browser = system.signed_in("audit_admin")
    assert "sys__verdict" not in browser.get("/system/audit").text
    assert "All 5 rows fit." in browser.post("/system/audit/verify").text
    with system.store.engine.begin() as connection:
        for statement in ("ALTER TABLE audit_log DISABLE TRIGGER USER",
                          "UPDATE audit_log SET account_name = 'li' WHERE seq = 3",
                          "ALTER TABLE audit_log ENABLE TRIGGER USER"):
            connection.execute(sa.text(statement))
    text = browser.post("/system/audit/verify").text
    assert "Row 3 is not what was written." in text
    assert [row.action for row in system.audit.listing(limit=2)] == ["audit_verified"] * 2
    assert system.audit.listing()[0].detail == {"rows": 3, "fault": "changed", "broken_at": 3}


def test_the_export_is_neutral_filtered_and_on_record(system):
    hostile = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "plain", '"=1', "=cmd|' /C calc'!A0")
    for number, text in enumerate(hostile):
        system.audit.record(entry(account_name=text, reason=text, object_kind="case", object_id=text,
                                  detail={"said": text}), now=NOW + timedelta(minutes=number))
    system.audit.record(entry(account_name="other", action="locked"), now=NOW)
    answer = system.signed_in("auditor").post("/system/audit/export", action="sign_in")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-20260511-120000.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert rows[0][:4] == ["No.", "Time", "Account", "Action"]
    assert len(rows) == 9
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert rows[1][2] == "'=1+1"
    assert rows[1][1] == "2026-05-11 12:00:00+08:00"
    assert rows[6][2] == "plain"
    newest = system.audit.listing()[0]
    assert (newest.action, newest.account_name, newest.object_kind) == (
        "exported", "the-auditor", "audit_log")
    assert newest.detail == {"rows": 8, "by_action": "sign_in"}
    assert system.audit.verify().ok
