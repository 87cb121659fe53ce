"""Rates of the evaluation (评价指标): divided here and nowhere else.

A rate is a fraction 0..1 unless its unit says otherwise; None means that there
is nothing to divide by, which a screen shows as "—", never as 0 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One rate: the counters it divides, and what it means in both languages.

    ``numerator`` and ``denominator`` are counters of `data.cases.rules`; ``scale``
    multiplies the quotient; ``less_is_better`` turns the colours round.
    """

    key: str
    zh: str
    en: str
    numerator: str
    denominator: str
    definition_zh: str
    definition_en: str
    unit: str = "share"
    scale: float = 1.0
    less_is_better: bool = False

    def of(self, counts: Mapping[str, Any]) -> float | None:
        """The rate of some counts; None where there is nothing to divide by."""
        return share(float(counts[self.numerator]) * self.scale, counts[self.denominator])


def share(part: float, whole: float) -> float | None:
    """The one division; None where there is nothing to divide by."""
    return None if not whole else part / whole


def _rate(key: str, zh: str, en: str, parts: tuple[str, str], text: tuple[str, str],
          **more: Any) -> Indicator:
    return Indicator(key=key, zh=zh, en=en, numerator=parts[0], denominator=parts[1],
                     definition_zh=text[0], definition_en=text[1], **more)


INDICATORS: Final = (
    _rate("closure_rate_handled", "结案率（办结÷受理）", "closure rate (handled ÷ accepted)",
          ("handled", "accepted"),
          ("已处置 ÷ 已受理", "handled ÷ accepted, the definition of the source")),
    _rate("closure_rate_standard", "结案率（结案÷应结案）", "closure rate (closed ÷ due to close)",
          ("closed", "need_close"),
          ("结案数 ÷ 应结案数；应结案＝已处置或已超期，不含作废",
           "closed ÷ due to close; due = handled, or past the deadline; cancelled ones left out")),
    _rate("on_time_rate", "按期结案率", "on-time closure rate",
          ("closed_on_time", "need_close_limited"),
          ("按期结案 ÷ 应结案（有时限或自行处置者）；按期由处置按期继承",
           "closed, having been handled before the deadline ÷ due to close, of those that had a limit")),
    _rate("handling_rate", "处置率", "handling rate", ("handled_needed", "need_close"),
          ("处置 ÷ 应处置", "handled ÷ due")),
    _rate("on_time_handling_rate", "按期处置率", "on-time handling rate",
          ("handled_needed_on_time", "need_close_limited"),
          ("按期处置 ÷ 应处置（有时限或自行处置者）",
           "handled before the deadline ÷ due, of those that had a limit")),
    _rate("acceptance_rate", "受理率", "acceptance rate", ("accepted", "reported"),
          ("受理 ÷ 上报", "accepted ÷ reported")),
    _rate("filing_rate", "立案率", "filing rate", ("filed", "reported"),
          ("立案 ÷ 上报", "filed ÷ reported")),
    _rate("valid_rate", "有效上报率", "valid report rate", ("valid", "reported"),
          ("有效上报 ÷ 上报；有效＝已派遣且未作废", "dispatched and not cancelled ÷ reported")),
    _rate("overdue_rate", "超期未处置率", "overdue share of open cases", ("overdue", "open"),
          ("超期未处置 ÷ 在办", "past the deadline and not handled ÷ open"), less_is_better=True),
    _rate("rework_rate", "返工率", "rework rate", ("reworked", "through_handling"),
          ("返工案件 ÷ 经处置案件", "cases sent back by the check ÷ cases that were handled"),
          less_is_better=True),
    _rate("check_rate", "核查率", "check rate", ("checked", "need_check"),
          ("已核查 ÷ 应核查", "checked ÷ handled by a unit")),
    _rate("dispatch_accuracy", "准确派遣率", "dispatch accuracy", ("assigned_right", "assigned"),
          ("首派单位即末办单位 ÷ 派遣", "first unit is also the last ÷ dispatched to a unit")),
    _rate("public_report_rate", "公众举报率", "public report rate", ("valid_public", "valid"),
          ("有效公众举报 ÷ 有效上报", "valid reports by the public ÷ valid reports")),
    _rate("self_done_rate", "自行处置率", "done on the spot", ("self_done", "handled"),
          ("自行处置 ÷ 处置", "done by the officer on the spot ÷ handled")),
    _rate("repeat_rate", "重复案件率", "repeat rate", ("repeated", "reported"),
          ("重复案件 ÷ 上报", "repeats ÷ reported"), less_is_better=True),
    _rate("cancel_rate", "作废率", "cancelled share", ("cancelled", "reported"),
          ("作废 ÷ 上报", "cancelled ÷ reported"), less_is_better=True),
    _rate("visit_rate", "回访率", "visit rate", ("visited", "closed"),
          ("回访 ÷ 结案", "visited ÷ closed")),
    _rate("satisfaction_rate", "满意率", "satisfaction rate", ("satisfied", "scored"),
          ("满意及以上 ÷ 有评价的回访", "score of 80 or more ÷ visits with a score")),
    _rate("satisfaction_score", "满意度得分", "satisfaction score", ("satisfaction_sum", "scored"),
          ("得分均值（100/80/50/0/−100）", "mean score (100/80/50/0/−100)"), unit="score"),
    _rate("mean_handling_h", "平均处置时长", "mean handling time", ("handling_s_sum", "timed"),
          ("派遣至处置，扣除停表时间，小时（自然时）", "dispatch to handling, less stopped clock, hours"),
          unit="hour", scale=1 / 3600, less_is_better=True),
    _rate("m1_rate", "130：1日部署率", "130: deployed in 1 day", ("m1_met", "m1_due"),
          ("受理后24小时内部署 ÷ 应部署", "deployed within 24 h of acceptance ÷ due")),
    _rate("m3_rate", "130：3日反馈率", "130: feedback in 3 days", ("m3_met", "m3_due"),
          ("受理后72小时内反馈 ÷ 应反馈", "feedback within 72 h of acceptance ÷ due")),
)
BY_KEY: Final = {indicator.key: indicator for indicator in INDICATORS}


def rates(counts: Mapping[str, Any] | Any) -> dict[str, float | None]:
    """Every rate whose counters are at hand, by key; None where there is nothing to divide by.

    Args:
        counts: a `CaseCounts`, or a mapping of counters (perhaps not all of them).
    """
    values: Mapping[str, Any] = counts if isinstance(counts, Mapping) else counts.to_dict()
    return {rate.key: rate.of(values) for rate in INDICATORS
            if rate.numerator in values and rate.denominator in values}
