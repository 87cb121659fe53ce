"""Values of indicators and their changes as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dashboard.format import NONE, missing, number, percent
from dashboard.texts import Say
from data.cases.indicators import Indicator

#: Digits after the point of a rate: two, for bulletins differ in the second.
DIGITS: Final = 2


def shown(value: float | None, indicator: Indicator, say: Say) -> str:
    """A value in its unit; "—" where there is nothing to divide by."""
    if missing(value):
        return NONE
    if indicator.unit == "share":
        return percent(value, DIGITS)
    return f"{number(value, 1)}{say(f'analytics.unit.{indicator.unit}')}"


def change(value: float | None, earlier: float | None, indicator: Indicator, unit: str = ""
           ) -> Mapping[str, Any]:
    """``text`` of a change and whether it is for the ``better``, for the ``worse`` or ``none``.

    Shares change by percentage points, called ``unit``; what cannot be compared is "—".
    """
    if missing(value) or missing(earlier):
        return {"text": NONE, "turn": "none"}
    gain = float(value) - float(earlier)  # type: ignore[arg-type]
    scale = 100 if indicator.unit == "share" else 1
    text = f"{gain * scale:+.{DIGITS if scale == 100 else 1}f}"
    if float(text) == 0:
        return {"text": text.replace("+", "±").replace("-", "±"), "turn": "none"}
    turn = "worse" if (gain < 0) != indicator.less_is_better else "better"
    return {"text": f"{text}{unit if scale == 100 else ''}", "turn": turn}


def counted_change(count: int | None, earlier: int | None) -> str:
    """The change of a count as ``+4.8%``; "—" where there was nothing before."""
    return NONE if count is None or not earlier else f"{100 * (count - earlier) / earlier:+.1f}%"
