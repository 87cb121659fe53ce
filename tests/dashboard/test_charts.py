import pytest

from dashboard.components.charts import Share, bars, categories_figure, closure_figure
from dashboard.texts import speaker


@pytest.mark.parametrize("whole", [0, 1, 10_000])
def test_closure_figure_keeps_areas_without_cases_and_gives_them_no_point(whole):
    figure = closure_figure(
        [Share(code="1", name="甲", value=whole, part=whole)], chosen=(), say=speaker("zh")
    )
    trace = figure["data"][0]
    assert trace["y"] == ["甲"]
    assert trace["x"] == ([None] if whole == 0 else [1.0])
    assert trace["text"][0].startswith("甲 —" if whole == 0 else "甲 100.0%")
    assert [dash["text"] for dash in figure["data"][1:]] == ([["—"]] if whole == 0 else [])


def test_bars_say_what_a_click_filters_and_what_is_chosen():
    rows = bars(
        [Share(code="a", name="甲", value=10), Share(code="b", name="乙", value=5)],
        filter_="channels",
        chosen={"b"},
        say=speaker("zh"),
    )
    marks = [row.to_plotly_json()["props"] for row in rows]
    assert [(m["data-filter"], m["data-code"], m["aria-pressed"]) for m in marks] == [
        ("channels", "a", "false"),
        ("channels", "b", "true"),
    ]
    assert [row.children[2].children.className for row in rows] == ["bar__fill w40", "bar__fill w20"]


def test_categories_are_ordered_and_the_chosen_one_stands_out():
    figure = categories_figure(
        [Share(code="E01", name="市容", value=1), Share(code="E05", name="秩序", value=3)],
        chosen={"E01"},
        say=speaker("zh"),
    )
    trace = figure["data"][0]
    assert trace["customdata"] == ["E05", "E01"]
    assert trace["marker"]["color"] == ["--r4", "--accent"]


def test_no_rows_give_an_empty_figure_that_says_so():
    assert bars([], filter_="channels", chosen=(), say=speaker("en"))[0].children == "No case"
    figure = categories_figure([], chosen=(), say=speaker("en"))
    assert figure["data"][0]["x"] == []
    assert figure["layout"]["annotations"][0]["text"] == "No case"
