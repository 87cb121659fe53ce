"""The list below the search box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
                html.Span(
                    maybe(
                        say,
                        f"level.{hit['kind']}" if hit["kind"] == "building" else f"card.{hit['kind']}",
                        str(hit["kind"]),
                    ),
                    className="row__time quiet",
                ),
            ],
            type="button",
            className="row",
            **{"data-select": str(hit["kind"]), "data-code": str(hit["code"])},
        )
        for hit in hits
    ]
