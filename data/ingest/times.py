"""Times in files: several formats, with or without a zone, impossible and ambiguous ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.ingest.columns import Bools, mask, numbers

Times = np.ndarray[Any, np.dtype[np.datetime64]]

NAT: Final = np.datetime64("NaT", "us")
EARLIEST: Final = np.datetime64("1950-01-01", "us")
LATEST: Final = np.datetime64("2200-01-01", "us")
_EPOCH_FROM: Final = np.datetime64("1980-01-01", "us")
_OFFSET: Final = r"[0-9](Z|z|[+-]\d\d:?\d\d)$"
_HAS_OFFSET: Final = re.compile(r"[T ]\d.*(Z|z|[+-]\d\d(:?\d\d)?)$")
_DASHED: Final = r"^\d{4}-\d\d-\d\d([T ]|$)"
_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """Instants in UTC (NaT = none) and what is to be said about them, one value per row."""

    at: Times
    given: Bools  # the cell held something
    impossible: Bools  # no format reads it, or such a local time never was
    ambiguous: Bools  # two formats read it differently and the neighbours do not decide
    guessed: Bools  # ambiguous by itself, decided by the neighbours or by the earlier of two instants


def parse_times(
    values: pa.Array, formats: tuple[str, ...], zone: str, *, local_labelled_utc: bool = False
) -> Parsed:
    """Read a column of times.

    Args:
        values: trimmed texts, or timestamps of a typed file.
        formats: tried in their order; see `data.ingest.mapping.Mapping`.
        zone: of times without an offset.
        local_labelled_utc: a typed column says UTC but holds local time.

    Returns:
        Where two formats give different instants, the rows around decide: if the
        nearest clear rows before and after were written in the same format, that
        one holds ("bands" of formats), else the row stays ambiguous.
    """
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        return _typed(values, zone, local_labelled_utc)
    if not pa.types.is_string(values.type):
        values = pc.cast(values, pa.string())
    given = mask(pc.is_valid(values))
    fast = _fast_iso(values, zone) if formats[0] == "iso" and _iso_is_alone(formats) else None
    if fast is not None:
        none = np.zeros(len(values), dtype=bool)
        at, wrong = _in_range(fast[0], given)
        return Parsed(at, given, wrong, none, fast[1] & ~wrong)
    return _by_formats(values, given, formats, zone)


def _iso_is_alone(formats: tuple[str, ...]) -> bool:
    """Whether no other format reads ``2025-03-04 …`` as another day than ISO 8601 does."""
    return all(not one.startswith("%Y-") or one.startswith("%Y-%m-%d") for one in formats)


def _cast(values: pa.Array, to: pa.DataType) -> pa.Array | None:
    """The column as another type, None where a single value does not fit it."""
    try:
        return pc.cast(values, to)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _fast_iso(values: pa.Array, zone: str) -> tuple[Times, Bools] | None:
    """The whole column where every text is dashed ISO, all with an offset or all without; else None."""
    if not pc.all(pc.match_substring_regex(values, _DASHED)).as_py() and values.null_count < len(values):
        return None
    present = pc.drop_null(values)
    # a cast that fails costs thirty times one that does not, so the first text says which to try
    if len(present) and _HAS_OFFSET.search(present[0].as_py()):
        aware = _cast(values, pa.timestamp("us", tz="UTC"))
        return None if aware is None else (_naive(aware), np.zeros(len(values), dtype=bool))
    plain = _cast(values, pa.timestamp("us"))
    if plain is None:
        return None
    local = _naive(plain)
    at, twice = _localise(local, zone)
    # an hour that never was is left to the slow way, which says so
    return None if (np.isnat(at) & ~np.isnat(local)).any() else (at, twice)


def _naive(values: pa.Array) -> Times:
    whole = pc.cast(values, pa.timestamp("us", tz=values.type.tz), safe=False)
    return np.asarray(pc.cast(whole, pa.int64()).fill_null(np.iinfo(np.int64).min).to_numpy()).view("M8[us]")


def _typed(values: pa.Array, zone: str, local_labelled_utc: bool) -> Parsed:
    given = mask(pc.is_valid(values))
    none = np.zeros(len(values), dtype=bool)
    if pa.types.is_date(values.type):
        values = pc.cast(values, pa.timestamp("us"))
    naive = _naive(values)
    guessed = none
    if values.type.tz is None or local_labelled_utc:
        naive, guessed = _localise(naive, zone)
    at, wrong = _in_range(naive, given)
    return Parsed(at, given, wrong, none, guessed & ~wrong)


def _in_range(at: Times, given: Bools) -> tuple[Times, Bools]:
    wrong = given & ~((at >= EARLIEST) & (at < LATEST))
    return np.where(wrong, NAT, at), wrong


def _localise(naive: Times, zone: str) -> tuple[Times, Bools]:
    """Local wall time to UTC: (instants, those that happened twice; NaT where it never was)."""
    sane = np.where((naive >= EARLIEST) & (naive < LATEST), naive, NAT)
    series: Any = pd.Series(sane)
    once = series.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    at = _utc(once)
    twice = np.isnat(at) & ~np.isnat(sane)
    if twice.any():
        first = _utc(
            series.dt.tz_localize(zone, ambiguous=np.ones(len(series), dtype=bool), nonexistent="NaT")
        )
        at = np.where(twice, first, at)
        twice &= ~np.isnat(at)
    return at, twice


def _utc(series: Any) -> Times:
    return np.asarray(series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()).astype("M8[us]")


def _by_formats(values: pa.Array, given: Bools, formats: tuple[str, ...], zone: str) -> Parsed:
    """One column of instants per format, then one choice per row."""
    readings = []
    doubled = np.zeros(len(values), dtype=bool)
    for one in formats:
        at, twice = _read(values, one, zone)
        at, _ = _in_range(at, given)
        doubled |= twice
        readings.append(at)
    table = np.column_stack(readings)
    known = ~np.isnat(table)
    first = known.argmax(axis=1)
    rows = np.arange(len(values))
    chosen = table[rows, first]
    unclear = (known & (table != chosen[:, None])).any(axis=1)
    guessed = np.zeros(len(values), dtype=bool)
    if unclear.any():
        band = _band(np.where(known.any(axis=1) & ~unclear, first, -1))
        fits = (band >= 0) & known[rows, np.maximum(band, 0)]
        guessed = unclear & fits
        chosen = np.where(guessed, table[rows, np.maximum(band, 0)], chosen)
    ambiguous = unclear & ~guessed
    chosen = np.where(ambiguous | ~given, NAT, chosen)
    return Parsed(
        chosen, given, given & ~known.any(axis=1), ambiguous, (guessed | doubled) & ~np.isnat(chosen)
    )


def _band(clear: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Per row the format of the nearest clear rows if those before and after agree; else -1."""
    series = pd.Series(np.where(clear >= 0, clear.astype(float), np.nan))
    before, after = series.ffill(), series.bfill()
    agreed = before.where(before.eq(after) | after.isna(), after.where(before.isna()))
    return agreed.fillna(-1).to_numpy().astype(np.int64)


