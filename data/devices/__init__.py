"""Devices (终端): what sends positions of officers, and how they come in."""
