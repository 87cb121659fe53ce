"""What all callbacks are handed: readers, words, clock, and how to read the viewer's state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.presets import windows
from dashboard.texts import speaker
from dashboard.view import View
from data.access.viewer import Viewer
from data.analytics.weights import FIRST, Weights
from data.filters import CaseFilter, from_query
from data.vocabulary import Vocabulary, narrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The readers of one store with its words and its clock.

    Attributes:
        everything: the readers of the whole store; pages ask `readers`, which are the viewer's.
        vocabulary: the words of the whole store as they stand; cheap to call.
        now: the instant that the answers show, aware: the store's now, or the past moment of the request.
        moment: that past moment; None: the request is about now.
        wall: the time of day outside, aware; only ages are measured with it.
        rate: seconds of the store in a real second; 0 where its now stands still (a demo nobody plays).
        synthetic: language -> what is synthetic, in words; empty for real data.
        district: ``code, name, name_en, lon, lat``; empty while the store has none.
        tiles: the raster sources of the settings, the first lowest; none is needed.
        stream_hosts: origins whose pictures of cameras may be played, as of the settings.
        call: the address that calls somebody, as of the settings; empty: nobody is called.
        viewer: who asks; raises where nobody does.
        live: tells what changed inside a scope, as of `data.live.hub.Hub`; None: nobody listens.
        casts: what desks send to walls, as of `data.live.casts.Casts`; None: nothing.
        emergencies: as of `data.emergency.emergencies.Emergencies`; None: none.
        whistles: as of `data.emergency.whistles.Whistles`; None: none.
        weights: of the composite index, of a local day.
        press: that makes bulletins, as of `data.bulletin.press.Press`; None: there are none.
        photos: of cases, as of `data.attachments.photos.Photos`; None: there is no place for any.
    """

    everything: Any
    vocabulary: Callable[[], Vocabulary]
    now: Callable[[], datetime]
    wall: Callable[[], datetime]
    zone: ZoneInfo
    viewer: Callable[[], Viewer]
    moment: Callable[[], datetime | None] = lambda: None
    rate: Callable[[], float] = lambda: 1.0
    synthetic: Mapping[str, str] = field(default_factory=dict)
    district: Mapping[str, Any] = field(default_factory=dict)
    lang: str = "zh"
    tiles: Sequence[Any] = ()
    stream_hosts: Sequence[str] = ()
    call: str = ""
    weights: Callable[[date], Weights] = lambda _day: FIRST
    press: Any = None
    photos: Any = None
    live: Any = None
    casts: Any = None
    emergencies: Any = None
    whistles: Any = None

    @property
    def frozen(self) -> bool:
        """Whether the store's now stands still; asked anew each time, for it may begin to run."""
        return self.rate() == 0

    @property
    def readers(self) -> Any:
        """The readers of who asks: ``cases, areas, patrol, resources, store, snapshot``.

        They belong to the request in hand; nobody keeps them. Asked about a past moment they know
        nothing later.
        """
        moment = self.moment()
        whole = self.everything if moment is None else self.everything.at(moment)
        return whole.seen_by(self.viewer())

    def version(self) -> str:
        """The version of the data of who asks: nothing outside their scope changes it."""
        readers = self.readers
        return str(readers.cases.version if self.live is None else self.live.version(readers.scope))

    def words(self) -> Vocabulary:
        """The words of who asks: areas and times of the scope, all else as it stands."""
        found, scope = self.vocabulary(), self.viewer().scope
        if scope.is_everything and self.moment() is None:
            return found
        return narrowed(found, scope, self.readers.cases.reported_range())

    def presets(self, now: datetime) -> dict[str, tuple[datetime, datetime]]:
        """The windows that one click chooses, at ``now``."""
        words = self.words()
        return windows(now, self.zone, words.first_reported, words.last_reported)

    def district_name(self, lang: str) -> str:
        """The name of the district, empty while there is none."""
        name = self.district.get("name_en") if lang == "en" else None
        return str(name or self.district.get("name") or "")

    def product(self, lang: str) -> str:
        """The name of the centre, as every page is headed."""
        say, district = speaker(lang), self.district_name(lang)
        return say("title", district=district) if district else say("title.empty")


def today_of(desk: Desk) -> date:
    """The local day of the store's time."""
    return desk.now().astimezone(desk.zone).date()


def base_area(area: str | None) -> str | None:
    """The base area of a scope: a work or professional grid has no cases of its own, its street has."""
    return area if area is None or area.isdigit() else area[:9]


def child_level(area: str | None) -> str:
    """The level below a scope: ``street`` for the district, at last ``grid``."""
    return {9: "community", 12: "grid", 15: "grid"}.get(len(area or ""), "street")


def opening_filter(
    query: Mapping[str, str], view: View, presets: Mapping[str, tuple[datetime, datetime]]
) -> tuple[CaseFilter, dict[str, str]]:
    """The filter of an address and the span of its time line."""
    known = presets.get(view.preset) or presets["7d"]
    areas = (
        frozenset({view.area}) if view.area and view.area.isdigit() and len(view.area) > 6 else frozenset()
    )
    filter_ = from_query(query, default=CaseFilter(since=known[0], until=known[1], areas=areas))
    span = (filter_.since, filter_.until) if view.preset == "custom" else known
    return filter_, {"since": span[0].isoformat(), "until": span[1].isoformat()}
