"""Versions and signatures of bulletins: only added, in order, on record."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.access.audit import Audit
from data.bulletin.keeping import ACTS, LONGEST, BulletinError, Bulletins, StateError
from data.engine import Store
from tests.signed_in import a_viewer

NOW = datetime(2026, 5, 16, 1, tzinfo=UTC)
BY = a_viewer(roles=("leader",))


def content(period: str = "2026-05-H1", **more: Any) -> dict[str, Any]:
    return {"format": 1, "period": period, "as_of": "2026-05-16T00:00:00+08:00", **more}


def act(kept: Bulletins, name: str, seen: int, **about: Any) -> Any:
    return kept.act("2026-05-H1", name, seen=seen, by=BY, now=NOW, **about)


def test_a_bulletin_is_drafted_reviewed_published_and_corrected(store: Store) -> None:
    kept = Bulletins(store)
    made = kept.make(content(share=0.1), by=None, now=NOW)
    assert made is not None
    assert kept.make(content(), by=BY, now=NOW) is None  # there is one
    act(kept, "edited", 1, texts={"lead": "  第一季度以来 13812345678 \r\n好 ", "steps": " "})
    act(kept, "reckoned", 2, content=content(share=0.25))
    act(kept, "reviewed", 3)
    done = act(kept, "published", 4, hashed=lambda found, chain: {
        "pdf": f"{found['share']} {len(chain)} {chain[-1].version} {chain[-1].texts['lead'][:4]}"})
    assert done.hashes == {"pdf": "0.25 5 5 第一季度"}
    with pytest.raises(StateError, match="state must be draft for edited; got published"):
        act(kept, "edited", 5, texts={})
    act(kept, "corrected", 5)
    versions = kept.versions("2026-05-H1")
    assert [(one.version, one.state) for one in versions] == [
        (6, "draft"), (5, "published"), (4, "reviewed"), (3, "draft"), (2, "draft"), (1, "draft")]
    assert versions[0].texts == {"lead": "第一季度以来 **** \n好"}
    assert [kept.content(one)["share"] for one in versions] == [0.25, 0.25, 0.25, 0.25, 0.1, 0.1]
    assert [entry.action for entry in Audit(store).listing()][:2] == [
        "bulletin_corrected", "bulletin_published"]
    assert Audit(store).verify().broken_at is None


def test_what_stands_is_the_newest_of_each_period(store: Store) -> None:
    kept = Bulletins(store)
    for period in ("2026-04-H2", "2026-05-H1", "2025-12-H1"):
        kept.make(content(period), by=BY, now=NOW)
    act(kept, "edited", 1, texts={"lead": "x"})
    assert [(one.period, one.version) for one in kept.newest()] == [
        ("2026-05-H1", 2), ("2026-04-H2", 1), ("2025-12-H1", 1)]
    assert kept.published_before("2026-05-H1") is None


@pytest.mark.parametrize(("name", "about", "said"), [
    ("burnt", {}, "act must be one of"), ("edited", {"texts": {"poem": "x"}}, "block must be one of"),
    ("edited", {"texts": {"lead": "x" * (LONGEST + 1)}}, f"lead must have at most {LONGEST} signs, got 2001"),
    ("published", {}, "state must be reviewed for published; got draft")])
def test_what_cannot_be_is_told(store: Store, name: str, about: dict[str, Any], said: str) -> None:
    kept = Bulletins(store)
    kept.make(content(), by=BY, now=NOW)
    with pytest.raises(BulletinError, match=said):
        act(kept, name, 1, **about)
    assert [one.version for one in kept.versions("2026-05-H1")] == [1]


def test_of_two_who_act_at_once_one_is_told_that_the_other_was_first(store: Store) -> None:
    kept, told = Bulletins(store), []
    kept.make(content(), by=BY, now=NOW)

    def write(text: str) -> None:
        try:
            act(kept, "edited", 1, texts={"lead": text})
        except StateError as error:
            told.append(str(error))

    threads = [threading.Thread(target=write, args=(text,)) for text in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == ["version must be the newest, 2; got 1"]
    assert len(kept.versions("2026-05-H1")) == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=8), nth=st.integers(0, 10**6))
def test_whatever_is_tried_a_published_version_never_changes(store: Store, acts: list[str], nth: int) -> None:
    kept, code = Bulletins(store), f"{2000 + nth % 190}-{1 + nth // 190 % 12:02d}-H{1 + nth % 2}"
    kept.make(content(code), by=BY, now=NOW)
    before: list[Any] = kept.versions(code)[::-1]
    for moment, name in enumerate(acts):
        last = before[-1]
        try:
            kept.act(code, name, seen=last.version, by=BY, now=NOW + timedelta(seconds=moment), texts={})
        except StateError:
            assert last.state not in ACTS[name][0]
        after = kept.versions(code)[::-1]
        assert after[:len(before)] == before
        before = after
    states = [one.state for one in before]
    for earlier, later in pairwise(states):
        assert later != "published" or earlier == "reviewed"
