"""The rules of alerts: each kind is one question to the store, as of a moment of the store's time."""
