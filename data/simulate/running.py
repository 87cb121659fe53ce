"""Plays in the store's time: the clock of the store runs while it is played, and stands when it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final

import sqlalchemy as sa

from data import meta
from data.clock import Clock, own_clock
from data.engine import Store
from data.simulate.play import Play

#: So many real seconds the clock runs ahead of what is played: where nobody plays any more, it stops.
LEASE_S: Final = 5.0
#: Seconds of the store in one step: a real second's worth, within these bounds.
STEP_S: Final = (1, 60)
_LOCK: Final = 0x706C6179  # "play" in ASCII


class RunningError(RuntimeError):
    """The store cannot be played now; the message says why."""


def begin_of(store: Store, wall: datetime) -> datetime:
    """The store's time at which playing begins: where its own clock is.

    Raises:
        RunningError: the store is not synthetic, or goes by the wall's clock.
    """
    clock = own_clock(store)
    if not meta.get(store, "synthetic") or clock is None:
        raise RunningError("a simulation plays into a synthetic store with a clock of its own,"
                           " got one without; build a demo first")
    return clock.now(wall)


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Keeps every other simulation of this store away while it lasts.

    Raises:
        RunningError: another one plays.
    """
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # it is this one's alone; where the process dies, the lock ends with it
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_LOCK))).scalar():
            raise RunningError("another simulation plays into this store; end it first")
        try:
            yield
        finally:  # a closed connection gives it back a moment later, when the server notices
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))


def run(play: Play, *, rate: float, end: datetime | None, wall: Callable[[], datetime],
        wait: Callable[[float], Any]) -> datetime:
    """Play until ``end``, or for ever; returns where the clock stands then, also when interrupted.

    Nothing is written that lies ahead of the store's clock, and the clock never goes back. Steps
    begin at whole multiples of their length, so the same seed and rate give the same events
    whenever they are played.

    Args:
        rate: seconds of the store in a real second.
        end: the store's time, aware; None: for ever.
        wall: the real time, aware.
        wait: sleeps for so many real seconds.
    """
    step = min(max(round(rate), STEP_S[0]), STEP_S[1])
    clock = Clock(at=play.begin, since=wall(), rate=rate, until=play.begin)
    done = play.begin.timestamp()
    last = None if end is None else end.timestamp()
    try:
        while last is None or done < last:
            until = (int(done) // step + 1) * step
            until = until if last is None else min(until, ceil(last))
            clock = replace(clock, until=_ahead(done, step, rate))
            meta.put(play.store, "clock", clock.as_json())
            late = until - (clock.at.timestamp() + (wall() - (clock.since or wall())).total_seconds() * rate)
            if late > 0:
                wait(late / rate)
            play.step(int(done), until)
            done = float(until)
    finally:
        stands = Clock(at=max(clock.now(wall()), datetime.fromtimestamp(done, UTC)))
        meta.put(play.store, "clock", stands.as_json())
    return stands.at


def _ahead(done: float, step: int, rate: float) -> datetime:
    """How far the clock may run while the next step is played."""
    return datetime.fromtimestamp(done, UTC) + timedelta(seconds=step + LEASE_S * rate)
