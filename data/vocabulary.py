"""The words behind the codes: categories, channels, departments, labels, areas' names.

Read once at start and again when the data change; small tables only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from data.access.scope import Scope
from data.exchange.categories import CLASSES
from data.tables import area, cases, category, channel, department, label, topic

LOG: Final = logging.getLogger(__name__)
#: Levels of the area tree that the filter lists; grids are found by search or on the map.
LISTED_LEVELS: Final = ("district", "street", "community")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One code with its texts; ``en`` falls back to ``zh`` where nobody translated it."""

    code: str
    zh: str
    en: str
    parent: str = ""

    def name(self, lang: str) -> str:
        """The text in ``lang`` ("zh" or "en")."""
        return self.en if lang == "en" and self.en else self.zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A theme of the wall (专题).

    Attributes:
        word: its code and names.
        shown: sets of a `data.filters.CaseFilter`, as in its `to_store`.
        layers: keys of the layers that suit it.
    """

    word: Word
    shown: Mapping[str, Any]
    layers: tuple[str, ...]


Words = Mapping[str, Word]
#: English of the classes that the project seeds, by code and Chinese name; an edited class keeps its own.
_CLASS_NAMES: Final = {(known.letter + known.code, known.name): known.name_en for known in CLASSES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All words by subject and code; an empty store has empty subjects.

    ``categories`` holds subclasses; their ``parent`` is the class, a prefix of
    the code, which stands in ``classes`` with the kind letter as its parent. ``first_depts`` names
    the department that handles a category first, ``tiers`` the tier of each department that has one,
    ``grounds`` the area of each that works in one only.
    ``mechanisms`` names the mechanism (六大工作机制) of a category. ``stations`` are the base grids, whose
    officers have their work stations there.
    """

    areas: Words = field(default_factory=dict)
    stations: Words = field(default_factory=dict)
    classes: Words = field(default_factory=dict)
    categories: Words = field(default_factory=dict)
    channels: Words = field(default_factory=dict)
    platforms: Mapping[str, str] = field(default_factory=dict)
    departments: Words = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    grounds: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Words] = field(default_factory=dict)
    first_depts: Mapping[str, str] = field(default_factory=dict)
    mechanisms: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    first_reported: datetime | None = None
    last_reported: datetime | None = None

    def label(self, kind: str, code: str | None, lang: str) -> str:
        """The text of an enumeration's code; the code itself where it has none, "—" for None."""
        if code is None or code == "":
            return "—"
        word = self.labels.get(kind, {}).get(code)
        return word.name(lang) if word else str(code)

    def name(self, subject: str, code: str | None, lang: str) -> str:
        """The name behind a code of ``areas``, ``categories``, … or the code itself."""
        if code is None or code == "":
            return "—"
        word = getattr(self, subject).get(code)
        return word.name(lang) if word else str(code)

    def first_dept(self, cat_code: str | None) -> str | None:
        """The department that handles a category first; None where nobody said."""
        return self.first_depts.get(cat_code or "")

    def departments_on(self, area_code: str) -> list[Word]:
        """The departments that work in an area: those of the whole district first, then the area's own."""
        found = [word for code, word in self.departments.items()
                 if area_code.startswith(self.grounds.get(code, ""))]
        return sorted(found, key=lambda word: (self.grounds.get(word.code, ""),
                                               self.tiers.get(word.code) != "dept_subcenter", word.zh))

    def category(self, code: str | None, lang: str) -> str:
        """A category prefix of any length as text."""
        if code in self.categories:
            return self.name("categories", code, lang)
        return self.name("classes", code, lang)


def narrowed(
    words: Vocabulary, scope: Scope, reported: tuple[datetime, datetime] | None
) -> Vocabulary:
    """The words of a scope: its areas, and when its first and last case were reported.

    What has no place (categories, channels, the names of departments) is open.
    """
    first, last = reported or (None, None)
    held = {code: word for code, word in words.areas.items() if scope.holds_area(code)}
    stations = {code: word for code, word in words.stations.items() if scope.holds_area(code)}
    return replace(words, areas=held, stations=stations, first_reported=first, last_reported=last)


