from dash import html

from dashboard.components.kpis import KPIS, kpi_strip
from dashboard.texts import speaker
from data.cases.counts import CaseCounts
from data.cases.indicators import rates
from data.cases.rules import WALL
from tests.dashboard.asserts import assert_component_equal, texts

SAY = speaker("zh")


def strip(**counts):
    found = CaseCounts(**dict.fromkeys(WALL, 0) | counts)
    return kpi_strip(found, rates(found), SAY)


def test_the_rate_of_the_source_is_96_5_percent():
    tiles = strip(accepted=13870, handled=13385)
    assert texts(tiles[3]) == ["处置结案率", "96.5%", ""]


def test_nothing_to_divide_by_prints_a_dash_and_never_a_rate():
    tiles = strip()
    assert [texts(tile)[1] for tile in tiles] == ["0", "0", "0", "—", "—", "—"]


def test_overdue_is_marked_by_shape_and_class_only_when_there_is_some():
    assert_component_equal(
        strip(accepted=5, overdue=9)[2],
        html.Div(
            [
                html.Span("超期", className="tile__label"),
                html.Strong([html.Span("◆ ", **{"aria-hidden": "true"}), "9"], className="tile__value"),
                html.Span("件", className="tile__unit"),
            ],
            className="tile tile--over",
            title=SAY("kpi.overdue.help"),
            **{"data-kpi": "overdue"},
        ),
    )
    assert strip(accepted=5)[2].className == "tile"


def test_one_tile_for_each_row_of_the_table():
    assert len(strip()) == len(KPIS) == 6
