"""/system/rules over HTTP: who may, what a form changes, what it must not, and what is on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callbacks import system_rules
from callbacks.cookies import Jar
from callbacks.system import Office
from callbacks.system_rules import differences, span
from dashboard.texts import speaker
from data.access.scope import EVERYTHING, Scope
from data.alerts.editing import RuleError, rules
from tests.callbacks.system_room import CSRF, NOW, ZONE, Areas, Markup

ROLES = ["operator", "leader"]
RULE = {"rule_id": "x", "kind": "x", "is_on": True, "color": "red", "threshold": 3.0, "window_s": 90,
        "area_code": None, "cat_code": "S1", "roles": ROLES}


@pytest.fixture
def office(system):
    office = Office(access=None, clock=lambda: system.now, zone=ZONE, areas=Areas, jar=Jar(secure=False))
    system_rules.register(system.server, office, system.permits, store=system.store)
    return system


def send(browser, rule="case_urgent", **form):
    data = {"csrf_token": CSRF, "is_on": "on", "color": "red", "threshold": "3", "window_s": "1440",
            "area_code": "", "cat_code": "", "roles": ["operator"], **form}
    return browser.client.post(f"/system/rules/{rule}?lang=en", data=data,
                               headers={"Sec-Fetch-Mode": "navigate"})


def test_the_head_of_a_refused_rule_says_what_holds(office):
    text = send(office.signed_in("system_admin"), threshold="77x").text
    assert 'value="77x"' in text
    assert text.count("77x") == 1


def row(system, rule="case_urgent"):
    return next(one for one in rules(system.store) if one["rule_id"] == rule)


def test_a_form_changes_the_rule_and_stands_in_the_log(office):
    browser = office.signed_in("system_admin")
    answer = send(browser, threshold="2", window_s="90", color="yellow", area_code="510108001",
                  roles=["leader", "operator"])
    assert (answer.status_code, answer.headers["Location"]) == (
        303, "/system/rules?lang=en&saved=case_urgent")
    found = row(office)
    assert [found[name] for name in ("threshold", "window_s", "color", "area_code", "roles")] == [
        2.0, 5400, "yellow", "510108001", ROLES]
    entry, = office.audit.listing()
    assert (entry.action, entry.object_id, entry.address) == (
        "alert_rule_changed", "case_urgent", "127.0.0.1")
    assert set(entry.detail) == {"threshold", "window_s", "color", "area_code", "roles"}
    text = browser.get("/system/rules?lang=en&saved=case_urgent").text
    assert "Saved: " in text
    assert "Changed 2026-05-11 12:00:00 by the-system_admin" in text
    office.now = NOW + timedelta(minutes=1)
    assert send(browser, threshold="2", window_s="90", color="yellow", area_code="510108001",
                roles=ROLES).status_code == 303
    assert office.audit.count() == 1  # nothing was changed


@pytest.mark.parametrize(("form", "fault"), [
    ({"threshold": ""}, "threshold must be a number"), ({"threshold": "none"}, "threshold must be a number"),
    ({"threshold": "nan"}, "threshold must be a number"), ({"window_s": "0"}, "window must be 1 to 525600"),
    ({"window_s": "soon"}, "window must be"), ({"window_s": "inf"}, "window must be"),
    ({"area_code": "51"}, "area code must be"), ({"cat_code": "<b>"}, "category must be"),
    ({"roles": []}, "At least one role"), ({"roles": ["king"]}, "At least one role"),
    ({"color": "green"}, "level must be"), ({"is_on": "yes"}, "state must be")],
    ids=lambda value: value if isinstance(value, str) else "-".join(f"{k}={v}" for k, v in value.items()))
def test_what_cannot_be_is_said_and_changes_nothing(office, form, fault):
    before = rules(office.store)
    answer = send(office.signed_in("system_admin"), **form)
    assert answer.status_code == 400
    assert fault in answer.text
    assert "<b>" not in answer.text
    assert rules(office.store) == before
    assert office.audit.count() == 0


def test_only_the_system_administrator_of_the_whole_district_changes_rules(office):
    for role in ("operator", "planner", "security_admin", "auditor", "officer"):
        assert office.signed_in(role).get("/system/rules").status_code == 403
        assert send(office.signed_in(role), threshold="2").status_code == 403
    part = office.signed_in("system_admin", scope=Scope(frozenset({"510108001"})))
    assert "can be read only" in part.get("/system/rules?lang=en").text
    assert send(part, threshold="2").status_code == 403
    whole = office.signed_in("system_admin", scope=EVERYTHING)
    assert send(whole, csrf_token="x", threshold="2").status_code == 403
    assert send(whole, rule="nothing").status_code == 404
    assert row(office)["threshold"] == 3.0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_rule_is_told_in_both_languages_without_inline_parts(office, lang):
    text = office.signed_in("system_admin").get(f"/system/rules?lang={lang}").text
    for rule in rules(office.store):
        assert f'action="/system/rules/{rule["rule_id"]}?lang={lang}"' in text
        assert speaker(lang)(f"rules.when.{rule['kind']}").replace("'", "&#39;") in text
    page = Markup(text)
    assert "script" not in page.tags
    assert not {name for name, _ in page.attributes if name == "style" or name.startswith("on")}


def test_what_a_rule_of_the_kind_has_none_of_is_left_alone():
    assert differences({**RULE, "threshold": None}, {"threshold": "5"}) == {}
    assert differences(RULE, {"window_s": "1.5", "cat_code": ""}) == {"cat_code": "none"}
    assert differences(RULE, {"window_s": "2"}) == {"window_s": "120"}
    with pytest.raises(RuleError, match="window_s must be a number of minutes, got 'x'"):
        differences(RULE, {"window_s": "x"})


def test_a_window_is_told_in_its_largest_whole_unit():
    assert [span(s, speaker("en")) for s in (None, 90, 900, 7200, 172_800)] == [
        "", "1.5 min", "15 min", "2 h", "2 d"]
