"""English texts of the centres from which the wall is looked at."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "seat.leave": "Back to your own part",
    "topic": "Theme",
    "topic.none": "All (no theme)",
    "topic.help": "This page counts the cases of the theme only; what it shows is a row of the database",
    "filter.domains": "Domain",
    "filter.mechanisms": "Mechanism",
    "card.mechanism": "Mechanism",
    "card.mechanism.help": "Only cases of the same mechanism",
    "seat.lang": "en",
    "seat.help": "Another centre: only the part of a street, department or community",
    "seat.loading": "Reading …",
    "seat.failed": "The list of centres could not be read",
    "seat.own": "All of your own scope",
    "seat.title.whole": "{name} command centre (all of your scope)",
    "seat.title.street": "{name} sub-centre",
    "seat.title.community": "{name} community station",
    "seat.title.grid": "{name} work station",
    "seat.title.dept": "{name} sub-centre",
    "seat.tier.district": "District centre",
    "seat.tier.street": "{n} street sub-centres, {m} community stations, {k} work stations of grids",
    "seat.tier.dept": "{n} department sub-centres",
    "seat.note": "Three tiers of platform: district centre, street and department sub-centres, community"
                 " stations;"
                 " four levels of network: district, street, community, grid. The source does not name its"
                 " “six levels of forces”. A switch narrows what your account sees and never widens it.",
}
