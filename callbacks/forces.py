"""What could be sent to a point (最近力量), for the cards of cases and of places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from dash import html

from callbacks.card_facts import person_name
from callbacks.desk import Desk
from dashboard.components.acts import Choices
from dashboard.components.case_card import Tongue
from dashboard.components.forces import Followed, forces_section
from dashboard.format import missing
from data.cases.lifecycle import IN_HAND, OPEN
from data.resources.nearest import FRESH, SPEEDS_KMH, Nearest, able_officers, able_resources, nearest


def forces_near(lon: float, lat: float, desk: Desk, dept_id: str | None = None) -> Nearest:
    """The free forces of the viewer's scope by road from a point (WGS-84 degrees).

    Args:
        dept_id: the department whose forces come first; None: none is preferred.
    """
    readers = desk.readers
    officers = able_officers(readers.patrol.positions(desk.now(), FRESH), readers.resources.engaged())
    able = pd.concat([able_resources(readers.resources.all(SPEEDS_KMH)), officers], ignore_index=True)
    return nearest(able, readers.areas.network(), lon, lat, dept_id=dept_id)


def case_forces(case_: Mapping[str, Any], choices: Choices | None, desk: Desk, tongue: Tongue
                ) -> html.Section | None:
    """What could be sent to a case; None where it has ended or its place is not told.

    A dispatch is drafted only where the case can be dispatched by the viewer now.
    """
    lon, lat = case_.get("lon"), case_.get("lat")
    if case_["state"] not in OPEN or missing(lon) or missing(lat):
        return None
    can_draft = choices is not None and "dispatch" in choices.acts
    point = float(case_["lon"]), float(case_["lat"])
    found = forces_near(*point, desk, tongue.words.first_dept(case_.get("cat_code")))
    return forces_section(found, point, tongue=tongue, can_draft=can_draft, followed=_followed(case_, desk))


def _followed(case_: Mapping[str, Any], desk: Desk) -> Followed | None:
    """Who may be followed on the way to a case: once it is dispatched, until it is handled."""
    if case_["state"] not in IN_HAND:
        return None
    officer = case_.get("officer_id")
    code = "" if missing(officer) else str(officer)
    return Followed(case_no=str(case_["case_no"]), officer_id=code, officer_name=person_name(code, desk))


def point_forces(lon: float, lat: float, desk: Desk, tongue: Tongue) -> html.Section:
    """The section with the forces of a point of the map."""
    return forces_section(forces_near(lon, lat, desk), (lon, lat), tongue=tongue, can_draft=False)
