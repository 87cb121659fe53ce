"""Points, bins, traces and icons on the wire."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from data.cases.lifecycle import STATES
from layers import cases, heat, officers, palette, resources, traces
from layers import columns as wire
from layers.frames import FrameError

START = datetime(2019, 1, 1, tzinfo=UTC)
ORIGIN = int(START.timestamp())


def case_rows(n: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lon": np.linspace(104.0, 104.1, n),
            "lat": np.full(n, 30.6),
            "reported_at": pd.to_datetime(START) + pd.to_timedelta(np.arange(n) * 3600.5, unit="s"),
            "cat_code": ["E0101", "C0201", None][:n] if n <= 3 else ["E0101"] * n,
            "channel_code": ["hotline"] * n,
            "state": [STATES[at % len(STATES)] for at in range(n)],
            "urgency": [1 + at % 3 for at in range(n)],
            "case_ref": np.arange(n) + 7,
            "is_overdue": [at == 1 for at in range(n)],
        }
    )


def test_a_case_survives_the_wire():
    columns, rows, meta = wire.decode(cases.encode_points(case_rows(), origin_s=ORIGIN, total=5))
    assert rows == 3
    assert columns["second"].tolist() == [0, 3600, 7201]
    assert (columns["lon"] * wire.DEGREE).round(7).tolist() == [104.0, 104.05, 104.1]
    assert [meta["categories"][at] for at in columns["category"]] == ["E0101", "C0201", ""]
    assert [meta["states"][at & 15] for at in columns["state"]] == list(STATES[:3])
    assert [at >> 4 & 3 for at in columns["state"].tolist()] == [1, 2, 3]
    assert [bool(at & 64) for at in columns["state"].tolist()] == [False, True, False]
    assert columns["case_ref"].tolist() == [7, 8, 9]
    assert meta["left_out"] == 2


def test_a_point_takes_at_most_twenty_bytes():
    n = 20_000
    assert len(cases.encode_points(case_rows(n), origin_s=ORIGIN, total=n)) / n <= 20


def test_no_cases_are_no_points():
    columns, rows, _ = wire.decode(cases.encode_points(case_rows(0), origin_s=ORIGIN, total=0))
    assert rows == 0
    assert all(len(column) == 0 for column in columns.values())


def test_a_case_before_the_window_is_refused():
    with pytest.raises(wire.ColumnsError, match="second must be 0"):
        cases.encode_points(case_rows(), origin_s=ORIGIN + 10, total=3)


def test_impossible_places_are_refused_with_what_was_got():
    with pytest.raises(FrameError, match=r"cases: lon must be within ±180 degrees of WGS-84, got .*inf"):
        cases.encode_points(case_rows().assign(lon=np.inf), origin_s=ORIGIN, total=3)


def test_bins_keep_the_sum_and_say_what_is_left_out():
    bins = pd.DataFrame({"lon": [104.0, 104.1], "lat": [30.0, 30.0], "weight": [3, 4]})
    columns, _, meta = wire.decode(cases.encode_bins(bins, total=9))
    assert int(columns["weight"].sum()) == 7
    assert meta["left_out"] == 2


def test_heat_is_bounded():
    many = heat.MAX_CELLS + 1
    cells = pd.DataFrame({"lon": np.full(many, 104.0), "lat": np.full(many, 30.0), "weight": np.ones(many)})
    with pytest.raises(wire.ColumnsError, match="at most 20000 cells, got 20001"):
        heat.encode_heat(cells, cell_deg=0.01, total=many)
    assert len(heat.encode_heat(cells.iloc[:-1], cell_deg=0.01, total=many)) < 1_000_000


def fixes(*tracks: tuple[str, list[int]]) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "officer_id": officer,
                    "at": pd.to_datetime(START) + pd.to_timedelta(seconds, unit="s"),
                    "lon": 104 + 0.01 * np.arange(len(seconds)),
                    "lat": 30 + 0.01 * (np.arange(len(seconds)) % 2),
                }
            )
            for officer, seconds in tracks
        ]
    )


def test_traces_are_cut_at_silences_and_between_officers():
    frame = fixes(("a", [0, 60, 120]), ("b", [0, 30, 2000, 2030]), ("c", [5]))
    columns, rows, meta = wire.decode(traces.encode_traces(frame, origin_s=ORIGIN, span_s=1800, zoom=12))
    assert rows == 3
    assert meta["ids"] == ["a", "b", "b"]
    assert columns["start"].tolist() == [0, 3, 5, 7]
    assert columns["second"].tolist() == [0, 60, 120, 0, 30, 2000, 2030]
    assert meta["gaps"] == 1
    assert meta["left_out"] == 1


def test_traces_are_simplified_until_they_fit():
    n = 4000
    frame = fixes(("a", list(range(n))))
    _, _, meta = wire.decode(
        traces.encode_traces(frame, origin_s=ORIGIN, span_s=n, zoom=18, max_vertices=100)
    )
    assert meta["vertices"] <= 100


def test_no_fixes_are_no_traces():
    _, rows, meta = wire.decode(traces.encode_traces(fixes(("a", [])), origin_s=ORIGIN, span_s=60, zoom=12))
    assert rows == 0
    assert meta["ids"] == []


def test_officers_carry_no_names():
    frame = pd.DataFrame(
        {
            "officer_id": ["G1", "G2"],
            "lon": [104.0, 104.1],
            "lat": [30.0, 30.1],
            "heading": [370.0, np.nan],
            "age_s": [3.0, np.nan],
            "role": ["t1", None],
            "grid_code": ["510108001001001", None],
            "name_masked": ["王*", "李*"],
        }
    )
    content = officers.encode_officers(frame)
    columns, _, meta = wire.decode(content)
    assert columns["heading"].tolist() == [10, officers.UNKNOWN_HEADING]
    assert columns["age"].tolist() == [3, 2**31]
    assert meta["ids"] == ["G1", "G2"]
    assert "王" not in content.decode("utf-8", errors="ignore")


def test_resources_keep_kind_force_and_state():
    frame = pd.DataFrame(
        {
            "resource_id": ["R1"],
            "kind": ["drone"],
            "force_class": [None],
            "name": ["无人机"],
            "status": ["idle"],
            "heading": [370.4],
            "lon": [104.0],
            "lat": [30.0],
            "area_code": ["510108001"],
        }
    )
    columns, rows, meta = wire.decode(resources.encode_resources(frame))
    assert rows == 1
    assert columns["heading"].tolist() == [10]
    assert (meta["kinds"], meta["forces"], meta["statuses"]) == (["drone"], [""], ["idle"])


def test_heat_has_hues_of_its_own_and_a_legend_that_says_what_they_mean():
    spec = heat.heat_layer("/columns/heat")
    layer, legend = spec["layer"][0], spec["legend"]
    assert not {tuple(step[:3]) for step in palette.HEAT} & {tuple(step[:3]) for step in palette.RAMP}
    assert [one["label"]["en"] for one in legend["entries"]] == ["4%", "7%", "15%", "28%", "47%", "≥71%"]
    assert [one["from"] for one in legend["entries"]] == [round(heat.share_of(at / 6), 3) for at in range(6)]
    assert layer["intensity"] == 1, "a factor would make the shares of the legend wrong"
    assert len(layer["colorRange"]) == heat.STEPS
    assert [step[3] for step in layer["colorRange"]] == sorted(step[3] for step in layer["colorRange"])
