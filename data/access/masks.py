"""Masks (脱敏): which column says something about a person, and what of it each kind of viewer gets.

A column is *open* (everybody who may look sees it), *masked* (a part of it, by `Sight`) or
*protected* (no page reads it). A mask is an SQL expression that the builders select instead of
the column, and search in instead of it, so that what is hidden neither reaches the code of pages
nor can be guessed by asking. Names and phones are masked again whatever the store holds: the
expressions leave a masked value as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Label,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    null,
    select,
)

from data.access.protected import is_protected_case
from data.access.sight import Sight
from data.access.viewer import ACCOUNT
from data.tables import METADATA, cases, officer

Value = ColumnElement[Any]


class FieldClass(StrEnum):
    """How far a column may go."""

    OPEN = "open"
    MASKED = "masked"
    PROTECTED = "protected"


# Patterns that PostgreSQL and RE2 read alike.
_DIGIT: Final = "[0-9０-９]"
#: Seven digits in a row (phones, identity numbers), eleven with breaks, or four and four.
_NUMBERS: Final = (
    f"({_DIGIT}{{7,}}|{_DIGIT}([-–—·. ]?{_DIGIT}){{10,}}|[2-8]{_DIGIT}{{3}}[- ]{_DIGIT}{{4}})[Xx]?")
_MAIL: Final = "[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+[.][A-Za-z0-9.-]+"
_COUNTED: Final = f"({_DIGIT}+([-－]{_DIGIT}+)*|[〇零一二三四五六七八九十百两]+)"
_OF_HOUSE: Final = "(号|弄|栋|幢|座|单元|室|楼)"
_HIDDEN: Final = "****"
#: Subjects of alerts that say who or where a person is.
_OF_PERSONS: Final = ("officer", "home")


def name_mask(name: Value) -> Value:
    """王小明 → 王**, 李雷 → 李*."""
    stars = func.least(func.greatest(func.length(name) - 1, 1), 2)
    return func.left(name, 1).concat(func.repeat("*", stars))


def phone_mask(phone: Value) -> Value:
    """13812345678 → 138****5678; fewer than eight signs are hidden whole."""
    parts = func.left(phone, 3).concat(_HIDDEN).concat(func.right(phone, 4))
    return case((func.length(phone) >= 8, parts), (phone.is_not(None), _HIDDEN))


def text_mask(text: Value) -> Value:
    """A free text without what looks like phone or identity numbers or mail addresses."""
    plain = func.regexp_replace(text, _MAIL, _HIDDEN, "g")
    return func.regexp_replace(plain, _NUMBERS, _HIDDEN, "g")


def scrub(text: str) -> str:
    """The same as `text_mask`, for texts that are not in the store yet."""
    return re.sub(_NUMBERS, _HIDDEN, re.sub(_MAIL, _HIDDEN, text))


def without_house(text: Value) -> Value:
    """A free text as of `text_mask`, its house, staircase and flat numbers starred."""
    return func.regexp_replace(text_mask(text), f"{_COUNTED}{_OF_HOUSE}", r"**\3", "g")


def address_mask(address: Value) -> Value:
    """An address as far as the street: cut before the first number; NULL where nothing is left."""
    cut = func.regexp_replace(address, f"({_DIGIT}|{_COUNTED}{_OF_HOUSE}).*$", "")
    return func.nullif(func.trim(cut), "")


def shows_place(sight: Sight) -> ColumnElement[bool] | None:
    """What must hold of a case for its exact place to be told; None: nothing needs to.

    Counting, drawing and searching by place uses it, so that no box around a house asks for it.
    """
    return None if sight.sees_people else not_(is_protected_case())


def _none(column: Value) -> Value:
    return cast(null(), column.type)


def _by_sight(people: Callable[[Value], Value], places: Callable[[Value], Value] = _none,
              screen: Callable[[Value], Value] = _none) -> Mapping[Sight, Callable[[Value], Value]]:
    return {Sight.PEOPLE: people, Sight.PLACES: places, Sight.SCREEN: screen}


def _whole(column: Value) -> Value:
    return column


def _staff_only(actor: Value) -> Value:
    """An actor who is a person of the grids, or an account; the id of a citizen stays in the store."""
    return case((actor.startswith(ACCOUNT), actor), (actor.in_(select(officer.c.officer_id)), actor))


def _thing_only(subject: Value) -> Value:
    """The subject of an alert that is no person and nobody's home."""
    told: Any = subject
    return case((told.table.c.subject_type.not_in(_OF_PERSONS), subject))


