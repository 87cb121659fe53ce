"""Exchange (交换): label tables and codes shared with other systems."""
