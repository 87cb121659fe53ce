"""Alerts: what the store should tell somebody, and when."""