def _place_of_alert(value: Value) -> Value:
    """Where an alert is, unless it follows a person, a home or a case about protected people."""
    told: Any = value
    row = told.table.c
    hidden = exists().where(cases.c.case_no == row.case_no, cases.c.street_code == row.street_code,
                            is_protected_case())
    return case((and_(row.subject_type.not_in(_OF_PERSONS), not_(hidden)), value))


def _where_shown(column: Value) -> Value:
    return case((not_(is_protected_case()), column))


#: Masked columns: what of them each sight gets.
_NAME: Final = _by_sight(name_mask)
_PHONE: Final = _by_sight(phone_mask)
_PERSON: Final = _by_sight(_whole)  # the id of an officer
_ACTOR: Final = _by_sight(_staff_only)
_WORDS: Final = _by_sight(text_mask, without_house)
_ADDRESS: Final = _by_sight(text_mask, address_mask, address_mask)
_KIND: Final = _by_sight(_whole, _whole)
_PLACE: Final = _by_sight(_whole, _where_shown, _where_shown)
_SUBJECT: Final = _by_sight(_whole, _thing_only, _thing_only)
_ALERT_PLACE: Final = _by_sight(_whole, _place_of_alert, _place_of_alert)
_NEVER: Final = _by_sight(_none)

#: ``table.column`` -> mask, of every column that says something about a person.
MASKS: Final[Mapping[str, Mapping[Sight, Callable[[Value], Value]]]] = {
    "area.chief_officer_id": _PERSON,
    "building.chief_id": _PERSON,
    "road.chief_id": _PERSON,
    "officer.officer_id": _PERSON,
    "officer.lead_officer_id": _PERSON,
    "officer.name_masked": _NAME,
    "officer.phone_masked": _PHONE,
    "gps_fix.officer_id": _PERSON,
    "gps_stand.officer_id": _PERSON,
    "case.title": _WORDS,
    "case.description": _WORDS,
    "case.address": _ADDRESS,
    "case.building_id": _PERSON,  # a house number in other words
    "case.lon": _PLACE,
    "case.lat": _PLACE,
    "case.reporter_kind": _KIND,
    "case.reporter_masked": _NAME,
    "case.officer_id": _PERSON,
    "case_event.actor_id": _ACTOR,
    "case_event.to_officer": _PERSON,
    "case_event.note": _WORDS,
    "alert.subject_id": _SUBJECT,
    "alert.lon": _ALERT_PLACE,
    "alert.lat": _ALERT_PLACE,
    "alert_event.actor_id": _ACTOR,
    "alert_event.note": _WORDS,
    # protected: no page reads them
    "alert_rule.updated_by": _NEVER,
    "officer.device_id": _NEVER,
    "resource.stream_url": _NEVER,
    "case.content_hash": _NEVER,  # of the unmasked texts
    "import_reject.got": _NEVER,
    "import_reject.source_id": _NEVER,
}
#: Tables that no page about the district reads; each has a reader of its own behind a permission.
PROTECTED_TABLES: Final = frozenset(
    {"account", "session", "sign_in_failure", "display_token", "audit_log", "person_detail",
     "attachment", "device", "screen_cast", "alert_subscription", "emergency", "emergency_task",
     "task_signup", "emergency_event", "emergency_called", "whistle", "whistle_call", "index_weights",
     "day_note", "survey",
     "bulletin_content", "bulletin", "bulletin_subscription", "bulletin_delivery"})
