"""What people see: pages, components, ids, texts in two languages."""
