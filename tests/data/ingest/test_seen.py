"""Ids that a run has met, against a dictionary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.ingest.seen import SeenInRun, first_of_each, same_as_first

ROWS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=40)


def columns(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.asarray(rows, dtype=np.uint64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@given(st.lists(ROWS, max_size=12))
def test_what_was_added_is_known_with_its_newest_content(batches: list[list[tuple[int, int]]]) -> None:
    seen, known = SeenInRun(), dict[int, int]()
    for batch in batches:
        seen_now, same = seen.look(*columns(batch))
        assert seen_now.tolist() == [number in known for number, _ in batch]
        assert same.tolist() == [known.get(number) == content for number, content in batch]
        latest = dict(batch)
        seen.add(*columns(list(latest.items())))
        known |= latest


@given(ROWS)
def test_first_rows_and_those_that_say_the_same(rows: list[tuple[int, int]]) -> None:
    first: dict[int, int] = {}
    for number, content in rows:
        first.setdefault(number, content)
    leads = [number not in [other for other, _ in rows[:place]] for place, (number, _) in enumerate(rows)]
    ids, contents = columns(rows)
    assert first_of_each(ids).tolist() == leads
    assert same_as_first(ids, contents).tolist() == [
        not lead and first[number] == content for lead, (number, content) in zip(leads, rows, strict=True)
    ]
