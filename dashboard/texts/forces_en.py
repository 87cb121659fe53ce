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
    "resource.changes": "Changes of state, last two days",
    "resource.unknown": "not known (nothing recorded)",
    "stream.title": "Picture",
    "stream.waiting": "Connecting to the picture…",
    "stream.live": "Picture is coming in",
    "stream.lost": "◆ Picture lost, last seen {at}; connecting again",
    "stream.never": "◆ Picture does not open, tried since {at}; connecting again",
    "stream.paused": "Paused at {at}",
    "stream.hls": "This browser does not play HLS; use one that does, or let the video platform give MP4",
    "stream.no.past": "No live picture while the past is shown",
    "stream.no.sight": "Your account may not see the picture",
    "stream.no.none": "No address of a picture is known",
    "stream.no.kind": "Browsers do not play the address that is known (HLS, MP4 or WebM would do)",
    "stream.no.host": "The address is not of a configured video service (setting GRID_STREAM_HOSTS)",
}
