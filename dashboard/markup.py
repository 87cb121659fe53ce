"""Plain markup as one component: a tree of elements that no callback names one by one.

Dash wraps every component of a page, tells its store when one is born, and asks all of them after each change
of the store. That is right for what callbacks read and write, and a waste for the spans of a list: the work
grows with the square of the page. A tree of `dash.html` elements handed over here is drawn as it stands
(assets/04-markup.js) and counts as one component; the builders of the panels need not know of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash.development.base_component import Component

NAMESPACE: Final = "grid_markup"


class _Own(Component):  # type: ignore[misc]  # Dash is not typed
    """What the components of this product share: no child of theirs is a component of the page."""

    _namespace = NAMESPACE

    def __init__(self, names: Sequence[str], said: Mapping[str, Any]) -> None:
        self._base_nodes = []
        self._prop_names = self.available_properties = list(names)
        self._valid_wildcard_attributes = self.available_wildcard_properties = ["data-", "aria-"]
        super().__init__(**said)


class Markup(_Own):
    """A place on the page with everything in it.

    Args:
        tree: `dash.html` elements, `Field`s and texts, one or a list of them, nested at will; None: nothing.
            An ``id`` inside is one of the document only: callbacks cannot name it.
        tag: name of the HTML element that holds it.
        attributes: ``id``, ``className``, ``role``, ``tabIndex``, ``hidden``, ``title``, ``data-*``,
            ``aria-*`` of that element.

    Raises:
        TypeError: another attribute.
    """

    _type = "Markup"

    def __init__(self, tree: Any = None, *, tag: str = "div", **attributes: Any) -> None:
        super().__init__(("id", "tree", "tag", "className", "role", "tabIndex", "hidden", "title"),
                         {"tree": [tree] if isinstance(tree, Component) else tree, "tag": tag, **attributes})


class Field(_Own):
    """One line of text to type into, read by the browser code; only inside of `Markup`.

    Args:
        attributes: as of an ``input`` element: ``id``, ``className``, ``placeholder``, ``maxLength``,
            ``autoComplete``, ``type``, ``defaultValue`` (what stands in it at first), ``defaultChecked``,
            ``data-*``, ``aria-*``.

    Raises:
        TypeError: another attribute.
    """

    _type = "Field"

    def __init__(self, **attributes: Any) -> None:
        super().__init__(("id", "className", "placeholder", "maxLength", "autoComplete", "type",
                          "defaultValue", "defaultChecked"),
                         {"type": "text", "autoComplete": "off", **attributes})


class Part(_Own):
    """Elements that belong to one thing; only inside of `Markup`.

    What is open, typed or playing in them stays while the same thing is shown anew, and goes with it.

    Args:
        children: elements and texts.
        key: what they are of, such as ``case:1234``; another key draws everything anew.
    """

    _type = "Part"

    def __init__(self, children: Any, *, key: str) -> None:
        super().__init__(("children", "key"), {"children": children, "key": key})


def plain(element: Component) -> Markup:
    """An element of `dash.html` with everything in it as one component; for parts of a page that stand still.

    Raises:
        TypeError: the element carries an attribute that `Markup` does not.
    """
    said = element.to_plotly_json()
    attributes = {name: value for name, value in said["props"].items() if name != "children"}
    return Markup(said["props"].get("children"), tag=said["type"].lower(), **attributes)
