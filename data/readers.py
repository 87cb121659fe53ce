"""The readers of one store, handed to the callbacks as one object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from data.access.scope import EVERYTHING, Scope, ScopeError
from data.access.seen import Asked
from data.access.sight import Sight
from data.alerts.reader import AlertReader
from data.areas.reader import AreaReader
from data.cases.reader import CaseReader
from data.memo import Memo
from data.patrol.reader import PatrolReader
from data.replay.moment import SnapshotAt, StoreAt
from data.replay.readers import CaseReaderAt
from data.resources.reader import ResourceReader, ResourceReaderAt
from data.snapshot import Snapshot

if TYPE_CHECKING:
    from data.access.viewer import Viewer
    from data.engine import Store
    from data.settings import Settings

#: Scopes whose readers are kept; those of one more are made again in some microseconds.
_KEPT_SCOPES: Final = 256
#: Past moments whose unsettled cases are kept, for all viewers: some thousand rows each.
_KEPT_MOMENTS: Final = 12
#: Answers about past moments, apart from those about now, which a replay would push out.
_KEPT_ANSWERS: Final = (256, 48)


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept of past moments."""

    moments: Memo = field(default_factory=lambda: Memo(_KEPT_MOMENTS))
    cases: Memo = field(default_factory=lambda: Memo(_KEPT_ANSWERS[0]))
    patrol: Memo = field(default_factory=lambda: Memo(_KEPT_ANSWERS[1]))


@dataclass(frozen=True, slots=True)
class Readers:
    """Everything a screen may ask, over one store and one snapshot.

    Attributes:
        store: what the readers ask; that of a viewer shows no more than their scope.
        narrow: what of the store exists in a scope; None where the readers are those of one.
        scope: the part of the store that the answers come from.
        moment: the past instant that the answers are of; None: they are of now.
    """

    cases: CaseReader
    areas: AreaReader
    patrol: PatrolReader
    resources: ResourceReader
    alerts: AlertReader
    store: Asked
    snapshot: Snapshot
    narrow: Callable[[Scope], Asked] | None
    scope: Scope
    moment: datetime | None = None
    _seen: Memo = field(default_factory=lambda: Memo(_KEPT_SCOPES), repr=False, compare=False)
    _past: Past = field(default_factory=Past, repr=False, compare=False)

    def seen_by(self, viewer: Viewer) -> Readers:
        """The same for one viewer: nothing outside their scope exists, and of persons what they may see.

        Cheap enough to be asked each time.

        Raises:
            ScopeError: the readers are narrowed already; a scope is never widened.
        """
        narrow, scope = self.narrow, viewer.scope
        if scope.sight is not (sight := Sight.of(viewer)):
            scope = replace(scope, sight=sight)
        if narrow is None:
            raise ScopeError(f"readers of {self.scope.key} must not be handed to another viewer")
        found: Readers = self._seen.get(scope, lambda: self._narrowed(scope, narrow(scope)))
        return found

    def at(self, moment: datetime) -> Readers:
        """The same as of ``moment`` (aware): nothing later exists. Those of the last moments are kept.

        Raises:
            ScopeError: the readers are narrowed already; the whole is put back, then seen.
        """
        narrow = self.narrow
        if narrow is None or self.moment is not None:
            raise ScopeError(f"readers of {self.scope.key} must not be put back; put back the whole store's")
        found: Readers = self._past.moments.get(moment, lambda: self._put_back(moment, narrow))
        return found

    def _put_back(self, moment: datetime, narrow: Callable[[Scope], Asked]) -> Readers:
        held: Any = SnapshotAt(self.snapshot, self.store, moment)
        store = StoreAt(self.store, held)
        cases = CaseReaderAt(store, held, scope=self.scope, memo=self._past.cases)
        return replace(
            self, cases=cases, areas=self.areas.seen_with(cases, store),
            patrol=PatrolReader(store, scope=self.scope, memo=self._past.patrol),
            resources=ResourceReaderAt(store, held, scope=self.scope),
            alerts=AlertReader(store, scope=self.scope), store=store,
            snapshot=held, moment=moment, narrow=lambda scope: StoreAt(narrow(scope), held),
            _seen=Memo(_KEPT_SCOPES))

    def _narrowed(self, scope: Scope, store: Asked) -> Readers:
        cases = self.cases.seen_in(scope, store)
        return replace(self, cases=cases, areas=self.areas.seen_with(cases, store),
                       patrol=self.patrol.seen_in(scope, store),
                       resources=self.resources.seen_in(scope, store),
                       alerts=self.alerts.seen_in(scope, store), store=store, narrow=None, scope=scope)


def build_readers(store: Store, settings: Settings) -> Readers:
    """The readers of a whole store; call ``snapshot.start()`` to fill and refresh the snapshot.

    Until then everything is answered by the store.
    """
    snapshot = Snapshot(store, settings.hot_days, every_s=settings.refresh_seconds)
    cases = CaseReader(store, snapshot, scope=EVERYTHING)
    return Readers(cases=cases, areas=AreaReader(store, cases), patrol=PatrolReader(store, scope=EVERYTHING),
                   resources=ResourceReader(store, snapshot, scope=EVERYTHING),
                   alerts=AlertReader(store, scope=EVERYTHING), store=store, snapshot=snapshot,
                   narrow=store.seen_by, scope=EVERYTHING)
