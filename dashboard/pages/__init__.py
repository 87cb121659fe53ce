"""One module per page; structure only."""