def _read(values: pa.Array, one: str, zone: str) -> tuple[Times, Bools]:
    none = np.zeros(len(values), dtype=bool)
    if one in {"epoch_s", "epoch_ms", "excel"}:
        return _number_times(values, one, zone)
    if one == "iso":
        return _iso(values, zone)
    series = _objects(values)
    try:
        parsed = pd.to_datetime(series, format=one, errors="coerce", utc="%z" in one)
    except (ValueError, OverflowError):
        return np.full(len(values), NAT), none
    if "%z" in one:
        return _utc(parsed), none
    return _localise(parsed.to_numpy().astype("M8[us]"), zone)


def _objects(values: pa.Array) -> Any:
    return pd.Series(values.to_numpy(zero_copy_only=False), dtype=object)


def _iso(values: pa.Array, zone: str) -> tuple[Times, Bools]:
    """ISO 8601 with an offset, or local time of ``zone`` without."""
    with_offset = mask(pc.match_substring_regex(values, r"[T ]\d.*" + _OFFSET))
    looks = mask(pc.match_substring_regex(values, r"^\d{4}-?\d\d-?\d\d([T ]|$)"))
    parsed = pd.to_datetime(_objects(values).where(looks), format="ISO8601", utc=True, errors="coerce")
    at = _utc(parsed)
    local, twice = _localise(np.where(with_offset, NAT, at), zone)
    return np.where(with_offset, at, local), twice


def _number_times(values: pa.Array, one: str, zone: str) -> tuple[Times, Bools]:
    floats, _ = numbers(values)
    scale = {"epoch_s": 1e6, "epoch_ms": 1e3, "excel": float(_DAY_US)}[one]
    sane = np.isfinite(floats) & (np.abs(floats) * scale < 9e15)
    micros = np.where(sane, floats, 0.0) * scale
    if one != "excel":
        at = micros.round().astype(np.int64).view("M8[us]")
        # seconds read as milliseconds, and the reverse, would be near 1970 or far away
        return np.where(sane & (at >= _EPOCH_FROM), at, NAT), np.zeros(len(values), dtype=bool)
    # a serial number counts days since 1899-12-30; four digits or fewer is rather a year
    sane &= floats >= 10_000
    whole = micros.round().astype(np.int64).view("m8[us]") + np.datetime64("1899-12-30", "us")
    return _localise(np.where(sane, whole, NAT), zone)
