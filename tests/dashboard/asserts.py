"""Comparing components by what the browser receives."""

import json
from typing import Any

from dash import html
from plotly.utils import PlotlyJSONEncoder


def plain(component: Any) -> Any:
    return json.loads(json.dumps(component, cls=PlotlyJSONEncoder))


def assert_component_equal(left: Any, right: Any) -> None:
    assert plain(left) == plain(right)


def texts(component: Any) -> list[str]:
    """Every text of a component tree, in order."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            walk(node.get("props", {}).get("children"))
            walk(node.get("props", {}).get("tree"))
        elif isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, str):
            found.append(node)

    walk(plain(component if not isinstance(component, list) else html.Div(component)))
    return found
