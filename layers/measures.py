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
        per_area: a sum over each area, so that its unit is "件/网格"; False for ratios.
        fixed: lower edges of its fixed classes; None takes those of counts or of rates.
    """

    key: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    rate: bool = False
    source: str = "cases"
    digits: int = 0
    per_area: bool = True
    fixed: tuple[float, ...] | None = None


MEASURES: Final = (
    Measure(key="accepted", zh="受理", en="Accepted", unit_zh="件", unit_en="cases"),
    Measure(key="reported", zh="上报", en="Reported", unit_zh="件", unit_en="cases"),
    Measure(key="open", zh="在办", en="Open", unit_zh="件", unit_en="cases"),
    Measure(key="overdue", zh="超期", en="Overdue", unit_zh="件", unit_en="cases"),
    Measure(key="handled", zh="处置", en="Handled", unit_zh="件", unit_en="cases"),
    Measure(key="closed", zh="结案", en="Closed", unit_zh="件", unit_en="cases"),
    Measure(key="risk", zh="风险指数", en="Risk index", unit_zh="分", unit_en="points"),
    Measure(
        key="closure_rate_handled",
        zh="结案率(处置÷受理)",
        en="Closure rate (handled ÷ accepted)",
        unit_zh="比率",
        unit_en="rate",
        rate=True,
        per_area=False,
    ),
    Measure(
        key="closure_rate_standard",
        zh="结案率(标准)",
        en="Closure rate (standard)",
        unit_zh="比率",
        unit_en="rate",
        rate=True,
        per_area=False,
    ),
    Measure(
        key="on_time_rate",
        zh="按期结案率",
        en="On-time rate",
        unit_zh="比率",
        unit_en="rate",
        rate=True,
        per_area=False,
    ),
    Measure(
        key="per_1000",
        zh="每千人受理",
        en="Accepted per 1,000 residents",
        unit_zh="件/千人",
        unit_en="per 1,000",
        digits=1,
        per_area=False,
    ),
    Measure(
        key="households",
        zh="户数",
        en="Households",
        unit_zh="户",
        unit_en="households",
        source="areas",
        fixed=(0.0, 100.0, 300.0, 400.0, 500.0, 700.0),  # a grid should have 300-500
    ),
    Measure(
        key="residents",
        zh="居民",
        en="Residents",
        unit_zh="人",
        unit_en="people",
        source="areas",
        fixed=(0.0, 300.0, 800.0, 1200.0, 1600.0, 2200.0),
    ),
)
DEFAULT: Final = "accepted"


def measure(key: str | None) -> Measure:
    """The measure of that key; the default one where it is None or unknown to the map."""
    return next((one for one in MEASURES if one.key == key), MEASURES[0])
