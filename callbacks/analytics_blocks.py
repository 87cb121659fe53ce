"""What the analytics page shows at first sight: four blocks of figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from callbacks.analytics_address import CASES, LINEAGE, SURVEYS, Look
from dashboard.figures.values import change, counted_change, shown
from dashboard.format import NONE, number, percent
from dashboard.texts import Say
from data.analytics.weights import Weights
from data.cases.counts import CaseCounts
from data.cases.indicators import BY_KEY, rates

#: Block (S2:34: 公众参与、三级联动、应急指挥、绩效考核) -> what it shows: counters and indicators.
BLOCKS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "participation": (("public", "visited"), ("public_report_rate", "satisfaction_rate")),
    "linkage": (("joint", "whistle"), ("dispatch_accuracy", "self_done_rate")),
    "emergency": (("supervised", "urged"), ("m1_rate", "m3_rate")),
    "assessment": (("closed", "overdue"), ("closure_rate_standard", "on_time_handling_rate")),
}

Counted = Mapping[str, CaseCounts]
Aware = tuple[tuple[int, int] | None, tuple[int, int] | None]


def blocks(counted: Counted, look: Look, weights: Weights, say: Say, aware: Aware = (None, None)
           ) -> list[dict[str, Any]]:
    """The four blocks: figures with their change, each leading to its cases or to where it comes from.

    Args:
        weights: of the index, of the period's last day.
        aware: what surveys of the period and of the one before found, ``(aware, asked)``; None: nobody asked.
    """
    now, earlier = counted["this"].to_dict(), counted["before"].to_dict()
    rated, rated_before = rates(counted["this"]), rates(counted["before"])
    found: list[dict[str, Any]] = []
    for key, (counters, indicators) in BLOCKS.items():
        facts = [{"name": say(f"analytics.counter.{name}"), "value": number(now[name]),
                  "change": counted_change(now[name], earlier[name]), "turn": "none",
                  "to": look.address(CASES, of=name)} for name in counters]
        for name in indicators:
            one = BY_KEY[name]
            turned = change(rated[name], rated_before[name], one, say("analytics.points"))
            facts.append({"name": one.zh if look.lang == "zh" else one.en,
                          "value": shown(rated[name], one, say), "change": turned["text"],
                          "turn": turned["turn"], "to": look.address(LINEAGE, indicator=name)})
        found.append({"key": key, "name": say(f"analytics.block.{key}"), "facts": facts})
    found[0]["facts"].append(_awareness(aware, look, say))
    index = weights.index(rated)
    found[-1]["index"] = NONE if index is None else number(index, 1)
    found[-1]["index_by"] = say("analytics.index.by", **{part: f"{points:g}" for part, points
                                                         in weights.to_store().items()})
    return found


def _awareness(aware: Aware, look: Look, say: Say) -> dict[str, Any]:
    """Of those asked in surveys, who knows of the service."""
    shares = [counted[0] / counted[1] if counted else None for counted in aware]
    moved = NONE if shares[0] is None or shares[1] is None \
        else f"{100 * (shares[0] - shares[1]):+.2f}{say('analytics.points')}"
    return {"name": say("surveys.kind.awareness"), "value": percent(shares[0], 1), "change": moved,
            "turn": "none", "to": look.address(SURVEYS)}
