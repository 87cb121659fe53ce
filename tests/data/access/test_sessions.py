"""What stands behind a cookie, how long, and that changes hold at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from data.access.roles import ROLES, needs_second_factor
from data.access.scope import Scope
from data.access.sessions import Sessions, missing
from data.access.tables import session
from data.access.viewer import CONSOLE
from tests.data.access.accounts_of import ABSOLUTE, HOME, IDLE, NOW, PASSWORD, house

MINUTE = timedelta(minutes=1)


def rows(store):
    with store.engine.connect() as connection:
        return connection.execute(sa.select(session)).mappings().all()


def test_the_store_knows_only_the_hash_of_a_cookie(store):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    (row,) = rows(store)
    assert len(cookie) == 43
    assert cookie not in str(row)
    assert len(row["session_hash"]) == 64


@pytest.mark.parametrize("cookie", [None, "", "x", "x" * 43, "x" * 100_000, "\x00", "' OR 1=1 --", "名",
                                    "\ud800"])
def test_unknown_cookies_stand_for_nothing(store, cookie):
    assert house(store).sessions.find(cookie, now=NOW) is None


def test_the_hash_of_a_cookie_is_no_cookie(store):
    here = house(store)
    here.add()
    here.try_password()
    assert here.sessions.find(rows(store)[0]["session_hash"], now=NOW) is None


def test_an_idle_session_dies_and_stays_dead(store):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    assert here.sessions.find(cookie, now=NOW + IDLE - MINUTE)
    assert here.sessions.find(cookie, now=NOW + 2 * IDLE - 2 * MINUTE)  # it was used meanwhile
    assert here.sessions.find(cookie, now=NOW + 3 * IDLE) is None


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(store):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    for minutes in range(1, 30):
        assert here.sessions.find(cookie, now=NOW + minutes * MINUTE, is_act=False)
    assert here.sessions.find(cookie, now=NOW + IDLE, is_act=False) is None
    assert here.sessions.find(cookie, now=NOW + IDLE) is None


def test_no_session_outlives_its_day_however_busy(store):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    now = NOW
    while now + 10 * MINUTE < NOW + ABSOLUTE:
        now += 10 * MINUTE
        assert here.sessions.find(cookie, now=now)
    assert here.sessions.find(cookie, now=NOW + ABSOLUTE) is None


def test_a_sign_of_life_is_written_at_most_every_thirty_seconds(store):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    here.sessions.find(cookie, now=NOW + timedelta(seconds=29))
    assert rows(store)[0]["seen_at"] == NOW
    here.sessions.find(cookie, now=NOW + timedelta(seconds=30))
    assert rows(store)[0]["seen_at"] == NOW + timedelta(seconds=30)


def test_roles_and_scope_hold_with_the_next_question(store):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    here.accounts.grant("wang", roles=["planner"], scope=Scope(frozenset({"510104"}), frozenset({"D1"})),
                        by=CONSOLE, now=NOW)
    viewer = here.sessions.find(cookie, now=NOW).viewer
    assert (viewer.roles, viewer.scope) == ({"planner"}, Scope(frozenset({"510104"}), frozenset({"D1"})))
    here.accounts.grant("wang", roles=["leader"], by=CONSOLE, now=NOW)
    found = here.sessions.find(cookie, now=NOW)
    assert (found.viewer, found.needs) == (None, "enrol")  # more rights ask for more proof
    here.accounts.grant("wang", roles=[], by=CONSOLE, now=NOW)
    assert here.sessions.find(cookie, now=NOW).viewer.permissions == frozenset()


def test_a_replayed_cookie_is_dead_after_its_end(store):
    here = house(store)
    here.add()
    cookie = here.try_password().cookie
    here.sessions.end(cookie)
    assert here.sessions.find(cookie, now=NOW) is None
    here.sessions.keep(cookie, {"x": 1})
    assert rows(store) == []


def test_ending_all_leaves_the_others_alone(store):
    here = house(store)
    here.add("wang")
    here.add("li")
    cookies = [here.try_password("wang").cookie for _ in range(3)]
    other = here.try_password("li").cookie
    assert here.sessions.end_all(here.accounts.find("wang").account_id) == 3
    assert [here.sessions.find(each, now=NOW) for each in cookies] == [None] * 3
    assert here.sessions.find(other, now=NOW).viewer.name == "li"


def test_small_facts_are_kept_and_taken_once(store):
    sessions = house(store).sessions
    cookie = sessions.start(now=NOW, address=HOME)
    sessions.keep(cookie, {"state": {"a": 1}, "b": "x"})
    assert sessions.find(cookie, now=NOW).content == {"state": {"a": 1}, "b": "x"}
    assert sessions.take(cookie, "state") == {"a": 1}
    assert sessions.take(cookie, "state") is None
    assert sessions.find(cookie, now=NOW).content == {"b": "x"}
    assert sessions.take("nothing", "b") is None


def test_nobody_is_behind_an_anonymous_session(store):
    sessions = house(store).sessions
    found = sessions.find(sessions.start(now=NOW, address=HOME), now=NOW)
    assert (found.account_id, found.viewer, found.needs) == (None, None, None)
    assert len(found.csrf) == 43


def test_an_account_without_a_first_factor_is_nobody(store):
    here = house(store)
    account = here.add()
    cookie = here.sessions.start(now=NOW, address=HOME, account_id=account.account_id, factors=["totp"])
    assert here.sessions.find(cookie, now=NOW).viewer is None


def test_old_sessions_go_when_new_ones_come(store):
    here = house(store)
    for _ in range(5):
        here.sessions.start(now=NOW, address=HOME)
    here.sessions.start(now=NOW + IDLE + MINUTE, address=HOME)
    assert len(rows(store)) == 1


def test_the_list_of_ones_sessions_opens_none(store):
    here = house(store)
    account = here.add()
    first = here.try_password().cookie
    second = here.try_password(address="10.0.0.8", now=NOW + MINUTE).cookie
    listed = here.sessions.listing(account.account_id, now=NOW + MINUTE)
    assert [(begun, address) for begun, _, address, _ in listed] == [
        (NOW + MINUTE, "10.0.0.8"), (NOW, HOME)]
    assert not any(cookie in str(listed) for cookie in (first, second))
    assert [mark for *_, mark in here.sessions.listing(account.account_id, now=NOW + IDLE)] == [listed[0][3]]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_what_is_missing_depends_on_role_and_factors(role):
    needed = needs_second_factor([role])
    password, both = frozenset({"password"}), frozenset({"password", "totp"})
    assert missing(password, [role], has_totp=False, must_change=False) == ("enrol" if needed else None)
    assert missing(password, [role], has_totp=True, must_change=True) == "totp"
    assert missing(both, [role], has_totp=True, must_change=True) == "password"
    assert missing(both, [role], has_totp=True, must_change=False) is None
    assert missing(frozenset({"oidc", "vouched"}), [role], has_totp=False, must_change=True) is None


def test_a_session_shows_no_token(store):
    here = house(store)
    here.add()
    found = here.sessions.find(here.try_password(password=PASSWORD).cookie, now=NOW)
    assert found.csrf not in repr(found)


def test_what_was_found_is_believed_for_a_moment_and_not_after_it_ended(store):
    here, moment = house(store), timedelta(milliseconds=500)
    here.add()
    cookie = here.try_password().cookie
    sessions = Sessions(store, idle=IDLE, absolute=ABSOLUTE, fresh_for=moment)
    assert sessions.find(cookie, now=NOW)
    here.sessions.end(cookie)  # in another process
    assert sessions.find(cookie, now=NOW + moment / 2)
    assert sessions.find(cookie, now=NOW + moment) is None
    cookie = here.try_password().cookie
    assert sessions.find(cookie, now=NOW)
    sessions.end(cookie)
    assert sessions.find(cookie, now=NOW) is None
