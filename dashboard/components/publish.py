"""转急 on the wall: the form that publishes an emergency without leaving the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dash import html

from dashboard import ids
from dashboard.components.parts import button
from dashboard.markup import Field, Markup
from dashboard.texts import Say
from data.access.roles import Permission
from data.access.viewer import Viewer
from data.emergency.rules import CALLED, KINDS

MAX_TITLE: Final = 60
MAX_MESSAGE: Final = 500
#: How many each area takes, unless somebody says otherwise.
CAPACITY: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Who and where may be called.

    Attributes:
        areas: code and name; those that can be ticked.
        ticked: codes of them that are ticked at first.
        people: name of an account and how people write it; empty: nobody is called by name.
    """

    areas: Sequence[tuple[str, str]]
    ticked: frozenset[str]
    people: Sequence[tuple[str, str]] = ()


def may_publish(viewer: Viewer | None) -> bool:
    """Somebody with an account who dispatches, for no department alone."""
    return (viewer is not None and viewer.account_id is not None and viewer.may(Permission.DISPATCH)
            and not viewer.scope.departments)


def tool(viewer: Viewer | None, say: Say) -> html.Button | None:
    """The key among the tools of the map; None for who publishes nothing."""
    if not may_publish(viewer):
        return None
    return button(say("publish"), class_name="btn btn--grave", act="publish", title=say("publish.help"),
                  pressed=False)


def panel(viewer: Viewer | None) -> html.Div | None:
    """Where the form stands, made when the key is pressed; None for who publishes nothing."""
    if not may_publish(viewer):
        return None
    return html.Div(Markup(id=ids.PUBLISH_FORM, className="publish__body"), className="publish panel",
                    hidden=True)


def publish_form(offer: Offer, say: Say) -> html.Div:
    """The form; what is left unsaid of roles and people calls everybody of the areas."""
    kinds = html.Select([html.Option(say(f"emergency.kind.{kind}"), value=kind) for kind in KINDS],
                        className="input", **{"data-field": "kind"})
    title = Field(className="input", maxLength=MAX_TITLE, **{"aria-label": say("emergency.name")})
    message = Field(className="input", maxLength=MAX_MESSAGE, **{"aria-label": say("emergency.message")})
    capacity = Field(className="input", type="number", defaultValue=str(CAPACITY),
                     **{"data-field": "capacity", "aria-label": say("emergency.capacity")})
    return html.Div(
        [
            html.Div([html.H2(say("emergency.new"), className="panel__head"),
                      button("×", class_name="publish__close", act="publish", title=say("publish.close"))],
                     className="publish__head"),
            _line(say("emergency.kind"), kinds),
            _line(say("emergency.name"), title, text="title"),
            _line(say("emergency.message"), message, text="message"),
            _line(say("emergency.capacity"), capacity),
            _boxes(say("emergency.areas"), "areas", offer.areas, offer.ticked),
            _boxes(say("emergency.roles"), "roles",
                   [(role, say(f"emergency.role.{role}")) for role in CALLED]),
            *([_boxes(say("emergency.people"), "people", offer.people)] if offer.people else []),
            html.P("", className="publish__said", role="alert"),
            button(say("emergency.publish"), class_name="btn btn--grave", act="emergency-publish",
                   failed=say("publish.failed")),
        ],
        className="publish__form",
    )


def _line(name: str, field: Any, *, text: str = "") -> html.Label:
    """A field with its name in front of it."""
    return html.Label([html.Span(name), field], className="publish__line",
                      **({"data-text": text} if text else {}))


def _boxes(name: str, key: str, among: Sequence[tuple[str, str]], ticked: frozenset[str] = frozenset()
           ) -> html.Div:
    """Boxes to tick, with the name of the group above them."""
    boxes = [html.Label([Field(type="checkbox", defaultChecked=code in ticked, **{"data-code": code}),
                         html.Span(label, title=label)], className="publish__box") for code, label in among]
    return html.Div([html.H4(name), html.Div(boxes, className="publish__boxes", role="group", tabIndex=0,
                                             **{"aria-label": name, "data-many": key})])
