"""Words of a file to codes of the store: categories, channels, departments, and names of areas."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from data.exchange.labels import labels
from data.exchange.reference import seed_reference, write_rows
from data.ingest.columns import mask
from data.ingest.mapping import Mapping
from data.ingest.report import RowReport
from data.tables import area, category, channel, department, label

if TYPE_CHECKING:
    from data.engine import Store

FOREIGN: Final = "X"
_NAME: Final = 80  # characters of a name that are kept and compared
_LIMIT: Final = 99  # classes, and subclasses of a class: two digits
_SUFFIX: Final = re.compile(
    r"(街道办事处|社区居民委员会|社区居委会|社区工作站|居委会|办事处|街道|社区|镇|乡)$"
)


def prepare(store: Store, mapping: Mapping) -> None:
    """Labels that every store needs; a Chinese mapping brings the reference rows along."""
    if mapping.reference:
        seed_reference(store)
        return
    with store.engine.begin() as connection:
        write_rows(connection, label, (row._asdict() for row in labels()))


class Vocabulary:
    """Looks words up and adds the rows that they need, once per distinct word."""

    def __init__(self, store: Store, mapping: Mapping) -> None:
        self._store = store
        self._mapping = mapping
        self._pending: dict[str, list[dict[str, Any]]] = {"category": [], "channel": [], "department": []}
        with store.engine.connect() as connection:
            self._categories = [dict(row) for row in connection.execute(select(category)).mappings()]
            self._channels = {row.channel_code: row.name for row in connection.execute(select(channel))}
            self._departments = {row.name: row.dept_id for row in connection.execute(select(department))}
        self._found: dict[tuple[str, str], str | None] = {}

    def categories(self, classes: pa.Array, words: pa.Array, report: RowReport) -> pa.Array:
        """Codes of (class, subclass) words; an unknown pair becomes a category of kind X."""
        joined = pc.binary_join_element_wise(classes.fill_null(""), words.fill_null(""), "\x1f")
        codes = _by_word(joined, self._category)
        lost = mask(pc.and_(pc.is_null(codes), pc.is_valid(words)))
        report.flag(
            lost,
            field="category",
            reason="category_overflow",
            got=words,
            expected=f"at most {_LIMIT} classes of {_LIMIT} subclasses",
        )
        return codes

    def _category(self, joined: str) -> str | None:
        class_name, _, word = joined.partition("\x1f")
        if not word:
            class_name, word = "", class_name
        class_name, word = class_name[:_NAME], word[:_NAME]
        if not word:
            return None
        key = (class_name, word)
        if key not in self._found:
            self._found[key] = self._known_category(class_name, word) or self._new_category(class_name, word)
        return self._found[key]

    def _known_category(self, class_name: str, word: str) -> str | None:
        named = self._mapping.categories.get(word)
        if named is not None:
            known = {row["cat_code"] for row in self._categories}
            if named.code not in known:
                self._add_category(
                    named.code, named.class_name or self._class_name(class_name), named.name, named.name_en
                )
            return named.code
        same = [row for row in self._categories if row["sub_name"] == word]
        exact = [row for row in same if class_name and row["class_name"] == class_name]
        if exact:
            return str(exact[0]["cat_code"])
        ours = [
            row
            for row in same
            if row["cat_code"][0] != FOREIGN or row["source_system"] == self._mapping.source_system
        ]
        if len(ours) == 1 and (not class_name or ours[0]["cat_code"][0] != FOREIGN):
            return str(ours[0]["cat_code"])
        return None

    def _class_name(self, word: str) -> str:
        return word or self._mapping.class_name or self._mapping.source_system

    def _new_category(self, class_name: str, word: str) -> str | None:
        class_name = self._class_name(class_name)
        foreign = [row for row in self._categories if row["cat_code"][0] == FOREIGN]
        numbers = {
            row["class_name"]: row["class_code"]
            for row in foreign
            if row["source_system"] == self._mapping.source_system
        }
        taken = {int(row["class_code"]) for row in foreign}
        class_code = numbers.get(class_name) or _free(taken)
        if class_code is None:
            return None
        subs = {int(row["sub_code"]) for row in foreign if row["class_code"] == class_code}
        sub_code = _free(subs)
        if sub_code is None:
            return None
        code = f"{FOREIGN}{class_code}{sub_code}"
        self._add_category(code, class_name, word, word)
        return code

    def _add_category(self, code: str, class_name: str, name: str, name_en: str) -> None:
        kinds = {"C": "component", "E": "event", "S": "social", FOREIGN: "foreign"}
        row = {
            "cat_code": code,
            "kind": kinds[code[0]],
            "class_code": code[1:3],
            "class_name": class_name,
            "sub_code": code[3:5],
            "sub_name": name,
            "name_en": name_en,
            "source_system": self._mapping.source_system,
        }
        self._categories.append(row)
        self._pending["category"].append(row)

    def channels(self, words: pa.Array, report: RowReport) -> pa.Array:
        """Codes of channels; no word is the mapping's default, an unknown one none (flagged)."""
        default = self._mapping.defaults.get("channel")
        if default:
            words = pc.fill_null(words, default)
        codes = _by_word(words, self._channel)
        unknown = mask(pc.and_(pc.is_null(codes), pc.is_valid(words)))
        report.flag(
            unknown,
            field="channel",
            reason="unknown_channel",
            got=words,
            expected="a channel of the mapping or the store",
        )
        return codes

    def _channel(self, word: str) -> str | None:
        row = self._mapping.channels.get(word)
        if row is not None:
            if row.code not in self._channels:
                self._channels[row.code] = row.name
                self._pending["channel"].append(
                    {
                        "channel_code": row.code,
                        "name": row.name,
                        "name_en": row.name_en,
                        "group_code": row.group or "internet",
                    }
                )
            return row.code
        if word in self._channels:
            return word
        return next((code for code, name in self._channels.items() if name == word), None)

    def departments(self, words: pa.Array) -> pa.Array:
        """Ids of units by their name; a unit that the store does not know is added as a handler."""
        return _by_word(words, self._department)

    def _department(self, name: str) -> str | None:
        name = name[:_NAME]
        if name not in self._departments:
            dept_id = f"imp_{zlib.crc32(name.encode()):08x}"
            self._departments[name] = dept_id
            self._pending["department"].append(
                {
                    "dept_id": dept_id,
                    "name": name,
                    "name_en": name,
                    "kind": "imported",
                    "is_handler": True,
                    "source_system": self._mapping.source_system,
                }
            )
        return self._departments[name]

    def save(self) -> None:
        """Write the rows that words asked for since the last time."""
        tables = {"category": category, "channel": channel, "department": department}
        if not any(self._pending.values()):
            return
        with self._store.engine.begin() as connection:
            for name, table in tables.items():
                write_rows(connection, table, self._pending[name])
        self._pending = {name: [] for name in tables}