#: Text columns about nobody: places, things, words, codes, states.
OPEN_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "meta": ("key",),
    "label": ("kind", "code", "zh", "en"),
    "area": ("area_code", "name", "level", "parent_code", "street_code", "grid_kind", "professional_field",
             "members", "source_system"),
    "building": ("street_code", "building_id", "community_code", "grid_code", "name", "address", "kind",
                 "compound_id", "source_system"),
    "road": ("road_id", "name", "class_code", "street_code", "source_system"),
    "base_feature": ("feature_id", "kind", "name", "source_system"),
    "category": ("cat_code", "kind", "class_code", "class_name", "sub_code", "sub_name", "name_en", "domain",
                 "mechanism", "limit_unit", "first_dept_id", "close_condition", "source_system"),
    "channel": ("channel_code", "name", "name_en", "group_code", "sub_platform", "origin_line",
                "source_system"),
    "department": ("dept_id", "name", "name_en", "tier", "kind", "parent_id", "area_code", "source_system"),
    "officer": ("street_code", "community_code", "grid_code", "role", "post", "dept_id", "shift",
                "source_system"),
    "resource": ("street_code", "resource_id", "kind", "force_class", "name", "dept_id", "area_code",
                 "status", "source_system"),
    "patrol_zone": ("street_code", "zone_id", "net", "name", "area_code", "dept_id", "source_system"),
    "patrol_point": ("street_code", "point_id", "name", "grid_code", "plan_code", "source_system"),
    "resource_event": ("street_code", "resource_id", "status"),
    "reading": ("street_code", "resource_id", "kind"),
    "case": ("street_code", "case_no", "community_code", "grid_code", "cat_code", "channel_code", "nature",
             "state", "level_now", "level_closed", "main_dept_id", "first_dept_id", "assist_dept_ids",
             "cause_tags", "quality_flags", "parent_case_no", "similar_of", "source_id", "source_system"),
    "case_event": ("street_code", "case_no", "act", "from_state", "to_state", "actor_role", "actor_dept",
                   "to_dept", "to_level"),
    "gps_fix": ("street_code", "grid_code"),
    "gps_stand": ("street_code", "grid_code"),
    "topic": ("topic_code", "zh", "en", "layers"),
    "alert_rule": ("rule_id", "kind", "color", "area_code", "cat_code", "roles"),
    "alert": ("street_code", "rule_id", "kind", "color", "state", "community_code", "grid_code",
              "subject_type", "case_no", "group_key", "roles"),
    "alert_event": ("street_code", "act", "from_state", "to_state", "actor_role"),
    "import_run": ("kind", "file_name"),
    "import_reject": ("field", "reason", "severity", "expected"),
}


def class_of(table: str, column: str) -> FieldClass:
    """The class of a column.

    Raises:
        KeyError: a text that stands in no list here; a new column is put into one first.
    """
    name = f"{table}.{column}"
    if table in PROTECTED_TABLES:
        return FieldClass.PROTECTED
    if name in MASKS:
        return FieldClass.PROTECTED if MASKS[name] is _NEVER else FieldClass.MASKED
    known = METADATA.tables[table].c[column]
    if isinstance(known.type, Text) and column not in OPEN_TEXTS.get(table, ()):
        raise KeyError(f"{name} has no class; add it to MASKS or OPEN_TEXTS of data.access.masks")
    return FieldClass.OPEN


def masked(column: Value, sight: Sight) -> Value:
    """What of a column of a table a sight gets, for conditions and orders.

    Raises:
        KeyError: the column has no class, or belongs to a table that pages do not read.
    """
    known: Any = column
    table, name = known.table.name, known.name
    if table in PROTECTED_TABLES:
        raise KeyError(f"{table}.{name} is protected; only its own reader may ask for it")
    if class_of(table, name) is FieldClass.OPEN:
        return column
    return MASKS[f"{table}.{name}"][sight](column)


def shown(column: Value, sight: Sight) -> Value:
    """The same under the column's own name, for what a query selects."""
    value = masked(column, sight)
    return column if value is column else _labelled(value, column)


def _labelled(value: Value, column: Value) -> Label[Any]:
    return value.label(str(getattr(column, "name", "")))


def all_shown(columns: Iterable[Value], sight: Sight) -> list[Value]:
    """`shown` of several."""
    return [shown(column, sight) for column in columns]


def person_known(officer_id: Value, sight: Sight) -> Value:
    """The id for those who see people; for others '' where there is a person, NULL where none."""
    return officer_id if sight.sees_people else case((officer_id.is_not(None), literal("")))


def alias_of(officer_id: Value, sight: Sight, salt: str) -> Value:
    """The id for those who see people; for others a pseudonym, ``~…``, that only one answer uses.

    Args:
        salt: drawn anew for each answer, so that two answers cannot be joined by it.
    """
    return officer_id if sight.sees_people else literal("~").concat(func.md5(officer_id.concat(salt)))
