"""What a check of areas says: one thing, where, and how bad it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "repaired"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        area_code: where.
        rule: code_shape, code_repeated, parent, geometry_missing, geometry_invalid,
            overlap, gap, outside_parent, households, no_chief, sum_households,
            sum_residents, members, building_grid.
        got: what is there, as text.
        expected: what should be.
        severity: ``error`` breaks counts, ``warning`` is only unusual, ``repaired`` was put right.
    """

    area_code: str
    rule: str
    got: str
    expected: str
    severity: Severity