def read_vocabulary(store: Any) -> Vocabulary:
    """Read the words out of a store; see `Vocabulary`."""
    categories = _rows(store, select(category).order_by(category.c.cat_code))
    channels = _rows(store, select(channel).order_by(channel.c.group_code, channel.c.channel_code))
    departments = _rows(store, select(department).order_by(department.c.dept_id))
    first, last = _bounds(store)
    return Vocabulary(
        areas={
            row["area_code"]: Word(
                code=row["area_code"], zh=row["name"], en="", parent=row["parent_code"] or ""
            )
            for row in _rows(store, _area_names())
        },
        stations={
            row["area_code"]: Word(
                code=row["area_code"], zh=row["name"], en="", parent=row["parent_code"] or ""
            )
            for row in _rows(store, _station_names())
        },
        classes={
            row["cat_code"][:3]: Word(
                code=row["cat_code"][:3],
                zh=row["class_name"],
                en=_CLASS_NAMES.get((row["cat_code"][:3], row["class_name"]), ""),
                parent=row["cat_code"][:1],
            )
            for row in categories
        },
        categories={
            row["cat_code"]: Word(
                code=row["cat_code"], zh=row["sub_name"], en=row["name_en"] or "", parent=row["cat_code"][:3]
            )
            for row in categories
        },
        first_depts={row["cat_code"]: row["first_dept_id"] for row in categories if row["first_dept_id"]},
        mechanisms={row["cat_code"]: row["mechanism"] for row in categories if row["mechanism"]},
        topics={row["topic_code"]: _topic(row)
                for row in _rows(store, select(topic).order_by(topic.c.sort, topic.c.topic_code))},
        channels={
            row["channel_code"]: Word(
                code=row["channel_code"], zh=row["name"], en=row["name_en"] or "", parent=row["group_code"]
            )
            for row in channels
        },
        platforms={row["channel_code"]: row["sub_platform"] for row in channels if row["sub_platform"]},
        departments={
            row["dept_id"]: Word(
                code=row["dept_id"], zh=row["name"], en=row["name_en"] or "", parent=row["parent_id"] or ""
            )
            for row in departments
        },
        tiers={row["dept_id"]: row["tier"] for row in departments if row["tier"]},
        grounds={row["dept_id"]: row["area_code"] for row in departments if row["area_code"]},
        labels=_labels(_rows(store, select(label).order_by(label.c.kind, label.c.sort, label.c.code))),
        first_reported=first,
        last_reported=last,
    )


def _topic(row: Mapping[str, Any]) -> Topic:
    word = Word(code=row["topic_code"], zh=row["zh"], en=row["en"])
    return Topic(word=word, shown=row["shown"], layers=tuple(row["layers"]))


def _area_names() -> Select[Any]:
    columns = (area.c.area_code, area.c.name, area.c.parent_code)
    return (
        select(*columns)
        .where(area.c.level.in_(LISTED_LEVELS), area.c.deleted_at.is_(None))
        .order_by(area.c.area_code)
    )


def _station_names() -> Select[Any]:
    return (
        select(area.c.area_code, area.c.name, area.c.parent_code)
        .where(area.c.level == "grid", area.c.grid_kind == "base", area.c.deleted_at.is_(None))
        .order_by(area.c.area_code)
    )


def _rows(store: Any, statement: Select[Any]) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(statement)]


def _bounds(store: Any) -> tuple[datetime | None, datetime | None]:
    with store.engine.connect() as connection:
        found = connection.execute(select(func.min(cases.c.reported_at), func.max(cases.c.reported_at))).one()
    return found[0], found[1]


def _labels(rows: list[dict[str, Any]]) -> dict[str, dict[str, Word]]:
    found: dict[str, dict[str, Word]] = {}
    for row in rows:
        found.setdefault(row["kind"], {})[row["code"]] = Word(code=row["code"], zh=row["zh"], en=row["en"])
    return found


class VocabularyReader:
    """The vocabulary of a store, read again when the data have changed, not more often than `PAUSE_S`."""

    PAUSE_S: Final = 20.0

    def __init__(
        self, store: Any, version: Callable[[], str], *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._store, self._version, self._clock = store, version, clock
        self._read_at, self._of = clock(), version()
        self._words = read_vocabulary(store)

    def current(self) -> Vocabulary:
        """The words as they stand; the last ones are kept while the store does not answer."""
        version, now = self._version(), self._clock()
        if version != self._of and now - self._read_at > self.PAUSE_S:
            self._read_at = now
            try:
                self._words = read_vocabulary(self._store)
                self._of = version
            except SQLAlchemyError as error:
                LOG.warning("the vocabulary was not read again: %s", error)
        return self._words
