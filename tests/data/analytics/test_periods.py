"""Periods of the local calendar: whole, gapless, and compared like with like."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.analytics.periods import (
    KINDS,
    PeriodError,
    before,
    period_at,
    period_of,
    read_period,
    run_of,
    year_before,
)

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(1905, 1, 1), date(2190, 12, 31))


@given(day=DAYS, kind=st.sampled_from(KINDS))
def test_a_period_holds_its_day_and_follows_on_the_one_before(day: date, kind: str) -> None:
    found = period_of(kind, day, ZONE)
    assert found.first <= day < found.after
    assert before(found).after == found.first
    assert read_period(found.code, ZONE) == found
    codes = [one.code for one in run_of(found, 7)]
    assert codes == sorted(codes)
    assert codes[-1] == found.code


@given(day=DAYS, kind=st.sampled_from(KINDS))
def test_the_year_before_is_the_same_part_of_the_year(day: date, kind: str) -> None:
    found = period_of(kind, day, ZONE)
    earlier = year_before(found)
    assert earlier.kind == kind
    assert timedelta(days=357) <= found.first - earlier.first <= timedelta(days=371)
    if kind != "week":
        assert earlier.code[4:] in (found.code[4:], "-02-28")


@pytest.mark.parametrize(("code", "first", "after"), [
    ("2019-05-H1", date(2019, 5, 1), date(2019, 5, 16)), ("2020-02-H2", date(2020, 2, 16), date(2020, 3, 1)),
    ("2019-W01", date(2018, 12, 31), date(2019, 1, 7)), ("2019-Q4", date(2019, 10, 1), date(2020, 1, 1)),
    ("2019-12", date(2019, 12, 1), date(2020, 1, 1)), ("2019", date(2019, 1, 1), date(2020, 1, 1)),
    ("2020-02-29", date(2020, 2, 29), date(2020, 3, 1)),
])
def test_codes_say_which_days(code: str, first: date, after: date) -> None:
    found = read_period(code, ZONE)
    assert (found.first, found.after) == (first, after)
    assert found.since.isoformat() == f"{first}T00:00:00+08:00"


@pytest.mark.parametrize("code", ["", "2019-5", "2019-13", "2019-02-30", "2019-H1", "2019-W54", "2019-Q5",
                                  "1900", "2200", "2019-05-H3", "２０１９", "2019-05-01\n", "x" * 99])
def test_what_is_no_period_is_refused_by_name(code: str) -> None:
    with pytest.raises(PeriodError, match="a period must be written as"):
        read_period(code, ZONE)
    with pytest.raises(PeriodError, match="must be one of day, week"):
        period_of(code, date(2019, 5, 1), ZONE)


def test_week_53_is_compared_with_the_last_week_and_a_leap_day_with_the_28th() -> None:
    assert year_before(read_period("2020-W53", ZONE)).code == "2019-W52"
    assert year_before(read_period("2020-02-29", ZONE)).code == "2019-02-28"


def test_a_period_in_progress_is_compared_with_the_same_stretch() -> None:
    now = datetime(2019, 5, 20, 12, tzinfo=ZONE)
    month = period_at("month", now, ZONE)
    assert month.as_far_as(month, now) == (month.since, now)
    assert before(month).as_far_as(month, now)[1] == datetime(2019, 4, 20, 12, tzinfo=ZONE)
    late = datetime(2019, 3, 31, 12, tzinfo=ZONE)
    march = period_at("month", late, ZONE)
    assert before(march).as_far_as(march, late) == (before(march).since, march.since), "February is shorter"
    assert before(month).as_far_as(before(month), now) == (before(month).since, month.since)
    assert before(month).is_over(now)
    assert not month.is_over(now)
    first = month.as_far_as(month, month.since)
    assert first[0] < first[1], "never empty"
