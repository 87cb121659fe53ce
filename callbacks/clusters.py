"""GET /columns/clusters: the clusters of the viewer's scope, or how far their scan is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
from dash import Dash
from flask import Response, jsonify, request

from callbacks.desk import Desk
from callbacks.map_query import known_only
from data.alerts import clusters as found_clusters
from data.alerts.scanner import Look, Scanner
from data.filters import FilterError
from layers import clusters as cluster_layers


def register(app: Dash, *, desk: Desk, scanner: Scanner) -> None:
    """Add the route; what is asked for the first time is scanned in the background."""

    @app.server.get("/columns/clusters")
    def clusters() -> Response:
        args = request.args.to_dict()
        try:
            known_only(args, "lang", "look")
            lang = args.get("lang", "zh")
            if lang not in {"zh", "en"}:
                raise FilterError(f"lang must be zh or en, got {lang[:20]!r}")
        except FilterError as error:
            refused = jsonify({"error": str(error)})
            refused.status_code = 400
            return refused
        answer = jsonify(told(desk, scanner, lang))
        answer.headers["Cache-Control"] = "private, no-store"  # the next look may tell more
        return answer


def told(desk: Desk, scanner: Scanner, lang: str) -> dict[str, Any]:
    """The shapes, and ``scan``: its state (few, waiting, running, done, failed), share, fault, figures."""
    readers = desk.readers
    asked = found_clusters.question(readers, desk.now(), desk.zone)
    if len(asked.codes) < found_clusters.FEWEST_GRIDS or not asked.counts:
        return {"type": "FeatureCollection", "features": [], "scan": {"state": "few"}}
    look = scanner.look(readers.scope.key, asked)
    rows = [] if look.found is None else [
        {"grids": one.grids, "days": round((one.until - one.since) / timedelta(days=1)),
         "observed": one.observed, "expected": one.expected, "p_value": one.p_value,
         "recurrence_days": one.recurrence_days} for one in look.found.clusters]
    frame = pd.DataFrame(rows, columns=[*cluster_layers.COLUMNS])
    shapes = cluster_layers.cluster_shapes(frame, readers.areas.geometry("grid"), lang=lang)
    return {**shapes, "scan": _scan(look)}


def _scan(look: Look) -> dict[str, Any]:
    found = look.found
    figures = {} if found is None else {
        "since": found.since.isoformat(), "until": found.until.isoformat(), "total": found.total,
        "left_out": found.left_out, "runs": found.runs, "n": len(found.clusters)}
    return {"state": look.state, "share": look.share, "fault": look.fault, **figures}
