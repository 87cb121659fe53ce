"""The process apart keeps its bounds, whatever is done in it, and leaves nothing behind."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from data.uploads import limits, sandbox
from data.uploads.refused import UploadError, plain
from data.uploads.sandbox import Bounds, Sandbox
from tests.data.uploads.memory import Peak

SMALL = Bounds(memory=1 << 30, cpu_s=2, wall_s=20, answer=8 << 20)


@pytest.fixture(autouse=True)
def _misbehaving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WORKER", "tests.data.uploads.misbehaving")


@pytest.mark.parametrize(("task", "code", "says"), [
    ("greedy", "memory", "bad.jpg must be read within 1024 MiB of memory"),
    ("busy", "time", "bad.jpg must be read within 2 s"),
    ("talkative", "unreadable", "breaks its reader"),
    ("crashing", "unreadable", "breaks its reader"),
    ("failing", "unreadable", "breaks its reader"),
    ("hoarding", "unreadable", "breaks its reader"),
    ("reaching", "unreadable", "breaks its reader"),
])
def test_what_goes_over_a_bound_is_refused(task: str, code: str, says: str) -> None:
    with Peak() as peak, pytest.raises(UploadError, match=says) as refusal:
        Sandbox().run(task, "bad.jpg", bounds=SMALL)
    assert refusal.value.code == code
    assert peak.grown_mib < 32


def test_the_whole_group_ends_with_the_wall_clock(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    short = Bounds(memory=1 << 30, cpu_s=5, wall_s=3)
    with pytest.raises(UploadError, match="be read within"):
        Sandbox().run("idle", "a.jpg", bounds=short, facts={"note": str(note)})
    child = int(note.read_text())
    until = time.monotonic() + 10
    while _lives(child) and time.monotonic() < until:
        os.sched_yield()
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_nothing_of_ours_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRID_SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
    answer = Sandbox().run("telling", "a.jpg", bounds=SMALL, content=b"\x00\n\xff")
    assert answer.content == b"\x00\n\xff"
    assert not {"GRID_SECRET_KEY", "DATABASE_URL", "HOME"} & set(answer.facts["environment"])
    assert answer.facts["files"] == ["0", "1", "2", "3"]  # 3 is the listing itself


def test_further_files_wait_and_are_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limits, "WAIT_S", 0.2)
    one, refused = Sandbox(at_once=1), []

    def long() -> None:
        with pytest.raises(UploadError):
            one.run("idle", "a.jpg", bounds=Bounds(memory=1 << 30, cpu_s=2, wall_s=5),
                    facts={"note": str(tmp_path / "pid")})

    other = threading.Thread(target=long)
    other.start()
    while not (tmp_path / "pid").exists():
        os.sched_yield()
    try:
        one.run("telling", "b.jpg", bounds=SMALL)
    except UploadError as refusal:
        refused.append(refusal.code)
    other.join()
    assert refused == ["busy"]


def test_names_cannot_write_lines_of_their_own() -> None:
    refusal = UploadError("size", "a\n\x1b[31mb.jpg", expected="be small", got="x" * 500)
    assert "\n" not in str(refusal)
    assert "\x1b" not in str(refusal)
    assert len(plain("x" * 500)) == 80
    assert UploadError.of(refusal.as_dict()).as_dict() == refusal.as_dict()
