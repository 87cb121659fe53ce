"""The pages of accounts and rights."""

from __future__ import annotations

import re

import pytest

from data.access.scope import Scope
from data.access.viewer import CONSOLE
from tests.callbacks.system_room import CSRF, NOW


def test_an_account_is_made_without_rights_and_its_password_shown_once(system):
    browser = system.signed_in("system_admin", account_id=99)
    text = browser.post("/system/accounts", name="Li.Na", display_name="李娜", role="operator", area="*").text
    password = re.search(r"doc__secret\">([^<]+)<", text)[1]
    assert len(password) >= 12
    account = system.accounts.find("li.na")
    assert (account.roles, account.scope.areas, account.must_change) == (frozenset(), frozenset(), True)
    assert password not in browser.get("/system/accounts").text
    assert "李娜" in browser.get("/system/accounts").text
    assert password not in str(system.audit.listing())
    for name, said in (("li.na", "There is an account"), ("x", "2 to 40"), ("a b", "2 to 40")):
        answer = browser.post("/system/accounts", name=name)
        assert answer.status_code == 400
        assert said in answer.text


def test_accounts_are_disabled_enabled_and_reset(system):
    account, _ = system.accounts.add("wang", by=CONSOLE, now=NOW)
    browser = system.signed_in("system_admin", account_id=99)
    path = f"/system/accounts/{account.account_id}"
    assert browser.post(f"{path}/disable").status_code == 303
    assert system.accounts.find("wang").is_disabled
    assert browser.post(f"{path}/enable").status_code == 303
    assert not system.accounts.find("wang").is_disabled
    assert "doc__secret" in browser.post(f"{path}/reset").text
    assert [row.action for row in system.audit.listing(limit=3)] == [
        "account_reset", "account_enabled", "account_disabled"]
    assert system.audit.listing()[0].account_name == "the-system_admin"
    assert browser.post("/system/accounts/12345/disable").status_code == 404


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_nobody_becomes_another_administrator_by_a_reset(system, role):
    account, _ = system.accounts.add("boss", roles=[role], by=CONSOLE, now=NOW)
    browser = system.signed_in("system_admin", account_id=99)
    before = system.accounts.find("boss")
    assert browser.post(f"/system/accounts/{account.account_id}/reset").status_code == 403
    assert system.accounts.find("boss") == before
    assert f"/system/accounts/{account.account_id}/reset" not in browser.get("/system/accounts").text


def test_nobody_shuts_himself_out_or_gives_himself_rights(system):
    account, _ = system.accounts.add("self", roles=["system_admin"], by=CONSOLE, now=NOW)
    browser = system.signed_in("system_admin", account_id=account.account_id)
    for act in ("disable", "enable", "reset"):
        assert browser.post(f"/system/accounts/{account.account_id}/{act}").status_code == 403
    browser = system.signed_in("security_admin", account_id=account.account_id)
    path = f"/system/rights/{account.account_id}"
    assert browser.get(path).status_code == 403
    assert browser.post(path, role="operator", area="*").status_code == 403
    assert path not in browser.get("/system/rights").text
    assert system.accounts.find("self").roles == {"system_admin"}


def test_rights_are_given_at_once_and_on_record(system):
    account, _ = system.accounts.add("wang", by=CONSOLE, now=NOW)
    browser = system.signed_in("security_admin", account_id=99)
    path = f"/system/rights/{account.account_id}"
    answer = browser.client.post(path, data={
        "csrf_token": CSRF, "role": ["operator", "street_op"], "area": ["510108001"],
        "codes": "510108002001， 510109", "departments": "D01 D02"})
    assert answer.status_code == 303
    found = system.accounts.find("wang")
    assert found.roles == {"operator", "street_op"}
    assert found.scope == Scope(frozenset({"510108001", "510108002001", "510109"}), frozenset({"D01", "D02"}))
    newest = system.audit.listing()[0]
    assert (newest.action, newest.object_id) == ("granted", "wang")
    assert newest.detail["roles"] == ["operator", "street_op"]
    text = browser.get(path).text
    assert re.search(r'value="operator" checked', text)
    assert re.search(r'value="510108001" checked', text)
    assert 'value="510108002001 510109"' in text
    assert browser.post(path).status_code == 303  # nothing ticked: all is taken away
    assert system.accounts.find("wang").roles == frozenset()


@pytest.mark.parametrize(("form", "said"), [
    ({"role": ["system_admin", "audit_admin"]}, "separate"), ({"role": ["root"]}, "separate"),
    ({"area": ["*", "510108001"]}, "Area codes"), ({"codes": "12"}, "Area codes"),
    ({"departments": "a/b"}, "Ids of departments"),
])
def test_rights_that_cannot_be_are_said(system, form, said):
    account, _ = system.accounts.add("wang", roles=["planner"], by=CONSOLE, now=NOW)
    browser = system.signed_in("security_admin", account_id=99)
    answer = browser.client.post(f"/system/rights/{account.account_id}", data={"csrf_token": CSRF, **form},
                                 headers={"Sec-Fetch-Mode": "navigate"})
    assert answer.status_code == 400
    assert said in answer.text
    assert system.accounts.find("wang").roles == {"planner"}
