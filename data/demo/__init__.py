"""Demo (演示): deterministic synthetic districts on real outlines."""
