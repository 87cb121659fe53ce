"""What changed and what may be said of units, in plain words: only what was counted, never invented."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from dashboard.figures.values import counted_change, shown
from dashboard.format import number
from dashboard.texts import Say
from data.analytics.changes import count_changed, share_changed
from data.analytics.measures import League
from data.cases.counts import CaseCounts
from data.cases.indicators import BY_KEY

#: Units that a sentence names at most.
_NAMED: Final = 3

Counted = Mapping[str, CaseCounts]


def sentence(counted: Counted, found: League, name: Callable[[str], str], say: Say) -> list[str]:
    """What changed since the period before, and what may be said of the units."""
    return [text for text in (*changed(counted, say), verdict(found, name, say)) if text]


def changed(counted: Counted, say: Say) -> list[str]:
    """What changed since the period before, in plain words."""
    now, earlier = counted["this"], counted["before"]
    said = [_count_words(now.reported or 0, earlier.reported or 0, say)]
    one = BY_KEY["closure_rate_standard"]
    counts = (now.closed or 0, now.need_close or 0, earlier.closed or 0, earlier.need_close or 0)
    rate, before = one.of(now.to_dict()), one.of(earlier.to_dict())
    if rate is None:
        said.append(say("analytics.said.no_rate"))
    else:
        gain = 100 * (rate - (before or 0.0))
        way = "level" if abs(gain) < 0.005 else "up" if gain > 0 else "down"
        key = {None: "first", True: "changed", False: "chance"}[share_changed(*counts)]
        said.append(say(f"analytics.said.rate.{key}", value=shown(rate, one, say),
                        change=say(f"analytics.{way}", n=f"{abs(gain):.2f}")))
    return said


def _count_words(now: int, before: int, say: Say) -> str:
    if not before:
        return say("analytics.said.count.first", n=number(now))
    key = "more" if now > before else "fewer" if now < before else "same"
    kind = "changed" if count_changed(now, before) else "chance"
    return say(f"analytics.said.count.{key}", n=number(now), gain=number(abs(now - before)),
               share=counted_change(now, before)) + say(f"analytics.said.{kind}")


def verdict(found: League, name: Callable[[str], str], say: Say) -> str:
    """What may be said of the units: who stands out, or that they cannot be told apart."""
    if found.comparison is None:
        return ""
    rows = found.rows
    if rows["rank"].count() < 2:
        return say("analytics.verdict.few")
    parts = [say(f"analytics.verdict.{flag}", names=listed([name(code) for code in codes], say))
             for flag in ("high", "low") if (codes := rows["code"][rows["flag"] == flag].tolist())]
    return "".join(parts) or say("analytics.verdict.alike")


def listed(names: Sequence[str], say: Say) -> str:
    """Names in a row; of many the first few and how many they are."""
    shown_ = say("analytics.and").join(names[:_NAMED])
    return shown_ if len(names) <= _NAMED else say("analytics.and_more", names=shown_, n=len(names))
