"""The readers of one store, handed to the callbacks as one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.areas.reader import AreaReader
from data.cases.reader import CaseReader
from data.patrol.reader import PatrolReader
from data.resources.reader import ResourceReader
from data.snapshot import Snapshot

if TYPE_CHECKING:
    from data.engine import Store
    from data.settings import Settings


@dataclass(frozen=True, slots=True)
class Readers:
    """Everything a screen may ask, over one store and one snapshot."""

    cases: CaseReader
    areas: AreaReader
    patrol: PatrolReader
    resources: ResourceReader
    store: Store
    snapshot: Snapshot


def build_readers(store: Store, settings: Settings) -> Readers:
    """The readers of a store; call ``snapshot.start()`` to fill and refresh the snapshot.

    Until then everything is answered by the store.
    """
    snapshot = Snapshot(store, settings.hot_days, every_s=settings.refresh_seconds)
    cases = CaseReader(store, snapshot)
    return Readers(cases=cases, areas=AreaReader(store, cases), patrol=PatrolReader(store),
                   resources=ResourceReader(store, snapshot), store=store, snapshot=snapshot)
