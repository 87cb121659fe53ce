"""Area codes: digits whose length is the level, and whose prefix is the parent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

#: Levels of the partition, from the whole to the part, with the length of their code.
DIGITS: Final[dict[str, int]] = {"district": 6, "street": 9, "community": 12, "grid": 15}
LEVELS: Final = tuple(DIGITS)
_LEVEL_OF: Final = {digits: level for level, digits in DIGITS.items()}


class AreaError(ValueError):
    """Areas that cannot be; the message names what was got and what is expected."""


def level_of(code: str) -> str | None:
    """The level that a code's length stands for; None where it is no partition code."""
    return _LEVEL_OF.get(len(code)) if code.isdigit() and code.isascii() else None


def parent_of(code: str) -> str | None:
    """The code one level up; None for the district and for codes outside the partition."""
    level = level_of(code)
    return None if level in (None, "district") else code[:-3]


def at_level(code: str, level: str) -> str:
    """The ancestor of a code at a level; '' where the code is shorter than that."""
    digits = DIGITS[level]
    return code[:digits] if len(code) >= digits else ""


def children(parent: str, count: int) -> list[str]:
    """Codes 001, 002, … under a parent.

    Raises:
        AreaError: more than 999 children do not fit into three digits.
    """
    if count > 999:
        raise AreaError(f"{parent} must have at most 999 children (three digits), got {count}")
    return [f"{parent}{number:03d}" for number in range(1, count + 1)]


#: Letter of the grids beside the partition -> their kind, and how many digits follow the letter.
OVERLAYS: Final[dict[str, tuple[str, int]]] = {
    "W": ("work", 3), "P": ("professional", 3), "C": ("compound", 3), "U": ("unit", 4)}
#: A grid beside the partition: the nine digits of its street, a letter, a number.
OVERLAY: Final = re.compile(r"\d{9}(?:[WPC]\d{3}|U\d{4})")


def overlay_code(street: str, letter: str, number: int) -> str:
    """Code of a grid beside the partition: street, letter of its kind (`OVERLAYS`), running number.

    Raises:
        AreaError: unknown letter, or a number that does not fit.
    """
    if letter not in OVERLAYS:
        raise AreaError(f"letter must be one of {', '.join(OVERLAYS)}, got {letter!r}")
    digits = OVERLAYS[letter][1]
    if not 1 <= number < 10**digits:
        raise AreaError(f"number of {street}{letter} must be 1..{10**digits - 1}, got {number}")
    return f"{street}{letter}{number:0{digits}d}"


def overlay_kind(code: str) -> str | None:
    """The kind of grid that a code beside the partition stands for; None for other codes."""
    return OVERLAYS[code[9]][0] if OVERLAY.fullmatch(code) else None


def apportion(total: int, weights: Sequence[float], *, least: int = 0) -> list[int]:
    """Split a whole number in proportion to weights; the parts add up exactly.

    Largest remainders; every part gets ``least`` first.

    Raises:
        AreaError: the total is smaller than ``least`` for everyone.
    """
    free = total - least * len(weights)
    if free < 0:
        raise AreaError(f"total must be at least {least} x {len(weights)}, got {total}")
    scale = free / (sum(weights) or 1.0)
    exact = [weight * scale for weight in weights]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_remainder[: free - sum(parts)]:
        parts[index] += 1
    return [part + least for part in parts]
