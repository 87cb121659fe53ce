"""The command: its last line, its status, and Ctrl-C."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from data.engine import Store
from data.ingest import command
from data.settings import Settings
from tests.data.ingest.samples import NOW, area_table, write_rows


def run(store: Store, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings.from_env({"DATABASE_URL": url})
    return command.run(parser.parse_args(list(arguments)), settings=settings, now=NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "a.csv", {}, {"id": "2", "lon": "0", "lat": "0"})


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return dict(json.loads(capsys.readouterr().out.strip().splitlines()[-1]))


def test_the_last_line_is_the_account(store: Store, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.append("area", area_table())
    assert run(store, "cases", str(file)) == 0
    line = last_line(capsys)
    assert {
        name: line[name]
        for name in ("read", "inserted", "updated", "unchanged", "rejected", "rejected_by_reason")
    } == {
        "read": 2,
        "inserted": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "rejected_by_reason": {"null_island": 1},
    }
    assert line["seconds"] > 0


def test_what_cannot_be_is_said_on_stderr(
    store: Store, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(store, "cases", str(file), "--mapping", "nowhere") == 1
    assert "one of" in capsys.readouterr().err
    assert run(store, "cases", str(file), "--crs", "utm") == 1
    assert run(store, "cases", str(file)) == 1
    assert "--derive-areas METRES" in capsys.readouterr().err


def test_the_first_interrupt_asks_and_the_second_one_ends() -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals arrive in the main thread only")
    with command.interruptible() as stop:
        assert not stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupted_import_returns_130(
    store: Store, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append("area", area_table())
    monkeypatch.setattr(command, "interruptible", _Stopped)
    assert run(store, "cases", str(file)) == 130
    line = last_line(capsys)
    assert (line["read"], line["interrupted"]) == (0, True)


class _Stopped:
    def __enter__(self) -> Any:
        return lambda: True

    def __exit__(self, *_: object) -> None:
        return None
