"""Thin wiring between pages and readers; each module registers by a function, never by import."""

from __future__ import annotations

from dash import Dash

from callbacks import cards, charts, columns, kpis, map_layers, page, pin, search, status, table, tiles
from callbacks.desk import Desk


def register_all(app: Dash, *, desk: Desk) -> None:
    """Register every callback and route of the product on ``app``."""
    # the map first: what is registered first is asked first
    map_layers.register(app, readers=desk.readers, clock=desk.now)
    for module in (page, kpis, charts, cards, pin, search, table, status):
        module.register(app, desk=desk)
    columns.register(app, readers=desk.readers, clock=desk.now)
    tiles.register(app, desk=desk)
