"""The secret key (密钥): from the environment, a file of the user's own, or made for a demo store."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from data.access.secret_file import LONGEST, SecretFileError, read
from data.settings import Settings

#: The file of a demo store's own key, under GRID_DATA_DIR.
FILE: Final = "secret.key"
_LEAST_SIGNS, _LEAST_HEX, _LEAST_DISTINCT = 43, 64, 10
_FOOLISH: Final = ("changeme", "change-me", "change_me", "secret", "password", "example", "default",
                   "qwerty", "insert", "yourkey", "your-key", "0123456789", "abcdefgh")
_HOW: Final = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"


class SecretKeyError(SecretFileError):
    """A key that is missing or weak; the message never repeats it."""


def secret_key(settings: Settings, *, synthetic: bool = False) -> bytes:
    """The secret key of an installation.

    Args:
        settings: with GRID_SECRET_KEY or GRID_SECRET_FILE; both absent: see ``synthetic``.
        synthetic: the store holds invented data only; a key is then made once and kept
            under GRID_DATA_DIR with mode 0600.

    Raises:
        SecretKeyError: no key, or a weak one.
        data.access.secret_file.SecretFileError: a file that others can read, or none.
    """
    if settings.secret_key is not None and settings.secret_file is not None:
        raise SecretKeyError("only one of GRID_SECRET_KEY and GRID_SECRET_FILE must be set, got both")
    if settings.secret_key is not None:
        return strong(settings.secret_key, "GRID_SECRET_KEY")
    if settings.secret_file is not None:
        return strong(read(settings.secret_file, "GRID_SECRET_FILE"), "GRID_SECRET_FILE")
    if not synthetic:
        raise SecretKeyError("GRID_SECRET_KEY or GRID_SECRET_FILE must be set, got neither: this store holds"
                             f" data that were not made by `demo`. {_HOW}")
    path = settings.data_dir / FILE
    if not os.path.lexists(path):
        _make(path)
    return strong(read(path, str(path)), str(path))


def strong(text: str, name: str) -> bytes:
    """The bytes of a key that nobody guesses.

    At least 32 bytes as base64 (43 signs) or hex (64), of at least ten distinct signs, without
    repetition, run or foolish word.

    Raises:
        SecretKeyError: it is weak; the message says why, never what.
    """
    is_hex = re.fullmatch(r"[0-9a-fA-F]+", text) is not None
    least = _LEAST_HEX if is_hex else _LEAST_SIGNS
    if not least <= len(text) <= LONGEST:
        raise SecretKeyError(f"{name} must have at least {least} signs (32 random bytes), got {len(text)}."
                             f" {_HOW}")
    if len(set(text)) < _LEAST_DISTINCT:
        raise SecretKeyError(f"{name} must be random, got only {len(set(text))} distinct signs. {_HOW}")
    steps = [ord(b) - ord(a) for a, b in pairwise(text)]
    if _repeats(text) or sum(abs(step) < 2 for step in steps) > len(steps) // 2:
        raise SecretKeyError(f"{name} must be random, got a repetition or a run. {_HOW}")
    low = text.casefold()
    if any(word in low for word in _FOOLISH):
        raise SecretKeyError(f"{name} must be random, got one with a word that stands in examples. {_HOW}")
    return text.encode()


def _repeats(text: str) -> bool:
    """Some part of at most half the length makes up all of it, the last one perhaps cut."""
    return any(text[period:] == text[:-period] for period in range(1, len(text) // 2 + 1))


def _make(path: Path) -> None:
    """A new key, whole or not at all; where somebody else made one meanwhile, theirs stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    flags: Any = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(begun, flags, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    try:
        with suppress(FileExistsError):  # another start was faster: its key is the one
            os.link(begun, path)
    finally:
        begun.unlink()
