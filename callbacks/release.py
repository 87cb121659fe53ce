"""GET /api/release: which release is served, for pages that stay open over weeks."""

from __future__ import annotations

from typing import Any

from dash import Dash
from flask import jsonify


def register(app: Dash, *, release: str) -> None:
    """Add the route; ``release`` is what it answers, see `dashboard.release`."""

    @app.server.get("/api/release")
    def api_release() -> Any:
        answer = jsonify({"release": release})
        answer.headers["Cache-Control"] = "no-store"
        return answer
