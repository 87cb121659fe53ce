"""Layers: pure functions from typed frames to pydeck layers; no dash, no sqlalchemy."""
