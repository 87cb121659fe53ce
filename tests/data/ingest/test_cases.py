"""Cases: one row per fault, repeats, updates, and the log against its fold."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import meta
from data.cases.fold import FOLDED, fold_events
from data.cases.lifecycle import transition
from data.engine import Store
from data.ingest import case_paths
from data.ingest.command import import_file
from data.ingest.errors import IngestError
from data.ingest.mapping import load_mapping, parse_mapping
from data.ingest.report import RowReport
from tests.data.ingest.samples import MAPPING, NOW, ROW, area_table, assert_adds_up, rows_of, write_rows

SAMPLE = Path(__file__).parent / "files" / "boston311_sample.csv.gz"

FAULTS = [
    ({"id": ""}, "missing_id", "source_id"),
    ({"id": "x" * 300}, "bad_id", "source_id"),
    (dict.fromkeys(ROW, ""), "empty_row", ""),
    ({"reported": ""}, "missing_time", "reported"),
    ({"reported": "yesterday"}, "impossible_time", "reported"),
    ({"reported": "2025-02-30T08:00:00+08:00"}, "impossible_time", "reported"),
    ({"reported": "1900-01-01T00:00:00Z"}, "impossible_time", "reported"),
    ({"reported": "2027-03-01T08:00:00+08:00"}, "future_time", "reported"),
    ({"status": "whatever"}, "unknown_status", "status"),
    ({"status": ""}, "unknown_status", "status"),
    ({"lon": "", "lat": ""}, "no_place", "lon,lat"),
    ({"lon": "nan"}, "no_place", "lon,lat"),
    ({"lon": "inf"}, "no_place", "lon,lat"),
    ({"lon": "east"}, "not_a_number", "lon,lat"),
    ({"lon": "0", "lat": "0.0"}, "null_island", "lon,lat"),
    ({"lon": "30.665", "lat": "104.105"}, "swapped_coordinates", "lon,lat"),
    ({"lon": "11588000", "lat": "3588000"}, "projected_coordinates", "lon,lat"),
    ({"lon": "121.5", "lat": "31.2"}, "outside_district", "lon,lat"),
    ({"lon": "104.2", "lat": "30.7"}, "outside_district", "lon,lat"),
    ({"status": "done", "closed": "2025-03-01T07:00:00+08:00"}, "closed_before_reported", "closed"),
    ({"status": "done", "closed": "soon"}, "impossible_time", "closed"),
]


@pytest.fixture(scope="module")
def faults(module_store: Store, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The account of one good row and one row per fault, and the findings by row."""
    module_store.append("area", area_table())
    path = tmp_path_factory.mktemp("faults") / "cases.csv"
    write_rows(
        path,
        {"id": "good"},
        *({"id": f"bad{number}", **change} for number, (change, _, _) in enumerate(FAULTS)),
    )
    result = import_file(module_store, "cases", path, mapping=parse_mapping(MAPPING, name="test"), now=NOW)
    assert_adds_up(result)
    found = rows_of(
        module_store, "select * from import_reject where severity = 'rejected' order by row_no, field"
    )
    return {"result": result, "found": found, "cases": rows_of(module_store, 'select case_no from "case"')}


@pytest.mark.parametrize(
    "number", range(len(FAULTS)), ids=[f"{reason}-{n}" for n, (_, reason, _) in enumerate(FAULTS)]
)
def test_a_faulty_row_is_refused_with_field_got_and_expected(number: int, faults: dict[str, Any]) -> None:
    _, reason, field = FAULTS[number]
    found = [row for row in faults["found"] if row["row_no"] == number + 2]
    assert (field, reason) in {(row["field"], row["reason"]) for row in found}
    assert all(row["expected"] for row in found)


def test_the_good_row_goes_in_and_every_fault_counts_once(faults: dict[str, Any]) -> None:
    assert faults["cases"] == [{"case_no": "T-good"}]
    assert faults["result"]["inserted"] == 1
    assert faults["result"]["rejected_by_reason"] == dict(Counter(reason for _, reason, _ in FAULTS))


