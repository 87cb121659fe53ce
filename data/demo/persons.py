"""The persons behind the masks: full names, phones and homes. All of them are invented.

They fit what is masked elsewhere: family name, length of the name, the digits of a phone that are
shown. Draws of their own, so that no other row of a demo moves.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.demo.draws import stream
from data.exchange.channels import CHANNELS

#: One sign after the family name; none of them together with a family name names a known person.
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红梅鹏飞宁岚欣悦晨浩博宇轩雪"
PREFIXES: Final = ("133", "135", "138", "139", "150", "158", "177", "186", "189")
#: Groups of channels through which a citizen leaves a name.
NAMED: Final = ("hotline", "internet")
_OFFICERS, _REPORTERS = 60, 61  # paths of the draws
_ROOMS: Final = tuple(f"{unit}单元{floor}{room:02d}室"
                      for unit in range(1, 5) for floor in range(1, 19) for room in range(1, 5))


def officer_persons(people: pd.DataFrame, seed: int) -> pa.Table:
    """Rows of ``person_detail`` for officers.

    Args:
        people: rows of ``officer`` with masked names (``王*``) and phones (``138****5678``).
        seed: of the demo.
    """
    rng = stream(seed, _OFFICERS)
    size = len(people)
    middle = _digits(rng, size, 4)
    phones = pa.array(people["phone_masked"], pa.string())
    return _rows("officer", {
        "person_id": pa.array(people["officer_id"], pa.string()),
        "street_code": pa.array(people["street_code"], pa.string()),
        "name": _names(pa.array(people["name_masked"], pa.string()), rng),
        "phone": pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(phones, 0, 3), middle, pc.utf8_slice_codeunits(phones, 7, 11), ""),
    })


def reporter_persons(cases: pa.Table, seed: int, batch: int) -> pa.Table:
    """Rows of ``person_detail`` for citizens who reported by hotline or internet.

    Args:
        cases: a batch of rows of ``case``.
        seed: of the demo.
        batch: number of the batch; each draws on its own.
    """
    codes = [row.channel_code for row in CHANNELS if row.group_code in NAMED]
    named = pc.and_(pc.is_in(cases["channel_code"], value_set=pa.array(codes)),
                    pc.is_valid(cases["reporter_masked"]))
    chosen = cases.select(["case_no", "street_code", "reporter_masked", "address", "building_id"]
                          ).filter(named).combine_chunks()
    rng = stream(seed, _REPORTERS, batch)
    size = chosen.num_rows
    column = {name: pa.concat_arrays(chosen[name].chunks) if chosen[name].num_chunks
              else pa.nulls(0, pa.string()) for name in chosen.column_names}
    prefixes = pa.array(PREFIXES).take(pa.array(rng.integers(0, len(PREFIXES), size)))
    rooms = pa.array(_ROOMS).take(pa.array(rng.integers(0, len(_ROOMS), size)))
    home = pc.binary_join_element_wise(column["address"], rooms, "")
    return _rows("reporter", {
        "person_id": column["case_no"],
        "street_code": column["street_code"],
        "name": _names(column["reporter_masked"], rng),
        "phone": pc.binary_join_element_wise(prefixes, _digits(rng, size, 8), ""),
        "address": pc.if_else(pc.is_valid(column["building_id"]), home, pa.scalar(None, pa.string())),
    })


def _names(masked: pa.Array, rng: np.random.Generator) -> pa.Array:
    """A full name for each masked one, a sign for each star."""
    given = pa.array(list(GIVEN))
    signs = given.take(pa.array(rng.integers(0, len(GIVEN), len(masked))))
    more = given.take(pa.array(rng.integers(0, len(GIVEN), len(masked))))
    second = pc.if_else(pc.greater(pc.utf8_length(masked), 2), more, "")
    return pc.binary_join_element_wise(pc.utf8_slice_codeunits(masked, 0, 1), signs, second, "")


def _digits(rng: np.random.Generator, size: int, width: int) -> pa.Array:
    numbers = pa.array(rng.integers(0, 10 ** width, size))
    return pc.utf8_lpad(numbers.cast(pa.string()), width, "0")


def _rows(kind: str, columns: dict[str, pa.Array]) -> pa.Table:
    size = len(columns["person_id"])
    return pa.table({"kind": pa.array([kind]).take(pa.array(np.zeros(size, dtype=np.int64))), **columns,
                     "is_synthetic": pa.array(np.ones(size, dtype=bool))})
