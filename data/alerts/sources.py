"""What is found outside the tables of the store: silent feeds, and clusters of the kept scan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from data.access.scope import EVERYTHING
from data.alerts import clusters
from data.alerts.rules.model import Found, Rule
from data.exchange.feeds import FeedReader

if TYPE_CHECKING:
    from data.alerts.scanner import Scanner
    from data.readers import Readers

#: Replaced by each rule of the kind, see `data.alerts.engine.evaluate`.
_ANY: Final = Rule(rule_id="", kind="", color="", roles=())


def silent_feeds(readers: Readers, zone: ZoneInfo) -> Callable[[datetime], list[Found]]:
    """Feeds of the whole district from which nothing comes, with the minutes since the last record.

    Those that have been silent for longer than `data.exchange.feeds.DAYS` send nothing any more and are none.
    """
    def found(now: datetime) -> list[Found]:
        feeds = FeedReader(readers.store, readers.snapshot, EVERYTHING).all(now, zone)
        return [Found(rule=_ANY, subject_type="feed", subject_id=f"{feed.kind}:{feed.code}", street_code="",
                      since=None, value=round((now - feed.last_at) / timedelta(minutes=1), 1),
                      details={"last_at": feed.last_at.isoformat()})
                for feed in feeds if feed.state == "silent" and feed.last_at and feed.usual != 0]
    return found


def found_clusters(readers: Readers, zone: ZoneInfo, scanner: Scanner
                   ) -> Callable[[datetime], list[Found] | None]:
    """Clusters of the whole district that the scan of the last whole days found, with p as value.

    None until it is done: it runs in a process of its own, and nobody waits.
    """
    def found(now: datetime) -> list[Found] | None:
        asked = clusters.question(readers, now, zone)
        if len(asked.codes) < clusters.FEWEST_GRIDS or not asked.counts:
            return []
        look = scanner.look(readers.scope.key, asked)
        if look.state != "done" or look.found is None:
            return None
        return [_cluster(one) for one in look.found.clusters]
    return found


def _cluster(one: clusters.AreaCluster) -> Found:
    """Named after the grid in its middle, so that it is the same one from day to day."""
    middle = one.grids[0]
    return Found(
        rule=_ANY, subject_type="cluster", subject_id=middle, street_code=middle[:9],
        community_code=middle[:12], grid_code=middle, lon=one.lon, lat=one.lat, since=None,
        value=round(one.p_value, 4), details={
            "observed": one.observed, "expected": round(one.expected, 1), "grids": list(one.grids[:50]),
            "radius_m": round(one.radius_m), "recurrence_days": round(one.recurrence_days, 1),
            "since_day": one.since.isoformat(), "until_day": one.until.isoformat()})
