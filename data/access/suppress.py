"""Small cells (小单元格): which counts of protected groups are withheld, so that none can be worked out.

**What must hold.** Counts stand in a tree: grids sum to their community, communities to their
street. A count below `THRESHOLD` is withheld (zeros too: "nobody here" and "somebody here" look
alike). That is not enough, for a parent less its other children gives the one that is missing.
So further counts are withheld until nobody who knows every published count, the sums, and that
counts are not negative, can narrow a withheld one to an interval shorter than `WIDTH`.

**How.** The published counts and the sums are a system of linear equations; the least and the
largest value that a withheld count can take under it are two linear programs (complementary cell
suppression, Fischetti & Salazar, "Models and algorithms for optimizing cell suppression in tabular
data with linear constraints", JASA 95, 2000; Hundepool et al., "Statistical Disclosure Control",
2012). The equations of a tree are a laminar family: two passes over it, up and down, give the
same bounds exactly (`bounds`), without a solver, also for whole numbers. Where an interval is too
short, the smallest sibling that widens it enough is withheld as well, else the parent, until none
is; withholding more only widens. Tables with margins in two directions: `data.access.suppress_tables`.

**Several answers.** Every answer is a sum of published cells of one release (`Release.total`), or
nothing. What can be worked out of several answers can therefore be worked out of the release, and
that is what was protected: windows that overlap, filters and scopes add no new equation. A release
is made over the whole store, never over a scope, and once for a period: a count that is told anew
each day tells of the one who came that day. Known limits: an attacker who knows people of the group
themselves, and who knows that a count withheld is below `THRESHOLD` (the sign for both is the same).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Counts below are withheld.
THRESHOLD: Final = 5
#: The shortest interval that a withheld count may be narrowed to.
WIDTH: Final = 5
NO_PARENT: Final = -1


class SuppressError(ValueError):
    """Counts or a tree that cannot be; the message names what was got and what is expected."""


@dataclass(frozen=True, slots=False)
class Tree:
    """Nodes and their parents.

    Attributes:
        parent: position of each node's parent, `NO_PARENT` for a root.
    """

    parent: Ints

    def __post_init__(self) -> None:
        size = self.parent.size
        if size and not ((self.parent >= NO_PARENT) & (self.parent < size)).all():
            raise SuppressError(f"parents must be -1..{size - 1}, got {self.parent.min()}.."
                                f"{self.parent.max()}")
        node, seen = self.parent.copy(), 0
        while (node >= 0).any():
            node, seen = np.where(node >= 0, self.parent[np.maximum(node, 0)], NO_PARENT), seen + 1
            if seen > size:
                raise SuppressError("parents must make a tree, got a circle")

    @cached_property
    def levels(self) -> list[Ints]:
        """The nodes by their distance from the root, the roots first."""
        depth = np.zeros(self.parent.size, dtype=np.int64)
        node = self.parent.copy()
        while (node >= 0).any():
            depth += node >= 0
            node = np.where(node >= 0, self.parent[np.maximum(node, 0)], NO_PARENT)
        return [np.flatnonzero(depth == level) for level in range(int(depth.max(initial=-1)) + 1)]

    @cached_property
    def children(self) -> list[list[int]]:
        """The children of each node."""
        found: list[list[int]] = [[] for _ in self.parent]
        for node, parent in enumerate(self.parent.tolist()):
            if parent >= 0:
                found[parent].append(node)
        return found

    @cached_property
    def is_leaf(self) -> Flags:
        """Nodes without children."""
        return np.array([not below for below in self.children], dtype=bool)

    def sums(self, values: Floats) -> Floats:
        """The sum over the children of each node."""
        held = self.parent >= 0
        found = np.bincount(self.parent[held], weights=values[held], minlength=self.parent.size)
        return found.astype(np.float64)

    def check(self, counts: Ints) -> None:
        """Refuse counts that are negative or that their children do not sum to.

        Raises:
            SuppressError: naming the first node at fault.
        """
        if counts.shape != self.parent.shape:
            raise SuppressError(f"counts must be one for each of {self.parent.size} nodes,"
                                f" got {counts.shape}")
        if counts.size and counts.min() < 0:
            raise SuppressError(f"counts must not be negative, got {counts.min()}")
        wrong = ~self.is_leaf & (self.sums(counts.astype(float)) != counts)
        if wrong.any():
            node = int(np.flatnonzero(wrong)[0])
            raise SuppressError(f"the children of node {node} must sum to {counts[node]},"
                                f" got {int(self.sums(counts.astype(float))[node])}")


@dataclass(frozen=True, slots=True)
class Release:
    """Counts of one group in one period, with those that are withheld."""

    tree: Tree
    counts: Ints
    withheld: Flags

    def value(self, node: int) -> int | None:
        """The count of a node; None where it is withheld."""
        return None if self.withheld[node] else int(self.counts[node])

    def total(self, nodes: Iterable[int]) -> int | None:
        """The sum over nodes that do not overlap, from published counts alone; None where it cannot be had.

        Raises:
            SuppressError: a node lies within another one.
        """
        chosen = {int(node) for node in nodes}
        for node in chosen:
            above = int(self.tree.parent[node])
            while above >= 0:
                if above in chosen:
                    raise SuppressError(f"nodes must not overlap, got {node} within {above}")
                above = int(self.tree.parent[above])
        parts = [self._derived(node) for node in chosen]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    def _derived(self, node: int) -> int | None:
        if not self.withheld[node]:
            return int(self.counts[node])
        below = [self._derived(child) for child in self.tree.children[node]]
        known = [part for part in below if part is not None]
        return sum(known) if below and len(known) == len(below) else None


def bounds(tree: Tree, counts: Ints, withheld: Flags) -> tuple[Floats, Floats]:
    """What an attacker can tell of each node: least and largest value, exactly.

    A published node gives its count twice; inf where nothing bounds it.
    """
    own_low, own_high = _from_below(tree, counts, withheld)
    low, high = own_low.copy(), own_high.copy()
    finite = np.where(np.isinf(own_high), 0.0, own_high)
    open_ends, sum_high, sum_low = (
        tree.sums(values) for values in (np.isinf(own_high).astype(float), finite, own_low))
    for level in tree.levels[1:]:
        above = tree.parent[level]
        others_open = open_ends[above] - np.isinf(own_high[level])
        others_high = np.where(others_open > 0, np.inf, sum_high[above] - finite[level])
        least = np.where(np.isinf(others_high), 0.0, low[above] - others_high)
        low[level] = np.maximum(own_low[level], least)
        high[level] = np.minimum(own_high[level], high[above] - (sum_low[above] - own_low[level]))
    return low, high


def _from_below(tree: Tree, counts: Ints, withheld: Flags) -> tuple[Floats, Floats]:
    """Bounds of each node from what is published at and below it."""
    low = np.where(withheld, 0.0, counts.astype(float))
    high = np.where(withheld, np.inf, low)
    for level in reversed(tree.levels):
        inner = level[withheld[level] & ~tree.is_leaf[level]]
        for node in inner.tolist():
            below = tree.children[node]
            low[node], high[node] = low[below].sum(), high[below].sum()
    return low, high


def suppress(counts: Ints, tree: Tree, *, threshold: int = THRESHOLD, width: int = WIDTH,
             also: Flags | None = None) -> Flags:
    """Which nodes to withhold.

    Args:
        counts: whole numbers >= 0, one per node; a parent has the sum of its children.
        tree: of the nodes.
        threshold: counts below are withheld.
        width: no withheld count may be narrowed to an interval shorter than this.
        also: nodes that are withheld anyway.

    Returns:
        True for nodes to withhold.

    Raises:
        SuppressError: counts that do not fit the tree.
    """
    tree.check(counts)
    withheld = (counts < threshold) | (also if also is not None else False)
    while True:
        low, high = bounds(tree, counts, withheld)
        narrow = np.flatnonzero(withheld & (high - low < width))
        if not narrow.size:
            return withheld
        families: set[int] = set()
        for node in narrow.tolist():
            family = int(tree.parent[node])
            if family not in families and not withheld.all():
                families.add(family)
                withheld[_helper(node, tree, counts, withheld, width)] = True


def _helper(node: int, tree: Tree, counts: Ints, withheld: Flags, width: int) -> int:
    """A published node whose withholding widens a narrow one: a child, a sibling, or the parent."""
    below = [child for child in tree.children[node] if not withheld[child]]
    if below and len(below) == len(tree.children[node]):
        return max(below, key=lambda child: (counts[child] >= width, -abs(counts[child] - width)))
    parent = int(tree.parent[node])
    if parent >= 0:
        siblings = [one for one in tree.children[parent] if not withheld[one] and counts[one] > 0]
        hidden = sum(int(counts[one]) for one in tree.children[parent] if withheld[one])
        enough = [one for one in siblings if hidden + counts[one] >= width]
        if enough:
            return min(enough, key=lambda one: (counts[one], one))
        if siblings:
            return max(siblings, key=lambda one: (counts[one], -one))
        if not withheld[parent]:
            return parent
    # the narrowness comes from further away: the nearest published node above, else the largest of all
    while parent >= 0:
        if not withheld[parent]:
            return parent
        parent = int(tree.parent[parent])
    rest = np.flatnonzero(~withheld)
    return int(rest[np.argmax(counts[rest])])


def release(counts: Ints, tree: Tree, *, threshold: int = THRESHOLD, width: int = WIDTH) -> Release:
    """The counts with those that `suppress` withholds."""
    return Release(tree, counts, suppress(counts, tree, threshold=threshold, width=width))
