"""The application of the wall: its page carries the token that every write must name."""

from __future__ import annotations

from typing import Any

from dash import Dash
from flask import g, has_request_context
from markupsafe import escape

from callbacks.permits import Permits


class Wall(Dash):
    """Dash whose page carries the token of the session; ``assets/06-guard.js`` sends it.

    Attributes:
        permits: what each of its callbacks and routes needs.
        live: the hub of its streams, as of `data.live.hub.Hub`; closing it sends all of them home.
        press: that makes bulletins, as of `data.bulletin.press.Press`.
    """

    permits: Permits
    live: Any
    press: Any

    def prepare(self) -> None:
        """What Dash does at the first request, which may be anybody's: done before there is one."""
        self._setup_server()

    def interpolate_index(self, metas: str = "", **parts: Any) -> str:  # type: ignore[override]
        """The page as HTML; Dash hands its parts by name."""
        token = g.get("csrf", "") if has_request_context() else ""
        mark = f'<meta name="csrf-token" content="{escape(token)}">'
        return str(super().interpolate_index(metas=f"{metas}\n      {mark}", **parts))
