"""Pure functions from typed values to Dash components."""
