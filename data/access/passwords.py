"""Passwords: rules, generation, and argon2id with a bound on how many are hashed at once."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from data.access.common_passwords import BASES, COMMON

MEMORY_KIB: Final = 19 * 1024
TIME_COST: Final = 2
PARALLELISM: Final = 1
SHORT, LONG, LONGEST = 8, 12, 128
#: Hashes at once (each takes 19 MiB and a core), and how many more may wait for their turn.
AT_ONCE: Final = 2
WAITING: Final = 8
WAIT_S: Final = 2.0
#: Signs of generated passwords; none looks like another.
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LOOKALIKES: Final = str.maketrans("@4301!5$7", "aaeoiisst")


class PasswordError(ValueError):
    """A password that cannot be; it is never repeated in the message.

    Attributes:
        why: ``short``, ``long``, ``name``, ``common``, ``simple``, ``same``: for the texts of a page.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class BusyError(RuntimeError):
    """Too many passwords are being hashed; nothing was tried."""


def plain(password: str) -> str:
    """The password as it is hashed: compatibility forms are one, so that every keyboard gives the same."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, name: str) -> None:
    """Whether a password may be chosen for an account.

    At least 12 signs, or at least 8 of three classes (small, capital, digit, other; a Chinese
    sign is an other one); not the name, not a common one, not one sign or run repeated.

    Raises:
        PasswordError: it may not.
    """
    text = plain(password)
    if len(text) > LONGEST:
        raise PasswordError("long", f"a password must have at most {LONGEST} signs, got {len(text)}")
    classes = len({_class_of(sign) for sign in text})
    if len(text) < SHORT or (len(text) < LONG and classes < 3):
        raise PasswordError("short", f"a password must have at least {LONG} signs, or {SHORT} of three"
                                     f" classes (small, capital, digit, other), got {len(text)} of {classes}")
    low = text.casefold()
    if name and (low == name or (len(name) >= 4 and name in low)):
        raise PasswordError("name", "a password must not hold the name of the account")
    base = re.sub(r"[\d\W_]+$", "", low).translate(_LOOKALIKES)
    bare = re.sub(r"[\W_]+$", "", low)
    if {low, bare, low.translate(_LOOKALIKES), bare.translate(_LOOKALIKES)} & COMMON or base in BASES:
        raise PasswordError("common", "a password must not be one of the common ones")
    if _is_simple(low):
        raise PasswordError("simple", "a password must not be a run or a repetition of few signs")


def _class_of(sign: str) -> str:
    if sign.islower():
        return "small"
    return "capital" if sign.isupper() else "digit" if sign.isdigit() else "other"


def _is_simple(text: str) -> bool:
    """Few signs, one part repeated, or mostly steps of one as in 12345678 or hgfedcba."""
    steps = [ord(b) - ord(a) for a, b in pairwise(text)]
    runs = max(sum(step == wanted for step in steps) for wanted in (-1, 0, 1))
    return len(set(text)) < 5 or text in (text + text)[1:-1] or runs > len(steps) * 2 // 3


def generated() -> str:
    """A new password of 23 signs, 115 bits of chance, in four groups for reading aloud."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


class Passwords:
    """Hashes and verifies. Thread-safe; asks no database and must be called without a connection in hand."""

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING, wait_s: float = WAIT_S) -> None:
        self._hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM)
        self._turn = threading.BoundedSemaphore(at_once)
        self._room = threading.BoundedSemaphore(at_once + waiting)
        self._wait_s = wait_s
        #: What unknown names are verified against: the same work, and never right.
        self._dummy = self._hasher.hash(secrets.token_urlsafe(24))

    def hash(self, password: str) -> str:
        """The hash as argon2 writes it, with its parameters and salt.

        Raises:
            BusyError: too many are being hashed.
        """
        with self._one_of_few():
            return self._hasher.hash(plain(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one of a hash; None costs the same and is never right.

        Raises:
            BusyError: too many are being hashed.
        """
        text = plain(password) if len(password) <= LONGEST * 4 else ""
        with self._one_of_few():
            try:
                self._hasher.verify(stored or self._dummy, text)
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None and bool(text)

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def _one_of_few(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise BusyError("too many passwords are being checked at once; try again in a moment")
        try:
            if not self._turn.acquire(timeout=self._wait_s):
                raise BusyError(f"no password could be checked within {self._wait_s:g} s; try again")
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._room.release()
