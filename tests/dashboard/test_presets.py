from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.presets import windows

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 6, 32, 10, tzinfo=UTC)


def test_today_is_the_calendar_day_of_the_district():
    since, until = windows(NOW, ZONE, None, None)["today"]
    assert (since.isoformat(), until.isoformat()) == (
        "2026-11-22T00:00:00+08:00",
        "2026-11-23T00:00:00+08:00",
    )


def test_today_at_the_midnight_that_ends_the_data_is_the_day_before():
    since, _ = windows(datetime(2019, 5, 11, 15, 59, tzinfo=UTC), ZONE, None, None)["today"]
    assert since.isoformat() == "2019-05-11T00:00:00+08:00"


def test_sliding_windows_end_with_the_minute():
    since, until = windows(NOW, ZONE, None, None)["24h"]
    assert until == datetime(2026, 11, 22, 6, 33, tzinfo=UTC)
    assert until - since == timedelta(hours=24)


def test_windows_over_an_old_file_end_with_its_data():
    last = datetime(2020, 12, 31, 10, tzinfo=UTC)
    first = datetime(2008, 1, 1, tzinfo=UTC)
    found = windows(NOW, ZONE, first, last)
    assert found["24h"][1] == datetime(2020, 12, 31, 10, 1, tzinfo=UTC)
    assert found["all"][0] <= first < last < found["all"][1]


def test_every_window_is_one_a_filter_takes():
    for since, until in windows(NOW, ZONE, None, None).values():
        assert since < until
