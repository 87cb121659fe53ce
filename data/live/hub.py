"""The hub: a ring of what changed, with cursors, and for each scope what of it lies inside.

A number is taken from a clock that only rises, not by counting: it says when something changed and
never how much did, so that a cursor tells a scope nothing about the others.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import takewhile
from typing import Any, Final

from data.access.scope import Scope
from data.cases.points import Box
from data.live.places import KINDS, Touched
from data.live.positions import MAX_AGE, Position, Positions, level_of

#: So many looks that found something are kept; at one a quarter of a second a quarter of an hour.
RING: Final = 4096
#: Handles of cases that one delta names; with more of them the screen asks for everything.
MAX_HANDLES: Final = 2000
#: What changes the figures of a page; alerts, whistles and readings have places of their own.
FIGURES: Final = frozenset({*KINDS.values(), "everything"})
#: Marks of officers are drawn anew so often, see `Positions.draw_marks`.
MARKS_US: Final = 3600 * 10**6
_KEPT_SCOPES: Final = 512
_KEPT_DELTAS: Final = 32
_CURSOR: Final = re.compile(r"([0-9a-f]{8})-([0-9]{1,16})", re.ASCII)


class CursorError(ValueError):
    """Not a cursor; the message shows what was got."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What changed inside one scope since a cursor.

    Attributes:
        cursor: from where the next delta goes on; tells nothing but the time.
        told: the same for who goes on in this process, equal for all who ask between two changes.
        reset: the cursor was none of this life, or too old: everything has to be asked for anew.
        kinds: what changed, of ``cases, forces, areas, words, alerts, whistle, readings``; sorted.
        handles: of the cases that changed, sorted; None: too many to name.
        positions: of officers who moved; all of them where ``whole``.
        vehicles: of vehicles and teams that moved, in the same way.
        whole: the positions are those of all officers, and of all vehicles.
    """

    cursor: str
    told: int
    reset: bool
    kinds: tuple[str, ...]
    handles: tuple[int, ...] | None
    positions: tuple[Position, ...]
    whole: bool
    vehicles: tuple[Position, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing changed inside the scope."""
        return not (self.reset or self.kinds or self.positions or self.vehicles)


@dataclass(slots=True)
class _Seen:
    """Up to which number the ring was looked through for a scope, and the last change inside it."""

    looked: int
    last: int


