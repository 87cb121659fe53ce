"""What the people of a demo wrote down beside its cases: notes on its holidays, and surveys by street."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from data.demo.holidays import HOLIDAYS
from data.demo.profiles import LOCAL

#: Name of a holiday by the month in which it begins, as of the yearly notices.
_NAMES: Final = {1: "元旦", 2: "春节", 4: "清明节", 5: "劳动节", 6: "端午节", 9: "中秋节", 10: "国庆节"}
#: Who a demo says wrote it, and asked.
_BY: Final = "demo"
_ABOUT: Final = "合成示例：街道入户抽样"
#: Answers of a survey in a street, and what share of them knows of the service, at first and later.
_ASKED: Final = (180, 260)
_AWARE: Final = (0.78, 0.84)


def build_notes(first: date, until: datetime) -> pa.Table:
    """A note on the first day of each holiday from a local day up to the end, aware: rows of ``day_note``."""
    last = (until - timedelta(microseconds=1)).astimezone(LOCAL).date()
    days = [(begin, end) for begin, end in HOLIDAYS if first <= begin <= last]
    names = [_NAMES[(end if begin.month == 1 and end.month == 2 else begin).month] for begin, end in days]
    texts = [f"{name}假期" if begin == end else f"{name}假期，至{end.month}月{end.day}日"
             for name, (begin, end) in zip(names, days, strict=True)]
    return pa.table({"day": pa.array([begin for begin, _ in days], pa.date32()),
                     "text": pa.array(texts, pa.string()), **_kept(len(days), until)})


def build_surveys(areas: pd.DataFrame, until: datetime, random: np.random.Generator) -> pa.Table:
    """Two surveys of awareness in each street, in the half-month of the end and in the one before: rows of
    ``survey``."""
    streets = areas.loc[areas["level"] == "street", "area_code"].tolist()
    last = (until - timedelta(microseconds=1)).astimezone(LOCAL).date()
    begun = last.replace(day=1 if last.day <= 15 else 16)
    days = [begun - timedelta(days=1), begun]
    asked = random.integers(*_ASKED, (len(days), len(streets)))
    agreed = random.binomial(asked, np.array(_AWARE)[:, None])
    count = asked.size
    return pa.table({
        "kind": ["awareness"] * count,
        "day": pa.array(np.repeat(np.array(days, "datetime64[D]"), len(streets))),
        "area_code": pa.array(streets * len(days), pa.string()),
        "asked": pa.array(asked.ravel().astype(np.int32)),
        "agreed": pa.array(agreed.ravel().astype(np.int32)),
        "about": [_ABOUT] * count, **_kept(count, until)})


def _kept(count: int, until: datetime) -> dict[str, pa.Array]:
    return {"set_at": pa.array([until] * count, pa.timestamp("us", "UTC")),
            "set_by": pa.array([_BY] * count, pa.string())}
