"""Times: formats, zones, hours that never were, and bands of formats."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from data.ingest.times import parse_times

SHANGHAI = "Asia/Shanghai"


def read(texts: list[str | None], *formats: str, zone: str = SHANGHAI) -> Any:
    return parse_times(pa.array(texts, pa.string()), formats, zone)


def utc(parsed: Any, row: int = 0) -> str:
    return str(parsed.at[row].astype("M8[s]"))


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("2025-03-01T08:00:00+08:00", ("iso",), "2025-03-01T00:00:00"),
        ("2025-03-01T08:00:00Z", ("iso",), "2025-03-01T08:00:00"),
        ("2025-03-01 08:00:00", ("iso",), "2025-03-01T00:00:00"),
        ("2025-03-01", ("iso",), "2025-02-28T16:00:00"),
        ("20250301T080000+0800", ("iso",), "2025-03-01T00:00:00"),
        ("2025/3/1 8:00", ("iso", "%Y/%m/%d %H:%M"), "2025-03-01T00:00:00"),
        ("2025年03月01日 08:00:00", ("%Y年%m月%d日 %H:%M:%S",), "2025-03-01T00:00:00"),
        ("03/01/2025 08:00:00 PM", ("%m/%d/%Y %I:%M:%S %p",), "2025-03-01T12:00:00"),
        ("1740787200", ("epoch_s",), "2025-03-01T00:00:00"),
        ("1740787200000", ("epoch_s", "epoch_ms"), "2025-03-01T00:00:00"),
        ("45717.5", ("excel",), "2025-03-01T04:00:00"),
    ],
)
def test_formats(text: str, formats: tuple[str, ...], expected: str) -> None:
    parsed = read([text, None], *formats)
    assert utc(parsed) == expected
    assert parsed.given.tolist() == [True, False]
    assert not (parsed.impossible | parsed.ambiguous | parsed.guessed).any()


@pytest.mark.parametrize(
    "text", ["2025-02-30 08:00", "2025-13-01", "0001-01-01T00:00:00Z", "9999-12-31", "soon", "12", "٣"]
)
def test_impossible(text: str) -> None:
    parsed = read([text], "iso", "%Y/%m/%d", "excel", "epoch_s")
    assert parsed.impossible.tolist() == [True]


def test_an_hour_that_never_was_and_one_that_was_twice() -> None:
    parsed = read(["2018-03-11 02:30:00", "2018-11-04 01:30:00"], "iso", zone="America/Chicago")
    assert parsed.impossible.tolist() == [True, False]
    assert parsed.guessed.tolist() == [False, True]
    assert utc(parsed, 1) == "2018-11-04T06:30:00"  # the earlier of the two


def test_local_time_that_is_labelled_utc() -> None:
    values = pa.array([1_515_000_000_000_000], pa.timestamp("us", tz="UTC"))
    right = parse_times(values, ("iso",), "America/Chicago")
    local = parse_times(values, ("iso",), "America/Chicago", local_labelled_utc=True)
    assert (local.at[0] - right.at[0]).astype("m8[h]").astype(int) == 6


DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"


def test_bands_of_formats_decide_for_the_rows_between() -> None:
    parsed = read(
        ["25/03/2025", "04/03/2025", "26/03/2025", "03/28/2025", "03/04/2025", "03/29/2025"],
        DAY_FIRST,
        MONTH_FIRST,
    )
    assert utc(parsed, 1) == "2025-03-03T16:00:00"
    assert utc(parsed, 4) == "2025-03-03T16:00:00"
    assert parsed.guessed.tolist() == [False, True, False, False, True, False]
    assert not parsed.ambiguous.any()


def test_between_two_bands_nobody_can_tell() -> None:
    parsed = read(["25/03/2025", "04/03/2025", "03/28/2025"], DAY_FIRST, MONTH_FIRST)
    assert parsed.ambiguous.tolist() == [False, True, False]


def test_the_same_day_in_both_formats_is_not_ambiguous() -> None:
    parsed = read(["03/03/2025"], DAY_FIRST, MONTH_FIRST)
    assert not (parsed.ambiguous | parsed.guessed).any()
