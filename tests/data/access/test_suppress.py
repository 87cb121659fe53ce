"""An attacker with every published count and a solver learns no withheld one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from data.access.suppress import (
    THRESHOLD,
    WIDTH,
    Ints,
    Release,
    SuppressError,
    Tree,
    bounds,
    release,
    suppress,
)
from data.access.suppress_tables import equations, suppress_table


def attack(sums: np.ndarray, counts: Ints, withheld: np.ndarray, cell: int) -> tuple[float, float]:
    """Least and largest value of a cell under all that is published: written apart from the product."""
    known = ~withheld
    ends = []
    for sign in (1, -1):
        found = linprog(sign * sums[cell], A_eq=sums[known] if known.any() else None,
                        b_eq=counts[known] if known.any() else None, bounds=(0, None), method="highs-ds")
        ends.append(sign * found.fun if found.status == 0 else sign * -np.inf)
    return ends[0], ends[1]


def summed(tree: Tree, leaves: Ints) -> Ints:
    counts = np.zeros(tree.parent.size, dtype=np.int64)
    counts[tree.is_leaf] = leaves
    for level in reversed(tree.levels[1:]):
        np.add.at(counts, tree.parent[level], counts[level])
    return counts


def leaves_of(tree: Tree) -> np.ndarray:
    return np.asarray(equations(tree, Tree(np.array([-1]))).todense())


@st.composite
def trees(draw: st.DrawFn, most: int = 4) -> Tree:
    parent = [-1]
    layer = [0]
    for _ in range(draw(st.integers(1, 3))):
        below = []
        for node in layer:
            for _ in range(draw(st.integers(0 if len(layer) > 1 else 1, most))):
                parent.append(node)
                below.append(len(parent) - 1)
        if not below:
            break
        layer = below
    return Tree(np.array(parent))


COUNTS = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 60))


@st.composite
def counted(draw: st.DrawFn) -> tuple[Tree, Ints]:
    tree = draw(trees())
    size = int(tree.is_leaf.sum())
    return tree, summed(tree, np.array(draw(st.lists(COUNTS, min_size=size, max_size=size)), dtype=np.int64))


@settings(max_examples=250, deadline=None)
@given(counted())
def test_no_withheld_count_of_a_tree_is_narrowed(case: tuple[Tree, Ints]) -> None:
    tree, counts = case
    withheld = suppress(counts, tree)
    assert withheld[counts < THRESHOLD].all()
    low, high = bounds(tree, counts, withheld)
    sums = leaves_of(tree)
    for cell in np.flatnonzero(withheld).tolist():
        least, most = attack(sums, counts, withheld, cell)
        assert most - least >= WIDTH - 1e-6
        assert (low[cell], high[cell]) == pytest.approx((least, most))


@settings(max_examples=150, deadline=None)
@given(counted(), st.data())
def test_the_bounds_of_a_tree_are_those_of_the_solver(case: tuple[Tree, Ints], data: st.DataObject) -> None:
    tree, counts = case
    size = counts.size
    withheld = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    low, high = bounds(tree, counts, withheld)
    sums = leaves_of(tree)
    for cell in range(size):
        assert (low[cell], high[cell]) == pytest.approx(attack(sums, counts, withheld, cell), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(trees(3), trees(3), st.data())
def test_no_withheld_cell_of_a_table_is_narrowed(rows: Tree, columns: Tree, data: st.DataObject) -> None:
    if rows.parent.size * columns.parent.size > 150:
        return
    inner = (int(rows.is_leaf.sum()), int(columns.is_leaf.sum()))
    drawn = data.draw(st.lists(COUNTS, min_size=inner[0] * inner[1], max_size=inner[0] * inner[1]))
    counts = table_of(rows, columns, np.array(drawn, dtype=np.int64))
    withheld = suppress_table(counts, rows, columns)
    _attack_table(counts, withheld, rows, columns)


def table_of(rows: Tree, columns: Tree, inner: Ints) -> Ints:
    every = equations(rows, columns) @ inner
    return np.rint(every).astype(np.int64).reshape(rows.parent.size, columns.parent.size)


def _attack_table(counts: Ints, withheld: np.ndarray, rows: Tree, columns: Tree) -> None:
    assert withheld[counts < THRESHOLD].all()
    sums = np.asarray(equations(rows, columns).todense())
    for cell in np.flatnonzero(withheld).tolist():
        least, most = attack(sums, counts.reshape(-1), withheld.reshape(-1), cell)
        assert most - least >= WIDTH - 1e-6


def test_large_tables_withhold_whole_rows_and_stand_the_attack() -> None:
    rng = np.random.default_rng(3)
    rows = Tree(np.array([-1, 0, 0, 0, *np.repeat([1, 2, 3], 16)]))
    columns = Tree(np.array([-1, *[0] * 7]))
    counts = table_of(rows, columns, rng.poisson(11, 48 * 7))
    assert counts.size > 400
    withheld = suppress_table(counts, rows, columns)
    assert (withheld == withheld[:, :1]).all()
    assert withheld.any()
    assert not withheld.all()
    sums = np.asarray(equations(rows, columns).todense())
    for row in np.flatnonzero(withheld[:, 0]).tolist()[:3]:
        for column in (0, 3):
            cell = row * counts.shape[1] + column
            least, most = attack(sums, counts.reshape(-1), withheld.reshape(-1), cell)
            assert most - least >= WIDTH


@settings(max_examples=120, deadline=None)
@given(counted(), st.data())
def test_differences_of_any_two_answers_tell_nothing(case: tuple[Tree, Ints], data: st.DataObject) -> None:
    """Scopes and filters that overlap: any two sums that are answered, one within the other."""
    tree, counts = case
    found = release(counts, tree)
    leaves = np.flatnonzero(tree.is_leaf).tolist()
    subset = st.sets(st.sampled_from(leaves), min_size=1)
    asked = [data.draw(subset) for _ in range(6)]
    asked += [set(range(counts.size)) & set(np.flatnonzero(tree.parent == node).tolist())
              for node in np.flatnonzero(~tree.is_leaf).tolist()]
    asked += [{node} for node in range(counts.size)]
    sums = leaves_of(tree)
    answered = [(sums[sorted(nodes)].sum(axis=0), value) for nodes in asked
                if nodes and (value := found.total(nodes)) is not None]
    for nodes, value in answered:
        assert nodes @ counts[tree.is_leaf] == value
    withheld = np.flatnonzero(found.withheld).tolist()
    for one, other in combinations(answered, 2):
        difference = one[0] - other[0]
        for cell in withheld:
            assert not np.array_equal(np.abs(difference), sums[cell])
            assert not np.array_equal(one[0] + other[0], sums[cell])


def test_overlapping_windows_are_sums_of_whole_periods() -> None:
    """One area by month under the year: a window is answered from months, or not at all."""
    months = Tree(np.array([-1, *[0] * 12]))
    counts = summed(months, np.array([9, 3, 12, 30, 6, 2, 40, 8, 11, 7, 25, 5]))
    found = release(counts, months)
    windows = [set(range(first, last + 1)) for first in range(1, 13) for last in range(first, 13)]
    answers = {frozenset(window): found.total(window) for window in windows}
    hidden = set(np.flatnonzero(found.withheld).tolist())
    assert {2, 6} <= hidden
    for one, first in answers.items():
        for other, second in answers.items():
            if first is not None and second is not None:
                assert one ^ other not in [{cell} for cell in hidden]
    assert answers[frozenset({3, 4, 5})] == 48


def test_what_is_withheld_and_what_is_not() -> None:
    tree = Tree(np.array([-1, 0, 0, 0, 0]))
    withheld = suppress(np.array([100, 2, 60, 30, 8]), tree)
    assert withheld.tolist() == [False, True, False, False, True]  # the smallest sibling that is enough
    assert not suppress(np.array([100, 20, 40, 30, 10]), tree).any()
    assert suppress(np.array([15, 4, 4, 4, 3]), tree).tolist() == [False, True, True, True, True]
    assert suppress(np.array([3, 1, 1, 1, 0]), tree).all()
    found = release(np.array([100, 2, 60, 30, 8]), tree)
    assert (found.value(0), found.value(1), found.value(2)) == (100, None, 60)
    assert found.total([2, 3]) == 90
    assert found.total([1, 2, 3, 4]) is None  # the whole is asked for by its own name
    with pytest.raises(SuppressError, match="nodes must not overlap, got 2 within 0"):
        found.total([0, 2])


def test_a_withheld_parent_withholds_a_child() -> None:
    """A community withheld for its sibling's sake is not the sum of grids that are all published."""
    tree = Tree(np.array([-1, 0, 0, 1, 1, 2, 2]))
    counts = np.array([63, 3, 60, 1, 2, 20, 40])
    withheld = suppress(counts, tree)
    assert withheld[[1, 2, 3, 4]].all()
    assert withheld[[5, 6]].any()


@pytest.mark.parametrize(("parent", "counts", "message"), [
    ([-1, 0], [3, 2], "children of node 0 must sum to 3, got 2"),
    ([-1, 0], [-1, -1], "must not be negative, got -1"),
    ([-1, 0], [1, 1, 1], "one for each of 2 nodes"),
    ([1, 0], [1, 1], "got a circle"), ([-1, 7], [1, 1], "parents must be -1..1"),
])
def test_counts_that_cannot_be(parent: list[int], counts: list[int], message: str) -> None:
    with pytest.raises(SuppressError, match=message):
        suppress(np.array(counts), Tree(np.array(parent)))


def test_a_district_of_1600_grids_is_quick_to_protect() -> None:
    rng = np.random.default_rng(1)
    parent = [-1, *[0] * 14, *(1 + np.arange(105) % 14).tolist(), *(15 + np.arange(1600) % 105).tolist()]
    tree = Tree(np.array(parent))
    counts = summed(tree, rng.poisson(9, 1600))
    found = release(counts, tree)
    low, high = bounds(tree, counts, found.withheld)
    assert (high - low)[found.withheld].min() >= WIDTH
    assert 0.04 < found.withheld.mean() < 0.2
    assert isinstance(found, Release)
