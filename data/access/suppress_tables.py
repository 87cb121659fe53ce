"""Small cells of tables with margins in two directions: areas by groups, areas by periods.

The rows are a tree and the columns are a tree; every cell of both is a candidate for publication.
See `data.access.suppress` for what must hold. Small tables are protected cell by cell, with linear
programs (HiGHS) for the bounds; an interval once seen wide stays wide, for withholding more only
widens. Large ones withhold whole rows: then the columns are independent of each other, each is a
tree, and its bounds are exact without a solver.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, kron

from data.access.suppress import THRESHOLD, WIDTH, Flags, Floats, Ints, SuppressError, Tree, suppress

Table = npt.NDArray[np.int64]

#: Cells up to which a table is protected one by one.
MOST_CELLS: Final = 400
_UNBOUNDED: Final = 3


def suppress_table(counts: Table, rows: Tree, columns: Tree, *, threshold: int = THRESHOLD,
                   width: int = WIDTH) -> Flags:
    """Which cells to withhold.

    Args:
        counts: (rows, columns), whole numbers >= 0; a parent has the sum of its children in both
            directions.
        rows: tree of the rows, such as areas.
        columns: tree of the columns, such as groups under their total, or months under a year.

    Returns:
        True for cells to withhold, of the shape of ``counts``.

    Raises:
        SuppressError: counts that do not fit the trees.
    """
    _check(counts, rows, columns)
    if counts.size <= MOST_CELLS:
        return _by_cell(counts, rows, columns, threshold, width)
    return _by_row(counts, rows, columns, threshold, width)


def _check(counts: Table, rows: Tree, columns: Tree) -> None:
    if counts.shape != (rows.parent.size, columns.parent.size):
        raise SuppressError(f"counts must be {rows.parent.size} rows of {columns.parent.size},"
                            f" got {counts.shape}")
    for column in range(counts.shape[1]):
        rows.check(counts[:, column])
    for row in range(counts.shape[0]):
        columns.check(counts[row])


def _by_row(counts: Table, rows: Tree, columns: Tree, threshold: int, width: int) -> Flags:
    """Whole rows, so that the columns say nothing about each other."""
    held = np.zeros(counts.shape[0], dtype=bool)
    while True:
        before = held.copy()
        for column in np.flatnonzero(columns.is_leaf).tolist():
            held |= suppress(counts[:, column], rows, threshold=threshold, width=width, also=held)
        if (held == before).all():
            return np.repeat(held[:, None], counts.shape[1], axis=1)


def _by_cell(counts: Table, rows: Tree, columns: Tree, threshold: int, width: int) -> Flags:
    sums = equations(rows, columns)
    values = counts.reshape(-1)
    withheld = values < threshold
    wide = np.zeros(values.size, dtype=bool)
    while True:
        narrow = _narrow(sums, values, withheld, wide, width)
        if narrow is None:
            return withheld.reshape(counts.shape)
        withheld[_helper(narrow, counts, withheld.reshape(counts.shape), rows, columns)] = True


def equations(rows: Tree, columns: Tree) -> csr_matrix:
    """Every cell of a table as a sum of its innermost cells: one row per cell, in the order of `ravel`."""
    return csr_matrix(kron(_leaves(rows), _leaves(columns)))


def _leaves(tree: Tree) -> csr_matrix:
    leaves = np.flatnonzero(tree.is_leaf)
    found = np.zeros((tree.parent.size, leaves.size))
    for column, leaf in enumerate(leaves.tolist()):
        node = int(leaf)
        while node >= 0:
            found[node, column] = 1.0
            node = int(tree.parent[node])
    return csr_matrix(found)


def _narrow(sums: csr_matrix, values: Ints, withheld: Flags, wide: Flags, width: int) -> int | None:
    """The first withheld cell whose interval is too short; notes in ``wide`` those that are wide enough."""
    low, high = values.astype(float), values.astype(float)  # the truth is a solution
    for cell in np.flatnonzero(withheld).tolist():
        if wide[cell]:
            continue
        for sign in (1.0, -1.0):
            found = solve(sums, values, withheld, cell, sign)
            if found is None:
                high[cell] = np.inf  # the least is never below zero, so it is the most that has no end
                continue
            seen = sums @ found
            low, high = np.minimum(low, seen), np.maximum(high, seen)
        wide |= withheld & (high - low >= width - 1e-6)
        if not wide[cell]:
            return int(cell)
    return None


def solve(sums: csr_matrix, values: Ints, withheld: Flags, cell: int, sign: float) -> Floats | None:
    """Innermost cells with the least (sign 1) or largest (-1) value of a cell; None where nothing bounds it.

    Raises:
        SuppressError: the published values contradict each other.
    """
    known = np.flatnonzero(~withheld)
    goal = sign * np.asarray(sums[[cell]].todense()).ravel()
    found = linprog(goal, A_eq=sums[known] if known.size else None,
                    b_eq=values[known] if known.size else None, bounds=(0, None), method="highs",
                    options={"presolve": False})  # which cannot tell "no end" from "no solution"
    if found.status == _UNBOUNDED:
        return None
    if found.x is None:
        raise SuppressError(f"bounds of cell {cell} cannot be had: {found.message}")
    return np.asarray(found.x, dtype=np.float64)


def _helper(cell: int, counts: Table, withheld: Flags, rows: Tree, columns: Tree) -> int:
    """The smallest published cell beside, above or below a narrow one; zeros widen nothing and come last."""
    row, column = divmod(cell, counts.shape[1])
    above, beside = _around(row, rows), _around(column, columns)
    near = [(other, column) for other in above] + [(row, other) for other in beside]
    near += [(one, other) for one in above for other in beside]
    free = [place for place in near if not withheld[place]]
    if not free:
        free = [(int(one), int(other)) for one, other in np.argwhere(~withheld)]
    best = min(free, key=lambda place: (counts[place] == 0, counts[place], place))
    return best[0] * counts.shape[1] + best[1]


def _around(node: int, tree: Tree) -> list[int]:
    parent = int(tree.parent[node])
    beside = [one for one in tree.children[parent] if one != node] if parent >= 0 else []
    return [*beside, *tree.children[node], *([parent] if parent >= 0 else [])]
