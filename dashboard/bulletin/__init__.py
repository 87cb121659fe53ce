"""The half-monthly bulletin as a sheet of text, and as Word, PDF and Excel."""
