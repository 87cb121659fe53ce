"""Tries are counted before they are checked: exactly, for as long as said, and no longer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from data.access.lockout import LOCKED_FOR, PER_ACCOUNT, PER_ADDRESS, WINDOW, Lockout
from data.access.tables import sign_in_failure
from tests.data.access.accounts_of import NOW

SECOND = timedelta(seconds=1)
WANG, HOME = "account:wang", "address:10.0.0.7"


def tries(lockout: Lockout, number: int, *subjects: str, now=NOW) -> list[bool]:
    return [lockout.count(subjects, now=now).allowed for _ in range(number)]


@pytest.mark.parametrize(("subject", "limit"), [
    (WANG, PER_ACCOUNT), ("totp:wang", PER_ACCOUNT), (HOME, PER_ADDRESS), ("token:10.0.0.7", PER_ADDRESS)])
def test_so_many_are_allowed_and_no_more(store, subject, limit):
    lockout = Lockout(store)
    assert tries(lockout, limit + 3, subject) == [True] * limit + [False] * 3
    assert lockout.locked_until(subject, now=NOW) == NOW + LOCKED_FOR


@pytest.mark.parametrize("subjects", [[WANG], [HOME], [HOME, WANG]])
def test_of_parallel_tries_exactly_so_many_are_allowed(store, subjects):
    lockouts = [Lockout(store) for _ in range(16)]  # as of sixteen processes
    limit = PER_ACCOUNT if WANG in subjects else PER_ADDRESS
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda each: lockouts[each % 16].count(subjects, now=NOW), range(96)))
    assert sum(each.allowed for each in told) == limit
    assert sum(each.locks for each in told) == 1


def test_tries_while_locked_do_not_lengthen_the_lock(store):
    lockout = Lockout(store)
    tries(lockout, PER_ACCOUNT, WANG)
    assert tries(lockout, 30, WANG, now=NOW + LOCKED_FOR - SECOND) == [False] * 30
    assert lockout.locked_until(WANG, now=NOW + LOCKED_FOR) is None
    assert tries(lockout, PER_ACCOUNT + 1, WANG, now=NOW + LOCKED_FOR) == [True] * PER_ACCOUNT + [False]


def test_failures_of_an_account_far_apart_are_not_added(store):
    lockout = Lockout(store)
    now = NOW
    for _ in range(3 * PER_ACCOUNT):
        assert lockout.count([WANG], now=now).allowed
        now += WINDOW + SECOND
    for _ in range(PER_ACCOUNT - 1):
        lockout.count([WANG], now=now)
        now += WINDOW - SECOND
    assert lockout.count([WANG], now=now).locks
    assert not lockout.count([WANG], now=now).allowed


def test_failures_of_an_address_are_counted_within_one_while(store):
    lockout = Lockout(store)
    for minutes in range(0, 600, 5):  # a typing error every five minutes of a day locks no office out
        assert lockout.count([HOME], now=NOW + timedelta(minutes=minutes)).allowed


def test_a_locked_address_counts_for_no_account(store):
    lockout = Lockout(store)
    tries(lockout, PER_ADDRESS, HOME)
    assert tries(lockout, 10, HOME, WANG) == [False] * 10
    assert lockout.count([WANG], now=NOW).allowed


def test_right_tries_start_an_account_anew_and_are_given_back_to_an_address(store):
    lockout = Lockout(store)
    for _ in range(PER_ACCOUNT - 1):
        lockout.count([HOME, WANG], now=NOW)
    last = lockout.count([HOME, WANG], now=NOW)
    assert (last.allowed, last.locks) == (True, True)
    lockout.right(last)
    assert lockout.locked_until(WANG, now=NOW) is None
    with store.engine.connect() as connection:
        left = dict(connection.execute(
            sa.select(sign_in_failure.c.subject, sign_in_failure.c.failures)).all())
    assert left == {HOME: PER_ACCOUNT - 1}


def test_a_try_that_was_not_checked_does_not_count(store):
    lockout = Lockout(store)
    for _ in range(3 * PER_ADDRESS):
        given = lockout.count([HOME, WANG], now=NOW)
        assert given.allowed
        lockout.undone(given)
    assert lockout.locked_until(WANG, now=NOW) is None


def test_an_administrator_unlocks(store):
    lockout = Lockout(store)
    tries(lockout, PER_ACCOUNT + 1, WANG)
    lockout.forget([WANG])
    assert lockout.count([WANG], now=NOW).allowed


def test_old_counters_go(store):
    lockout = Lockout(store)
    for number in range(30):
        lockout.count([f"account:~{number}"], now=NOW)
    lockout.count([WANG], now=NOW + timedelta(days=2))
    with store.engine.connect() as connection:
        assert list(connection.execute(sa.select(sign_in_failure.c.subject)).scalars()) == [WANG]
