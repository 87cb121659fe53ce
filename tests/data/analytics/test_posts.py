"""Posts against a recount event by event, on the log of a demo."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from numpy import quantile

from data.access.scope import EVERYTHING
from data.access.sight import Sight
from data.analytics.mining import mine
from data.analytics.posts import ALL, NOBODY, POSTS
from data.cases.reader import CaseReader
from data.engine import Store
from data.filters import CaseFilter
from data.snapshot import Snapshot
from tests.data.analytics.test_mining import PLAIN, over, play
from tests.data.cases.samples import NOW, WHOLE, add_channels


def recounted(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Post and person -> acts, hours, part and whole, out of all events in order."""
    logs: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        logs[row["case_ref"]].append(row)
    found: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: {
        "acts": 0, "hours": [], "part": 0, "whole": 0, "failed": set()})
    for log in logs.values():
        for place, event in enumerate(log):
            post = next((key for key, (acts, _) in POSTS.items() if event["act"] in acts), None)
            if post is None:
                continue
            later = [one["act"] for one in log[place + 1:] if one["act"] in ("dispatch", "return")]
            whole, part = {
                "acceptor": (event["act"] == "accept", all(one["act"] != "cancel" for one in log)),
                "dispatcher": (event["to_dept"] is not None, later[:1] != ["return"]),
                "checker": (True, event["act"] == "check_pass"),
                "closer": (True, event["act"] == "close")}[post]
            for person in (ALL, event["actor_id"] or NOBODY):
                one = found[post, person]
                one["acts"] += 1
                one["whole"] += whole
                one["part"] += whole and part
                if place:
                    one["hours"].append((event["at"] - log[place - 1]["at"]).total_seconds() / 3600)
                if whole and not part:
                    one["failed"].add(event["case_no"])
    return found


#: When the demo ends.
END: Final = datetime(2019, 5, 11, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def reader(demo_store: Store) -> CaseReader:
    snapshot = Snapshot(demo_store, 4000)
    snapshot.refresh()
    return CaseReader(demo_store, snapshot, scope=EVERYTHING)


def test_acts_times_and_shares_of_posts_are_those_of_a_recount(demo_store: Store, reader: CaseReader) -> None:
    window = CaseFilter(since=END - timedelta(days=60), until=END - timedelta(days=20))
    told = mine(reader, window, END).posts
    rows = demo_store.arrow(f"""
        SELECT c.case_ref, c.case_no, e.act, e.at, e.actor_id, e.to_dept FROM "case" c JOIN case_event e
        USING (case_no, street_code) WHERE c.reported_at >= '{window.since.isoformat()}'
        AND c.reported_at < '{window.until.isoformat()}' AND e.at <= '{END.isoformat()}'
        ORDER BY c.case_ref, e.seq""").to_pylist()
    expected = recounted(rows)
    shown = {(row["post"], row["person"]): row for row in told.to_dict("records")}
    unnamed = {(post, NOBODY) for post in POSTS if (post, NOBODY) in expected
               and expected[post, NOBODY]["acts"] == expected[post, ALL]["acts"]}
    assert set(shown) == set(expected) - unnamed
    assert {post for post, _ in shown} == set(POSTS)
    for key, row in shown.items():
        one = expected[key]
        assert (row["acts"], row["part"], row["whole"]) == (one["acts"], one["part"], one["whole"]), key
        assert row["p50_h"] == pytest.approx(quantile(one["hours"], 0.5))
        assert row["p90_h"] == pytest.approx(quantile(one["hours"], 0.9))
        assert set(row["examples"]) <= one["failed"]
        assert len(row["examples"]) == min(len(one["failed"]), 5)
    assert len({person for post, person in shown if post == "dispatcher"}) > 3


def test_persons_of_a_post_sum_to_the_whole(reader: CaseReader) -> None:
    window = CaseFilter(since=END - timedelta(days=60), until=END)
    told = mine(reader, window, END).posts
    for _, rows in told.groupby("post"):
        whole, persons = rows[rows["person"] == ALL], rows[rows["person"] != ALL]
        if len(persons):
            assert persons[["acts", "part", "whole"]].sum().tolist() == (
                whole[["acts", "part", "whole"]].iloc[0].tolist())


def test_nobody_is_named_to_who_is_not_told_of_people(demo_store: Store, reader: CaseReader) -> None:
    window = CaseFilter(since=END - timedelta(days=60), until=END)
    scope = replace(EVERYTHING, sight=Sight.PLACES)
    told = mine(reader.seen_in(scope, demo_store), window, END).posts
    assert set(told["person"]) == {ALL}
    assert told.set_index("post")["acts"].to_dict() == {
        row["post"]: row["acts"] for row in mine(reader, window, END).posts.to_dict("records")
        if row["person"] == ALL}


def test_a_dispatch_that_comes_back_did_not_hold(module_store: Store) -> None:
    add_channels(module_store)
    play(module_store, PLAIN)
    play(module_store, [*PLAIN[:4], ("return", 1), ("dispatch", 1, "b"), *PLAIN[4:]])
    play(module_store, [*PLAIN[:4], ("cancel", 1)])
    told = mine(over(module_store), WHOLE, NOW).posts.set_index(["post", "person"])
    assert told.loc[("dispatcher", ALL), ["acts", "part", "whole"]].tolist() == [4, 3, 4]
    assert told.loc[("acceptor", ALL), ["acts", "part", "whole"]].tolist() == [3, 2, 3]
    assert told.loc[("closer", ALL), ["acts", "part", "whole"]].tolist() == [2, 2, 2]
