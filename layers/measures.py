"""The measures that colour and lift areas: one row per measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure per area.

    Attributes:
        key: a counter or a rate of the case reader, or a column of the areas.
        rate: a fraction 0..1 instead of a count.
        source: ``cases`` or ``areas``.
        digits: decimals when shown.
    """

    key: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    rate: bool = False
    source: str = "cases"
    digits: int = 0


MEASURES: Final = (
    Measure(key="accepted", zh="受理", en="Accepted", unit_zh="件", unit_en="cases"),
    Measure(key="reported", zh="上报", en="Reported", unit_zh="件", unit_en="cases"),
    Measure(key="open", zh="处置中", en="Open", unit_zh="件", unit_en="cases"),
    Measure(key="overdue", zh="超期", en="Overdue", unit_zh="件", unit_en="cases"),
    Measure(key="handled", zh="处置", en="Handled", unit_zh="件", unit_en="cases"),
    Measure(key="closed", zh="结案", en="Closed", unit_zh="件", unit_en="cases"),
    Measure(
        key="closure_rate_handled",
        zh="结案率(处置÷受理)",
        en="Closure rate (handled ÷ accepted)",
        unit_zh="比率",
        unit_en="rate",
        rate=True,
    ),
    Measure(
        key="closure_rate_standard",
        zh="结案率(标准)",
        en="Closure rate (standard)",
        unit_zh="比率",
        unit_en="rate",
        rate=True,
    ),
    Measure(
        key="on_time_rate", zh="按期结案率", en="On-time rate", unit_zh="比率", unit_en="rate", rate=True
    ),
    Measure(
        key="per_1000",
        zh="每千人受理",
        en="Accepted per 1,000 residents",
        unit_zh="件/千人",
        unit_en="per 1,000",
        digits=1,
    ),
    Measure(key="households", zh="户数", en="Households", unit_zh="户", unit_en="households", source="areas"),
    Measure(key="residents", zh="居民", en="Residents", unit_zh="人", unit_en="people", source="areas"),
)
DEFAULT: Final = "accepted"


def measure(key: str | None) -> Measure:
    """The measure of that key; the default one where it is None or unknown to the map."""
    return next((one for one in MEASURES if one.key == key), MEASURES[0])
