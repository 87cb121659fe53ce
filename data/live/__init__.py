"""Live: what changes in the store reaches the screens, each within its scope."""
