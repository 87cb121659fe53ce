"""What people see: pages, components, ids and texts; no sqlalchemy."""
