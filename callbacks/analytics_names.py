"""Names behind the codes of dimensions and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from callbacks.desk import Desk
from dashboard.format import NONE

#: Dimension or set of the filter -> subject of the vocabulary.
_SUBJECTS: Final = {
    "department": "departments", "departments": "departments", "channel": "channels", "channels": "channels"}
#: Dimension or set of the filter -> kind of label.
_LABELS: Final = {
    "channel_group": "channel_group", "level_closed": "area_level", "domains": "domain",
    "mechanisms": "mechanism", "states": "state", "urgencies": "urgency"}
_AREAS: Final = frozenset({"street", "community", "grid", "areas"})
_CATEGORIES: Final = frozenset({"category_class", "category", "categories"})


def names_of(dimension: str, desk: Desk, lang: str, codes: Iterable[str] = ()) -> Callable[[str], str]:
    """Code -> name, of a dimension or of a set of the filter; the code itself where nothing is known.

    Args:
        codes: which names will be asked for; only those of people are looked up one by one.
    """
    words = desk.words()
    if dimension in _AREAS:
        tree = desk.readers.areas.tree()
        known = dict(zip(tree["area_code"], tree["name"], strict=True))
        return lambda code: str(known.get(code, code)) or NONE
    if dimension == "officer":
        return _officers(codes, desk)
    if dimension in _CATEGORIES:
        return lambda code: words.category(code, lang)
    if dimension in _SUBJECTS:
        return lambda code: words.name(_SUBJECTS[dimension], code, lang)
    if dimension in _LABELS:
        return lambda code: words.label(_LABELS[dimension], code, lang)
    return str


def _officers(codes: Iterable[str], desk: Desk) -> Callable[[str], str]:
    """People by their masked name and their grid; by their id who is not known."""
    grids, known = names_of("grid", desk, desk.lang), desk.readers.patrol.names(codes)

    def name(code: str) -> str:
        told, grid = known.get(code, ("", ""))
        return " · ".join(part for part in (told, grids(grid) if grid else "") if part) or code

    return name
