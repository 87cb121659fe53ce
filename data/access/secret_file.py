"""Secrets in files: only from one that is its reader's own."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

#: Bytes of a secret at most.
LONGEST: Final = 4096


class SecretFileError(ValueError):
    """A secret that is not kept safely; the message says what was found, never the secret."""


def read(path: Path, name: str) -> str:
    """A secret out of a file that is its reader's own.

    Args:
        name: how messages call it.

    Raises:
        SecretFileError: no regular file, not the user's own, or others may read or change it.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise SecretFileError(f"{name} must name a regular file, got {str(path)!r}")
            if os.name != "nt":
                _own(found, path, name)
            return file.read(LONGEST + 1).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretFileError(f"{name} must name a file with a text, got {str(path)!r}:"
                             f" {type(error).__name__}") from error


def _own(found: os.stat_result, path: Path, name: str) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.geteuid():
        raise SecretFileError(f"{name} must name a file of user {os.geteuid()}, who runs this, got one of"
                              f" user {found.st_uid}: {path}")
    if mode & 0o177:
        raise SecretFileError(f"{name} must name a file with mode 0600, got {mode:04o}: chmod 600 {path}")
