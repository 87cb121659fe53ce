"""查看: the form in a card with which who may see a person unmasked asks for it."""

from __future__ import annotations

from typing import Final

from dash import html

from dashboard.markup import Field
from dashboard.texts import Say

#: Signs that a reason may have at most; the server asks for at least four.
MAX_REASON: Final = 200


def opening_form(kind: str, person_id: str, say: Say) -> html.Details:
    """A reason and a button; the browser puts the answer below, and it is gone when another card is shown.

    Args:
        kind: officer or reporter.
        person_id: id of the officer, or number of the case that was reported.
    """
    return html.Details(
        [
            html.Summary(say("opening.open")),
            html.P(say("opening.hint"), className="quiet"),
            html.Div(
                [
                    Field(maxLength=MAX_REASON, placeholder=say("opening.reason"),
                          className="input opening__reason"),
                    html.Button(say("opening.go"), type="button", className="btn opening__go"),
                ],
                className="opening__form",
            ),
            html.Div(className="opening__said", role="status"),
        ],
        className="opening",
        **{"data-person-kind": kind, "data-person": person_id},
    )