def test_a_row_that_only_lost_its_seconds_is_flagged_and_goes_in(
    load: Any, write_csv: Any, placed_store: Store
) -> None:
    result = load(
        write_csv(
            {"status": "done", "reported": "2025-03-01T08:00:41+08:00", "closed": "2025-03-01T08:00:00+08:00"}
        )
    )
    assert (result["inserted"], result["flagged_by_reason"]) == (1, {"truncated_to_minute": 1})
    case = rows_of(placed_store, 'select reported_at, closed_at, quality_flags from "case"')[0]
    assert case["closed_at"] == case["reported_at"]
    assert case["quality_flags"] == ["truncated_to_minute"]


def test_a_closed_case_without_a_time_is_flagged(load: Any, write_csv: Any) -> None:
    assert load(write_csv({"status": "done"}))["flagged_by_reason"] == {"no_close_time": 1}


def test_facts_arrive_where_they_belong(load: Any, write_csv: Any, placed_store: Store) -> None:
    load(write_csv({"status": "done", "closed": "2025-03-02 09:30"}))  # without an offset: local time
    case = rows_of(placed_store, 'select * from "case"')[0]
    assert (case["case_no"], case["street_code"], case["grid_code"]) == (
        "T-1",
        "510108001",
        "510108001001001",
    )
    assert (
        case["closed_at"] == case["handled_at"] == case["ended_at"] == datetime(2025, 3, 2, 1, 30, tzinfo=UTC)
    )
    assert (case["lon"], case["lat"], case["state"], case["event_seq"]) == (104.105, 30.665, "closed", 3)
    category = rows_of(placed_store, f"select * from category where cat_code = '{case['cat_code']}'")[0]
    assert (category["cat_code"][0], category["sub_name"]) == ("X", "noise")


def test_importing_twice_changes_nothing(load: Any, write_csv: Any, placed_store: Store) -> None:
    path = write_csv(
        {"id": "1"}, {"id": "2", "status": "done", "closed": "2025-03-02T08:00:00Z"}, {"id": "3"}
    )
    load(path)
    before = rows_of(placed_store, 'select case_no, changed_xid from "case" order by 1')
    events = rows_of(placed_store, "select count(*) as n from case_event")
    again = load(path)
    assert (again["unchanged"], again["inserted"], again["updated"]) == (3, 0, 0)
    assert rows_of(placed_store, 'select case_no, changed_xid from "case" order by 1') == before
    assert rows_of(placed_store, "select count(*) as n from case_event") == events


@pytest.mark.parametrize("batch_rows", [None, 1])
def test_repeats_within_a_file(
    load: Any, write_csv: Any, placed_store: Store, batch_rows: int | None
) -> None:
    done = {"status": "done", "closed": "2025-03-02T08:00:00+08:00"}
    result = load(write_csv({}, {}, done, {}, {"lon": "104.115"}, {"reported": "2025-03-01T09:00:00+08:00"}))
    assert (result["inserted"], result["updated"], result["unchanged"]) == (1, 1, 2)
    assert result["rejected_by_reason"] == {"repeated_id": 2}
    assert rows_of(placed_store, 'select state, event_seq from "case"') == [
        {"state": "closed", "event_seq": 3}
    ]
    assert result["flagged_by_reason"].get("older_state", 0) in {0, 1}


def test_a_newer_state_appends_to_the_log(load: Any, write_csv: Any, placed_store: Store) -> None:
    load(write_csv({}))
    xid = rows_of(placed_store, 'select changed_xid from "case"')[0]["changed_xid"]
    result = load(write_csv({"status": "done", "closed": "2025-03-05T08:00:00+08:00"}, name="later.csv"))
    assert (result["updated"], result["inserted"]) == (1, 0)
    case = rows_of(placed_store, 'select state, closed_at, changed_xid from "case"')[0]
    assert (case["state"], case["closed_at"]) == ("closed", datetime(2025, 3, 5, tzinfo=UTC))
    assert case["changed_xid"] > xid
    acts = rows_of(placed_store, "select seq, act, from_state, to_state from case_event order by seq")
    assert [row["act"] for row in acts] == ["report", "accept", "answer"]
    older = load(write_csv({}, name="older.csv"))
    assert (older["unchanged"], older["flagged_by_reason"]) == (1, {"older_state": 1})
    assert rows_of(placed_store, 'select state from "case"') == [{"state": "closed"}]


