"""The list below the search box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from dashboard.texts import Say, maybe


def hits_list(hits: Sequence[Mapping[str, Any]] | None, say: Say) -> list[Any]:
    """One button for each hit; a click selects it.

    Args:
        hits: ``kind, code, title, subtitle``, best first; None = nothing was asked.
    """
    if hits is None:
        return [html.P(say("search.hint"), className="quiet")]
    if not hits:
        return [html.P(say("search.none"), className="quiet")]
    return [
        html.Button(
            [
                html.Span(className="lamp"),
                html.Span(
                    [
                        html.Span(str(hit["title"]), className="row__title"),
                        html.Small(str(hit.get("subtitle") or "")),
                    ],
                    className="row__text",
                ),
                html.Span(_kind(hit, say), className="row__time quiet"),
            ],
            type="button",
            className="row",
            **{"data-select": str(hit["kind"]), "data-code": str(hit["code"])},
        )
        for hit in hits
    ]


#: Tenth sign of the code of an overlay -> its kind.
_OVERLAYS: Final = {"W": "work", "P": "professional", "U": "unit", "C": "compound"}
#: Digits of the code of an area -> its level.
_LEVELS: Final = {6: "district", 9: "street", 12: "community", 15: "grid"}


def _kind(hit: Mapping[str, Any], say: Say) -> str:
    """What a hit is, in one word: the level of an area, else its kind."""
    kind, code = str(hit["kind"]), str(hit["code"])
    if kind != "area":
        return maybe(say, f"kind.{kind}", kind)
    if code.isdigit():
        return maybe(say, f"level.{_LEVELS.get(len(code))}", say("card.area"))
    return maybe(say, f"gridkind.{_OVERLAYS.get(code[9:10])}", say("card.area"))
