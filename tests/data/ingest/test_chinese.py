"""Statistics of Chinese city management: wide rows with every stage, and 坪山's open data without points."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from data.cases.check import check
from data.engine import Store
from data.ingest.command import import_file
from data.ingest.mapping import load_mapping
from tests.data.ingest.samples import NOW, assert_adds_up, rows_of

#: Column names of the published data dictionary (平台宽表).
WIDE = (
    "rec_id", "create_time", "operate_time", "inst_time", "dispatch_time", "dispose_begin_time",
    "dispose_end_time", "archive_time", "city_name", "district_name", "street_name", "community_name",
    "cell_name", "road_name", "main_type_name", "sub_type_name", "third_type_name", "event_src_name",
    "rec_type_name", "event_state_name", "event_grade_name", "event_level_name", "event_property_name",
    "first_unit_name", "second_unit_name", "third_unit_name", "dispose_unit_name", "report_num",
    "valid_report_num", "patrol_report_num", "public_report_num", "operate_num", "inst_num", "dispatch_num",
    "dispose_num", "intime_dispose_num", "overtime_dispose_num", "archive_num", "intime_archive_num",
    "overtime_archive_num", "intime_to_archive_num", "cancel_num", "rework_num", "postpone_num", "hang_num",
    "used_time", "used_work_time",
)
#: Columns of the open data set of 坪山.
PINGSHAN = (
    "REC_ID", "REPORT_NUM", "CREATE_TIME", "DISTRICT_NAME", "DISTRICT_ID", "STREET_NAME", "STREET_ID",
    "COMMUNITY_NAME", "COMMUNITY_ID", "EVENT_TYPE_NAME", "EVENT_TYPE_ID", "MAIN_TYPE_NAME", "MAIN_TYPE_ID",
    "SUB_TYPE_NAME", "SUB_TYPE_ID", "DISPOSE_UNIT_NAME", "DISPOSE_UNIT_ID", "EVENT_SRC_NAME", "EVENT_SRC_ID",
    "OPERATE_NUM", "OVERTIME_ARCHIVE_NUM", "INTIME_TO_ARCHIVE_NUM", "INTIME_ARCHIVE_NUM",
    "EVENT_PROPERTY_ID", "EVENT_PROPERTY_NAME",
)
STAGES = ("create_time", "operate_time", "inst_time", "dispatch_time", "dispose_begin_time",
          "dispose_end_time", "archive_time")
BEGIN = datetime(2025, 3, 3, 9, 0)


def staged(number: int) -> dict[str, str]:
    """The times of the first stages, 20 minutes apart, local."""
    return {name: str(BEGIN + timedelta(minutes=20 * place)) for place, name in enumerate(STAGES[:number])}


def write(path: Path, names: tuple[str, ...], *rows: dict[str, Any]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, names, restval="-")
        writer.writeheader()
        writer.writerows(rows)
    return path


def load(store: Store, path: Path, mapping: str) -> dict[str, Any]:
    result = import_file(store, "cases", path, mapping=load_mapping(mapping, "cases"), now=NOW)
    assert_adds_up(result)
    return result


HERE = {"lon": "104.105", "lat": "30.665", "main_type_name": "公用设施", "sub_type_name": "雨水井盖",
        "event_src_name": "信息采集", "dispose_unit_name": "水务局", "event_property_name": "投诉",
        "event_grade_name": "紧急", "road_name": "一环路"}


@pytest.fixture
def wide(tmp_path: Path, placed_store: Store) -> tuple[Store, dict[str, Any]]:
    path = write(
        tmp_path / "wide.csv", (*WIDE, "lon", "lat"),
        {**HERE, "rec_id": "A1", "event_state_name": "已结案", **staged(7)},
        {**HERE, "rec_id": "A2", "event_state_name": "处置中", **staged(5), "sub_type_name": "下水道新问题"},
        {**HERE, "rec_id": "A3", "event_state_name": "作废", "cancel_num": "1", **staged(2)},
        {**HERE, "rec_id": "A4", "event_state_name": "待受理", **staged(1), "dispose_unit_name": "-",
         "event_src_name": "-", "event_grade_name": "-", "event_property_name": "-"},
        {**HERE, "rec_id": "A5", "event_state_name": "挂账", **staged(5), "event_src_name": "飞鸽传书"},
        {**HERE, "rec_id": "B1", "event_state_name": "不明", **staged(1)},
        {**HERE, "rec_id": "B2", "event_state_name": "待受理", **staged(1), "lon": "-", "lat": "-"},
        {**HERE, "rec_id": "B3", "event_state_name": "已结案", **staged(7),
         "dispatch_time": "2025-03-04 12:00:00"},
        {**HERE, "rec_id": "-", "event_state_name": "待受理", **staged(1)},
    )
    return placed_store, load(placed_store, path, "cn_city_management")


def test_a_dash_is_nothing_and_faults_are_named(wide: tuple[Store, dict[str, Any]]) -> None:
    store, result = wide
    assert (result["read"], result["inserted"]) == (9, 5)
    assert result["rejected_by_reason"] == {
        "unknown_status": 1, "no_place": 1, "stage_order": 1, "missing_id": 1}
    assert result["flagged_by_reason"] == {"unknown_channel": 1}
    bare = rows_of(store, "select * from \"case\" where case_no = 'CG-A4'")[0]
    assert [bare[name] for name in ("main_dept_id", "channel_code", "nature", "urgency", "accepted_at")] == [
        None, None, None, 1, None]


def test_stage_times_become_the_whole_legal_path(wide: tuple[Store, dict[str, Any]]) -> None:
    store, _ = wide
    events = rows_of(store, "select act, to_state, at from case_event where case_no = 'CG-A1' order by seq")
    assert [event["act"] for event in events] == [
        "report", "accept", "file", "dispatch", "receive", "handle", "check_pass", "close"]
    first = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
    assert [(event["at"] - first) / timedelta(minutes=20) for event in events] == [0, 1, 2, 3, 4, 5, 6, 6]
    case = rows_of(store, "select * from \"case\" where case_no = 'CG-A1'")[0]
    assert (case["state"], case["closed_at"]) == ("closed", first + timedelta(hours=2))
    assert (case["nature"], case["urgency"], case["channel_code"], case["address"]) == (
        "complaint", 3, "officer_pda", "一环路")
    found = check(store)
    assert found["fold"]["differences"] == found["logs"]["illegal"] == 0


def test_status_words_lead_to_states(wide: tuple[Store, dict[str, Any]]) -> None:
    states = {row["source_id"]: (row["state"], row["event_seq"])
              for row in rows_of(wide[0], 'select source_id, state, event_seq from "case"')}
    assert states == {"A1": ("closed", 8), "A2": ("handling", 5), "A3": ("cancelled", 3),
                      "A4": ("reported", 1), "A5": ("hanging", 6)}


def test_known_categories_are_recognised_and_units_added(wide: tuple[Store, dict[str, Any]]) -> None:
    store, _ = wide
    codes = {row["source_id"]: row["cat_code"]
             for row in rows_of(store, 'select source_id, cat_code from "case"')}
    assert (codes["A1"], codes["A2"][0]) == ("C0102", "X")
    new = rows_of(store, f"select kind, class_name, sub_name from category where cat_code = '{codes['A2']}'")
    assert new == [{"kind": "foreign", "class_name": "公用设施", "sub_name": "下水道新问题"}]
    unit = rows_of(store, "select d.name, d.is_handler from department d "
                          "join \"case\" c on c.main_dept_id = d.dept_id where c.case_no = 'CG-A1'")
    assert unit == [{"name": "水务局", "is_handler": True}]


@pytest.fixture
def named_store(placed_store: Store) -> Store:
    """The store with a street and communities of 坪山."""
    with placed_store.engine.begin() as connection:
        connection.exec_driver_sql("update area set name = '坑梓街道' where level = 'street'")
        connection.exec_driver_sql("update area set name = '老坑社区' where level = 'community'")
    return placed_store


def test_pingshan_knows_places_by_name_and_outcomes_by_flags(named_store: Store, tmp_path: Path) -> None:
    row = {"CREATE_TIME": "2018-05-01 10:00:00", "STREET_NAME": "坑梓办事处",
           "COMMUNITY_NAME": "老坑社区居委会",
           "MAIN_TYPE_NAME": "市容环卫", "SUB_TYPE_NAME": "乱摆卖", "EVENT_SRC_NAME": "美丽深圳",
           "DISPOSE_UNIT_NAME": "坑梓街道执法队", "EVENT_PROPERTY_NAME": "求决", "EVENT_TYPE_NAME": "事件",
           "OVERTIME_ARCHIVE_NUM": "0", "INTIME_TO_ARCHIVE_NUM": "0", "INTIME_ARCHIVE_NUM": "0"}
    path = write(
        tmp_path / "pingshan.csv", PINGSHAN,
        {**row, "REC_ID": "1", "INTIME_ARCHIVE_NUM": "1"},
        {**row, "REC_ID": "2", "OVERTIME_ARCHIVE_NUM": "1", "COMMUNITY_NAME": "-"},
        {**row, "REC_ID": "3", "INTIME_TO_ARCHIVE_NUM": "1", "EVENT_PROPERTY_NAME": "-"},
        {**row, "REC_ID": "4", "STREET_NAME": "-"},
        {**row, "REC_ID": "5", "STREET_NAME": "龙田街道"},
        {**row, "REC_ID": "6", "CREATE_TIME": "-"},
    )
    result = load(named_store, path, "cn_pingshan")
    assert (result["read"], result["inserted"]) == (6, 3)
    assert result["rejected_by_reason"] == {"unknown_area": 2, "missing_time": 1}
    assert result["flagged_by_reason"] == {"no_coordinates": 3, "no_close_time": 2}
    cases = {case["case_no"]: case for case in rows_of(named_store, 'select * from "case"')}
    assert {name: case["state"] for name, case in cases.items()} == {
        "PS-1": "closed", "PS-2": "closed", "PS-3": "handling"}
    one = cases["PS-1"]
    assert (one["street_code"], one["community_code"], one["lon"]) == ("510108001", "510108001001", None)
    assert (one["nature"], one["channel_code"], one["title"]) == ("help", "wechat_mp", "乱摆卖")
    assert (cases["PS-2"]["community_code"], cases["PS-3"]["nature"]) == (None, None)
    again = load(named_store, path, "cn_pingshan")
    assert (again["unchanged"], again["inserted"], again["updated"]) == (3, 0, 0)
    assert check(named_store)["fold"]["differences"] == 0


def test_the_same_rows_from_a_typed_file_are_unchanged(
    wide: tuple[Store, dict[str, Any]], tmp_path: Path
) -> None:
    names = ("rec_id", "dispose_unit_name")
    options = pa_csv.ConvertOptions(null_values=["-"], strings_can_be_null=True,
                                    column_types=dict.fromkeys(names, pa.string()))
    pq.write_table(pa_csv.read_csv(tmp_path / "wide.csv", convert_options=options), tmp_path / "wide.parquet")
    again = load(wide[0], tmp_path / "wide.parquet", "cn_city_management")
    assert (again["unchanged"], again["inserted"], again["updated"]) == (5, 0, 0)
