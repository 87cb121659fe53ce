"""Rules of passwords, and what it costs to guess one."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest

from data.access.passwords import BusyError, PasswordError, Passwords, check, generated


@pytest.mark.parametrize("password", [
    "Zh0ng-Lu.37", "a long sentence of mine", "正确的马电池订书钉八千里路云和月", "Ab3$efgh", "q8$Xw2!z",
    "correct mule battery nail", "p4ssw0rds are hard to choose", "１２ＡｂｃＤ$efg"])
def test_what_may_be_chosen(password):
    check(password, "wang")


@pytest.mark.parametrize(("password", "why"), [
    ("", "short"), ("Ab3$efg", "short"), ("abcdefzkq", "short"), ("abc123xyzw", "short"),
    ("x" * 129, "long"), ("wangxiaoming", "name"), ("My-wangxiaoming-1", "name"), ("WANGXIAOMING99", "name"),
    ("password1234", "common"), ("P@ssw0rd", "common"), ("P@ssw0rd2026!", "common"), ("Admin@123", "common"),
    ("Admin@2026!!", "common"), ("Aa123456789!", "common"), ("1qaz@WSX", "common"),
    ("Woaini1314520", "common"),
    ("Passw0rd!!!!", "common"), ("correcthorsebatterystaple", "common"), ("Qwerty!2026", "common"),
    ("111111111111", "simple"), ("abababababab", "simple"), ("aB3$aB3$aB3$", "simple"),
    ("fghijklmnopqr", "simple"), ("zyxwvutsrqpo", "simple"), ("234567890123", "simple"),
    ("Ａｄｍｉｎ＠１２３", "common")])
def test_what_may_not_and_why(password, why):
    with pytest.raises(PasswordError) as caught:
        check(password, "wangxiaoming")
    assert caught.value.why == why
    assert not password or password not in str(caught.value)


def test_generated_ones_pass_the_rules_and_differ():
    made = {generated() for _ in range(300)}
    assert len(made) == 300
    for each in made:
        check(each, "admin")
        assert re.fullmatch(r"(?:[a-km-zA-HJ-NP-Z2-9]{5}-){3}[a-km-zA-HJ-NP-Z2-9]{5}", each)


def test_a_hash_takes_19_mib_two_rounds_and_one_lane():
    found = argon2.extract_parameters(Passwords().hash("Zh0ng-Lu.37"))
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (
        argon2.Type.ID, 19 * 1024, 2, 1)
    assert (found.salt_len, found.hash_len) >= (16, 32)


def test_hashes_of_the_same_password_differ_and_both_hold():
    hasher = Passwords()
    one, other = hasher.hash("Zh0ng-Lu.37"), hasher.hash("Zh0ng-Lu.37")
    assert one != other
    assert hasher.verify(one, "Zh0ng-Lu.37")
    assert hasher.verify(other, "Ｚｈ0ng-Lu.37")  # the same on a full-width keyboard
    assert not hasher.verify(one, "Zh0ng-Lu.38")


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$v=19$broken", "Zh0ng-Lu.37"])
def test_what_is_no_hash_is_never_right(stored):
    assert not Passwords().verify(stored, "Zh0ng-Lu.37")


def test_the_dummy_is_never_right():
    hasher = Passwords()
    assert not hasher.verify(None, "")
    assert not hasher.verify(hasher.hash("x"), "x" * 10_000)


def test_unknown_names_cost_the_same():
    hasher = Passwords()
    stored = hasher.hash("Zh0ng-Lu.37")

    def best(given: str | None) -> float:
        def once() -> float:
            begun = time.process_time()
            hasher.verify(given, "wrong")
            return time.process_time() - begun
        return min(once() for _ in range(9))

    known, unknown = best(stored), best(None)
    assert 0.6 < known / unknown < 1.6


def test_other_parameters_are_outdated():
    hasher = Passwords()
    weak = argon2.PasswordHasher(memory_cost=8 * 1024, time_cost=2, parallelism=1)
    assert hasher.is_outdated(weak.hash("x"))
    assert not hasher.is_outdated(hasher.hash("x"))


def test_no_more_are_hashed_at_once_than_allowed_and_the_rest_is_sent_away(monkeypatch):
    hasher = Passwords(at_once=2, waiting=3, wait_s=30)
    inside, most, gate, guard = 0, 0, threading.Event(), threading.Lock()
    full = threading.Semaphore(0)

    def slow(*_):
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        full.release()
        gate.wait(30)
        with guard:
            inside -= 1
        return True

    monkeypatch.setattr(hasher, "_hasher", type("Slow", (), {"verify": slow}))

    def attempt(_):
        try:
            return hasher.verify("hash", "x")
        except BusyError:
            if next(sent_away) == 15:  # all but the two inside and the three who wait
                gate.set()
            return "busy"

    sent_away = iter(range(1, 100))
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(attempt, range(20)))
    assert told.count("busy") == 15
    assert told.count(True) == 5
    assert most == 2


def test_who_waits_too_long_is_sent_away_and_leaves_room():
    hasher = Passwords(at_once=1, waiting=1, wait_s=0.01)
    hasher._turn.acquire()
    for _ in range(5):
        with pytest.raises(BusyError, match="within"):
            hasher.verify(None, "x")
    hasher._turn.release()
    assert not hasher.verify(None, "x")
