"""The store and the rules of the domain: no dash, no pydeck."""
