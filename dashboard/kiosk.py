"""The kiosk (``?kiosk=1``): a wall display that nobody touches, and what it shows one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dash import html

from dashboard.texts import Say
from data.filters import FilterError

EVERY_S: Final = 60
MIN_S: Final = 5
MAX_S: Final = 3600
#: What a tour visits on one page: nothing but the page itself, or the areas below its own.
TOURS: Final = ("none", "areas")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kiosk:
    """How a display behaves.

    Attributes:
        every_s: seconds that one stop stays.
        tour: one of `TOURS`.
    """

    every_s: int = EVERY_S
    tour: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What is shown for a while: a page, or an area on this page.

    Attributes:
        name: as people call it.
        page: path of another page; None: this one.
        area: code of an area of this page; None: all of it.
    """

    name: str
    page: str | None = None
    area: str | None = None


def from_query(query: Mapping[str, str]) -> Kiosk | None:
    """``kiosk=1``, ``every=`` seconds and ``tour=`` of an address; None where it is no kiosk.

    Raises:
        FilterError: a value that cannot be; it names field, value got and expected.
    """
    if query.get("kiosk", "") in {"", "0"}:
        return None
    if query["kiosk"] != "1":
        raise FilterError(f"kiosk must be 1 or 0, got {query['kiosk'][:40]!r}")
    every, tour = query.get("every") or str(EVERY_S), query.get("tour") or TOURS[0]
    whole = every.isascii() and every.isdigit() and len(every) < 6
    if not whole or not MIN_S <= int(every) <= MAX_S:
        raise FilterError(f"every must be {MIN_S}..{MAX_S} whole seconds, got {every[:40]!r}")
    if tour not in TOURS:
        raise FilterError(f"tour must be one of {', '.join(TOURS)}; got {tour[:40]!r}")
    return Kiosk(every_s=int(every), tour=tour)


def stops_of(areas: Sequence[tuple[str, str]], *, whole: str, here: str,
             pages: Sequence[tuple[str, str]]) -> list[Stop]:
    """What is shown in turn: this page as a whole, each of its areas, then the other pages.

    Args:
        areas: code and name of the areas to visit, in order.
        whole: name of all of them together.
        here: path of this page.
        pages: path and name of the pages that the display may show, this one among them.
    """
    others = [Stop(name=name, page=path) for path, name in pages if path != here]
    return [Stop(name=whole), *(Stop(name=name, area=code) for code, name in areas), *others]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """What a plain page of a display does by itself.

    Attributes:
        stop: the page after this one.
        every_s: seconds until then; 0: it stays.
        again_s: seconds until the page asks itself anew; 0: never.
        fault: why the address names no kiosk; empty: it does, or none was meant.
    """

    stop: Stop
    every_s: int = 0
    again_s: int = 0
    fault: str = ""


def tour_of(query: Mapping[str, str], *, here: str, pages: Sequence[tuple[str, str]], again_s: int) -> Tour:
    """The tour of a display on a plain page.

    Args:
        query: arguments of the address.
        here: path of the page.
        pages: path and name of the pages that the display may show, in their order.
        again_s: seconds until the page is old; 0: it does not age.
    """
    known = [path for path, _ in pages]
    place = known.index(here) + 1 if here in known else 0
    path, name = pages[place % len(pages)]
    stop = Stop(name=name, page=path)
    try:
        kiosk = from_query(query)
    except FilterError as error:
        return Tour(stop=stop, again_s=again_s, fault=str(error))
    return Tour(stop=stop, every_s=kiosk.every_s if kiosk else 0, again_s=again_s)


def ring(kiosk: Kiosk, stops: Sequence[Stop], say: Say) -> list[Any]:
    """The ring that counts down to the next stop, and what is said where the display has ended.

    Without a second stop nothing is counted.
    """
    ended = html.Div(html.P(say("kiosk.ended")), className="kiosk-ended", hidden=True, role="alert",
                     **{"data-kiosk-ended": "1"})
    if len(stops) < 2:
        return [ended]
    stations = [html.Li(stop.name, **{"data-page": stop.page or "", "data-area": stop.area or ""})
                for stop in stops]
    return [
        html.Button(
            [html.Span(className="kiosk__seconds"), html.Span(className="kiosk__next")],
            className="kiosk", type="button", title=say("kiosk.pause"),
            **{
                "data-act": "kiosk",
                "data-every": str(kiosk.every_s),
                "data-next": say("kiosk.next", name="{name}"),
                "data-held": say("kiosk.held"),
                "aria-label": say("kiosk.pause"),
                "aria-pressed": "false",
            },
        ),
        html.Ul(stations, hidden=True, **{"data-kiosk-stops": "1"}),
        ended,
    ]
