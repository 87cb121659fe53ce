"""Movements on the wire."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from layers import columns as wire
from layers.frames import FrameError
from layers.motion import encode_motion

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def fixes(**columns) -> pd.DataFrame:
    held = {
        "officer_id": ["G1", "G1", "G2"],
        "at": pd.to_datetime([START + timedelta(seconds=s) for s in (-30, 15, 600)]),
        "lon": [121.5, 121.6, 121.7],
        "lat": [38.9, 38.9, 38.8],
        "role": ["grid_officer", "grid_officer", None],
        "grid_code": ["a", "b", None],
    }
    return pd.DataFrame({**held, **columns})


def test_paths_survive_the_wire():
    until = START + timedelta(minutes=15)
    columns, rows, meta = wire.decode(encode_motion(fixes(), since=START, until=until))
    assert rows == 2
    assert columns["start"].tolist() == [0, 2, 3]
    assert columns["second"].tolist() == [-30, 15, 600], "what lies before the span is negative"
    assert (columns["lon"] * wire.DEGREE).round(7).tolist() == [121.5, 121.6, 121.7]
    assert meta["ids"] == ["G1", "G2"]
    assert [meta["roles"][at] for at in columns["role"]] == ["grid_officer", ""]
    assert [meta["areas"][at] for at in columns["area"]] == ["a", "b", ""]
    assert (meta["origin"], meta["span"]) == (int(START.timestamp()), 900)


def test_nobody_moved():
    found = encode_motion(fixes().iloc[:0], since=START, until=START + timedelta(minutes=1))
    columns, rows, meta = wire.decode(found)
    assert (rows, meta["ids"], columns["start"].tolist()) == (0, [], [0])


def test_a_frame_without_times_is_refused():
    with pytest.raises(FrameError, match="missing columns \\['at'\\]"):
        encode_motion(fixes().drop(columns="at"), since=START, until=START)
    with pytest.raises(FrameError):
        encode_motion(fixes(lon=[1.0, 2.0, float("nan")]), since=START, until=START)
