"""The one error of an import that cannot go on."""

from __future__ import annotations


class IngestError(ValueError):
    """A file, a mapping or the store does not allow the import; the message says what to do."""
