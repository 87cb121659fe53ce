"""Sensors (感知设备): smoke detectors, manhole covers and water meters, and what they read."""
