from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.format import clock, moment, number, percent, seconds_between

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1472, "1,472"),
        (13870.0, "13,870"),
        (None, "—"),
        (float("nan"), "—"),
        (float("inf"), "—"),
    ],
)
def test_number(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (13385 / 13870, "96.5%"),
        (0.0, "0.0%"),
        (1.0, "100.0%"),
        (None, "—"),
        (float("nan"), "—"),
    ],
)
def test_percent_never_makes_up_a_rate(rate, text):
    assert percent(rate) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00"),
        (59, "00:00"),
        (6000, "01:40"),
        (-18720, "05:12"),
        (3 * 86400 + 4 * 3600 + 720, "3d\u00a004:12"),
    ],
)
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_moment_is_local_to_the_district():
    assert moment(datetime(2026, 11, 22, 6, 32, tzinfo=UTC), ZONE) == "11-22 14:32"
    assert moment(pd.NaT, ZONE) == "—"


def test_seconds_between_is_none_where_a_moment_is_missing():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert seconds_between(pd.Timestamp("2026-11-22T00:01:00Z"), now) == 60
    assert seconds_between(None, now) is None
    assert seconds_between(now, pd.NaT) is None
