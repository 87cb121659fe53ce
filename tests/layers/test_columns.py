"""The wire format: what is written is what is read, and faults name themselves."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import columns as wire

numbers = st.sampled_from(wire.TYPES).flatmap(
    lambda name: st.lists(
        st.integers(*((0, 100) if name == "float32" else (int(np.iinfo(name).min), int(np.iinfo(name).max)))),
        max_size=30,
    ).map(lambda values: np.asarray(values, dtype=name))
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), numbers, max_size=6), st.integers(0, 1000))
def test_round_trip(columns, rows):
    found, count, meta = wire.decode(wire.encode(columns, rows=rows, meta={"名": ["甲", 1]}))
    assert count == rows
    assert meta == {"名": ["甲", 1]}
    assert list(found) == list(columns)
    for name, column in columns.items():
        np.testing.assert_array_equal(found[name], column)
        assert found[name].dtype.name == column.dtype.name


@given(st.floats(-180, 180))
def test_degrees_are_kept_to_a_centimetre(value):
    assert abs(int(wire.degrees([value])[0]) * wire.DEGREE - value) <= wire.DEGREE / 2 + 1e-12


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 180.1, 4e6])
def test_impossible_degrees_are_refused(value):
    with pytest.raises(wire.ColumnsError, match=r"degrees must be finite and within ±180, got"):
        wire.degrees([10.0, value])


def test_other_types_and_shapes_are_refused():
    with pytest.raises(wire.ColumnsError, match=r"lon must be one-dimensional of .*, got float64"):
        wire.encode({"lon": np.zeros(2)}, rows=2, meta={})
    with pytest.raises(wire.ColumnsError, match=r"shape \(2, 2\)"):
        wire.encode({"lon": np.zeros((2, 2), dtype=np.int32)}, rows=2, meta={})


def test_foreign_and_cut_bytes_are_refused():
    whole = wire.encode({"a": np.arange(9, dtype=np.uint32)}, rows=9, meta={})
    with pytest.raises(wire.ColumnsError, match="must begin with b'GRC1'"):
        wire.decode(b"PNG0" + whole[4:])
    with pytest.raises(wire.ColumnsError, match="a must hold 9 values, the content ends before"):
        wire.decode(whole[:-4])


def test_codes_are_small_and_sorted():
    index, texts = wire.codes(["b", None, "a", "b"])
    assert texts == ["", "a", "b"]
    assert index.tolist() == [2, 0, 1, 2]
    assert index.dtype == np.uint8
    wide, _ = wire.codes([str(at) for at in range(300)])
    assert wide.dtype == np.uint16
    with pytest.raises(wire.ColumnsError, match="at most 256 different ones, got 300"):
        wire.codes([str(at) for at in range(300)], limit=256)


def test_texts_and_codes_of_an_arrow_column_are_those_of_a_list() -> None:
    told = ["乙", None, "b", "", "甲", "b"]
    column = pd.Series(told, dtype=pd.ArrowDtype(pa.string()))
    for one in (column, pd.Series(told, dtype=object), pd.Series(told, dtype="str")):
        index, found = wire.codes(one)
        assert [found[place] for place in index] == [text or "" for text in told]
        assert found == sorted(found)
        known = one.dropna()
        assert wire.texts(known) == [text for text in told if text is not None]
