"""Closure analytics: periods, fair comparison, what is counted and what is left out."""
