"""Wires the search box: three entries (grid, person, case) and resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, State

from callbacks.desk import Desk
from dashboard import ids
from dashboard.components.hits import hits_list
from dashboard.texts import speaker
from dashboard.view import ViewError, from_store
from data.search import search

LIMIT = 12
KINDS = ("all", "area", "officer", "case", "resource")
MAX_TEXT = 80


def question(stored: Any) -> tuple[str, str] | None:
    """The text and the kind asked for; None = nothing asked.

    Raises:
        ViewError: neither null nor ``{"text", "kind"}``.
    """
    if stored is None:
        return None
    if not isinstance(stored, Mapping) or not isinstance(stored.get("text"), str):
        raise ViewError(f"a search must be an object with text and kind, got {str(stored)[:60]!r}")
    text, kind = stored["text"].strip(), stored.get("kind", "all")
    if len(text) > MAX_TEXT or "\x00" in text:
        raise ViewError(f"search.text must be at most {MAX_TEXT} signs, got {len(text)}")
    if kind not in KINDS:
        raise ViewError(f"search.kind must be one of {', '.join(KINDS)}; got {str(kind)[:60]!r}")
    return (text, str(kind)) if text else None


def answers(stored: Any, *, desk: Desk) -> Sequence[Mapping[str, Any]] | None:
    """The hits of a question, best first; None = nothing asked."""
    asked = question(stored)
    if asked is None:
        return None
    text, kind = asked
    kinds = None if kind == "all" else ((kind, "building") if kind == "resource" else (kind,))
    found = search(desk.readers, text, limit=LIMIT if kinds is None else 4 * LIMIT)
    return [hit for hit in found if kinds is None or hit["kind"] in kinds][:LIMIT]


def register(app: Dash, *, desk: Desk) -> None:
    """The list of hits."""

    @app.callback(
        output={"hits": Output(ids.RESULTS, "tree")},
        inputs={"asked": Input(ids.QUERY, "data"), "view": State(ids.VIEW, "data")},
    )
    def show_hits(asked: Any, view: Any) -> dict[str, Any]:
        return {"hits": hits_list(answers(asked, desk=desk), speaker(from_store(view).lang))}
