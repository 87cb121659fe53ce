"""Accounts from the command line."""

from __future__ import annotations

import io
import json
import re

import pytest

import app
from data.access.audit import Audit
from data.settings import Settings
from tests.data.access.accounts_of import HOME, NOW, PASSWORD, code_at, house

COMMAND = next(command for command in app.COMMANDS if command.words == ("user",))


@pytest.fixture
def user(store, capsys):
    def call(*arguments: str) -> tuple[int, str, str]:
        status = app.run_command(COMMAND, arguments, Settings(database_url=store.url), NOW)
        told = capsys.readouterr()
        return status, told.out, told.err

    return call


def test_an_account_is_made_with_a_password_told_once(store, user):
    status, out, _ = user("add", "Wang.Li", "--role", "street_op", "--role", "operator",
                          "--area", "510108001", "--department", "D-7", "--display-name", "王丽")
    password = re.search(r"^password: (\S{20,})$", out, flags=re.MULTILINE)[1]
    here = house(store)
    found = here.accounts.find("wang.li")
    assert status == 0
    assert (found.roles, found.display_name) == ({"street_op", "operator"}, "王丽")
    assert (found.scope.areas, found.scope.departments) == ({"510108001"}, {"D-7"})
    assert found.must_change
    assert "second factor is asked for" in out
    assert here.try_password("wang.li", password).next == "enrol"
    assert password not in user("list")[1] + user("list", "--json")[1]


def test_a_chosen_password_comes_by_standard_input(store, user, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\nrest\n"))
    status, out, _ = user("add", "wang", "--role", "operator", "--all-areas", "--password-stdin")
    assert status == 0
    assert PASSWORD not in out
    assert house(store).try_password().next == "done"
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    status, _, err = user("add", "li", "--password-stdin")
    assert status == 2
    assert "a password must have at least" in err


@pytest.mark.parametrize(("arguments", "message"), [
    (["add", "王"], "name must be 2 to 40 of"),
    (["add", "x y"], "name must be 2 to 40 of"),
    (["add", "wang"], "name must be a new one, got 'wang', which is taken"),
    (["add", "WANG"], "got 'wang', which is taken"),
    (["add", "li", "--role", "king"], "roles must be among"),
    (["add", "li", "--role", "system_admin", "--role", "audit_admin"], "at most one administrator's"),
    (["add", "li", "--area", "51"], "a scope's area must be"),
    (["add", "li", "--area", "510108", "--all-areas"], "--all-areas must stand alone"),
    (["add", "li", "--department", "D"], "--department must stand beside"),
    (["grant", "wang"], "grant must name"),
    (["grant", "nobody", "--role", "operator"], "name must be that of an account, got 'nobody'"),
    (["disable", "nobody"], "name must be that of an account"),
    (["enable", "nobody"], "name must be that of an account"),
    (["reset", "nobody"], "name must be that of an account"),
])
def test_what_cannot_be_is_told_and_changes_nothing(store, user, arguments, message):
    here = house(store)
    here.add()
    before = Audit(store).count()
    status, out, err = user(*arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert Audit(store).count() == before
    assert [each.name for each in here.accounts.listing()] == ["wang"]


def test_disable_and_enable(store, user):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    assert user("disable", "WANG")[0] == 0
    assert here.sessions.find(cookie, now=NOW) is None
    for _ in range(6):
        here.try_password(password="wrong")
    assert user("enable", "wang")[0] == 0
    assert here.try_password(address="10.0.0.8").next == "done"  # unlocked as well


def test_reset_gives_a_new_password_takes_the_second_factor_and_ends_all(store, user):
    here = house(store)
    secret = here.enrolled("li")
    cookie = here.try_password("li").cookie
    cookie = here.door.code(code_at(secret, NOW), cookie=cookie, address=HOME, now=NOW).cookie
    status, out, _ = user("reset", "li")
    password = re.search(r"^password: (\S{20,})$", out, flags=re.MULTILINE)[1]
    assert status == 0
    assert here.sessions.find(cookie, now=NOW) is None
    assert here.try_password("li").next == "refused"
    assert here.try_password("li", password).next == "enrol"
    assert here.accounts.find("li").must_change


def test_grant_replaces_what_it_names_and_holds_at_once(store, user):
    here = house(store)
    here.add(areas=("510108",))
    cookie = here.try_password().cookie
    assert user("grant", "wang", "--role", "planner")[0] == 0
    viewer = here.sessions.find(cookie, now=NOW).viewer
    assert (viewer.roles, viewer.scope.areas) == ({"planner"}, {"510108"})
    assert user("grant", "wang", "--area", "510104", "--area", "510105001")[0] == 0
    viewer = here.sessions.find(cookie, now=NOW).viewer
    assert (viewer.roles, viewer.scope.areas) == ({"planner"}, {"510104", "510105001"})
    assert user("grant", "wang", "--all-areas")[0] == 0
    assert here.sessions.find(cookie, now=NOW).viewer.scope.is_everything
    granted = [row for row in Audit(store).listing() if row.action == "granted"]
    assert [row.account_name for row in granted] == ["console"] * 3
    assert granted[-1].detail == {"roles": ["planner"]}


def test_the_list_says_who_may_what(store, user):
    here = house(store)
    here.add()
    here.enrolled("li")
    here.accounts.disable("wang", by=here.accounts.find("li").viewer, now=NOW)
    out = user("list")[1]
    assert re.search(r"^li +active +roles leader +areas 510108 +second factor$", out, flags=re.MULTILINE)
    assert re.search(r"^wang +disabled +roles operator", out, flags=re.MULTILINE)
    listed = json.loads(user("list", "--json")[1])
    assert [(each["name"], each["is_disabled"], each["second_factor"]) for each in listed] == [
        ("li", False, True), ("wang", True, False)]
    assert not re.search("hash|argon2|secret|sealed", json.dumps(listed))
