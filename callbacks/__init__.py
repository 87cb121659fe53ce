"""Thin wiring between the browser and the pure functions; no sqlalchemy."""
