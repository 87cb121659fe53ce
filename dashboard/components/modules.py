"""What the platform is made of, as its sources name it: a card each, a link where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboard.texts import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One part.

    Attributes:
        key: of its texts, ``modules.<key>`` and ``modules.<key>.about``.
        address: where it is; empty: it is not built yet, and says so.
    """

    key: str
    address: str = ""


#: The five features (五个一) that the source gives the system.
FIVE_ONES: Final = (
    Card(key="ledger"), Card(key="map", address="/"),
    Card(key="call", address="/?preset=7d&channels=hotline_96966,hotline_12345"), Card(key="window"),
    Card(key="report", address="/tasks"),
)
#: The modules that the sources name; the others they only count.
NAMED: Final = (
    Card(key="command", address="/"), Card(key="base"), Card(key="centre"),
    Card(key="safe", address="/?topic=security"), Card(key="city", address="/?topic=city"), Card(key="hall"),
)
#: The source counts eighteen modules and names five of them.
UNNAMED: Final = 13
#: The five qualities: where each can be seen.
QUALITIES: Final = (
    Card(key="linked", address="/feeds"), Card(key="smart", address="/?layers=basemap,areas,labels,clusters"),
    Card(key="visual", address="/"), Card(key="dynamic", address="/"),
    Card(key="assessed", address="/analytics?by=grid"),
)


def cards_of(cards: Sequence[Card], say: Say) -> list[dict[str, Any]]:
    """The cards in words."""
    return [{"name": say(f"modules.{card.key}"), "about": say(f"modules.{card.key}.about"),
             "address": card.address} for card in cards]
