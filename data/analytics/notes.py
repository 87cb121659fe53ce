"""Notes on days ("heavy rain"): what whoever looks at a curve later should know of a day.

A note is about the whole district, and everybody who may look at cases reads it; numbers of telephones and
the like are taken out of what people write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from data.access.masks import scrub
from data.access.viewer import Viewer
from data.analytics import kept
from data.analytics.periods import Period
from data.analytics.tables import day_note

if TYPE_CHECKING:
    from data.engine import Store

#: The longest note, in signs, and the earliest day.
LONGEST: Final = 60
FIRST_DAY: Final = date(1990, 1, 1)


class NoteError(ValueError):
    """A note that cannot be; the message names field, value got and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a local day was like."""

    note_id: int
    day: date
    text: str
    set_at: datetime
    set_by: str


def add(store: Store, *, day: date, text: str, today: date, by: Viewer, now: datetime,
        address: str | None = None) -> int:
    """Note something on a day; on record. Returns its id.

    Args:
        day: local; not after ``today``.
        today: the local day in the store's time.
        now: outside time, aware.

    Raises:
        NoteError: the day lies ahead or before 1990, or nothing or too much is written.
    """
    plain = " ".join(text.split())
    if not FIRST_DAY <= day <= today:
        raise NoteError(f"day must be a day from {FIRST_DAY} to {today}, got {day}")
    if not 0 < len(plain) <= LONGEST:
        raise NoteError(f"text must be 1 to {LONGEST} signs, got {len(plain)}")
    return kept.add(store, day_note, {"day": day, "text": scrub(plain)}, by=by, now=now, address=address)


def withdraw(store: Store, note_id: int, *, by: Viewer, now: datetime, address: str | None = None) -> bool:
    """Take a note back; on record. False where none of that id stands."""
    return kept.withdraw(store, day_note, note_id, by=by, now=now, address=address)


def of_days(store: Store, first: date, after: date) -> list[Note]:
    """The notes that stand on local days in ``[first, after)``, by day, then as they were written."""
    columns = [day_note.c[name] for name in Note.__dataclass_fields__]
    query = (sa.select(*columns).where(day_note.c.day >= first, day_note.c.day < after,
                                       day_note.c.withdrawn_at.is_(None))
             .order_by(day_note.c.day, day_note.c.note_id))
    with store.engine.connect() as connection:
        return [Note(**row) for row in connection.execute(query).mappings()]


def by_period(notes: Iterable[Note], periods: Iterable[Period]) -> dict[str, list[Note]]:
    """Code of a period -> the notes on its days; periods without any are left out."""
    found = {one.code: [note for note in notes if one.first <= note.day < one.after] for one in periods}
    return {code: held for code, held in found.items() if held}
