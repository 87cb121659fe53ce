"""Names and phones of a file go to one table, and nowhere else unmasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.engine import Store
from data.ingest import persons
from data.ingest.command import import_file
from data.ingest.mapping import parse_mapping
from data.tables import METADATA
from tests.data.ingest.samples import MAPPING, NOW, ROW, rows_of

GRID = "510108001001001"
OFFICERS = f"""id,name,phone,role,grid_code,team_level
o1,王小明,13812345678,网格员,{GRID},1
o2,李*,138****5678,police,{GRID},0
o3,赵四光,13987654321,13700001111,{GRID},0
"""
RAW = ("王小明", "13812345678", "赵四光", "13987654321", "13700001111", "陈大力", "13600002222",
       "府南路7号2单元")


def everything_but_details(store: Store) -> str:
    found = []
    with store.engine.connect() as connection:
        for name in METADATA.tables:
            if name != "person_detail":
                found += [str(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')]
    return "\n".join(found)


def test_officers(placed_store: Store, tmp_path: Path) -> None:
    path, rejects = tmp_path / "officers.csv", tmp_path / "rejects.csv"
    path.write_text(OFFICERS, encoding="utf-8")
    result = import_file(placed_store, "officers", path, now=NOW, rejects=rejects)
    assert (result["inserted"], result["rejected_by_reason"]) == (2, {"unknown_role": 1})
    details = rows_of(placed_store, "select kind, person_id, street_code, name, phone from person_detail")
    assert [tuple(row.values()) for row in details] == [
        ("officer", "o1", GRID[:9], "王小明", "13812345678")]
    shown = rows_of(placed_store, "select name_masked, phone_masked from officer order by officer_id")
    assert [tuple(row.values()) for row in shown] == [("王**", "138****5678"), ("李*", "138****5678")]
    elsewhere = everything_but_details(placed_store) + rejects.read_text(encoding="utf-8-sig")
    assert "****" in rejects.read_text(encoding="utf-8-sig")
    assert not [raw for raw in RAW if raw in elsewhere]


def test_an_officer_with_a_new_phone_is_told_anew(placed_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "officers.csv"
    for phone in ("13812345678", "13812995678"):
        path.write_text(f"id,name,phone,role,grid_code\no1,王小明,{phone},police,{GRID}\n", encoding="utf-8")
        import_file(placed_store, "officers", path, now=NOW)
    assert rows_of(placed_store, "select phone from person_detail") == [{"phone": "13812995678"}]


@pytest.fixture
def reported(placed_store: Store, write_csv: Any) -> Any:
    persons_too = {"reporter_name": "reporter", "reporter_phone": "phone", "reporter_address": "home"}
    columns: Any = MAPPING["columns"]
    about = parse_mapping({**MAPPING, "columns": {**columns, **persons_too}}, name="test")

    def bring(*rows: dict[str, str]) -> dict[str, Any]:
        return import_file(placed_store, "cases", write_csv(*rows), mapping=about, now=NOW)

    return bring


def test_reporters(placed_store: Store, reported: Any) -> None:
    person = {"reporter": "陈大力", "phone": "13600002222", "home": "府南路7号2单元"}
    nobody = {"reporter": "", "phone": "", "home": ""}
    wrong = {**ROW, "id": "3", "status": "13600002222", **person}  # a column too far
    rows = [{**ROW, **person}, {**ROW, "id": "2", **nobody}, wrong]
    assert reported(*rows)["inserted"] == 2
    details = rows_of(placed_store, "select kind, person_id, name, phone, address from person_detail")
    assert [tuple(row.values()) for row in details] == [("reporter", "T-1", *person.values())]
    masked = rows_of(placed_store, 'select reporter_masked from "case" order by case_no')
    assert [row["reporter_masked"] for row in masked] == ["陈**", None]
    assert reported(*rows)["unchanged"] == 2
    elsewhere = everything_but_details(placed_store)
    assert not [raw for raw in RAW if raw in elsewhere]
    changed = {**ROW, **person, "phone": "13600003333", "closed": "2025-03-01T10:00:00+08:00",
               "status": "done"}
    assert reported(changed)["updated"] == 1
    assert rows_of(placed_store, "select phone from person_detail") == [{"phone": "13600003333"}]


def test_a_file_without_persons_writes_none(placed_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "officers.csv"
    path.write_text(f"id,role,grid_code\no1,police,{GRID}\n", encoding="utf-8")
    assert import_file(placed_store, "officers", path, now=NOW)["inserted"] == 1
    assert rows_of(placed_store, "select * from person_detail") == []


@pytest.mark.parametrize(("raw", "masked"), [
    ("王小明", "王**"), ("李*", "李*"), ("王小明*", "王**"), ("欧阳文修", "欧**"), ("X", "X*")])
def test_names(raw: str, masked: str) -> None:
    assert persons.mask_name(raw) == masked


@pytest.mark.parametrize(("raw", "masked"), [
    ("138 1234 5678", "138****5678"), ("138****5678", "138****5678"), ("110", "****"),
    ("13812345678*", "138****678*")])
def test_phones(raw: str, masked: str) -> None:
    assert persons.mask_phone(raw) == masked
