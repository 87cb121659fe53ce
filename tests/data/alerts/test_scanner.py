"""Scans in a process apart: looked at while they run, kept afterwards, given up on a word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.alerts import clusters
from data.alerts.clusters import Question
from data.alerts.scan_process import GONE
from data.alerts.scanner import COMMAND, MOST_WAITING, ROOT, Look, Scanner
from data.alerts.study import Rules

UNTIL = datetime(2026, 11, 22, tzinfo=ZoneInfo("Asia/Shanghai"))


def question(seed: int = 1, runs: int = 99) -> Question:
    counts = tuple((grid, day, 1 + (grid * 7 + day * seed) % 3 + 6 * (grid == 5 and day > 56))
                   for grid in range(16) for day in range(60))
    return Question(since=UNTIL - timedelta(days=60), until=UNTIL, counts=counts,
                    codes=tuple(f"510108002001{at:03d}" for at in range(16)), rules=Rules(runs=runs),
                    lonlat=tuple((104 + at % 4 * 0.003, 30.6 + at // 4 * 0.003) for at in range(16)))


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    made = Scanner()
    yield made
    made.stop()


@pytest.fixture
def acting(tmp_path: Path) -> Iterator[Callable[[str], Scanner]]:
    """Scanners whose process runs the lines that are given."""
    made: list[Scanner] = []

    def make(lines: str) -> Scanner:
        path = tmp_path / f"act{len(made)}.py"
        path.write_text("import json, os, sys, time\nasked = json.load(sys.stdin)\n"
                        "def say(**line):\n    print(json.dumps(line), flush=True)\n" + lines)
        made.append(Scanner((sys.executable, str(path))))
        return made[-1]
    yield make
    for one in made:
        one.stop()


def until(look: Callable[[], Look], *states: str) -> Look:
    """The first look at one of the states."""
    end, wait = time.monotonic() + 60, threading.Event()
    while (found := look()).state not in states:
        assert time.monotonic() < end, found
        wait.wait(0.02)
    return found


def told(look: Look) -> Look:
    """The look, its state ``told`` once the process has told how far it is."""
    return replace(look, state="told") if look.share else look


def test_a_scan_is_begun_by_a_look_and_kept(scanner: Scanner) -> None:
    asked = question()
    first = scanner.look("a", asked)
    assert (first.state, first.found) == ("waiting", None)
    done = until(lambda: scanner.look("a", asked), "done")
    assert done.found == clusters.answer(asked)
    assert done.found is not None
    assert done.found.clusters[0].grids == ("510108002001005",)
    assert scanner.look("a", asked) is done
    assert scanner.look("b", asked).state == "waiting", "another scope has a scan of its own"


def test_progress_is_told_while_it_runs(acting: Callable[[str], Scanner], tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    answer = clusters.answer(question()).to_json()
    scanner = acting(f"say(share=0.25)\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\n"
                     f"say(found=json.loads({json.dumps(answer)!r}))\n")
    found = until(lambda: scanner.look("a", question()), "running")
    while found.share == 0:
        found = until(lambda: scanner.look("a", question()), "running")
    assert found.share == 0.25
    gate.touch()
    assert until(lambda: scanner.look("a", question()), "done").share == 1.0


def test_changed_counts_are_scanned_anew_and_the_old_result_stays_meanwhile(scanner: Scanner) -> None:
    old = until(lambda: scanner.look("a", question()), "done")
    look = scanner.look("a", question(seed=2))
    assert look.state == "waiting"
    assert look.found == old.found
    anew = question(seed=2)
    assert until(lambda: scanner.look("a", anew), "done").found == clusters.answer(anew)


@pytest.mark.parametrize(("lines", "fault"), [
    ("sys.exit(3)", "ended with 3"), ("say(refused='rules must be others')", "rules must be others"),
    ("say(found={})", "a result must be"), ("print('no json')", "Expecting value"),
    ("say(else_=1)", "must tell share"), ("print(7)", "not iterable"),
])
def test_a_process_that_breaks_down_is_told_and_tried_again(
    acting: Callable[[str], Scanner], lines: str, fault: str
) -> None:
    scanner = acting(lines)
    look = until(lambda: scanner.look("a", question()), "failed")
    assert fault in look.fault
    assert until(lambda: scanner.look("a", question()), "waiting", "running").found is None


def test_of_too_many_the_latest_are_scanned(acting: Callable[[str], Scanner]) -> None:
    scanner = acting("time.sleep(600)")
    until(lambda: scanner.look("running", question()), "running")
    for at in range(MOST_WAITING + 3):
        scanner.look(f"scope {at}", question())
    held = {key[0] for key in scanner._waiting}
    assert held == {f"scope {at}" for at in range(3, MOST_WAITING + 3)}


def test_a_stop_ends_the_process(acting: Callable[[str], Scanner], tmp_path: Path) -> None:
    note = tmp_path / "pid"
    scanner = acting(f"open({str(note)!r}, 'w').write(str(os.getpid()))\nsay(share=0.5)\ntime.sleep(600)")
    until(lambda: told(scanner.look("a", question())), "told")
    scanner.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
    assert scanner.look("b", question()).state == "waiting"
    assert scanner._process is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_scan_is_the_least_urgent_of_the_machine(scanner: Scanner) -> None:
    asked = question(runs=99_999)
    until(lambda: told(scanner.look("a", asked)), "told")
    process = scanner._process
    assert process is not None
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
    environment = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
    assert not [line for line in environment if line.startswith(("GRID_", "DATABASE_URL"))]


@pytest.mark.parametrize("part", ["", '{"since": "2026', None], ids=["nothing", "broken off", "unheard"])
def test_a_process_whose_asker_is_gone_ends_quietly(part: str | None) -> None:
    asked = json.dumps(question().to_json()) if part is None else part
    process = subprocess.Popen(COMMAND, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.write(asked)
    process.stdin.close()
    with process.stderr:
        assert process.stderr.read() == ""
    assert process.wait(60) == GONE
