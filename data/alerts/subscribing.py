"""Subscriptions (预警订阅): which kinds and colours of alerts an account chose, and when it last looked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from data.alerts.reader import COLORS
from data.alerts.tables import alert_rule, alert_subscription

if TYPE_CHECKING:
    from data.engine import Store


class SubscriptionError(ValueError):
    """A choice that cannot be; the message names field, value got and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What one account chose.

    Attributes:
        kinds, colors: none of either is nothing at all.
        seen_at: when the account last said that it has seen them, the store's time, aware.
    """

    kinds: frozenset[str]
    colors: frozenset[str]
    seen_at: datetime


def offered(store: Store, told: Collection[str]) -> list[str]:
    """The kinds of the rules that are on and tell one of these roles, by name."""
    named = (sa.literal(role) == sa.func.any(alert_rule.c.roles) for role in sorted(told))
    query = sa.select(alert_rule.c.kind).where(alert_rule.c.is_on, sa.or_(sa.false(), *named)).distinct()
    with store.engine.connect() as connection:
        return sorted(connection.execute(query).scalars())


def chosen(store: Store, account_id: int) -> Subscription | None:
    """What an account chose; None: it never did."""
    query = sa.select(alert_subscription).where(alert_subscription.c.account_id == account_id)
    with store.engine.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Subscription(
        kinds=frozenset(row["kinds"]), colors=frozenset(row["colors"]), seen_at=row["seen_at"])


def choose(store: Store, account_id: int, *, kinds: Collection[str], colors: Collection[str],
           known: Collection[str], at: datetime) -> None:
    """Keep a choice in place of the one before; what stands at ``at`` counts as seen by a first choice.

    Args:
        known: kinds that may be chosen, as of `offered`.
        at: the store's time, aware.

    Raises:
        SubscriptionError: a kind or a colour that is none.
    """
    for field, got, may in (("kind", kinds, known), ("color", colors, COLORS)):
        if strange := sorted(set(got) - set(may)):
            raise SubscriptionError(f"{field} must be among {', '.join(may)}; got {strange[0][:40]!r}")
    said: dict[str, Any] = {"kinds": sorted(set(kinds)), "colors": sorted(set(colors))}
    made = insert(alert_subscription).values(account_id=account_id, seen_at=at, **said)
    with store.engine.begin() as connection:
        connection.execute(made.on_conflict_do_update(index_elements=["account_id"], set_=said))


def seen(store: Store, account_id: int, at: datetime) -> None:
    """The account has seen what was told until ``at``, the store's time, aware; never turned back."""
    with store.engine.begin() as connection:
        connection.execute(sa.update(alert_subscription).where(
            alert_subscription.c.account_id == account_id, alert_subscription.c.seen_at < at
        ).values(seen_at=at))
