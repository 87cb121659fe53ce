"""`app.py audit verify|export`: statuses, sentences, and archives that are checked without the store."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

import app
from data.access.audit import Audit, Entry
from data.settings import Settings

NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
COMMAND = next(command for command in app.COMMANDS if command.words == ("audit",))


@pytest.fixture
def audit(store):
    log = Audit(store)
    for day in range(600, 0, -100):  # 600, 500, 400, … days ago
        log.record(Entry(account_id=1, account_name="wang", address=None, action="sign_in"),
                   now=NOW - timedelta(days=day))
    return log


@pytest.fixture
def run(store, capsys):
    def call(*arguments):
        status = app.run_command(COMMAND, [str(part) for part in arguments],
                                 Settings(database_url=store.url), NOW)
        said = capsys.readouterr()
        return status, said.out, said.err
    return call


def tamper(store, statement):
    with store.engine.begin() as connection:
        for part in ("ALTER TABLE audit_log DISABLE TRIGGER USER", statement,
                     "ALTER TABLE audit_log ENABLE TRIGGER USER"):
            connection.execute(sa.text(part))


def test_a_whole_log_is_said_to_be_whole(audit, run):
    status, said, _ = run("verify")
    assert status == 0
    assert said == f"audit_log: whole, 6 rows; newest hash {audit.listing()[0].hash.hex()}\n"
    status, said, _ = run("verify", "--json")
    assert (status, json.loads(said)["rows"], json.loads(said)["ok"]) == (0, 6, True)


def test_a_broken_log_ends_with_1_and_says_what_broke(audit, store, run):
    tamper(store, "UPDATE audit_log SET account_name = 'li' WHERE seq = 3")
    status, said, _ = run("verify")
    assert status == 1
    assert "BROKEN at row 3 (changed)" in said
    status, said, _ = run("verify", "--json")
    assert (status, json.loads(said)["broken_at"], json.loads(said)["fault"]) == (1, 3, "changed")


def test_an_archive_holds_the_old_rows_and_the_log_keeps_them(audit, run, tmp_path):
    path = tmp_path / "old.jsonl"
    status, said, _ = run("export", path)
    assert status == 0
    assert "whole, 2 rows" in said  # 600 and 500 days old; the third is 400 days old to the second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert audit.count() == 7  # and the export itself is on record
    newest = audit.listing()[0]
    assert (newest.action, newest.object_kind, newest.detail["rows"]) == ("exported", "audit_log", 2)
    assert run("verify", "--file", path)[0] == 0
    assert run("verify", "--file", path, "--compare")[0] == 0
    assert run("verify")[0] == 0


def test_an_archive_until_a_day_holds_that_day(audit, run, tmp_path):
    day = (NOW - timedelta(days=300)).date()
    assert "4 rows" in run("export", tmp_path / "a", "--until", day)[1]
    assert "3 rows" in run("export", tmp_path / "b", "--until", day - timedelta(days=1))[1]


@pytest.mark.parametrize(("change", "row", "fault"), [
    (lambda lines: [lines[0], lines[1].replace("wang", "zhao"), *lines[2:]], 2, "changed"),
    (lambda lines: [lines[0], *lines[2:]], 2, "missing"),
    (lambda lines: lines[1:], 1, "missing"),
    (lambda lines: [lines[1], lines[0], *lines[2:]], 1, "missing"),
    (lambda lines: [*lines[:2], lines[1], *lines[2:]], 2, "twice"),
    (lambda lines: [*lines[:2], "{}", *lines[2:]], 3, "unreadable"),
    (lambda lines: [*lines[:3], '{"seq": "4", "detail": {}}'], 4, "unreadable"),
    (lambda lines: [*lines[:3], lines[3][:-10]], 4, "unreadable"),
])
def test_a_tampered_archive_is_found(audit, run, tmp_path, change, row, fault):
    path = tmp_path / "old.jsonl"
    run("export", path, "--until", NOW.date())
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
    status, said, _ = run("verify", "--json", "--file", path)
    assert (status, json.loads(said)["broken_at"], json.loads(said)["fault"]) == (1, row, fault)


def test_an_archive_shows_that_the_whole_log_was_rewritten(audit, store, run, tmp_path):
    """Somebody who rewrites every hash, and the newest one too, still cannot rewrite the archive."""
    path = tmp_path / "old.jsonl"
    run("export", path, "--until", NOW.date())
    tamper(store, "DELETE FROM audit_log")
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM meta WHERE key = 'audit_head'"))
    for _ in range(8):
        audit.record(Entry(account_id=2, account_name="li", address=None, action="sign_in"), now=NOW)
    assert run("verify")[0] == 0
    status, said, _ = run("verify", "--file", path, "--compare")
    assert status == 1
    assert "the log was rewritten" in said


def test_wrong_calls_end_with_2(audit, run, tmp_path):
    path = tmp_path / "there"
    path.touch()
    assert run("export", path)[0] == 2
    assert path.read_text() == ""
    status, _, complaint = run("export", tmp_path / "x", "--until", "soon")
    assert status == 2
    assert "'soon'" in complaint
    assert run("verify", "--compare")[0] == 2
    assert run("verify", "--file", tmp_path / "none")[0] == 1
