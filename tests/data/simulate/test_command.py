"""`simulate` as a process: killed in the middle, called wrongly, and played on after."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import app
from data.cases.check import check
from data.clock import own_clock, store_now
from data.engine import Store
from data.settings import Settings
from data.tables import case_event, gps_fix
from tests.data.simulate.conftest import BEGIN, morning
from tests.signed_in import now

ROOT = Path(__file__).parents[3]
COMMAND = next(command for command in app.COMMANDS if command.words == ("simulate",))


@pytest.fixture(scope="module")
def demo(module_store: Store) -> Store:
    morning(module_store)
    return module_store


def start(store: Store, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "app.py", "simulate", *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, "DATABASE_URL": store.url})


def counts(store: Store) -> tuple[int, int]:
    """Events and positions since the beginning."""
    with store.engine.connect() as connection:
        return (connection.scalar(sa.select(sa.func.count()).where(case_event.c.at > BEGIN)) or 0,
                connection.scalar(sa.select(sa.func.count()).where(gps_fix.c.at > BEGIN)) or 0)


def wait_for(condition: Any, process: subprocess.Popen[str], seconds: float = 60) -> None:
    """Until something holds; fails where the process ended or the time is up."""
    until = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)


@pytest.fixture
def playing(demo: Store) -> Iterator[subprocess.Popen[str]]:
    """A simulation in the middle of its work."""
    before = counts(demo)
    process = start(demo, "--rate", "600", "--profile", "storm", "--fix-every", "10")
    try:
        wait_for(lambda: all(found > then + 30 for found, then in zip(counts(demo), before, strict=True)),
                 process)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("time_of_death", [1, 2, 3])
def test_killed_in_the_middle_the_store_is_true_to_itself(
    demo: Store, playing: subprocess.Popen[str], time_of_death: int
) -> None:
    clock = own_clock(demo)
    assert clock is not None
    assert clock.since is not None
    at_kill = store_now(demo, now())
    playing.send_signal(signal.SIGKILL)
    playing.wait(timeout=90)
    clock = own_clock(demo)
    assert clock is not None
    assert clock.since is not None, "nobody could say that it ended"
    # the clock stops by itself a few seconds later, and stands where nothing lies ahead of it
    late = now() + timedelta(seconds=30)
    assert clock.stands(late)
    assert clock.now(late) >= at_kill
    with demo.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.max(case_event.c.at))) <= clock.now(late)
        assert connection.scalar(sa.select(sa.func.max(gps_fix.c.at))) <= clock.now(late)
    found = check(demo, clock.now(late))
    assert found["ok"], found


def test_ended_politely_the_clock_stands(demo: Store, playing: subprocess.Popen[str]) -> None:
    playing.send_signal(signal.SIGINT)
    said, complaint = playing.communicate(timeout=90)
    assert playing.returncode == 130, complaint
    begin, end = (json.loads(line) for line in said.splitlines())
    assert begin["profile"] == "storm"
    assert (end["reports"] > 0 or end["acts"] > 0, end["fixes"] > 0) == (True, True)
    clock = own_clock(demo)
    assert clock is not None
    assert (clock.since, clock.at) == (None, datetime.fromisoformat(end["end"]))


def test_what_was_broken_off_is_played_on(demo: Store, capsys: pytest.CaptureFixture[str]) -> None:
    before, begin = counts(demo), store_now(demo, now() + timedelta(minutes=1))
    status = app.run_command(COMMAND, ["--rate", "3600", "--minutes", "20"],
                             Settings(database_url=demo.url), now() + timedelta(minutes=1))
    assert status == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert datetime.fromisoformat(end["end"]) >= begin + timedelta(minutes=20)
    events, fixes = counts(demo)
    assert (events - before[0], fixes - before[1]) == (end["reports"] + end["acts"], end["fixes"])
    assert check(demo, begin + timedelta(minutes=20))["ok"]


@pytest.mark.parametrize(("arguments", "said"), [
    (["--rate", "0"], "must be a number 0.1..3600, got '0'"),
    (["--rate", "nan"], "must be a number 0.1..3600, got 'nan'"),
    (["--minutes", "x"], "must be a number 0.1..100000, got 'x'"),
    (["--seed", "-1"], "must be a whole number >= 0, got '-1'"),
    (["--fix-every", "0"], "must be a whole number 1..3600, got '0'"),
    (["--profile", "war"], "invalid choice: 'war'"),
])
def test_called_wrongly_it_says_how(
    store: Store, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        app.run_command(COMMAND, arguments, Settings(database_url=store.url), now())
    assert said in capsys.readouterr().err


def test_a_store_without_a_demo_is_left_alone(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run_command(COMMAND, [], Settings(database_url=store.url), now()) == 1
    assert "build a demo first" in capsys.readouterr().err
