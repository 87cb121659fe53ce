"""Whether a change is more than chance, against published intervals."""

import numpy as np
import pytest

from data.analytics.changes import count_changed, share_changed


@pytest.mark.parametrize(("counts", "changed"), [
    ((56, 70, 48, 80), True), ((9, 10, 3, 10), True), ((6, 7, 2, 7), True), ((5, 56, 0, 29), False),
    ((0, 10, 0, 20), False), ((10, 10, 0, 20), True), ((10, 10, 0, 10), True),
])
def test_shares_differ_as_published(counts, changed):
    """Newcombe 1998, Stat. Med. 17, 873-890, table II, method 10: (6, 7, 2, 7) gives 0.0582 to 0.8062."""
    assert share_changed(*counts) is changed
    assert share_changed(*counts[2:], *counts[:2]) is changed


def test_nothing_is_not_compared():
    assert share_changed(0, 0, 1, 2) is None
    assert share_changed(1, 2, 0, 0) is None
    assert count_changed(0, 0) is None


def test_of_equal_spans_one_in_twenty_seems_changed():
    rng = np.random.default_rng(5)
    drawn = rng.poisson(120, (4000, 2))
    assert 0.03 <= np.mean([count_changed(int(a), int(b)) for a, b in drawn]) <= 0.07
    assert count_changed(180, 120)
    parts = rng.binomial(300, 0.93, (2000, 2))
    assert np.mean([share_changed(int(a), 300, int(b), 300) for a, b in parts]) <= 0.07
