"""Figures of the analytics pages: pure functions from numbers to plotly JSON or to SVG."""
