"""All that makes bulletins, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from data.bulletin.content import Sources
from data.bulletin.keeping import Bulletins
from data.bulletin.schedule import Schedule

if TYPE_CHECKING:
    from data.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What makes bulletins.

    Attributes:
        kept: the bulletins of the store.
        sources: of their figures.
        schedule: by which drafts are made by themselves, once it is started.
    """

    kept: Bulletins
    sources: Sources
    schedule: Schedule


def press_of(store: Store, sources: Sources, *, now: Callable[[], datetime],
             clock: Callable[[], datetime], zone: ZoneInfo) -> Press:
    """The press over the store of some sources; its schedule stands still.

    Args:
        now: the store's now, aware.
        clock: the time outside, aware.
        zone: of the half-months.
    """
    kept = Bulletins(store)
    return Press(kept=kept, sources=sources,
                 schedule=Schedule(sources, kept, now=now, clock=clock, zone=zone))
