"""The layer of whistles: who is late stands out, what a click selects, what has no place."""

import pandas as pd
import pytest

from layers.frames import FrameError
from layers.whistles import COLUMNS, whistle_layer


def rows(*late):
    return pd.DataFrame([{
        "whistle_id": number, "kind": "case", "code": f"A{number}", "lon": 104.1, "lat": 30.6,
        "title": "路口", "area_code": "", "is_late": one, "due_at": pd.Timestamp("2026-03-06T08:00Z")}
        for number, one in enumerate(late)], columns=list(COLUMNS))


def test_the_newest_lies_on_top_and_the_late_are_told_apart():
    found = whistle_layer(rows(True, False), lang="zh", left_out=3)
    (layer,) = found["layer"]
    assert [(one["id"], one["state"], one["select"]) for one in layer["data"]] == [
        ("1", "waits", {"kind": "case", "code": "A1"}), ("0", "late", {"kind": "case", "code": "A0"})]
    assert layer["sign"] == "哨"
    assert [entry["count"] for entry in found["legend"]["entries"]] == [1, 1]
    assert found["legend"]["left_out"] == 3
    assert whistle_layer(rows(), lang="en")["layer"][0]["data"] == []


def test_a_place_is_needed():
    with pytest.raises(FrameError):
        whistle_layer(rows(True).assign(lon=None), lang="zh")
