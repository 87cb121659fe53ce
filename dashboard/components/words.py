"""The filter as a sentence, from the same value that becomes the query."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from dashboard.format import moment
from dashboard.texts import speaker
from data.filters import CaseFilter
from data.vocabulary import Vocabulary

MAX_NAMES = 2


def filter_words(
    filter_: CaseFilter, *, areas: Sequence[str], words: Vocabulary, zone: ZoneInfo, lang: str
) -> str:
    """``11-21 14:32 — 11-22 14:32 · 猛追湾街道 · 暴露垃圾 · 全部渠道`` in the district's time.

    Args:
        areas: names of the filter's areas.
    """
    say = speaker(lang)
    year = filter_.since.astimezone(zone).year != filter_.until.astimezone(zone).year
    parts = [f"{moment(filter_.since, zone, year=year)} — {moment(filter_.until, zone, year=year)}"]
    named = {
        "areas": list(areas),
        "categories": [_category(code, words, lang) for code in sorted(filter_.categories)],
        "domains": [words.label("domain", code, lang) for code in sorted(filter_.domains)],
        "mechanisms": [words.label("mechanism", code, lang) for code in sorted(filter_.mechanisms)],
        "channels": [words.name("channels", code, lang) for code in sorted(filter_.channels)],
        "departments": [words.name("departments", code, lang) for code in sorted(filter_.departments)],
        "states": [words.label("state", code, lang) for code in sorted(filter_.states)],
        "urgencies": [say(f"urgency.{code}") for code in sorted(filter_.urgencies)],
    }
    for part, names in named.items():
        if names:
            parts.append(_joined(names, lang))
        elif part in ("categories", "channels"):
            parts.append(say(f"words.all.{part}"))
    return " · ".join(parts)


def _category(code: str, words: Vocabulary, lang: str) -> str:
    if len(code) == 1 and code in "CESX":
        return speaker(lang)(f"kind.{code}")
    return words.category(code, lang)


def _joined(names: Sequence[str], lang: str) -> str:
    shown = ("、" if lang == "zh" else ", ").join(names[:MAX_NAMES])
    return shown if len(names) <= MAX_NAMES else f"{shown} {speaker(lang)('words.more', n=len(names))}"
