"""Part of the case card: the four levels that a case passes (市、区、专业部门、网格监督员)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import html

from dashboard.components.parts import facts
from dashboard.format import missing, moment
from dashboard.texts import Say

#: Sub-platforms that the city or the province runs: their cases come down from above.
CITY_PLATFORMS: Final = frozenset({"hotline_12345", "minxin", "minyi"})


def linkage(case_: Mapping[str, Any], *, platform: str | None, department: str, officer: Any, zone: Any,
            say: Say) -> html.Dl:
    """One line per level: who it is, and what the case did there.

    Args:
        case_: a row of ``case`` with ``city``, the name of the city's centre, and
            ``centre``, that of the district.
        platform: sub-platform by which the case came; None for other channels.
        department: name of the unit that handles it, "—" where there is none.
        officer: the grid officer, a component; None where there is none.
    """
    from_city = platform in CITY_PLATFORMS
    lines = (
        ("city", case_.get("city") or "", say("link.from_city" if from_city else "link.not_city"), from_city),
        ("district", case_.get("centre") or "", *_step(case_, "accepted", "waiting", zone, say)),
        ("department", "" if department == "—" else department,
         *_step(case_, "dispatched", "not_dispatched", zone, say)),
        ("officer", officer or say("link.nobody"), "", officer is not None),
    )
    return facts([(say(f"link.{level}"), _line(*what)) for level, *what in lines])


def _step(case_: Mapping[str, Any], key: str, otherwise: str, zone: Any, say: Say) -> tuple[str, bool]:
    """When the case reached a level, or that it did not."""
    at = case_.get(f"{key}_at")
    if missing(at):
        return say(f"link.{otherwise}"), False
    return say(f"link.{key}", at=moment(at, zone)), True


def _line(who: Any, note: str, is_reached: bool) -> html.Span:
    mark = [html.Small(f"{'✓ ' if is_reached else ''}{note}", className="quiet")] if note else []
    return html.Span([who, " ", *mark])
