"""Tables of the analytics as files: every one that a page offers is given, and says what the page says."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest

from callbacks import analytics_tables
from callbacks.analytics_tables import TABLES
from data.access.scope import Scope
from data.cases.indicators import INDICATORS
from tests.callbacks.test_analytics import STREET, count
from tests.callbacks.test_analytics_rooms import compared
from tests.signed_in import client_of, signed_in

LOOK = f"period=2019-04&areas={STREET}&indicator=on_time_rate"
PAGES = {
    f"/analytics?{LOOK}&by=community": {"units", "indicators"},
    f"/analytics/compare?{LOOK}&with_period=2019-03&with_area=": {"compare"},
    f"/analytics/causes?{LOOK}": {"again", "places", "weak", "ways"},
    "/analytics/space?period=2019-04": {"hot", "quiet"},
    "/analytics/paths?period=2019": {"steps", "stages", "deviations", "variants"},
    "/analytics/posts?period=2019": {"posts"},
    "/analytics/coverage?period=2019-05-H1": {"coverage"},
    f"/analytics/lineage?{LOOK}": {"sides"},
    f"/analytics/cases?{LOOK}&of=handled_late": {"cases"},
}


def read(real: Any, access: Any, address: str, status: int = 200, **about: Any) -> list[dict[str, str]]:
    about.setdefault("roles", ("leader",))
    answer = client_of(real, signed_in(access, **about)).get(html.unescape(address))
    assert answer.status_code == status, address
    text = answer.get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text))) if status == 200 else []


def offered(text: str) -> dict[str, str]:
    return {html.unescape(to).partition("table=")[2].partition("&")[0]: to
            for to in re.findall(r'href="(/export/analytics\.csv[^"]+)"', text)}


@pytest.fixture(scope="module")
def files(real: Any, access: Any, ask: Any) -> dict[str, list[dict[str, str]]]:
    """Every file that a page offers, read."""
    found = {}
    for page, wanted in PAGES.items():
        while "<progress" in (text := ask(f"{page}&lang=zh", roles=("leader",))):
            pass
        told = offered(text)
        assert set(told) == wanted, page
        found |= {table: read(real, access, to) for table, to in told.items()}
    return found


def test_every_table_is_offered_and_given_with_the_same_columns_in_both_languages(
        files: dict[str, list[dict[str, str]]], real: Any, access: Any) -> None:
    assert set(files) == set(TABLES) - {"pairs"}  # nobody of the demo sends a case to and fro
    assert read(real, access, "/export/analytics.csv?table=pairs&period=2019") == []
    for table, rows in files.items():
        other = read(real, access, f"/export/analytics.csv?table={table}&{LOOK}&by=community&lang=en")
        if rows and other:
            assert len(rows[0]) == len(other[0])
            assert all(None not in row for row in rows)


def test_what_they_say_is_what_the_pages_say(files: dict[str, list[dict[str, str]]], ask: Any) -> None:
    told = compared(ask(f"/analytics/compare?{LOOK}&with_period=2019-03&with_area=&lang=zh"))
    rows = {row["指标"]: list(row.values())[2:] for row in files["compare"]}
    assert len(rows) == 6 + len(INDICATORS)
    assert [count(side) for side in told["上报"]] == [int(side) for side in rows["上报"]]
    listed = re.search(r"时段内上报的 ([\d,]+) 件", ask(f"/analytics/lineage?{LOOK}&lang=zh"))
    assert listed
    assert sum(int(row["案件数"]) for row in files["sides"]) == count(listed[1])
    late = next(row for row in files["sides"] if "超期" in row["原因"])
    assert 0 < int(late["案件数"]) <= len(files["cases"])
    assert len({row["案件编号"] for row in files["cases"]}) == len(files["cases"])
    handled = files["ways"]
    reported = next(int(row["分子"]) for row in files["indicators"] if row["编码"] == "closure_rate_handled")
    assert sum(int(row["案件"]) for row in handled) == reported
    steps, variants = files["steps"], files["variants"]
    mined = re.search(r'data-sum="cases">([\d,]+)<', ask("/analytics/paths?period=2019&lang=zh"))
    assert mined
    assert 0 < sum(int(row["件数"]) for row in variants) <= count(mined[1])
    assert {"派遣", "处置"} & {row["后一步"] for row in steps}


def test_a_file_of_cases_ends_at_the_scope_and_is_never_cut(
        real: Any, access: Any, files: dict[str, list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
        ) -> None:
    whole = "/export/analytics.csv?table=cases&of=handled_late&period=2019-04&lang=zh"
    own = read(real, access, whole, scope=Scope(frozenset({STREET})))
    assert {row["案件编号"] for row in own} == {row["案件编号"] for row in files["cases"]}
    assert len(read(real, access, whole)) > len(own)
    monkeypatch.setattr(analytics_tables, "MAX_CASES", 0)
    read(real, access, whole, status=400)
    read(real, access, f"{whole}&why=weather&side=counted", status=400)
