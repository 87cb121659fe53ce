"""Whether a file may be read at all: looked through in a process apart before the import takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from data.ingest.errors import IngestError
from data.ingest.readers import format_of
from data.uploads.refused import UploadError
from data.uploads.sandbox import FILE, Sandbox

#: Formats that are read as a whole or unpacked; text tables are read as streams, which bound themselves.
PROBED: Final = frozenset({"excel", "parquet", "json", "geo", "gpx"})


def admit(path: Path) -> None:
    """Look a file through; CSV, packed or not, passes and is bounded while it is read.

    Raises:
        IngestError: missing, of an unknown format, or refused: the message names the file, the
            limit and what was found.
    """
    if not path.is_file():
        raise IngestError(f"file must exist, got {str(path)!r}")
    form = format_of(path)
    if form not in PROBED:
        return
    try:
        Sandbox(1).run("file", path.name, bounds=FILE, facts={"path": str(path.resolve()), "form": form})
    except UploadError as refusal:
        raise IngestError(str(refusal)) from refusal
