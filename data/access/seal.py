"""Sealing of what the store must keep and not tell: the shared secrets of second factors."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hmac import compare_digest
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE: Final = b"map room: second factors, 1"


class SealError(ValueError):
    """Something sealed with another key, for another owner, or damaged; the message never says what."""


class Sealer:
    """Seals small texts with a key that is derived from the secret key for this purpose alone."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key)
        self._fernet = Fernet(urlsafe_b64encode(derived))

    def __repr__(self) -> str:
        return "Sealer(…)"

    def seal(self, text: str, *, owner: int) -> bytes:
        """Seal a text for one account; it opens for no other, even where rows were swapped."""
        return self._fernet.encrypt(f"{owner}:{text}".encode())

    def open(self, sealed: bytes, *, owner: int) -> str:
        """The text again.

        Raises:
            SealError: another key, another owner, or damaged bytes.
        """
        try:
            found, _, text = self._fernet.decrypt(sealed).decode().partition(":")
        except (InvalidToken, UnicodeDecodeError) as error:
            raise SealError("what was sealed must have been sealed with this secret key, got something"
                            " else: restore the key, or reset the second factor") from error
        if not compare_digest(found.encode(), str(owner).encode()):
            raise SealError("what was sealed must belong to this account, got that of another one")
        return text
