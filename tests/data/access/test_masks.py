"""Every column has a class, and masks say the same on both engines."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from sqlalchemy import ARRAY, String, Text, column, select, values

from data.access import masks
from data.access.masks import FieldClass, class_of, masked, shown
from data.access.scope import EVERYTHING
from data.access.sight import Sight
from data.access.tables import person_detail
from data.access.viewer import Viewer
from data.engine import Store
from data.sql import duckdb_sql
from data.tables import METADATA, cases, gps_fix, officer, resource


def _texts() -> list[tuple[str, str]]:
    found = []
    for table in METADATA.tables.values():
        for one in table.columns:
            item = one.type.item_type if isinstance(one.type, ARRAY) else one.type
            if isinstance(item, String):
                found.append((table.name, one.name))
    return found


@pytest.mark.parametrize(("table", "name"), _texts())
def test_every_text_of_the_store_has_a_class(table: str, name: str) -> None:
    assert class_of(table, name) in FieldClass
    is_array = isinstance(METADATA.tables[table].c[name].type, ARRAY)
    if is_array and table not in masks.PROTECTED_TABLES:
        assert name in masks.OPEN_TEXTS[table]


def test_the_lists_name_columns_that_exist_and_no_column_twice() -> None:
    for name in masks.MASKS:
        table, _, one = name.partition(".")
        assert one in METADATA.tables[table].c, name
        assert one not in masks.OPEN_TEXTS.get(table, ()), name
    for table, names in masks.OPEN_TEXTS.items():
        assert set(names) <= set(METADATA.tables[table].c.keys()), table
        assert table not in masks.PROTECTED_TABLES


def test_a_text_without_a_class_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    less = {**masks.OPEN_TEXTS, "officer": ("role",)}
    monkeypatch.setattr(masks, "OPEN_TEXTS", less)
    with pytest.raises(KeyError, match=r"officer\.shift has no class"):
        class_of("officer", "shift")


def test_a_protected_table_is_no_table_of_pages() -> None:
    with pytest.raises(KeyError, match=r"person_detail\.name is protected"):
        masked(person_detail.c.name, Sight.PEOPLE)


@pytest.mark.parametrize(("roles", "token", "sight"), [
    ({"operator"}, None, Sight.PEOPLE), ({"leader"}, None, Sight.PEOPLE), ({"street_op"}, None, Sight.PEOPLE),
    ({"planner"}, None, Sight.PLACES), ({"dept_op"}, None, Sight.PLACES), ({"officer"}, None, Sight.PLACES),
    (set(), None, Sight.PLACES), (set(), 1, Sight.SCREEN), ({"leader"}, 1, Sight.SCREEN),
])
def test_the_sight_of_a_viewer(roles: set[str], token: int | None, sight: Sight) -> None:
    viewer = Viewer(account_id=None, name="x", roles=frozenset(roles), scope=EVERYTHING, token_id=token)
    assert Sight.of(viewer) is sight


TEXTS: list[tuple[Any, str, str | None]] = [
    (masks.name_mask, "王小明", "王**"), (masks.name_mask, "李雷", "李*"), (masks.name_mask, "王**", "王**"),
    (masks.name_mask, "欧阳修文", "欧**"), (masks.name_mask, "王小明*", "王**"),
    (masks.phone_mask, "13812345678", "138****5678"), (masks.phone_mask, "138****5678", "138****5678"),
    (masks.phone_mask, "12345", "****"),
    (masks.text_mask, "请回电13812345678,谢谢", "请回电****,谢谢"),
    (masks.text_mask, "身份证51010819900101123X。", "身份证****。"),
    (masks.text_mask, "电话 138-1234-5678", "电话 ****"), (masks.text_mask, "138 1234 5678", "****"),
    (masks.text_mask, "1３８1２３４5678", "****"), (masks.text_mask, "座机8765-4321", "座机****"),
    (masks.text_mask, "写信 wang.wu@example.com 即可", "写信 **** 即可"),
    (masks.text_mask, "2019-05-11前,33号3单元1204室", "2019-05-11前,33号3单元1204室"),
    (masks.without_house, "学士街33号楼内污水横流", "学士街**号楼内污水横流"),
    (masks.without_house, "3-2单元十二楼,电话13812345678", "**单元**楼,电话****"),
    (masks.address_mask, "学士街33号", "学士街"),
    (masks.address_mask, "建设北路二段三十三号", "建设北路二段"),
    (masks.address_mask, "学士街", "学士街"), (masks.address_mask, "33 Main St", None),
    (masks.address_mask, "十二桥路１２号", "十二桥路"),
]


def _ask(text: str, mask: Any) -> Any:
    words = values(column("t", Text), name="words").data([(text,)])
    return select(mask(words.c.t).label("t"), mask(mask(words.c.t)).label("again"))


@pytest.mark.parametrize(("mask", "text", "expected"), TEXTS)
def test_a_mask_says_the_same_on_both_engines_and_twice(
        module_store: Store, mask: Any, text: str, expected: str | None) -> None:
    query = _ask(text, mask)
    with module_store.engine.connect() as connection:
        row = connection.execute(query).one()
    sql, arguments = duckdb_sql(query)
    assert duckdb.connect().execute(sql, arguments).fetchone() == tuple(row)
    assert tuple(row) == (expected, expected)


def test_what_a_screen_gets_of_a_case() -> None:
    for name in ("title", "description", "officer_id", "reporter_masked", "building_id", "reporter_kind"):
        text = str(shown(cases.c[name], Sight.SCREEN).compile())
        assert "CAST(NULL" in text, name
    assert str(shown(cases.c.case_no, Sight.SCREEN).compile()) == '"case".case_no'


@pytest.mark.parametrize("sight", Sight)
def test_what_nobody_gets(sight: Sight) -> None:
    for one in (officer.c.device_id, resource.c.stream_url, cases.c.content_hash):
        found = str(shown(one, sight).compile())
        assert found.startswith("CAST(NULL"), (one, sight)


def test_ids_of_people_on_the_move_are_pseudonyms_of_one_answer(module_store: Store) -> None:
    def alias(sight: Sight, salt: str) -> str:
        people = values(column("officer_id", Text), name="people").data([("G1-1",)])
        query = select(masks.alias_of(people.c.officer_id, sight, salt))
        with module_store.engine.connect() as connection:
            return str(connection.execute(query).scalar_one())

    assert alias(Sight.PEOPLE, "a") == "G1-1"
    assert alias(Sight.SCREEN, "a") == alias(Sight.PLACES, "a") != alias(Sight.SCREEN, "b")
    assert "G1" not in alias(Sight.SCREEN, "a")
    assert "CAST(NULL" in str(shown(gps_fix.c.officer_id, Sight.SCREEN).compile())
