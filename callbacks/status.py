"""How old the data are, and what a watchdog asks: routes beside the callbacks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import Dash
from flask import jsonify

from callbacks.desk import Desk
from callbacks.page import now_store


def status(desk: Desk, wall_now: datetime) -> dict[str, Any]:
    """Version and age of the data.

    Returns:
        ``version``; ``now`` and ``presets`` of the store's clock; ``frozen``;
        ``rate``, seconds of the store in a real second, 0 while it stands;
        ``refreshed_at`` (ISO or null) and ``age_s`` since the snapshot last looked;
        ``failed_since`` (ISO or null) while looking fails.
    """
    snapshot = desk.readers.snapshot
    refreshed, failed = snapshot.refreshed_at, snapshot.failed_since
    return {
        **now_store(desk),
        "version": desk.version(),
        "frozen": desk.frozen,
        "rate": desk.rate(),
        "refreshed_at": _iso(refreshed),
        "failed_since": _iso(failed),
        "age_s": round(max(0.0, (wall_now - refreshed).total_seconds()), 1) if refreshed else 0.0,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def register(app: Dash, *, desk: Desk) -> None:
    """GET /api/status."""

    @app.server.get("/api/status")
    def api_status() -> Any:
        return jsonify(status(desk, desk.wall()))


def register_health(app: Dash, *, desk: Desk) -> None:
    """GET /healthz: whether all is well, for a watchdog that is not signed in."""

    @app.server.get("/healthz")
    def healthz() -> Any:
        failed = desk.everything.snapshot.failed_since
        answer = jsonify({"ok": failed is None, "failed_since": _iso(failed)})
        answer.status_code = 200 if failed is None else 503
        return answer
