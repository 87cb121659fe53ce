"""Determinism, replacement and refusal of the demo, and its command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from data import meta
from data.demo import command
from data.demo.build import FILLED, RealDataError, build
from data.demo.profiles import PROFILES, default_until
from data.engine import Store
from data.settings import Settings
from data.tables import METADATA

#: Columns that the database itself fills: they say when and by which transaction a row was written.
OF_THE_WRITING = {"changed_xid", "case_ref", "created_at", "updated_at"}


def content_hashes(store: Store) -> dict[str, str]:
    """A digest of the rows of every table that a demo writes."""
    found = {}
    for name in FILLED:
        table = METADATA.tables[name]
        columns = ", ".join(f'"{column.name}"' for column in table.columns
                            if column.name not in OF_THE_WRITING)
        keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
        rows = store.arrow(f'''SELECT md5(string_agg(md5(ROW({columns})::text), '' ORDER BY {keys})) AS digest
                               FROM "{name}"''')
        found[name] = rows["digest"][0].as_py()
    return found


def test_same_seed_same_content_and_another_seed_another(demo_store: Store, store: Store) -> None:
    build("zhongshan", 8, None, store)
    other = content_hashes(store)
    build("zhongshan", 7, None, store)  # replaces the other demo
    assert content_hashes(store) == content_hashes(demo_store)
    assert all(other[name] != digest for name, digest in content_hashes(demo_store).items()
               if name not in {"base_feature", "road", "day_note"})


def test_a_demo_that_is_there_is_left_alone(store: Store) -> None:
    first = build("zhongshan", 7, None, store)
    again = build("zhongshan", 7, None, store)
    assert not first.was_there
    assert again.was_there
    assert again.rows == first.rows


def test_real_data_is_never_overwritten(store: Store) -> None:
    store.append("case", pa.table({"street_code": ["210202001"], "case_no": ["real-1"],
                                   "state": ["reported"]}))
    with pytest.raises(RealDataError, match="table case holds 1 rows that are not synthetic"):
        build("zhongshan", 7, None, store)
    assert store.arrow('SELECT count(*) AS n FROM "case"')["n"].to_pylist() == [1]


def test_foreign_areas_are_never_overwritten(store: Store) -> None:
    store.append("area", pa.table({"area_code": ["210202"], "name": ["x"], "level": ["district"]}))
    with pytest.raises(RealDataError, match="table area holds 1 areas"):
        build("zhongshan", 7, None, store)


def test_unknown_profile_and_missing_end_are_named(store: Store) -> None:
    with pytest.raises(ValueError, match=r"profile must be one of chenghua, .*, got 'atlantis'"):
        build("atlantis", 7, None, store)
    with pytest.raises(ValueError, match="profile chenghua needs an until"):
        build("chenghua", 7, None, store)


def test_an_interrupted_build_leaves_nothing_and_can_be_repeated(store: Store) -> None:
    def stop(stage: str, _done: float) -> None:
        if stage == "write cases":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build("zhongshan", 7, None, store, stop)
    assert store.arrow("SELECT count(*) AS n FROM area")["n"].to_pylist() == [0]
    assert meta.get(store, "synthetic") is None
    assert not build("zhongshan", 7, None, store).was_there


def test_an_earlier_end_gives_a_shorter_demo(store: Store) -> None:
    until = PROFILES["zhongshan"].until(date(2019, 1, 11))
    rows = build("zhongshan", 7, until, store).rows
    assert 900 < rows["case"] < 1_300
    last = store.arrow('SELECT max(reported_at) AS last FROM "case"')["last"][0].as_py()
    assert last < until
    with pytest.raises(ValueError, match="until must be after 2019-01-01 for zhongshan"):
        build("zhongshan", 7, PROFILES["zhongshan"].until(date(2018, 12, 1)), store)


def test_the_clock_of_chenghua_stands_in_the_last_afternoon() -> None:
    profile = PROFILES["chenghua"]
    late = default_until(profile, datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    early = default_until(profile, datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    assert late.isoformat() == "2026-11-22T16:30:00+08:00"
    assert early.isoformat() == "2026-11-21T16:30:00+08:00"


def test_arguments_are_checked() -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert parser.parse_args([]).profile == "chenghua"
    assert parser.parse_args(["zhongshan", "--until", "2019-05-01"]).until == date(2019, 5, 1)
    for bad in (["--seed", "-1"], ["--until", "yesterday"], ["atlantis"]):
        with pytest.raises(SystemExit):
            parser.parse_args(bad)


@pytest.fixture
def run_demo(store: Store, monkeypatch: pytest.MonkeyPatch,
             capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Runs the command on the test's store; gives the exit code and the JSON printed last."""
    monkeypatch.setattr(command, "open_store", lambda settings: store)
    monkeypatch.setattr(store, "close", lambda: None)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = command.run(parser.parse_args(words), settings=Settings.from_env({}),
                           now=datetime(2026, 1, 1, tzinfo=UTC))
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_the_command_prints_json_last(run_demo: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    code, printed = run_demo("zhongshan", "--until", "2019-01-05")
    assert code == 0
    assert printed["profile"] == "zhongshan"
    assert printed["until"] == "2019-01-05T00:00:00+08:00"
    assert printed["rows"]["officer"] > 0


def test_the_command_refuses_real_data_and_an_end_before_the_beginning(
        store: Store, run_demo: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    assert run_demo("zhongshan", "--until", "2018-01-05")[0] == 2
    store.append("case", pa.table({"street_code": ["210202001"], "case_no": ["real-1"],
                                   "state": ["reported"]}))
    code, printed = run_demo("zhongshan")
    assert code == 1
    assert "not synthetic" in printed["error"]


def test_an_interrupted_command_says_so(monkeypatch: pytest.MonkeyPatch,
                                        run_demo: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "build", interrupted)
    code, printed = run_demo("zhongshan")
    assert code == 130
    assert printed["error"] == "interrupted; nothing was written"


def test_where_the_fixes_of_a_time_lie_is_known_at_once(demo_store: Store) -> None:
    """Nothing is left to summarise: what is not, a replay reads whole, a day at a time."""
    left = demo_store.arrow("""
        SELECT sum(brin_summarize_new_values(i.indexrelid)) AS n FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE a.amname = 'brin' AND c.relkind = 'i' AND c.relname LIKE 'gps_fix%'""")
    assert left["n"].to_pylist() == [0]
