"""Files by their content: the name is the SHA-256, so that what is there is never written twice."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Files:
    """A folder ``ab/cd/abcd….jpg``; only the owner of the process may look in (0700, files 0600)."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Keep a content; returns its hash. It is there whole or not at all, also after a power cut."""
        name = sha256(content).hexdigest()
        path = self._place(name)
        if path.is_file() and path.stat().st_size == len(content):
            return name
        for folder in (self.folder, path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        handle, begun = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # made with 0600
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(begun).replace(path)
        except BaseException:
            Path(begun).unlink(missing_ok=True)
            raise
        return name

    def find(self, name: str) -> Path | None:
        """Where a content is; None where it is not, or the name is no hash."""
        if not _HASH.fullmatch(name):
            return None
        path = self._place(name)
        return path if path.is_file() else None

    def _place(self, name: str) -> Path:
        return self.folder / name[:2] / name[2:4] / f"{name}.jpg"
