"""A tree of plain elements is one component of the page."""

from __future__ import annotations

import json

import pytest
from dash import html
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from dashboard.markup import Field, Markup, Part, plain


def sent(component: Component) -> dict:
    return json.loads(json.dumps(component, cls=PlotlyJSONEncoder))


def test_elements_inside_are_no_components_of_the_page() -> None:
    inner = html.Button("二", id="inner")
    made = Markup([html.Ul([html.Li("一"), html.Li(inner)]), Field(id="typed")], id="list")
    assert list(made._traverse()) == []
    assert [one["type"] for one in sent(made)["props"]["tree"]] == ["Ul", "Field"]


def test_a_single_element_is_a_list_of_one() -> None:
    assert sent(Markup(html.P("空")))["props"]["tree"] == [sent(html.P("空"))]
    assert sent(Markup())["props"]["tree"] is None


def test_plain_keeps_tag_and_attributes_of_an_element() -> None:
    said = sent(plain(html.Nav(["a", html.Br()], className="crumbs", **{"aria-label": "路径"})))
    assert said["type"] == "Markup"
    assert {name: said["props"][name] for name in ("tag", "className", "aria-label")} == {
        "tag": "nav", "className": "crumbs", "aria-label": "路径"}
    assert said["props"]["tree"][0] == "a"


@pytest.mark.parametrize("make", [lambda: Markup(style={"color": "red"}), lambda: Field(value="x"),
                                  lambda: plain(html.A("x", href="/"))], ids=["style", "value", "href"])
def test_other_attributes_are_refused(make) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        make()


def test_a_part_says_what_it_is_of() -> None:
    said = sent(Markup([Part([html.P("a")], key="case:1")]))["props"]["tree"][0]
    assert (said["type"], said["props"]["key"]) == ("Part", "case:1")
