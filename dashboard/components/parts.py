"""Small building blocks that every panel uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dash import html

from dashboard.markup import Markup

Children = Any
#: A mark longer than this is a word of the title again (English has no one-sign words).
MARK_SIGNS: Final = 3


def panel(
    title: str, body: Children, *, hint: Children = "", grow: bool = False, key: str = ""
) -> html.Section:
    """A floating panel with a heading and a quiet hint at its right."""
    head = Markup([title, html.Small(hint)] if hint else title, tag="h2", className="panel__head")
    name = "panel panel--grow" if grow else "panel"
    return html.Section(
        [head, html.Div(body, className="panel__body")],
        className=name,
        **({"data-panel": key} if key else {}),
    )


def button(
    label: Children,
    *,
    class_name: str = "btn",
    title: str = "",
    pressed: bool | None = None,
    **attributes: Any,
) -> html.Button:
    """A button that the browser code reads by its ``data-*`` attributes.

    Args:
        attributes: ``filter="channels"`` becomes ``data-filter``.
    """
    marks = {f"data-{name.replace('_', '-')}": str(value) for name, value in attributes.items()}
    if pressed is not None:
        marks["aria-pressed"] = "true" if pressed else "false"
    if title:
        marks["aria-label"] = title
    return html.Button(label, type="button", className=class_name, title=title or None, **marks)


def popover(label: Children, body: Children, *, class_name: str = "", key: str = "") -> html.Details:
    """A button that opens a panel; native, so that keyboard and readers know it."""
    return html.Details(
        [
            html.Summary(label, className="btn pop__open", **({"data-pop": key} if key else {})),
            html.Div(body, className="pop__panel"),
        ],
        className=f"pop {class_name}".strip(),
    )


def facts(rows: Sequence[tuple[str, Children]]) -> html.Dl:
    """Names and values, one pair a line; pairs without a value are left out."""
    shown = [(name, value) for name, value in rows if value not in (None, "", "—")]
    return html.Dl(
        [part for name, value in shown for part in (html.Dt(name), html.Dd(value))], className="facts"
    )


def section(title: str, body: Children, *, mark: str = "") -> html.Section:
    """A titled part of a card; ``mark`` is its element's sign (人, 地, …), left out where it is a word."""
    short = bool(mark) and len(mark) <= MARK_SIGNS
    head = [html.Span(mark, className="card__mark", **{"aria-hidden": "true"}), title] if short else title
    parts = body if isinstance(body, list) else [body]  # a list inside a list is no component
    return html.Section([html.H3(head), *parts], className="card__part")


#: Signs of a figure that fit a tile in the large size, such as 12,345.
LONG_FIGURE: Final = 5


def tile(
    label: str,
    value: str,
    *,
    unit: str = "",
    class_name: str = "",
    help_: str = "",
    sign: str = "",
    **attributes: Any,
) -> html.Div:
    """One figure: what it is, how much, in which unit; a long one is set smaller, never cut."""
    size = "tile__value" if len(value) <= LONG_FIGURE else "tile__value tile__value--long"
    marks = {f"data-{name}": str(found) for name, found in attributes.items()}
    figure = [html.Span(f"{sign} ", **{"aria-hidden": "true"})] if sign else []
    return html.Div(
        [
            html.Span(label, className="tile__label"),
            html.Strong([*figure, value], className=size),
            html.Span(unit, className="tile__unit"),
        ],
        className=f"tile {class_name}".strip(),
        title=help_ or None,
        **marks,
    )


def meter(share: float) -> html.Span:
    """A bar of ``share`` 0..1 in fortieths; the width is a class, so that no style is written."""
    steps = max(0, min(40, round(40 * share)))
    return html.Span(html.Span(className=f"bar__fill w{steps}"), className="bar", **{"aria-hidden": "true"})
