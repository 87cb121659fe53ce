"""The one filter of the product: what is looked at, as a value.

Map, tiles, charts, tables and binary columns are all asked with a `CaseFilter`;
it travels in the address of the page and in `dcc.Store`, and becomes SQL in
exactly one place, `data.cases.queries.matches`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from data.access.scope import Scope, ScopeError
from data.cases.lifecycle import STATES

MAX_CODES: Final = 200
#: Years a filter may speak of; beyond them sums with time zones and limits overflow.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
MAX_WINDOW: Final = timedelta(days=366 * 60)
_AREA: Final = re.compile(r"\d{6}(?:\d{3}){0,3}")  # district, street, community, grid
_CODE: Final = re.compile(r"[A-Za-z0-9_\-]{1,40}")
URGENCIES: Final = ("1", "2", "3")


class FilterError(ValueError):
    """A filter that cannot be; the message names field, value got and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """A window of time and restrictions; an empty set restricts nothing.

    Attributes:
        since: first instant of ``reported_at``, inclusive, aware.
        until: last instant, exclusive, aware.
        areas: area codes of 6, 9, 12 or 15 digits (the length is the level).
        categories: prefixes of ``cat_code``: kind letter, class, or subclass.
        domains: of the category (领域), as its row says.
        mechanisms: of the category (六大工作机制), as its row says.
        channels: channel codes.
        departments: ids of the department that handles the case now.
        states: life-cycle states.
        urgencies: ``1`` ordinary, ``2`` needs coordination, ``3`` urgent.
        scope: the part of the store that exists for who asks; set by the readers, never read from
            an address or from JSON, never written there. A filter without one is not answered.
    """

    since: datetime
    until: datetime
    areas: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    mechanisms: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    scope: Scope | None = None

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            value = getattr(self, name)
            if not isinstance(value, datetime) or value.tzinfo is None:
                raise FilterError(f"{name} must be an aware time, got {value!r}")
            if not FIRST_YEAR <= value.year <= LAST_YEAR:
                raise FilterError(f"{name} must lie in the years {FIRST_YEAR}..{LAST_YEAR}, got {value}")
        if self.since >= self.until:
            raise FilterError(f"since must be before until, got {self.since} and {self.until}")
        if self.until - self.since > MAX_WINDOW:
            raise FilterError(f"the window must be at most 60 years, got {self.until - self.since}")
        for name in SETS:
            _check_codes(name, getattr(self, name))
        if self.scope is not None and not isinstance(self.scope, Scope):
            raise ScopeError(f"scope must be a Scope, got {type(self.scope).__name__}")

    def with_(self, **changes: Any) -> CaseFilter:
        """A copy with some fields replaced."""
        return replace(self, **changes)

    def to_store(self) -> dict[str, Any]:
        """Plain JSON; the inverse of `from_store`."""
        stored: dict[str, Any] = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        stored.update({name: sorted(getattr(self, name)) for name in SETS if getattr(self, name)})
        return stored

    def to_query(self) -> str:
        """The filter as a URL query, keys in a fixed order; inverse of `from_query`."""
        stored = self.to_store()
        return urlencode({key: value if isinstance(value, str) else ",".join(value)
                          for key, value in stored.items()})


#: The fields of a filter that are sets of codes.
SETS: Final = ("areas", "categories", "domains", "mechanisms", "channels", "departments", "states",
               "urgencies")
_VOCABULARY: Final[Mapping[str, frozenset[str]]] = {
    "states": frozenset(STATES), "urgencies": frozenset(URGENCIES),
}


def _check_codes(name: str, codes: frozenset[str]) -> None:
    if not isinstance(codes, frozenset):
        raise FilterError(f"{name} must be a frozenset of codes, got {type(codes).__name__}")
    if len(codes) > MAX_CODES:
        raise FilterError(f"{name} must hold at most {MAX_CODES} codes, got {len(codes)}")
    pattern = _AREA if name == "areas" else _CODE
    expected = "6, 9, 12 or 15 digits" if name == "areas" else "letters, digits, '_' and '-'"
    for code in codes:
        if not isinstance(code, str) or not pattern.fullmatch(code):
            raise FilterError(f"{name} must be codes of {expected}, got {str(code)[:60]!r}")
        if name in _VOCABULARY and code not in _VOCABULARY[name]:
            raise FilterError(f"{name} must be among {sorted(_VOCABULARY[name])}, got {code!r}")


def _time(name: str, value: Any) -> datetime:
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise FilterError(f"{name} must be an ISO 8601 time with offset, got {str(value)[:60]!r}") from None
    if parsed.tzinfo is None:
        raise FilterError(f"{name} must carry an offset such as +08:00, got {value!r}")
    return parsed


def _codes(name: str, value: Any) -> frozenset[str]:
    if not isinstance(value, (list, tuple)):
        raise FilterError(f"{name} must be a list of codes, got {type(value).__name__}")
    if not all(isinstance(code, str) for code in value):
        raise FilterError(f"{name} must hold only texts, got {str(value)[:60]!r}")
    return frozenset(value)


def from_store(stored: Any) -> CaseFilter:
    """Rebuild a filter from JSON that may be hostile.

    Raises:
        FilterError: not an object, a field missing, unknown or malformed.
    """
    if not isinstance(stored, Mapping):
        raise FilterError(f"a filter must be an object, got {type(stored).__name__}")
    unknown = sorted(map(str, set(stored) - {"since", "until", *SETS}))
    if unknown:
        raise FilterError(f"unknown filter fields {unknown[:5]}; known: since, until, {', '.join(SETS)}")
    return CaseFilter(
        since=_time("since", stored.get("since")),
        until=_time("until", stored.get("until")),
        scope=None,
        **{name: _codes(name, stored[name]) for name in SETS if name in stored},
    )


def from_query(query: Mapping[str, str], *, default: CaseFilter) -> CaseFilter:
    """Read a filter out of URL arguments; what is absent comes from ``default``.

    Arguments that are no field of a filter are left to the caller.

    Raises:
        FilterError: a field is malformed.
    """
    stored = default.to_store()
    for name in ("since", "until"):
        if name in query:
            # an unescaped '+' of the offset arrives as a blank
            stored[name] = query[name].replace(" ", "+")
    for name in SETS:
        if name in query:
            stored[name] = _split(query[name])
    return from_store(stored)


def _split(text: str) -> list[str]:
    return [code for code in text.split(",") if code]


def union_codes(codes: Iterable[str]) -> frozenset[str]:
    """Codes without those already covered by a shorter prefix among them."""
    ordered = sorted(set(codes), key=len)
    kept: list[str] = []
    for code in ordered:
        if not any(code.startswith(prefix) for prefix in kept):
            kept.append(code)
    return frozenset(kept)
