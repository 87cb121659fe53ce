"""The composite index (部门综合指数) and its weights, with their history.

60 × on-time handling + 30 × closure + 10 × (1 − rework) until somebody says otherwise (`domain.md` 2.4).
A change holds from its day on, never before the day on which it is made: what was reckoned of a day gone
by is reckoned the same way for ever.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.viewer import Viewer
from data.analytics.tables import index_weights

if TYPE_CHECKING:
    from data.engine import Store

#: Part of the index -> the indicator that it weighs.
PARTS: Final[Mapping[str, str]] = {
    "on_time": "on_time_handling_rate", "closure": "closure_rate_standard", "rework": "rework_rate"}
#: What the weights sum to.
WHOLE: Final = 100.0
#: The longest reason, in signs, and the day after which no weights begin.
_REASON: Final = 200
_LAST_DAY: Final = date(2199, 12, 31)


class WeightsError(ValueError):
    """Weights that cannot be; the message names field, value got and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What the parts of the index count, in points.

    Attributes:
        on_time, closure, rework: 0 or more; they sum to `WHOLE`.
    """

    on_time: float = 60.0
    closure: float = 30.0
    rework: float = 10.0

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if not (math.isfinite(value) and 0 <= value <= WHOLE):
                raise WeightsError(f"{part.name} must be a number from 0 to {WHOLE:g}, got {value}")
        if not math.isclose(total := self.on_time + self.closure + self.rework, WHOLE, abs_tol=1e-6):
            raise WeightsError(f"sum must be {WHOLE:g}, got {total:g}")

    def index(self, rated: Mapping[str, float | None]) -> float | None:
        """The index, 0..100, of rates by key (0..1).

        None where on-time handling or closure is; rework counts as 0 where nothing went through handling.
        """
        on_time, closure = rated[PARTS["on_time"]], rated[PARTS["closure"]]
        if on_time is None or closure is None:
            return None
        return (self.on_time * on_time + self.closure * closure
                + self.rework * (1 - (rated[PARTS["rework"]] or 0.0)))

    def to_store(self) -> dict[str, float]:
        """Part -> points."""
        return {part: getattr(self, part) for part in PARTS}


#: What counts before anybody said anything.
FIRST: Final = Weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Weights with where they come from.

    Attributes:
        valid_from: the first local day of which they are.
        set_at: when they were set, outside time, aware.
        set_by: name of the account.
    """

    weights: Weights
    valid_from: date
    reason: str
    set_at: datetime
    set_by: str


def history(store: Store) -> list[Held]:
    """All that were ever set, by the day from which they hold, newest first."""
    query = sa.select(index_weights).order_by(index_weights.c.valid_from.desc(),
                                              index_weights.c.weights_id.desc())
    with store.engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    return [Held(weights=Weights(**{part: row[part] for part in PARTS}),
                 **{name: row[name] for name in ("valid_from", "reason", "set_at", "set_by")})
            for row in rows]


def of_day(held: Sequence[Held], day: date) -> Weights:
    """The weights of a local day, out of `history`; `FIRST` before any was set."""
    return next((one.weights for one in held if one.valid_from <= day), FIRST)


def read_weights(said: Mapping[str, str]) -> Weights:
    """Weights as people write them, of the fields of `PARTS`.

    Raises:
        WeightsError: a field is no number, or they cannot be.
    """
    values: dict[str, float] = {}
    for part in PARTS:
        text = said.get(part, "").strip()
        try:
            values[part] = float(text)
        except ValueError as error:
            raise WeightsError(f"{part} must be a number from 0 to {WHOLE:g}, got {text[:40]!r}") from error
    return Weights(**values)


def put(store: Store, weights: Weights, *, valid_from: date, reason: str, by: Viewer, today: date,
        now: datetime, address: str | None = None) -> None:
    """Set weights from a day on; on record.

    Args:
        valid_from: the first local day of which they are, ``today`` or later.
        today: the local day in the store's time.
        now: outside time, aware.
        address: where from; None on the console.

    Raises:
        WeightsError: the day lies before today or after 2199, or no reason is given.
    """
    if not today <= valid_from <= _LAST_DAY:
        raise WeightsError(f"valid_from must be a day from {today} to {_LAST_DAY}, got {valid_from}")
    if not 0 < len(reason.strip()) <= _REASON:
        raise WeightsError(f"reason must be 1 to {_REASON} signs, got {len(reason.strip())}")
    row: dict[str, Any] = {**weights.to_store(), "valid_from": valid_from, "reason": reason.strip()}
    with store.engine.begin() as connection:
        connection.execute(sa.insert(index_weights).values(**row, set_at=now, set_by=by.name))
        record_in(connection, Entry(
            account_id=by.account_id, account_name=by.name, address=address, action="index_weights_set",
            object_kind="index_weights", object_id=f"{valid_from}",
            detail={**weights.to_store(), "because": reason.strip()}), now=now)


class WeightsReader:
    """The weights of any day, asked anew each time; while the store does not answer, those known last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: list[Held] | None = None

    def of_day(self, day: date) -> Weights:
        """The weights of a local day.

        Raises:
            data.engine.STORE_FAULTS: the store does not answer, and never did.
        """
        try:
            self._held = history(self._store)
        except sa.exc.SQLAlchemyError:
            if self._held is None:
                raise
        return of_day(self._held, day)
