"""A demo district at ten in the morning after its last day, and a clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from data import meta
from data.demo.build import build
from data.engine import Store
from data.simulate.district import load_district
from data.simulate.play import Play
from data.simulate.profiles import PROFILES

BEGIN = datetime(2019, 5, 12, 2, 0, tzinfo=UTC)


def morning(store: Store) -> None:
    """Fill a store; its clock stands where officers are on shift."""
    build("zhongshan", 7, None, store)
    meta.put(store, "clock", {"at": BEGIN.isoformat()})


def a_play(store: Store, *, seed: int = 7, profile: str = "usual", **about: Any) -> Play:
    begin = about.pop("begin", BEGIN)
    return Play(store=store, district=load_district(store, begin=begin, seed=seed), seed=seed, begin=begin,
                profile=PROFILES[profile], fix_every_s=about.pop("fix_every_s", 60))


class Wall:
    """The real time of a test: nobody waits for it."""

    def __init__(self, drag: float = 0.0) -> None:
        self.at, self.drag = datetime(2026, 11, 22, 12, tzinfo=UTC), drag

    def now(self) -> datetime:
        self.at += timedelta(seconds=self.drag)
        return self.at

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.at += timedelta(seconds=seconds)
