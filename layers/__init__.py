"""Layers of the map: pure functions from typed frames to specs for the browser."""