def _free(taken: set[int]) -> str | None:
    number = next((number for number in range(1, _LIMIT + 1) if number not in taken), None)
    return None if number is None else f"{number:02d}"


def _by_word(words: pa.Array, look: Callable[[str], str | None]) -> pa.Array:
    """Each distinct word looked up once, in order of appearance; null stays null."""
    coded = pc.dictionary_encode(words)
    codes = pa.array([look(word) for word in coded.dictionary.to_pylist()], pa.string())
    return codes.take(coded.indices)


def words_to(words: pa.Array, table: dict[str, str]) -> pa.Array:
    """Words through a table, lower and upper case alike; what is not in it is null."""
    folded = {word.lower(): code for word, code in table.items()}
    return _by_word(words, lambda word: folded.get(word.lower()))


class AreaNames:
    """Codes of streets and communities by name, endings such as 街道 or 居委会 aside."""

    def __init__(self, store: Store) -> None:
        with store.engine.connect() as connection:
            rows = connection.execute(
                select(area.c.area_code, area.c.name, area.c.level, area.c.parent_code)
                .where(area.c.deleted_at.is_(None), area.c.level.in_(["street", "community"]))
                .order_by(area.c.area_code)
            ).all()
        self._streets = {bare(row.name): row.area_code for row in rows if row.level == "street"}
        self._communities = {
            (row.parent_code, bare(row.name)): row.area_code for row in rows if row.level == "community"
        }

    def codes(self, streets: pa.Array, communities: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Street and community codes; null where the name is unknown in that place."""
        joined = pc.binary_join_element_wise(streets.fill_null(""), communities.fill_null(""), "\x1f")
        return _by_word(joined, self._street), _by_word(joined, self._community)

    def _street(self, joined: str) -> str | None:
        return self._streets.get(bare(joined.partition("\x1f")[0]))

    def _community(self, joined: str) -> str | None:
        street, _, community = joined.partition("\x1f")
        return self._communities.get((self._streets.get(bare(street)), bare(community)))


def bare(name: str) -> str:
    """A name without its administrative ending; a name that is only an ending stays."""
    return _SUFFIX.sub("", name.strip()) or name.strip()


def row_ids(parts: list[pa.Array]) -> pa.Array:
    """Ids made of a row's content, for sources that have none: 16 hex digits."""
    return pc.cast(pa.array([f"{value:016x}" for value in hashes(parts).tolist()]), pa.string())


def hashes(parts: list[pa.Array]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A 64-bit hash per row of all columns together, the same in every run and on every machine."""
    texts = [part if pa.types.is_string(part.type) else pc.cast(part, pa.string()) for part in parts]
    joined = pc.binary_join_element_wise(*texts, "\x1f", null_handling="replace", null_replacement="\x00")
    objects = joined.to_numpy(zero_copy_only=False)
    return np.asarray(pd.util.hash_array(objects, categorize=False), dtype=np.uint64)
