"""The readers of one store, handed to the callbacks as one object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from data.access.scope import EVERYTHING, Scope, ScopeError
from data.access.seen import Asked
from data.access.sight import Sight
from data.areas.reader import AreaReader
from data.cases.reader import CaseReader
from data.memo import Memo
from data.patrol.reader import PatrolReader
from data.resources.reader import ResourceReader
from data.snapshot import Snapshot

if TYPE_CHECKING:
    from data.access.viewer import Viewer
    from data.engine import Store
    from data.settings import Settings

#: Scopes whose readers are kept; those of one more are made again in some microseconds.
_KEPT_SCOPES: Final = 256


@dataclass(frozen=True, slots=True)
class Readers:
    """Everything a screen may ask, over one store and one snapshot.

    Attributes:
        store: what the readers ask; that of a viewer shows no more than their scope.
        narrow: what of the store exists in a scope; None where the readers are those of one.
        scope: the part of the store that the answers come from.
    """

    cases: CaseReader
    areas: AreaReader
    patrol: PatrolReader
    resources: ResourceReader
    store: Asked
    snapshot: Snapshot
    narrow: Callable[[Scope], Asked] | None
    scope: Scope
    _seen: Memo = field(default_factory=lambda: Memo(_KEPT_SCOPES), repr=False, compare=False)

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

    def _narrowed(self, scope: Scope, store: Asked) -> Readers:
        cases = self.cases.seen_in(scope, store)
        return replace(self, cases=cases, areas=self.areas.seen_with(cases, store),
                       patrol=self.patrol.seen_in(scope, store),
                       resources=self.resources.seen_in(scope, store), store=store, narrow=None, scope=scope)


def build_readers(store: Store, settings: Settings) -> Readers:
    """The readers of a whole store; call ``snapshot.start()`` to fill and refresh the snapshot.

    Until then everything is answered by the store.
    """
    snapshot = Snapshot(store, settings.hot_days, every_s=settings.refresh_seconds)
    cases = CaseReader(store, snapshot, scope=EVERYTHING)
    return Readers(cases=cases, areas=AreaReader(store, cases), patrol=PatrolReader(store, scope=EVERYTHING),
                   resources=ResourceReader(store, snapshot, scope=EVERYTHING), store=store,
                   snapshot=snapshot, narrow=store.seen_by, scope=EVERYTHING)
