"""How a district lives: how much is reported and how fast it is handled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What makes one kind of day.

    Attributes:
        reports: times as many as the store's own mean.
        slowness: times as long between two acts.
        refusals: share of the works that do not pass the check and are done again.
    """

    reports: float
    slowness: float
    refusals: float


PROFILES: Final[Mapping[str, Profile]] = {
    "usual": Profile(reports=1.0, slowness=1.0, refusals=0.06),
    "calm": Profile(reports=0.4, slowness=0.8, refusals=0.04),
    "storm": Profile(reports=6.0, slowness=2.5, refusals=0.12),
}
#: Reports by local hour of the day, mean 1: few at night, most at ten and at four.
HOURS: Final = (0.15, 0.1, 0.1, 0.1, 0.15, 0.3, 0.7, 1.2, 1.9, 2.2, 2.2, 1.7,
                1.1, 1.3, 1.9, 2.1, 2.0, 1.5, 1.1, 0.8, 0.6, 0.4, 0.25, 0.15)
