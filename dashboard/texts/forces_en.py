"""English texts of forces: what can be sent to a point, and how far one comes."""

from typing import Final

TEXTS: Final = {
    "near.title": "Nearest free forces",
    "near.way": "{km} km · about {minutes} min",
    "near.fits": "in charge",
    "near.draft": "Draft",
    "near.draft.help": "Fill in the dispatch; check and confirm it",
    "near.note": "Proposed: {name} ({way})",
    "near.none": "No free force within {km} km by road",
    "near.left": "Estimated by road, up to {km} km; people by positions of the last {minutes} min"
                   " · not listed: busy or offline {busy}, state unknown {unknown}, beyond {beyond}",
    "card.place": "Place",
    "place.help": "The map colours the roads within 500 m, 1 km and 2 km by road",
    "place.tool": "Near",
    "place.tool.help": "Nearest forces: then click a place on the map (or right-click it)",
}