def test_a_changed_description_updates_without_events(load: Any, write_csv: Any, placed_store: Store) -> None:
    load(write_csv({}))
    assert load(write_csv({"address": "road 2"}, name="b.csv"))["updated"] == 1
    assert rows_of(placed_store, 'select address, event_seq from "case"') == [
        {"address": "road 2", "event_seq": 2}
    ]


def test_a_store_without_areas_says_both_ways_out(store: Store, write_csv: Any, mapping: Any) -> None:
    with pytest.raises(IngestError, match=r"import areas.*--derive-areas"):
        import_file(store, "cases", write_csv({}), mapping=mapping, now=NOW)


def test_the_first_import_names_the_district(store: Store, write_csv: Any, mapping: Any) -> None:
    import_file(store, "cases", write_csv({}), mapping=mapping, now=NOW, derive_cell_m=500)
    assert meta.get(store, "district")["name"] == "成华区"
    assert meta.get(store, "time_zone") == "Asia/Shanghai"
    assert rows_of(store, 'select grid_code from "case"')[0]["grid_code"].startswith("510108")
    assert all(row["is_derived"] for row in rows_of(store, "select is_derived from area"))


def test_rejects_file_lists_field_got_and_expected(load: Any, write_csv: Any, tmp_path: Path) -> None:
    load(write_csv({}, {"id": "2", "lat": "95", "lon": "200"}), rejects=tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "row_no,field,reason,severity,source_id,got,expected"
    assert lines[1].startswith('2,"lon,lat",projected_coordinates,rejected,2,"200.000000,95.000000"')


def test_ids_that_are_no_words_get_a_number_of_their_own(
    load: Any, write_csv: Any, placed_store: Store
) -> None:
    load(write_csv({"id": "a/b c"}, {"id": "<script>"}))
    numbers = [row["case_no"] for row in rows_of(placed_store, 'select case_no from "case"')]
    assert all(number.startswith("T-x") and len(number) == 19 for number in numbers)


STAGED = {
    **MAPPING,
    "columns": {
        **MAPPING["columns"],
        "accepted": "t1",
        "filed": "t2",
        "dispatched": "t3",
        "received": "t4",
        "handled": "t5",
        "department": "unit",
    },
    "states": {
        "open": "accepted",
        "done": "closed",
        "doing": "handling",
        "void": "cancelled",
        "no": "rejected",
        "on hold": "hanging",
        "back": "returned",
        "check": "verifying",
    },
}


def staged_rows() -> list[dict[str, str]]:
    times = {f"t{n}": f"2025-03-01T{8 + n:02d}:00:00+08:00" for n in range(1, 6)}
    return [
        {"id": "full", "status": "done", "closed": "2025-03-01T15:00:00+08:00", **times},
        {"id": "gap", "status": "done", "closed": "2025-03-01T15:00:00+08:00", "t3": times["t3"]},
        {"id": "direct", "status": "done", "closed": "2025-03-01T15:00:00+08:00"},
        {"id": "doing", "status": "doing", **{f"t{n}": times[f"t{n}"] for n in (1, 2, 3)}},
        {
            "id": "void",
            "status": "void",
            "closed": "2025-03-01T15:00:00+08:00",
            "t1": times["t1"],
            "t2": times["t2"],
        },
        {"id": "no", "status": "no", "closed": "2025-03-01T15:00:00+08:00"},
        {"id": "hold", "status": "on hold", **{f"t{n}": times[f"t{n}"] for n in (1, 2, 3, 4)}},
        {"id": "back", "status": "back", **{f"t{n}": times[f"t{n}"] for n in (1, 2, 3)}},
        {"id": "check", "status": "check", **times},
        {"id": "derived", "status": "", **{f"t{n}": times[f"t{n}"] for n in (1, 2)}},
        {
            "id": "wrong order",
            "status": "done",
            "closed": "2025-03-01T15:00:00+08:00",
            **times,
            "t2": "2025-02-01T00:00Z",
        },
    ]


def write_staged(tmp_path: Path) -> Path:
    path = tmp_path / "staged.csv"
    return write_rows(
        path,
        *(
            {"unit": "Parks", **dict.fromkeys(["t1", "t2", "t3", "t4", "t5"], ""), **row}
            for row in staged_rows()
        ),
    )


def assert_fold_equals_rows(store: Store) -> None:
    """The case rows are what the fold of their events says, in every folded column."""
    events = store.arrow("select * from case_event order by street_code, case_no, seq")
    folded = fold_events(events)
    cases = store.arrow('select * from "case" order by street_code, case_no')
    expected = {row["case_no"]: row for row in folded.to_pylist()}
    assert len(expected) == cases.num_rows
    for row in cases.to_pylist():
        wrong = {
            name: (row[name], expected[row["case_no"]][name])
            for name in FOLDED
            if row[name] != expected[row["case_no"]][name]
        }
        assert not wrong, (row["case_no"], wrong)


def assert_logs_are_legal(store: Store) -> None:
    state: dict[str, str | None] = {}
    for row in store.arrow("select * from case_event order by case_no, seq").to_pylist():
        before = state.get(row["case_no"])
        assert row["from_state"] == before
        move = transition(row["act"], before, row["actor_role"])
        state[row["case_no"]] = move.to_state or before
        assert row["to_state"] == state[row["case_no"]]


def test_every_path_is_legal_and_its_fold_is_the_case_row(
    load: Any, tmp_path: Path, placed_store: Store
) -> None:
    result = load(write_staged(tmp_path), mapping=parse_mapping(STAGED, name="staged"))
    assert result["rejected_by_reason"] == {"stage_order": 1}
    states = {
        row["source_id"]: (row["state"], row["event_seq"])
        for row in rows_of(placed_store, 'select source_id, state, event_seq from "case"')
    }
    assert states == {
        "full": ("closed", 8),
        "gap": ("closed", 8),
        "direct": ("closed", 3),
        "doing": ("handling", 5),
        "void": ("cancelled", 4),
        "no": ("rejected", 2),
        "hold": ("hanging", 6),
        "back": ("returned", 5),
        "check": ("verifying", 6),
        "derived": ("filed", 3),
    }
    assert_fold_equals_rows(placed_store)
    assert_logs_are_legal(placed_store)


def test_the_sample_of_boston(store: Store) -> None:
    mapping = load_mapping("boston311", "cases")
    result = import_file(store, "cases", SAMPLE, mapping=mapping, now=NOW, derive_cell_m=800)
    assert_adds_up(result)
    assert (result["read"], result["inserted"], result["updated"], result["unchanged"]) == (1495, 1401, 0, 6)
    assert result["rejected_by_reason"] == {
        "unprojected_zero": 80,
        "missing_id": 5,
        "outside_district": 2,
        "empty_row": 1,
    }
    assert result["flagged_by_reason"] == {"truncated_to_minute": 120, "older_state": 1}
    names = {row["cat_code"]: row["sub_name"] for row in rows_of(store, "select * from category")}
    assert names["X0102"] == "Illegal Parking"
    assert set(names) <= {"X0101", "X0102", "X0103", "X0104", "X0105"}
    assert_fold_equals_rows(store)
    assert_logs_are_legal(store)


def test_plan_fills_from_the_left() -> None:
    report = RowReport(np.arange(1))
    at = np.array(["2025-01-01T00:00"], dtype="M8[us]")
    none = np.array(["NaT"], dtype="M8[us]")
    planned = case_paths.plan(
        np.array(["handling"]), {"reported": at, "closed": none, "dispatched": at + 60_000_000}, report
    )
    assert planned.lengths.tolist() == [5]
    assert (
        planned.at[0, :5].astype("M8[s]").astype(str).tolist()
        == ["2025-01-01T00:00:00"] * 3 + ["2025-01-01T00:01:00"] * 2
    )
