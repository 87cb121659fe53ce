"""Codes nest by their digits, and whole numbers are shared out exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.areas.codes import (
    AreaError,
    apportion,
    at_level,
    children,
    level_of,
    overlay_code,
    overlay_kind,
    parent_of,
)


@pytest.mark.parametrize(("code", "level", "parent"), [
    ("510108", "district", None), ("510108002", "street", "510108"),
    ("510108002001", "community", "510108002"), ("510108002001005", "grid", "510108002001"),
    ("510108002W001", None, None), ("5101", None, None), ("51010８", None, None), ("", None, None),
])
def test_the_length_is_the_level_and_the_prefix_the_parent(code, level, parent):
    assert level_of(code) == level
    assert parent_of(code) == parent


def test_children_have_three_digits_each():
    assert children("510108", 3) == ["510108001", "510108002", "510108003"]
    assert at_level("510108002001005", "community") == "510108002001"
    assert at_level("510108", "street") == ""
    assert overlay_code("510108002", "W", 7) == "510108002W007"
    with pytest.raises(AreaError, match="at most 999 children"):
        children("510108", 1000)
    assert overlay_code("510108002", "U", 7) == "510108002U0007"
    with pytest.raises(AreaError, match="letter must be one of W, P, C, U, got 'X'"):
        overlay_code("510108002", "X", 1)
    with pytest.raises(AreaError, match=r"must be 1\.\.999, got 1000"):
        overlay_code("510108002", "C", 1000)


def test_the_code_of_a_grid_beside_the_partition_tells_its_kind():
    codes = ("510108002W001", "510108002P001", "510108002C001", "510108002U0001")
    assert [overlay_kind(code) for code in codes] == ["work", "professional", "compound", "unit"]
    assert overlay_kind("510108002001005") is None
    assert overlay_kind("510108002U001") is None


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=40), st.integers(0, 3))
def test_parts_add_up_and_nobody_gets_less_than_the_least(total, weights, least):
    if total < least * len(weights):
        with pytest.raises(AreaError, match="at least"):
            apportion(total, weights, least=least)
        return
    parts = apportion(total, weights, least=least)
    assert sum(parts) == total
    assert min(parts) >= least
