"""The KPI tiles of the wall: one row per figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from dash import html

from dashboard.components.parts import tile
from dashboard.format import number, percent
from dashboard.texts import Say
from data.cases.counts import CaseCounts

Rates = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One tile: its key in the catalogues, its figure, and the sign where it is abnormal."""

    key: str
    value: Callable[[CaseCounts, Rates], str]
    unit: str = ""
    sign: str = ""
    is_abnormal: Callable[[CaseCounts], bool] = lambda _counts: False


def _rate(key: str) -> Callable[[CaseCounts, Rates], str]:
    return lambda _counts, rates: percent(rates.get(key))


KPIS: Final = (
    Kpi(key="accepted", value=lambda counts, _: number(counts.accepted), unit="unit.cases"),
    Kpi(key="in_handling", value=lambda counts, _: number(counts.in_handling), unit="unit.cases"),
    Kpi(
        key="overdue",
        value=lambda counts, _: number(counts.overdue),
        unit="unit.cases",
        sign="◆",
        is_abnormal=lambda counts: bool(counts.overdue),
    ),
    Kpi(key="closure_rate_handled", value=_rate("closure_rate_handled")),
    Kpi(key="closure_rate_standard", value=_rate("closure_rate_standard")),
    Kpi(key="on_time_rate", value=_rate("on_time_rate")),
)


def kpi_strip(counts: CaseCounts, rates: Rates, say: Say) -> list[html.Div]:
    """The tiles of `KPIS` for one filter.

    Args:
        counts: counters of the cases in the filter at now.
        rates: key -> 0..1, None where there is nothing to divide by.
    """
    tiles = []
    for kpi in KPIS:
        abnormal = kpi.is_abnormal(counts)
        tiles.append(
            tile(
                say(f"kpi.{kpi.key}"),
                kpi.value(counts, rates),
                unit=say(kpi.unit) if kpi.unit else "",
                class_name="tile--over" if abnormal else "",
                help_=say(f"kpi.{kpi.key}.help"),
                sign=kpi.sign if abnormal else "",
                kpi=kpi.key,
            )
        )
    return tiles
