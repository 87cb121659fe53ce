"""What became of the cases of the last published bulletin since, in one sentence: counted, never invented."""

from __future__ import annotations

from typing import Any, Final

from callbacks.analytics_address import Look
from callbacks.desk import Desk
from dashboard.figures.periods import period_name
from dashboard.figures.values import shown
from dashboard.format import moment, number
from dashboard.texts import Say
from data.analytics.periods import read_period
from data.cases.indicators import BY_KEY
from data.engine import STORE_FAULTS
from data.filters import SETS, CaseFilter

_RATE: Final = BY_KEY["closure_rate_standard"]
_COUNTED: Final = ("closed", "need_close", "overdue")
#: After all periods, as codes sort.
_LAST: Final = "9999"


def since_bulletin(look: Look, desk: Desk, say: Say) -> dict[str, Any] | None:
    """``name, text, to`` of the sentence.

    None where there is no bulletin that who asks may read, the look is narrowed, or the store does not answer
    (of which the page tells by itself).
    """
    viewer = desk.viewer()
    narrowed = any(getattr(look.filter_, name) for name in SETS)
    if desk.press is None or viewer.is_screen or narrowed or not viewer.scope.is_everything \
            or desk.moment() is not None:
        return None
    try:
        last = desk.press.kept.published_before(_LAST)
        content = desk.press.kept.content(last) if last else None
    except STORE_FAULTS:
        return None
    if content is None:
        return None
    period, now = read_period(content["period"], desk.zone), desk.now()
    cases, before = desk.readers.cases, content["counts"]["this"]
    after = cases.counts(CaseFilter(since=period.since, until=period.until), now, _COUNTED)
    fresh = cases.counts(CaseFilter(since=period.until, until=max(now, period.until)), now, ("reported",)) \
        if now > period.until else None
    rate, rate_now = (shown(_RATE.of(counts), _RATE, say) for counts in (before, after.to_dict()))
    return {
        "to": f"/bulletins/{period.code}",
        "name": say("since.name", period=period_name(period, say), time=moment(content["as_of"], desk.zone)),
        "text": say("since.text", closed=number(after.closed - before["closed"]), before=rate, now=rate_now,
                    late_before=number(before["overdue"]), late=number(after.overdue),
                    fresh=number(fresh.reported if fresh else 0))}
