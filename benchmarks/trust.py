"""What guard, scope and masks add to a filter change; and that a flood of sign-ins leaves others served."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import g, request
from flask.testing import FlaskClient

from app import create_app
from benchmarks.city import City, open_city, settings, some_filters
from benchmarks.measure import say, spread, timed
from callbacks.guard import Guard
from dashboard.security import callback_fault
from data.access.bundle import FRESH_FOR, build_access
from data.access.scope import Scope
from data.access.viewer import CONSOLE
from data.filters import CaseFilter
from tests.callbacks.conftest import CALLBACK, Page, server_outputs
from tests.signed_in import KEY, client_of, now, signed_in

CHANGES = 60
FLOOD_PER_S, FLOOD_S = 50, 12
ROOT = Path(__file__).parents[1]


def run(profile: str = "city") -> dict[str, Any]:
    """``overhead_percent`` of a filter change, ``flood_healthz_max_ms`` while 50 sign in a second."""
    with open_city(profile) as city:
        found = overhead(city)
    return {**found, **flood(profile)}


def overhead(city: City) -> dict[str, Any]:
    """The same requests of the same filter changes: unguarded over everything, guarded over the district.

    The district holds every case, so both answer the same rows; what differs is the session looked
    up, the permission, the token, the clause of the scope and the masks of a viewer without people.
    """
    access = build_access(city.store, settings(), KEY, fresh_for=FRESH_FOR)  # as it is served
    wall = create_app(settings(), readers=city.readers, access=access)
    district = city.readers.areas.tree()["area_code"].iloc[0]
    scope = Scope(areas=frozenset({district}))
    bare: list[float] = []
    times: dict[str, list[float]] = {"operator": [], "planner": []}
    for number, filter_ in enumerate(some_filters(city, CHANGES)):
        order: list[Callable[[], None]] = [partial(_bare, wall, filter_, bare)]
        order += [partial(_guarded, wall, access, {role}, scope, filter_, times[role]) for role in times]
        for step in order[number % 3 :] + order[: number % 3]:
            step()
    base = statistics.median(bare)
    added = {role: _percent(bare, took) for role, took in times.items()}
    say(f"bare {spread(bare)} " + " ".join(f"{role} {spread(took)}" for role, took in times.items()))
    return {
        "overhead_percent": added["operator"],
        "overhead_percent_planner": added["planner"],
        "bare_ms": round(base, 1),
        "guarded_ms": round(statistics.median(times["operator"]), 1),
        "requests": _count(wall),
        "changes": CHANGES,
    }


def _percent(bare: list[float], guarded: list[float]) -> float:
    """The median of what each change took longer, of what it took."""
    return round(
        statistics.median(100 * (there / here - 1) for here, there in zip(bare, guarded, strict=True)), 1
    )


def _bare(wall: Any, filter_: CaseFilter, times: list[float]) -> None:
    with _unguarded(wall):
        times.append(_change(wall, wall.server.test_client(), filter_))


@contextmanager
def _unguarded(wall: Any) -> Iterator[None]:
    """The application as it was before anybody signed in: bodies are checked, nobody is asked for."""

    def pass_all() -> None:
        g.viewer, g.csrf, g.session, g.cookie, g.now = CONSOLE, "", None, None, now()
        if request.path == CALLBACK:
            fault = callback_fault(request.get_json(silent=True), wall.callback_map)
            assert fault is None, fault

    checks = wall.server.before_request_funcs[None]
    places = [
        place for place, check in enumerate(checks) if isinstance(getattr(check, "__self__", None), Guard)
    ]
    assert len(places) == 1, f"one guard must stand in front of everything, got {len(places)}"
    guard, checks[places[0]] = checks[places[0]], pass_all
    try:
        yield
    finally:
        checks[places[0]] = guard


def _guarded(
    wall: Any, access: Any, roles: set[str], scope: Scope, filter_: CaseFilter, times: list[float]
) -> None:
    cookie = signed_in(access, roles=roles, scope=scope)
    session = access.sessions.find(cookie, now=now())
    times.append(_change(wall, client_of(wall, cookie, session.csrf), filter_))


def _change(wall: Any, client: FlaskClient, filter_: CaseFilter) -> float:
    """Milliseconds of all requests of one filter change."""
    page = Page(wall, client)
    bodies = [page.body(output, shell_filter=filter_.to_store()) for output in _outputs(wall)]
    columns = [f"/columns/{layer}?{filter_.to_query()}&zoom=12&detail=0" for layer in ("cases", "heat")]

    def ask() -> None:
        answers = [client.post(CALLBACK, json=body) for body in bodies]
        answers += [client.get(address) for address in columns]
        bad = [answer.status_code for answer in answers if answer.status_code not in {200, 204}]
        assert not bad, f"answers must be 200 or 204, got {bad}"

    return timed(ask)[0]


def _outputs(wall: Any) -> list[str]:
    """The callbacks that a change of the filter calls."""
    return [
        name
        for name in server_outputs(wall)
        if any(item["id"] == "shell-filter" for item in wall.callback_map[name]["inputs"])
    ]


def _count(wall: Any) -> int:
    return len(_outputs(wall)) + 2


def flood(profile: str) -> dict[str, Any]:
    """Longest and median answer of ``/healthz`` while ``FLOOD_PER_S`` sign-ins a second arrive."""
    port = 8971
    with _serving(profile, port):
        answers: list[int] = []
        stop = threading.Event()
        senders = [
            threading.Thread(target=_send, args=(port, stop, answers, nth), daemon=True)
            for nth in range(FLOOD_PER_S)
        ]
        for sender in senders:
            sender.start()
        waits = _watch(port, FLOOD_S)
        stop.set()
        for sender in senders:
            sender.join()
    counted = {str(status): answers.count(status) for status in sorted(set(answers))}
    say(f"flood {counted} healthz {spread(waits)} max {max(waits):.0f}")
    return {
        "flood_healthz_max_ms": round(max(waits)),
        "flood_healthz_ms": spread(waits)["median_ms"],
        "flood_per_s": round(len(answers) / FLOOD_S, 1),
        "flood_answers": counted,
    }


def _watch(port: int, seconds: float) -> list[float]:
    """Milliseconds of each ``/healthz``, asked ten times a second."""
    waits, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        waits.append(timed(partial(_get, port, "/healthz"))[0])
        time.sleep(0.1)
    return waits


def _send(port: int, stop: threading.Event, answers: list[int], nth: int) -> None:
    """One sign-in a second with a wrong password, as a browser sends it, from an address of its own."""
    source = (f"127.0.1.{nth + 1}", 0)
    cookie, token = _form(port, source)
    body = urlencode({"name": f"nobody-{nth}", "password": "not the right one", "csrf_token": token})
    head = {
        "Cookie": cookie,
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{port}",
    }
    time.sleep(nth / FLOOD_PER_S)
    while not stop.is_set():
        begun = time.monotonic()
        connection = HTTPConnection("127.0.0.1", port, timeout=30, source_address=source)
        connection.request("POST", "/sign-in", body, head)
        answers.append(connection.getresponse().status)
        connection.close()
        stop.wait(max(0.0, 1 - (time.monotonic() - begun)))


def _form(port: int, source: tuple[str, int]) -> tuple[str, str]:
    """The cookie and the token of the sign-in form."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30, source_address=source)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    page = answer.read().decode()
    cookie = (answer.headers["Set-Cookie"] or "").split(";")[0]
    connection.close()
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the sign-in form must carry a token"
    return cookie, found[1]


def _get(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@contextmanager
def _serving(profile: str, port: int) -> Iterator[None]:
    """The server as it is really served, over the store of a small district."""
    folder = settings().data_dir / ("zhongshan" if profile == "city" else profile)
    with open_city(folder.name, fill=False):
        pass  # built once
    known = {**os.environ, "GRID_DATA_DIR": str(folder), "PORT": str(port), "DATABASE_URL": ""}
    server = subprocess.Popen(
        [sys.executable, "app.py", "serve"], cwd=ROOT, env=known, text=True, stdout=subprocess.PIPE
    )
    try:
        assert server.stdout
        said = next((line for line in server.stdout if line.startswith("Ready")), None)
        assert said, "the server must say that it is ready"
        yield
    finally:
        server.terminate()
        server.wait(30)
