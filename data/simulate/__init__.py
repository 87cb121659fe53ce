"""Simulation (演练): a living district is played into a synthetic store, by the ways that real ones use."""
