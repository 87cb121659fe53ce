"""Whatever stands in a CSV: no crash, every row accounted for, and again nothing changes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.engine import Store
from data.ingest.command import import_file
from data.ingest.errors import IngestError
from data.ingest.mapping import parse_mapping
from tests.data.ingest.samples import MAPPING, NOW, ROW, area_table, assert_adds_up, rows_of

SLOW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

times = st.one_of(st.just(ROW["reported"]), st.datetimes().map(str), st.text(max_size=12))
numbers = st.one_of(st.just("104.105"), st.just("30.665"), st.floats().map(str), st.text(max_size=8))
rows = st.fixed_dictionaries(
    {
        "id": st.one_of(st.integers(0, 6).map(str), st.text(max_size=10)),
        "status": st.sampled_from(["open", "done", "", "odd"]),
        "category": st.one_of(st.just("noise"), st.text(max_size=90)),
        "reported": times,
        "closed": times,
        "lon": numbers,
        "lat": numbers,
        "address": st.text(max_size=20),
    }
)


@pytest.fixture(scope="module")
def fuzzed(module_store: Store) -> Store:
    module_store.append("area", area_table())
    return module_store


def load(store: Store, path: Path) -> dict[str, Any] | None:
    try:
        result = import_file(store, "cases", path, mapping=parse_mapping(MAPPING, name="test"), now=NOW)
    except IngestError:
        return None
    assert_adds_up(result)
    return result


@SLOW
@given(content=st.lists(rows, max_size=12))
def test_rows_of_rubbish(content: list[dict[str, str]], fuzzed: Store, tmp_path: Path) -> None:
    path, text = tmp_path / "rubbish.csv", io.StringIO()
    writer = csv.DictWriter(text, list(ROW))
    writer.writeheader()
    writer.writerows(content)
    path.write_bytes(text.getvalue().encode("utf-8", "replace"))
    first = load(fuzzed, path)
    if first is not None:
        again = load(fuzzed, path)
        assert again is not None
        assert (again["read"], again["inserted"], again["updated"]) == (first["read"], 0, 0)
        held = rows_of(fuzzed, 'select count(*) as n, count(distinct source_id) as ids from "case"')[0]
        assert held["n"] == held["ids"]


@SLOW
@given(content=st.binary(max_size=400))
def test_bytes_of_rubbish(content: bytes, fuzzed: Store, tmp_path: Path) -> None:
    path = tmp_path / "rubbish.csv"
    path.write_bytes(",".join(ROW).encode() + b"\n" + content)
    load(fuzzed, path)
    path.write_bytes(content)
    load(fuzzed, path)
