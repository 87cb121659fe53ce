"""Names of accounts, and what may be held."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.access.accounts import AccountError, account_name
from data.access.audit import Audit
from data.access.scope import Scope
from data.access.viewer import CONSOLE, Viewer
from tests.data.access.accounts_of import NOW, PASSWORD, house


@pytest.mark.parametrize(("given_", "name"), [
    ("wang", "wang"), (" WANG ", "wang"), ("Ｗａｎｇ．Ｌｉ", "wang.li"), ("a-b_c.9", "a-b_c.9"),
    ("x" * 40, "x" * 40), ("ﬁona", "fiona"), ("Kelvin", "kelvin")])
def test_spellings_of_one_name(given_, name):
    assert account_name(given_) == name


@pytest.mark.parametrize("name", ["", "a", "x" * 41, "王丽", "a b", "a/b", "a@b", "wаng", "a\x00b", "a\nb",
                                  "'; --", "<b>", "wang\u202e", "wang\u200b", "x" * 100_000])
def test_what_is_no_name(name):
    with pytest.raises(AccountError, match=r"name must be 2 to 40 of a-z, 0-9, .*, got") as caught:
        account_name(name)
    assert len(str(caught.value)) < 160


@given(st.text(max_size=60))
def test_a_name_is_plain_and_stays_itself(text):
    try:
        name = account_name(text)
    except AccountError:
        return
    assert re.fullmatch(r"[a-z0-9_.-]{2,40}", name)
    assert account_name(name) == name
    assert account_name(name.upper()) == name


def test_of_many_who_take_a_name_at_once_one_gets_it(store):
    here = house(store)

    def attempt(number):
        try:
            here.accounts.add("WANG" if number % 2 else "wang", password=PASSWORD, by=CONSOLE, now=NOW)
        except AccountError as error:
            return str(error)
        return "made"

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(attempt, range(6)))
    assert told.count("made") == 1
    assert told.count("name must be a new one, got 'wang', which is taken") == 5
    assert here.actions() == ["account_added"]


def test_roles_in_conflict_are_refused_and_nothing_changes(store):
    here = house(store)
    here.add(roles=("system_admin",))
    for roles in (["system_admin", "security_admin"], ["auditor", "system_admin"], ["king"]):
        with pytest.raises(AccountError, match="roles must"):
            here.accounts.grant("wang", roles=roles, by=CONSOLE, now=NOW)
    assert here.accounts.find("wang").roles == {"system_admin"}
    assert here.actions() == ["account_added"]


def test_the_record_names_who_did_it_to_whom_from_where(store):
    here = house(store)
    by = Viewer(account_id=77, name="chief", roles=frozenset({"security_admin"}), scope=Scope(frozenset()))
    here.add()
    here.accounts.grant("WANG", scope=Scope(frozenset({"510104"}), frozenset({"D1"})), by=by, now=NOW,
                        address="10.0.0.9")
    row = Audit(store).listing()[0]
    assert (row.action, row.account_id, row.account_name, row.address) == ("granted", 77, "chief", "10.0.0.9")
    assert (row.object_kind, row.object_id) == ("account", "wang")
    assert row.detail == {"areas": ["510104"], "departments": ["D1"]}


def test_an_account_and_its_record_stand_or_fall_together(store, monkeypatch):
    here = house(store)

    def fail(*_args, **_named):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr("data.access.accounts.record_in", fail)
    with pytest.raises(RuntimeError):
        here.add()
    assert here.accounts.are_none()
