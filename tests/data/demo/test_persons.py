"""Behind every mask of the demo stands an invented person who fits it."""

from __future__ import annotations

import pyarrow as pa

from data.demo.persons import reporter_persons
from data.engine import Store


def test_officers_and_their_masks_agree(demo_store: Store) -> None:
    rows = demo_store.arrow("""
        SELECT o.name_masked, o.phone_masked, p.name, p.phone, p.address, p.is_synthetic
        FROM officer o LEFT JOIN person_detail p ON p.kind = 'officer' AND p.person_id = o.officer_id
            AND p.street_code = o.street_code""").to_pylist()
    assert len(rows) > 1_000
    for row in rows:
        assert row["name_masked"] == row["name"][0] + "*" * (len(row["name"]) - 1)
        assert row["phone_masked"] == row["phone"][:3] + "****" + row["phone"][7:]
        assert row["phone"].isdigit()
        assert len(row["phone"]) == 11
        assert row["is_synthetic"]
    assert len({row["name"] for row in rows}) > 500


def test_reporters_of_hotline_and_internet_have_a_name_and_others_none(demo_store: Store) -> None:
    rows = demo_store.arrow("""
        SELECT c.reporter_masked, c.address AS place, c.building_id, n.group_code, p.name, p.phone, p.address
        FROM "case" c JOIN channel n USING (channel_code)
        LEFT JOIN person_detail p ON p.kind = 'reporter' AND p.person_id = c.case_no""").to_pylist()
    named = [row for row in rows if row["name"]]
    assert {row["group_code"] for row in named} == {"hotline", "internet"}
    assert all(row["name"] for row in rows if row["group_code"] in {"hotline", "internet"})
    for row in named:
        assert row["reporter_masked"] == f"{row['name'][0]}*"
        assert len(row["phone"]) == 11
        assert (row["address"] is None) == (row["building_id"] is None)
        assert row["address"] is None or row["address"].startswith(row["place"])


def test_no_full_name_stands_anywhere_else(demo_store: Store) -> None:
    found = demo_store.arrow("""
        SELECT count(*) AS n FROM officer o JOIN person_detail p ON p.person_id = o.officer_id
        WHERE o.name_masked NOT LIKE '%*%' OR o.phone_masked NOT LIKE '%****%'
            OR o.name_masked = p.name OR o.phone_masked = p.phone""")
    assert found["n"].to_pylist() == [0]


def test_a_batch_without_citizens_gives_no_row() -> None:
    texts = pa.array(["1"], pa.string())
    batch = pa.table({"case_no": texts, "street_code": texts, "channel_code": pa.array(["officer_pda"]),
                      "reporter_masked": pa.nulls(1, pa.string()), "address": texts, "building_id": texts})
    assert reporter_persons(batch, 7, 0).num_rows == 0
    assert reporter_persons(batch.slice(0, 0), 7, 0).num_rows == 0
