"""How soon a call was followed, read off a log."""

from datetime import UTC, datetime, timedelta

import pytest

from data.emergency.stages import Stages, minutes_between, stages

START = datetime(2026, 3, 6, 8, tzinfo=UTC)


def log(*acts):
    """Events one minute apart: (act, task_id)."""
    return [{"act": act, "task_id": task, "at": START + timedelta(minutes=minute)}
            for minute, (act, task) in enumerate(acts)]


def test_the_first_sign_up_and_the_first_time_that_it_was_full():
    found = log(("publish", None), ("report", 1), ("sign_up", 2), ("sign_up", 1), ("withdraw", 1),
                ("sign_up", 1), ("sign_up", 1), ("withdraw", 1), ("sign_up", 1), ("end", None))
    assert stages(found, 1, 2) == Stages(first_at=found[3]["at"], full_at=found[6]["at"])
    assert stages(found, 2, 2) == Stages(first_at=found[2]["at"], full_at=None)
    assert stages(found, 3, 1) == Stages(first_at=None, full_at=None)


@pytest.mark.parametrize(("later", "minutes"), [(None, None), (START + timedelta(seconds=90), 1.5)],
                         ids=["never", "later"])
def test_minutes(later, minutes):
    assert minutes_between(START, later) == minutes
