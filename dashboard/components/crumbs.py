"""Breadcrumbs: district ▸ street ▸ community ▸ grid ▸ what is selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboard.components.parts import button
from dashboard.texts import Say, maybe


def crumbs(path: Sequence[Mapping[str, Any]], selection: Mapping[str, str] | None, say: Say) -> list[Any]:
    """The way from the district to the scope, each step a button, and one back.

    Args:
        path: ``area_code, name`` from the district down to the scope; empty = no areas yet.
        selection: ``kind, code``; an area is already the last step of the path.
    """
    if not path:
        return []
    deeper = selection if selection and selection["kind"] != "area" else None
    parts: list[Any] = []
    if len(path) > 1 or deeper:
        parts.append(button("←", class_name="crumb", title=say("back"), act="back"))
    for k, step in enumerate(path):
        if k:
            parts.append(html.Span("▸", **{"aria-hidden": "true"}))
        last = {"aria-current": "location"} if k == len(path) - 1 and not deeper else {}
        parts.append(
            html.Button(
                str(step["name"]),
                type="button",
                className="crumb",
                **{"data-scope": str(step["area_code"]), **last},
            )
        )
    if deeper:
        parts += [
            html.Span("▸", **{"aria-hidden": "true"}),
            html.Span(
                f"{maybe(say, 'card.' + deeper['kind'], deeper['kind'])} {deeper['code']}",
                **{"aria-current": "location"},
            ),
        ]
    return parts
