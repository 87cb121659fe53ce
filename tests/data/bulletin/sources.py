"""What bulletins are reckoned from, over the demo district."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from data.analytics.periods import Period, read_period
from data.analytics.weights import FIRST
from data.bulletin.content import Sources
from data.readers import build_readers
from data.settings import Settings
from data.vocabulary import VocabularyReader

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2019, 5, 11, 4, 0, tzinfo=UTC)
PERIOD = "2019-04-H2"


def period(code: str = PERIOD) -> Period:
    return read_period(code, ZONE)


def sources_of(store: Any, **about: Any) -> Sources:
    readers = build_readers(store, Settings())
    readers.snapshot.refresh()
    words = VocabularyReader(store, lambda: str(readers.cases.version))
    return Sources(**{"readers": readers, "words": words.current, "weights": lambda _day: FIRST,
                      "district": {"name": "中山区", "name_en": "Zhongshan"}, "synthetic": {}, **about})
