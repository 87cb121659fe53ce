"""Every component id of the product; the prefix names the owner."""

from __future__ import annotations

from typing import Any, Final, NewType

ComponentId = NewType("ComponentId", str)
PatternId = dict[str, Any]  # Dash's stubs refuse a TypedDict here

# ---- the state of the page, small JSON in dcc.Store ----
FILTER: Final = ComponentId("shell-filter")  # CaseFilter.to_store()
VIEW: Final = ComponentId("shell-view")  # dashboard.view.View.to_store()
SELECTION: Final = ComponentId("shell-selection")  # {"kind", "code"} or null
HOVER: Final = ComponentId("shell-hover")  # {"kind", "code", "title"} or null
CONTEXT: Final = ComponentId("shell-context")  # {"since", "until"}: what the time line spans
NOW: Final = ComponentId("shell-now")  # {"now": iso, "first": iso, "time_zone", "presets": {...}}
DATA_VERSION: Final = ComponentId("shell-data-version")  # text; changes when the data change
CHARTED: Final = ComponentId("shell-charted")  # changes when charts have to be asked for anew
MOVED: Final = ComponentId("shell-moved")  # changes when forces and their ways have to be asked for anew
MAP_CAMERA: Final = ComponentId("map-camera")  # {"lon", "lat", "zoom", "pitch", "bearing"} or null
URL: Final = ComponentId("shell-url")  # sink of the address writer
SYNC: Final = ComponentId("shell-sync")  # sink of the marks on pressed buttons
TREES: Final = ComponentId("shell-trees")  # part of the filter -> its check boxes
QUERY: Final = ComponentId("shell-query")  # {"text", "kind"} of the search box
PHOTOS: Final = ComponentId("shell-photos")  # how often photos were sent from this page
ACTED: Final = ComponentId("shell-acted")  # how often this page acted upon cases
WHISTLED: Final = ComponentId("shell-whistled")  # changes when the whistles have to be asked for anew
PUBLISHING: Final = ComponentId("shell-publishing")  # {"n", "area"}: the form is asked for anew
EMERGENCY: Final = ComponentId("shell-emergency")  # {"id", "mark"} of what the wall is turned to, or null
ALERTED: Final = ComponentId("shell-alerted")  # changes when the alerts have to be asked for anew
PRESSING: Final = ComponentId("shell-pressing")  # order of the pressing cases, null for the default
TABLE: Final = ComponentId("shell-table")  # {"kind", "order", "descending"} of the table view

# ---- the map ----
MAP_CANVAS: Final = ComponentId("map-canvas")
MAP_PIN: Final = ComponentId("map-pin")  # {"lon", "lat", "grid"} of what is selected, or null
MAP_DRAWN: Final = ComponentId("map-drawn")  # true once the first picture stands, or is late
MAP_SCOPE: Final = ComponentId("map-scope")  # the part of VIEW that the server draws by; changes rarely

# ---- panels of the wall ----
KPIS: Final = ComponentId("wall-kpis")
CHANNELS: Final = ComponentId("wall-channels")
STREETS: Final = ComponentId("wall-streets")
CATEGORIES: Final = ComponentId("wall-categories")
SIDE: Final = ComponentId("wall-side")
FORCES: Final = ComponentId("wall-forces")
ALERTS: Final = ComponentId("wall-alerts")
PUBLISH_FORM: Final = ComponentId("wall-publish")  # filled when its tool is opened
EMERGENCY_TASKS: Final = ComponentId("wall-emergency-tasks")
EMERGENCY_FORCES: Final = ComponentId("wall-emergency-forces")
EMERGENCY_GROUND: Final = ComponentId("wall-emergency-ground")  # {"id", "rings"} of its areas, or null
CRUMBS: Final = ComponentId("wall-crumbs")
HISTOGRAM: Final = ComponentId("wall-histogram")  # dcc.Store with the bars of the time line
HISTOGRAM_CANVAS: Final = ComponentId("wall-histogram-canvas")
PLAYHEAD: Final = ComponentId("wall-playhead")  # slider over the bars: the moment shown
MOMENT: Final = ComponentId("wall-moment")  # the same in figures
SPEED: Final = ComponentId("wall-speed")
HISTOGRAM_SINK: Final = ComponentId("wall-histogram-sink")
WORDS: Final = ComponentId("wall-words")
RESULTS: Final = ComponentId("wall-results")
SEARCH_BOX: Final = ComponentId("wall-search")
LEGEND: Final = ComponentId("wall-legend")
LEGEND_SINK: Final = ComponentId("wall-legend-sink")
UNIT: Final = ComponentId("shell-unit")  # pixels of --u, changes with the window
TIME_FROM: Final = ComponentId("wall-time-from")
TIME_TO: Final = ComponentId("wall-time-to")
TABLE_BODY: Final = ComponentId("wall-table")
BADGE: Final = ComponentId("wall-badge")
CLOCK: Final = ComponentId("wall-clock")
FAILURE: Final = ComponentId("wall-failure")


def layer_spec(layer: Any) -> PatternId:
    """dcc.Store with the deck.gl JSON of one layer, its legend and what it left out."""
    return {"kind": "layer-spec", "layer": layer}


def figure(chart: str) -> ComponentId:
    """dcc.Store with the figure of a chart in the sizes of the reference wall."""
    return ComponentId(f"{chart}-figure")


def graph(chart: str) -> ComponentId:
    """The plotly graph that draws `figure` in the sizes of the screen."""
    return ComponentId(f"{chart}-graph")


def hook(chart: str) -> ComponentId:
    """Where the graph of a chart hangs."""
    return ComponentId(f"{chart}-hook")


def ready_graph(chart: str) -> ComponentId:
    """dcc.Store with the graph of a chart, before it hangs."""
    return ComponentId(f"{chart}-ready")


def click(chart: str) -> ComponentId:
    """Sink of the clicks on a chart."""
    return ComponentId(f"{chart}-click")