class Hub:
    """What changes in one process; any thread may tell and ask.

    Args:
        now: the store's now, aware; positions age with it.
        micros: a clock that only rises, in microseconds.
        ring: how many looks are kept.
    """

    def __init__(self, now: Callable[[], datetime], *,
                 micros: Callable[[], int] = lambda: time.monotonic_ns() // 1000, ring: int = RING) -> None:
        self._now, self._micros, self._begun = now, micros, micros()
        self._life = secrets.token_hex(4)
        self._news = threading.Condition()
        self._ring: deque[tuple[int, Touched]] = deque()
        self._size, self._last, self._told, self._floor = ring, 0, 0, 0
        self._kept: OrderedDict[Any, Delta] = OrderedDict()
        self._positions, self._vehicles, self._epoch = Positions(), Positions(), 0
        self._scopes: OrderedDict[str, _Seen] = OrderedDict()
        self._is_closed = False

    # ---- telling ----

    def tell(self, found: Iterable[Touched]) -> None:
        """One look found something changed."""
        with self._news:
            number = self._told = self._next()
            for touched in found:
                if len(self._ring) >= self._size:
                    self._floor = self._ring.popleft()[0]
                self._ring.append((number, touched))
            self._news.notify_all()

    def move(self, rows: Iterable[dict[str, object]]) -> int:
        """Officers may have moved: rows of `data.live.positions.last_fixes`; how many did."""
        return self._move(self._positions, rows)

    def drive(self, rows: Iterable[dict[str, object]]) -> int:
        """Vehicles may have moved: rows of `data.live.positions.last_drives`; how many did."""
        return self._move(self._vehicles, rows)

    def _move(self, who: Positions, rows: Iterable[dict[str, object]]) -> int:
        with self._news:
            number = self._next()
            moved = who.take(rows, number)
            if moved:
                self._told = number
                self._news.notify_all()
            return moved

    def close(self) -> None:
        """Whoever waits goes home."""
        with self._news:
            self._is_closed = True
            self._news.notify_all()

    @property
    def is_closed(self) -> bool:
        """No more will be told."""
        return self._is_closed

    # ---- asking ----

    def wait(self, told: int, timeout_s: float) -> bool:
        """Wait until anything changed after `Delta.told`, in whatever scope; False: nothing, or closed."""
        with self._news:
            return self._news.wait_for(lambda: self._is_closed or self._told > told,
                                       timeout_s) and not self._is_closed

    def version(self, scope: Scope) -> str:
        """A text that changes when something inside the scope does, and never repeats over restarts."""
        with self._news:
            last = self._last_inside(scope)
        return blake2b(f"{self._life} {last} {scope.key}".encode(), digest_size=8).hexdigest()

    def since(self, cursor: str | int | None, scope: Scope, *, box: Box | None = None, step_m: float = 0.0,
              whole: bool = False) -> Delta:
        """What changed inside a scope after a cursor; without one all positions and no change.

        Args:
            cursor: of an earlier answer, or its `Delta.told`; None: the first question of a page that is
                just drawn.
            box: positions outside are left out.
            step_m: metres that one pixel of the screen is wide; who moved less is left out for a while.
            whole: tell all positions of the box, whatever the cursor: it is another box than before.

        Raises:
            CursorError: that is no cursor.
        """
        after = self._number(cursor) if isinstance(cursor, str) else cursor
        with self._news:
            number = self._next()
            lost = cursor is not None and (after is None or after < self._floor or after > number)
            start = None if after is None or lost else after
            shown = (box, level_of(step_m), whole)
            key = (start, self._told, self._epoch, scope.key, shown)
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = self._between(start, scope, shown)
                if len(self._kept) > _KEPT_DELTAS:
                    self._kept.popitem(last=False)
        return replace(found, cursor=f"{self._life}-{number}", reset=found.reset or lost)

    # ---- with the lock held ----

    def _between(self, after: int | None, scope: Scope, shown: tuple[Box | None, int, bool]) -> Delta:
        """What was told after a number; None: all positions and no change."""
        box, level, anew = shown
        whole = anew or after is None or self._epoch_of(after) != self._epoch
        inside = [] if after is None else [
            touched for _, touched in self._after(after) if touched.within(scope)]
        since = self._now() - MAX_AGE
        told = -1 if whole or after is None else after
        moved, driven = (who.inside(scope, after=told, box=box, level=level, since=since)
                         for who in (self._positions, self._vehicles))
        kinds = {touched.kind for touched in inside}
        handles: set[int] = set().union(*(touched.handles(scope) for touched in inside))
        many = "everything" in kinds or len(handles) > MAX_HANDLES
        return Delta(cursor="", told=self._told, reset="everything" in kinds, positions=tuple(moved),
                     vehicles=tuple(driven),
                     kinds=tuple(sorted(kinds - {"everything"})), whole=whole,
                     handles=None if many else tuple(sorted(handles)))

    def _after(self, number: int) -> Iterator[tuple[int, Touched]]:
        """What the ring holds from after a number, the newest first."""
        return takewhile(lambda held: held[0] > number, reversed(self._ring))

    def _next(self) -> int:
        """A number above all others; what is told later gets a higher one."""
        self._last = max(self._last + 1, self._micros() - self._begun)
        if self._epoch_of(self._last) != self._epoch:
            self._epoch = self._epoch_of(self._last)
            self._positions.draw_marks()
        return self._last

    def _epoch_of(self, number: int) -> int:
        return number // MARKS_US

    def _number(self, cursor: str) -> int | None:
        """The number of a cursor of this life; None: of another."""
        parts = _CURSOR.fullmatch(cursor)
        if parts is None:
            raise CursorError(f"cursor must be as of an earlier answer, got {cursor[:40]!r}")
        return int(parts[2]) if parts[1] == self._life else None

    def _last_inside(self, scope: Scope) -> int:
        seen = self._scopes.pop(scope.key, None)
        if seen is None or seen.looked < self._floor:
            seen = _Seen(self._floor, self._floor)
        inside = (number for number, touched in self._after(seen.looked)
                  if touched.kind in FIGURES and touched.within(scope))
        seen.last = next(inside, seen.last)
        if self._ring:
            seen.looked = self._ring[-1][0]
        self._scopes[scope.key] = seen
        while len(self._scopes) > _KEPT_SCOPES:
            self._scopes.popitem(last=False)
        return seen.last
