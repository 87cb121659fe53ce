"""GET /columns/clusters: at once an answer, later the clusters; each scope has its own."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data.alerts import clusters
from tests.callbacks.test_scopes import SCOPES, outside, plain, room

ZONE = ZoneInfo("Asia/Shanghai")
__all__ = ["room"]


def finished(client: Any, address: str = "/columns/clusters") -> Any:
    """The answer once its scan is over."""
    end, wait = time.monotonic() + 120, threading.Event()
    while (answer := client.get(address)).json["scan"]["state"] in {"waiting", "running"}:
        assert time.monotonic() < end
        wait.wait(0.1)
    return answer


@pytest.mark.parametrize("name", ["district", "street", "community", "department"])
def test_the_clusters_are_those_of_the_scope(room: Any, name: str) -> None:
    answer = finished(room.clients[name])
    expected = clusters.answer(clusters.question(room.seen[name], room.now, ZONE))
    scan = answer.json["scan"]
    assert scan["state"] == "done"
    assert (scan["total"], scan["n"], scan["runs"]) == (expected.total, len(expected.clusters), 999)
    assert scan["until"] == expected.until.isoformat()
    told = {(one["properties"]["code"], one["properties"]["p"], one["properties"]["observed"])
            for one in answer.json["features"]}
    assert told == {(one.grids[0], one.p_value, one.observed) for one in expected.clusters}
    assert outside(plain(answer), SCOPES[name]) == set()


def test_the_first_answer_does_not_wait_for_the_scan(room: Any) -> None:
    begun = time.monotonic()
    answer = room.clients["other"].get("/columns/clusters?lang=en&v=1")
    assert time.monotonic() - begun < 5
    assert answer.json["scan"]["state"] in {"waiting", "running", "done"}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers


def test_who_sees_nothing_is_told_so(room: Any) -> None:
    assert room.clients["nothing"].get("/columns/clusters").json == {
        "type": "FeatureCollection", "features": [], "scan": {"state": "few"}}


@pytest.mark.parametrize(("query", "match"), [
    ("lang=de", "lang must be zh or en"), ("runs=5", "unknown arguments"), ("v=<", "v must be a version"),
])
def test_arguments_that_cannot_be_are_refused(room: Any, query: str, match: str) -> None:
    answer = room.clients["street"].get(f"/columns/clusters?{query}")
    assert answer.status_code == 400
    assert match in answer.json["error"]


def test_a_past_moment_has_the_clusters_of_its_own_days(room: Any) -> None:
    past = room.now - timedelta(days=9)
    client = room.clients["street"]
    headers = {"X-Clock-At": past.isoformat()}
    first = client.get("/columns/clusters", headers=headers)
    assert first.status_code == 200, plain(first)
    end, wait = time.monotonic() + 120, threading.Event()
    while (scan := client.get("/columns/clusters", headers=headers).json["scan"])["state"] != "done":
        assert time.monotonic() < end
        wait.wait(0.1)
    assert scan["until"] == clusters.window(past, ZONE)[1].isoformat()
    assert scan["until"] < finished(client).json["scan"]["until"]
