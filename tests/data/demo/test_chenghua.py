"""The demo of Chenghua without a store: its people, its rhythm, its levels."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from data.demo.batches import case_batches
from data.demo.draws import stream
from data.demo.ground import Ground, build_ground
from data.demo.holidays import demo_calendar
from data.demo.people import build_people
from data.demo.places import Places, build_places
from data.demo.profiles import PROFILES
from data.demo.resources import build_resources

PROFILE = PROFILES["chenghua"]
UNTIL = PROFILE.until(date(2026, 11, 20))


@pytest.fixture(scope="module")
def places() -> Places:
    return build_places("chenghua", 7)


@pytest.fixture(scope="module")
def ground(places: Places) -> Ground:
    return build_ground(places.areas, places.roads, places.buildings, stream(7, 10))


@pytest.fixture(scope="module")
def people(places: Places, ground: Ground) -> pd.DataFrame:
    return build_people(PROFILE, ground, stream(7, 20), areas=places.areas, buildings=places.buildings,
                        roads=places.roads, minute=16 * 60 + 29)


@pytest.fixture(scope="module")
def cases(ground: Ground) -> pd.DataFrame:
    tables = [batch.cases.drop_columns(["cause_tags"]).to_pandas()
              for batch in case_batches(PROFILE, ground, demo_calendar(), UNTIL, 7)]
    return pd.concat(tables, ignore_index=True)


def test_three_tiers_have_their_numbers(people: pd.DataFrame) -> None:
    tiers = people["team_level"].value_counts()
    assert (tiers[1], tiers[2], tiers[3]) == (1_600, 2_900, 17_000)
    led = people[people["team_level"].isin([2, 3])]
    assert led["lead_officer_id"].isin(people.loc[people["team_level"] == 1, "officer_id"]).all()
    assert people["officer_id"].is_unique


def test_every_grid_has_its_five_posts_and_a_chief(people: pd.DataFrame) -> None:
    by_grid = people[people["role"] != "special_officer"].groupby("grid_code")
    assert by_grid["post"].nunique().eq(5).all()
    assert by_grid["role"].agg(lambda roles: (roles == "grid_chief").sum()).eq(1).all()


def test_only_those_on_shift_are_on_duty(people: pd.DataFrame) -> None:
    share = people.groupby("shift")["on_duty"].mean()
    assert share["evening"] == 0
    assert share["day"] == pytest.approx(0.95, abs=0.02)


def test_cases_per_day_and_levels(cases: pd.DataFrame) -> None:
    by_day = cases["reported_at"].dt.tz_convert("Asia/Shanghai").dt.date.value_counts()
    assert by_day.size == PROFILE.days
    assert by_day.drop(by_day.index.max()).mean() == pytest.approx(420, rel=0.04)
    closed = cases[cases["closed_at"].notna()]["level_closed"].value_counts(normalize=True)
    for level, share in (("grid", 0.46), ("community", 0.24), ("street", 0.20), ("district", 0.10)):
        assert closed[level] == pytest.approx(share, abs=0.03)


def test_the_last_day_is_alive(cases: pd.DataFrame) -> None:
    now = pd.Timestamp(UNTIL)
    recent = cases[cases["reported_at"] > now - pd.Timedelta(hours=24)]
    assert len(recent) > 250
    assert {"accepted", "dispatched", "handling", "verifying", "closed"} <= set(recent["state"])
    running = cases[cases["ended_at"].isna() & cases["handled_at"].isna() & cases["deadline_at"].notna()]
    assert (running["deadline_at"] < now).sum() > 50
    assert (running["deadline_at"].between(now, now + pd.Timedelta(hours=2))).sum() > 5


def test_closure_and_channels_are_near_the_calibration(cases: pd.DataFrame) -> None:
    accepted = cases[cases["accepted_at"].notna()]
    assert accepted["handled_at"].notna().mean() == pytest.approx(0.965, abs=0.01)
    patrol = cases["channel_code"].isin(["officer_pda", "app_key", "volunteer", "rider"])
    assert patrol.mean() == pytest.approx(0.58, abs=0.02)
    hotline = cases["channel_code"].str.startswith("hotline")
    assert hotline.mean() == pytest.approx(0.17, abs=0.02)


def test_resources_carry_a_force_or_none(ground: Ground) -> None:
    rows = build_resources(PROFILE, ground, stream(7, 30))
    assert rows[["street_code", "resource_id"]].duplicated().sum() == 0
    assert rows["kind"].eq("camera").sum() == 1_500
    assert rows["kind"].eq("service_centre").sum() == 105
    assert set(rows["force_class"].dropna()) == {"professional", "mass"}
