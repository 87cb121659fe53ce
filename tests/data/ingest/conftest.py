"""Fixtures of the import tests; see `conftest_ingest`."""

from __future__ import annotations

from tests.data.ingest.samples import load, mapping, placed_store, write_csv

__all__ = ["load", "mapping", "placed_store", "write_csv"]
