"""A bundle of readers over a tiny district of two streets, without any store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from callbacks.desk import Desk
from data.access.scope import EVERYTHING
from data.access.viewer import CONSOLE
from data.alerts.reader import Board
from data.cases.counts import CaseCounts
from data.cases.pressing import Pressing
from data.filters import CaseFilter
from data.vocabulary import Vocabulary, Word

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 6, 32, tzinfo=UTC)
DISTRICT, STREET, COMMUNITY, GRID = "510108", "510108002", "510108002001", "510108002001005"
AREAS = {DISTRICT: "成华区", STREET: "猛追湾街道", "510108004": "双桥子街道", COMMUNITY: "望平社区"}
LEVELS = {6: "district", 9: "street", 12: "community", 15: "grid"}
CASE = {
    "case_no": "20261122010800001",
    "title": "下水道堵塞",
    "state": "handling",
    "cat_code": "E0404",
    "channel_code": "hotline_12345",
    "urgency": 3,
    "main_dept_id": "D01",
    "street_code": STREET,
    "community_code": COMMUNITY,
    "grid_code": GRID,
    "reported_at": NOW - timedelta(hours=5),
    "dispatched_at": NOW - timedelta(hours=4),
    "deadline_at": NOW - timedelta(hours=1),
    "handled_at": None,
    "clock_stopped_at": None,
    "closed_at": None,
    "is_supervised": True,
    "rework_count": 2,
    "lon": 104.1,
    "lat": 30.67,
}


def words() -> Vocabulary:
    return Vocabulary(
        areas={
            code: Word(code=code, zh=name, en="", parent=code[:-3] if len(code) > 6 else "")
            for code, name in AREAS.items()
        },
        classes={"E04": Word(code="E04", zh="突发事件", en="Emergencies", parent="E")},
        categories={"E0404": Word(code="E0404", zh="下水道堵塞", en="Blocked sewer", parent="E04")},
        channels={
            "hotline_12345": Word(code="hotline_12345", zh="12345热线", en="Hotline 12345", parent="hotline")
        },
        departments={"D01": Word(code="D01", zh="市政所", en="Works")},
        labels={
            "state": {"handling": Word(code="handling", zh="处置中", en="In handling")},
            "act": {"report": Word(code="report", zh="上报", en="Report")},
        },
        first_reported=NOW - timedelta(days=100),
        last_reported=NOW - timedelta(minutes=3),
    )


class FakeCases:
    """Answers what a few fixed cases would; remembers the filters it was asked with."""

    version = "fake-1"
    refreshed_at = NOW

    def __init__(self) -> None:
        self.asked: list[CaseFilter] = []
        self.officers: list[str | None] = []

    def reach(self, since: datetime) -> datetime:
        return since

    def reported_range(self) -> tuple[datetime, datetime]:
        return NOW - timedelta(days=100), NOW

    def counts(self, filter_: CaseFilter, now: datetime, counters: Any = None) -> CaseCounts:
        self.asked.append(filter_)
        return CaseCounts(
            reported=14000,
            accepted=13870,
            handled=13385,
            closed=13000,
            closed_on_time=12000,
            need_close=13500,
            need_close_limited=13500,
            open=485,
            overdue=9,
            due_soon=3,
        )

    def counts_by(
        self,
        dimension: str,
        filter_: CaseFilter,
        now: datetime,
        counters: Any = None,
    ) -> pd.DataFrame:
        self.asked.append(filter_)
        code = {
            "street": STREET,
            "community": COMMUNITY,
            "grid": GRID,
            "channel": "hotline_12345",
            "category_class": "E04",
            "category": "E0404",
        }[dimension]
        return pd.DataFrame([{"code": code, "reported": 12, "accepted": 10, "handled": 9}])

    def histogram(self, filter_: CaseFilter, bins: int = 96) -> pd.DataFrame:
        self.asked.append(filter_)
        return pd.DataFrame({"start": [filter_.since] * bins, "reported": range(bins)})

    def listing(
        self,
        filter_: CaseFilter,
        now: datetime,
        order: str = "newest",
        limit: int = 50,
        offset: int = 0,
        *,
        only: str | None = None,
        officer_id: str | None = None,
    ) -> pd.DataFrame:
        self.asked.append(filter_)
        self.officers.append(officer_id)
        late = {**CASE, "case_no": "20260801010800002", "is_supervised": False}
        late["deadline_at"] = NOW - timedelta(days=100)
        soon = {**late, "case_no": "20261122010800003", "deadline_at": NOW + timedelta(minutes=30)}
        return pd.DataFrame({"due_soon": [soon], "overdue": [late, CASE]}.get(only or "", [CASE]))

    def pressing(self, filter_: CaseFilter, now: datetime, order: str, limit: int) -> Pressing:
        self.asked.append(filter_)
        return Pressing(overdue=9, due_soon=3, lines=[{**CASE, "title": order}])

    def case(self, case_no: str) -> dict[str, Any] | None:
        return dict(CASE) if case_no == CASE["case_no"] else None

    def events(self, case_no: str) -> pd.DataFrame:
        return pd.DataFrame(
            [
                {
                    "case_no": case_no,
                    "seq": 1,
                    "at": CASE["reported_at"],
                    "act": "report",
                    "to_state": "reported",
                    "actor_role": "reporter",
                }
            ]
        )


class FakeAreas:
    """The path of every area that the district knows."""

    def path(self, area_code: str | None) -> list[dict[str, Any]]:
        code = area_code or DISTRICT
        steps = [code[:length] for length in (6, 9, 12) if length <= len(code)]
        return [{"area_code": step, "name": AREAS[step], "level": LEVELS[len(step)]}
                for step in steps if step in AREAS]

    def grid_kinds(self) -> list[str]:
        return ["base", "work", "professional"]

    def city(self) -> dict[str, str]:
        return {"name": "成都市", "name_en": "Chengdu"}

    def network(self) -> Any:
        return SimpleNamespace(metres=lambda _lon, _lat, places, reach_m: np.full(len(places), np.inf))

    def unit_at(self, lon: float | None, lat: float | None) -> dict[str, Any] | None:
        return None


class FakePatrol:
    """Nobody is on patrol, nobody leads anybody."""

    def team(self, officer_id: str, lead_id: str | None) -> dict[str, Any]:
        return {"lead": None, "members": []}

    def reported(self, officer_id: str, now: datetime, limit: int) -> dict[str, Any]:
        return {"reports": 0, "cases": []}

    def officer(self, officer_id: str, now: datetime) -> dict[str, Any] | None:
        return None

    def positions(self, now: datetime, max_age: timedelta) -> pd.DataFrame:
        return pd.DataFrame(columns=["officer_id", "role", "name_masked", "lon", "lat"])


class FakeResources:
    """There are none."""

    def all(self, kinds: Any = None) -> pd.DataFrame:
        return pd.DataFrame(columns=["resource_id", "kind", "name", "dept_id", "lon", "lat", "status"])

    def engaged(self) -> set[str]:
        return set()


class FakeAlerts:
    """All is calm."""

    def board(self, now: datetime, told: Any) -> Board:
        return Board(totals=dict.fromkeys(("red", "orange", "yellow", "blue"), 0), shelved=0, is_flood=False,
                     lines=(), left_out=0)

    def marks(self, now: datetime, told: Any) -> pd.DataFrame:
        return pd.DataFrame(columns=["alert_id", "color", "lon", "lat", "grid_code", "placed"])


def desk(**changes: Any) -> Desk:
    readers = SimpleNamespace(
        cases=FakeCases(),
        areas=FakeAreas(),
        patrol=FakePatrol(),
        resources=FakeResources(),
        alerts=FakeAlerts(),
        store=None,
        scope=EVERYTHING,
        snapshot=SimpleNamespace(refreshed_at=NOW, failed_since=None, error=None, hot_since=None,
                                 observe=lambda hear: None),
    )
    readers.seen_by = lambda viewer: readers  # whoever asks sees all of it
    about = {
        "everything": readers,
        "vocabulary": words,
        "viewer": lambda: CONSOLE,
        "now": lambda: NOW,
        "wall": lambda: NOW,
        "zone": ZONE,
        "district": {"code": DISTRICT, "name": "成华区", "name_en": "Chenghua"},
        "synthetic": {"zh": "合成数据", "en": "Synthetic data"},
        **changes,
    }
    return Desk(**about)
