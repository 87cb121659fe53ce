"""Ids that a run has met: which rows repeat an id, and which of them say the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.ingest.columns import Bools

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


class SeenInRun:
    """Ids and contents of the rows that this run has accepted so far.

    Held in parts sorted by id, each at least twice as long as the next, so that
    adding to a long file's ids does not sort all of them again.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[Hashes, Hashes]] = []

    def look(self, ids: Hashes, contents: Hashes) -> tuple[Bools, Bools]:
        """Per row: seen before; seen with this very content."""
        seen, same = np.zeros(len(ids), dtype=bool), np.zeros(len(ids), dtype=bool)
        for known, told in self._parts:
            place, hit = _find(known, ids)
            seen |= hit
            same |= hit & (told[place] == contents)
        return seen, same

    def add(self, ids: Hashes, contents: Hashes) -> None:
        """Remember rows, each id once; a known id takes the new content."""
        fresh = np.ones(len(ids), dtype=bool)
        for known, told in self._parts:
            place, hit = _find(known, ids)
            told[place[hit]] = contents[hit]
            fresh &= ~hit
        if not fresh.any():
            return
        self._parts.append(_sorted(ids[fresh], contents[fresh]))
        while len(self._parts) > 1 and len(self._parts[-2][0]) < 2 * len(self._parts[-1][0]):
            one, other = self._parts.pop(), self._parts.pop()
            self._parts.append(
                _sorted(np.concatenate([other[0], one[0]]), np.concatenate([other[1], one[1]]))
            )


def _find(known: Hashes, ids: Hashes) -> tuple[Ints, Bools]:
    """Where each id would stand in a sorted part that is not empty, and whether it stands there."""
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return place, known[place] == ids


def _sorted(ids: Hashes, contents: Hashes) -> tuple[Hashes, Hashes]:
    order = np.argsort(ids, kind="stable")
    return ids[order], contents[order]


def first_of_each(ids: Hashes) -> Bools:
    """The first row of every id."""
    _, first = np.unique(ids, return_index=True)
    found = np.zeros(len(ids), dtype=bool)
    found[first] = True
    return found


def same_as_first(ids: Hashes, contents: Hashes) -> Bools:
    """Later rows of an id with the content of its first row."""
    unique, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    same = contents == contents[first][inverse]
    same[first] = False
    return np.asarray(same) if len(unique) else np.zeros(0, dtype=bool)
