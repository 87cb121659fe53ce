"""The bulletin: figures, map and all files of a half-month over the whole city, from nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import desk_of
from benchmarks.city import open_city, settings
from benchmarks.measure import say, timed
from dashboard.bulletin.files import FORMS, render
from data.analytics.periods import before
from data.bulletin.content import reckon
from data.bulletin.keeping import Version, as_text
from data.bulletin.schedule import last_over


def run(profile: str = "city") -> dict[str, Any]:
    """``seconds`` of figures and one set of files; each of three half-months once."""
    with open_city(profile) as city:
        desk = desk_of(city.readers, settings(), lambda: city.now)
        period, took = last_over(city.now, desk.zone), []
        for _ in range(3):
            figures_ms, content = timed(lambda period=period: reckon(desk.press.sources, period, city.now))
            version = Version(bulletin_id=1, period=period.code, version=1, state="draft", act="made",
                              content_id=1, texts={}, hashes={}, at=city.now + timedelta(hours=1), by_name="")
            files = {form: timed(lambda form=form, content=content, version=version: render(
                content, [version], desk.zone, "zh", form))[0] for form in FORMS}
            say(f"{period.code} figures {figures_ms:.0f} ms, " + ", ".join(
                f"{form} {ms:.0f} ms" for form, ms in files.items()))
            took.append({"period": period.code, "figures_ms": round(figures_ms), "kept_bytes": len(
                as_text(content).encode()), **{f"{form}_ms": round(ms) for form, ms in files.items()}})
            period = before(period)
    sums = [sum(value for key, value in one.items() if key.endswith("_ms")) / 1000 for one in took]
    return {"seconds": round(max(sums), 2), "each": took}
