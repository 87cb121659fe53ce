"""Every string of the screens, in two catalogues with the same keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from dashboard.texts import (
    access_en,
    access_zh,
    acts_en,
    acts_zh,
    alerts_en,
    alerts_zh,
    analytics_en,
    analytics_zh,
    bulletin_en,
    bulletin_zh,
    cards_en,
    cards_zh,
    casts_en,
    casts_zh,
    clock_en,
    clock_zh,
    emergency_en,
    emergency_zh,
    en,
    feeds_en,
    feeds_zh,
    files_en,
    files_zh,
    forces_en,
    forces_zh,
    kiosk_en,
    kiosk_zh,
    memory_en,
    memory_zh,
    modules_en,
    modules_zh,
    rules_en,
    rules_zh,
    seats_en,
    seats_zh,
    sensors_en,
    sensors_zh,
    space_en,
    space_zh,
    system_en,
    system_zh,
    tasks_en,
    tasks_zh,
    whistles_en,
    whistles_zh,
    zh,
)

CATALOGUES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {**zh.TEXTS, **analytics_zh.TEXTS, **bulletin_zh.TEXTS, **space_zh.TEXTS,
           **cards_zh.TEXTS, **access_zh.TEXTS, **system_zh.TEXTS,
           **files_zh.TEXTS,
           **kiosk_zh.TEXTS, **memory_zh.TEXTS, **feeds_zh.TEXTS, **acts_zh.TEXTS,
           **forces_zh.TEXTS,
           **clock_zh.TEXTS, **seats_zh.TEXTS, **alerts_zh.TEXTS,
           **emergency_zh.TEXTS, **rules_zh.TEXTS,
           **casts_zh.TEXTS, **modules_zh.TEXTS, **sensors_zh.TEXTS, **tasks_zh.TEXTS,
           **whistles_zh.TEXTS},
    "en": {**en.TEXTS, **analytics_en.TEXTS, **bulletin_en.TEXTS, **space_en.TEXTS,
           **cards_en.TEXTS, **access_en.TEXTS, **system_en.TEXTS,
           **files_en.TEXTS,
           **kiosk_en.TEXTS, **memory_en.TEXTS, **feeds_en.TEXTS, **acts_en.TEXTS,
           **forces_en.TEXTS,
           **clock_en.TEXTS, **seats_en.TEXTS, **alerts_en.TEXTS,
           **emergency_en.TEXTS, **rules_en.TEXTS,
           **casts_en.TEXTS, **modules_en.TEXTS, **sensors_en.TEXTS, **tasks_en.TEXTS,
           **whistles_en.TEXTS},
}
LANGS: Final = tuple(CATALOGUES)

#: What components are handed: ``say("kpi.open")`` in the language of the viewer.
Say = Callable[..., str]


def text(lang: str, key: str, **values: Any) -> str:
    """The string ``key`` in ``lang``, its ``{fields}`` filled from ``values``.

    Raises:
        KeyError: unknown language or key; the message names it.
    """
    if lang not in CATALOGUES:
        raise KeyError(f"lang must be one of {LANGS}, got {lang!r}")
    found = CATALOGUES[lang].get(key)
    if found is None:
        raise KeyError(f"no text {key!r} in the catalogue {lang!r}")
    return found.format(**values) if values else found


def speaker(lang: str) -> Say:
    """``text`` bound to one language."""
    return partial(text, lang)


def maybe(say: Say, key: str, fallback: str) -> str:
    """The text of ``key``, or ``fallback`` for codes that came with the data."""
    try:
        return say(key)
    except KeyError:
        return fallback
