"""Who gets published bulletins, and what becomes of each letter: tried until it arrives, or given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from data.access.audit import Entry, record_in
from data.access.viewer import Viewer
from data.bulletin.carrying import CarryError, origin
from data.bulletin.keeping import Version
from data.bulletin.mail_settings import ADDRESS
from data.bulletin.tables import bulletin, bulletin_delivery, bulletin_subscription

if TYPE_CHECKING:
    from data.engine import Store

KINDS: Final = ("email", "webhook")
#: Tries before a letter is given up, and the wait after the first; each wait doubles.
TRIES: Final = 8
WAIT: Final = timedelta(minutes=1)
_LONGEST: Final = 300


class SubscriptionError(ValueError):
    """A subscription that cannot be; the message names field, value got and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Somebody who gets bulletins.

    Attributes:
        kind: of `KINDS`.
        target: address of mail, or URL.
        last: of the last letter: period, tries, ``sent_at``, ``due_at`` (None: none any more), fault; empty
            before the first.
    """

    subscription_id: int
    kind: str
    target: str
    lang: str
    is_on: bool
    at: datetime
    by_name: str
    last: Mapping[str, Any]


Carry = Callable[[Version, Subscription], None]


class Sending:
    """The subscriptions and letters of a store."""

    def __init__(self, store: Store, *, hosts: tuple[str, ...] = ()) -> None:
        self._store, self._hosts = store, hosts

    def subscriptions(self) -> list[Subscription]:
        """All that are on, in the order in which they came, each with its last letter."""
        with self._store.engine.connect() as connection:
            rows = connection.execute(sa.select(bulletin_subscription).where(bulletin_subscription.c.is_on)
                                      .order_by(bulletin_subscription.c.subscription_id)).mappings().all()
            return [Subscription(**row, last=_last(connection, row["subscription_id"])) for row in rows]

    def subscribe(self, kind: str, target: str, lang: str, *, by: Viewer, now: datetime,
                  address: str | None = None) -> int:
        """Let somebody have what is published from now on; returns the subscription's number.

        Raises:
            SubscriptionError: unknown kind or language, no address, a host that may not be told, or one
                that is on already.
        """
        target = target.strip()
        if kind not in KINDS:
            raise SubscriptionError(f"kind must be one of {', '.join(KINDS)}; got {kind[:40]!r}")
        if lang not in {"zh", "en"}:
            raise SubscriptionError(f"lang must be zh or en, got {lang[:40]!r}")
        if len(target) > _LONGEST or (kind == "email" and not ADDRESS.fullmatch(target)):
            raise SubscriptionError(f"target must be an address of mail, got {target[:60]!r}")
        if kind == "webhook" and origin(target) not in self._hosts:
            raise SubscriptionError("target must lie on one of GRID_WEBHOOK_HOSTS"
                                    f" ({', '.join(self._hosts) or 'none'}), got {origin(target)[:80]!r}")
        if any((one.kind, one.target) == (kind, target) for one in self.subscriptions()):
            raise SubscriptionError("target must not be subscribed yet, got one that is")
        put = sa.insert(bulletin_subscription).values(
            kind=kind, target=target, lang=lang, at=now, by_name=by.name).returning(
            bulletin_subscription.c.subscription_id)
        with self._store.engine.begin() as connection:
            made = int(connection.execute(put).scalar_one())
            record_in(connection, _entry("bulletin_subscribed", made, {"kind": kind, "target": target}, by,
                                         address), now=now)
        return made

    def stop(self, subscription_id: int, *, by: Viewer, now: datetime, address: str | None = None) -> bool:
        """End a subscription; letters that wait are not sent. False where there is none that is on."""
        ended = (sa.update(bulletin_subscription).values(is_on=False)
                 .where(bulletin_subscription.c.subscription_id == subscription_id,
                        bulletin_subscription.c.is_on))
        waiting = (sa.update(bulletin_delivery).values(due_at=None)
                   .where(bulletin_delivery.c.subscription_id == subscription_id))
        with self._store.engine.begin() as connection:
            if not connection.execute(ended).rowcount:
                return False
            connection.execute(waiting)
            record_in(connection, _entry("bulletin_unsubscribed", subscription_id, {}, by, address), now=now)
        return True

    def send_due(self, now: datetime, carry: Carry) -> int:
        """Write down what is to be sent, and try each letter that is due; returns how many arrived.

        A letter is held by a lock while it is tried, so that one process tries it; one that arrived just
        before the process died is sent again, under the same name.

        Args:
            now: outside time, aware.
            carry: raises `data.bulletin.carrying.CarryError` where it does not arrive.
        """
        self._queue(now)
        sent = 0
        while True:
            with self._store.engine.begin() as connection:
                row = connection.execute(_due(now)).mappings().first()
                if row is None:
                    return sent
                sent += _tried(connection, dict(row), now, carry)

    def _queue(self, now: datetime) -> None:
        """A letter for each bulletin and each subscription that was there when it was published."""
        wanted = sa.select(bulletin.c.bulletin_id, bulletin_subscription.c.subscription_id,
                           sa.literal(now)).where(
            bulletin.c.act == "published", bulletin_subscription.c.is_on,
            bulletin_subscription.c.at <= bulletin.c.at)
        put = insert(bulletin_delivery).from_select(
            ["bulletin_id", "subscription_id", "due_at"], wanted).on_conflict_do_nothing()
        with self._store.engine.begin() as connection:
            connection.execute(put)


def _due(now: datetime) -> sa.Select[Any]:
    """The letter that waits longest, and what it is of."""
    return (sa.select(bulletin_delivery.c.tries,
                      *(column.label(f"b_{column.name}") for column in bulletin.c),
                      *(column.label(f"s_{column.name}") for column in bulletin_subscription.c))
            .join(bulletin, bulletin.c.bulletin_id == bulletin_delivery.c.bulletin_id)
            .join(bulletin_subscription,
                  bulletin_subscription.c.subscription_id == bulletin_delivery.c.subscription_id)
            .where(bulletin_delivery.c.due_at <= now)
            .order_by(bulletin_delivery.c.due_at, bulletin_delivery.c.bulletin_id).limit(1)
            .with_for_update(of=bulletin_delivery, skip_locked=True))


def _tried(connection: sa.Connection, row: Mapping[str, Any], now: datetime, carry: Carry) -> int:
    """One try, written down; 1 where the letter arrived."""
    version = Version(**{key[2:]: value for key, value in row.items() if key.startswith("b_")})
    told = Subscription(**{key[2:]: value for key, value in row.items() if key.startswith("s_")}, last={})
    tries = row["tries"] + 1
    values: dict[str, Any] = {"tries": tries, "sent_at": now, "due_at": None, "fault": ""}
    try:
        carry(version, told)
    except CarryError as error:
        again = None if tries >= TRIES else now + WAIT * 2 ** (tries - 1)
        values |= {"sent_at": None, "due_at": again, "fault": str(error)[:400]}
    connection.execute(sa.update(bulletin_delivery).values(**values).where(
        bulletin_delivery.c.bulletin_id == version.bulletin_id,
        bulletin_delivery.c.subscription_id == told.subscription_id))
    return int(values["sent_at"] is not None)


def _last(connection: sa.Connection, subscription_id: int) -> dict[str, Any]:
    query = (sa.select(bulletin.c.period, bulletin_delivery.c.tries, bulletin_delivery.c.sent_at,
                       bulletin_delivery.c.due_at, bulletin_delivery.c.fault)
             .join(bulletin, bulletin.c.bulletin_id == bulletin_delivery.c.bulletin_id)
             .where(bulletin_delivery.c.subscription_id == subscription_id)
             .order_by(bulletin.c.at.desc()).limit(1))
    row = connection.execute(query).mappings().first()
    return dict(row) if row else {}


def _entry(action: str, ident: int, detail: dict[str, Any], by: Viewer, address: str | None) -> Entry:
    return Entry(account_id=by.account_id, account_name=by.name, address=address, action=action,
                 object_kind="bulletin_subscription", object_id=str(ident), detail=detail)
