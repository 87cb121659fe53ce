"""Batches of cases: what is interrupted or fails leaves whole ones, and the rest goes in later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import adbc_driver_manager
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.cases.check import check
from data.engine import Copying, Store
from data.ingest.command import import_file
from tests.data.ingest.samples import NOW, ROW, rows_of


def test_interrupting_leaves_whole_batches(load: Any, tmp_path: Path, placed_store: Store) -> None:
    path = tmp_path / "cases.parquet"
    pq.write_table(pa.Table.from_pylist([{**ROW, "id": str(number)} for number in range(10)]), path)
    asked = iter([False, False, False, False])
    result = load(path, stop=lambda: next(asked, True), batch_rows=2)
    assert result["interrupted"]
    assert 0 < result["inserted"] == result["read"] < 10
    assert rows_of(placed_store, 'select count(*) as n from "case"') == [{"n": result["inserted"]}]
    rest = load(path, batch_rows=2)
    assert (rest["inserted"], rest["unchanged"]) == (10 - result["inserted"], result["inserted"])


def test_a_failing_batch_is_rolled_back_whole(placed_store: Store, mapping: Any, write_csv: Any) -> None:
    placed_store.append(
        "case_event",
        pa.table(
            {  # in the way of the second case's first event
                "street_code": ["510108001"],
                "case_no": ["T-2"],
                "seq": [1],
                "act": ["report"],
                "to_state": ["reported"],
                "at": pa.array([NOW], pa.timestamp("us", tz="UTC")),
            }
        ),
    )
    with pytest.raises(adbc_driver_manager.Error):
        import_file(placed_store, "cases", write_csv({}, {"id": "2"}), mapping=mapping, now=NOW)
    assert rows_of(placed_store, 'select count(*) as n from "case"') == [{"n": 0}]
    assert rows_of(placed_store, "select count(*) as n from case_event") == [{"n": 1}]


@pytest.mark.parametrize("table", ["case", "case_event"])
def test_a_writer_that_fails_while_reading_goes_on_leaves_whole_batches(
    load: Any, tmp_path: Path, placed_store: Store, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    path = tmp_path / "cases.parquet"
    pq.write_table(pa.Table.from_pylist([{**ROW, "id": str(number)} for number in range(40)]), path)
    plain, copied = Copying.append, iter(range(100))

    def append(copy: Copying, table_name: str, data: pa.Table) -> int:
        done = plain(copy, table_name, data)
        if table_name == table and next(copied) == 3:
            raise OSError("the disk is full")
        return done

    with monkeypatch.context() as patched:
        patched.setattr(Copying, "append", append)
        with pytest.raises(OSError, match="the disk is full"):
            load(path, batch_rows=2)
    before = rows_of(placed_store, 'select count(*) as n from "case"')[0]["n"]
    assert 0 < before < 40
    assert before % 2 == 0
    assert check(placed_store)["ok"]
    rest = load(path, batch_rows=2)
    assert (rest["inserted"], rest["unchanged"]) == (40 - before, before)
    assert check(placed_store)["ok"]
