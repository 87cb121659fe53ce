from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dashboard.lamps import lamp_of, time_left
from dashboard.texts import speaker

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def case(**about):
    return {
        "state": "handling",
        "dispatched_at": NOW - 10 * HOUR,
        "deadline_at": NOW + 10 * HOUR,
        "handled_at": None,
        "clock_stopped_at": pd.NaT,
        **about,
    }


@pytest.mark.parametrize(
    ("about", "key", "left"),
    [
        ({}, "ok", "剩 10:00"),
        ({"deadline_at": NOW + HOUR}, "warn", "剩 01:00"),
        ({"deadline_at": NOW}, "warn", "剩 00:00"),
        ({"deadline_at": NOW - HOUR}, "over", "超 01:00"),
        ({"deadline_at": NOW - HOUR, "handled_at": NOW - 5 * HOUR, "state": "verifying"}, "ok", "剩 04:00"),
        ({"clock_stopped_at": NOW - HOUR}, "stopped", "停表"),
        ({"state": "closed"}, "done", "—"),
        ({"deadline_at": pd.NaT}, "none", "—"),
    ],
)
def test_lamp(about, key, left):
    lamp = lamp_of(case(**about), NOW)
    assert lamp.key == key
    assert time_left(lamp, speaker("zh")) == left
