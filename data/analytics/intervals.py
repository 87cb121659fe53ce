"""Intervals of shares: how far a rate of few cases can be trusted."""

from __future__ import annotations

import math
from typing import Final

#: Of the normal distribution, two-sided 95 %.
Z95: Final = 1.959964


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """The 95 % interval of ``part`` of ``whole`` cases, as fractions; None for nothing at all.

    Wilson (1927), J. Am. Stat. Assoc. 22, 209-212: it never leaves 0..1 and is right for few cases.
    """
    if whole <= 0:
        return None
    return wilson_of(part / whole, whole)


def wilson_of(share: float, whole: float) -> tuple[float, float]:
    """The same of a share (0..1) that is worth so many cases, which need be no whole number."""
    z2 = Z95 * Z95
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z95 * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return max(0.0, middle - half), min(1.0, middle + half)
