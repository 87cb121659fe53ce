"""Analytics: every view of the leader's page over the whole city, as the server answers it."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

from flask import Flask

from app import desk_of
from benchmarks.city import HOT_DAYS, open_city, settings
from benchmarks.measure import say, spread, timed
from callbacks import documents
from callbacks.analytics import page
from callbacks.analytics_address import Look, read_look
from callbacks.analytics_lineage import listed, origin
from callbacks.desk import Desk
from data.access.viewer import CONSOLE
from data.analytics.measures import UNITS
from data.analytics.periods import KINDS, before, period_at

#: Indicators that are compared; a mean is compared another way than a share.
INDICATORS = ("closure_rate_standard", "on_time_handling_rate", "mean_handling_h")


def views(desk: Desk) -> list[dict[str, str]]:
    """The arguments of the addresses: every dimension by every kind of period and some indicators."""
    found = []
    for number, (by, kind) in enumerate(product(UNITS, KINDS)):
        period = period_at(kind, desk.now(), desk.zone)
        if number % 2:
            period = before(period)
        found.append({"by": by, "period": period.code, "indicator": INDICATORS[number % len(INDICATORS)]})
    return found


def run(profile: str = "city") -> dict[str, Any]:
    """``p95_ms`` of the page, of where figures come from and of lists behind numbers, each asked once."""
    with open_city(profile) as city:
        made = settings()
        desk = Desk(**{**_fields(desk_of(city.readers, made, lambda: city.now)), "viewer": lambda: CONSOLE})
        server = Flask("benchmark")
        documents.register(server, documents.Frame(lang="zh", product=desk.product))
        asked = views(desk)
        with server.test_request_context("/analytics"):
            looks = [read_look(one, desk, "zh") for one in asked]
            page(looks[0], desk, whole=False)  # shapes and names are read once
            pages = _measured(looks, lambda look: page(look, desk, whole=False))
            origins = _measured(looks[::3], lambda look: origin(look, desk))
            lists = _measured(looks[::3], lambda look: listed(look, {"of": "closed"}, desk))
    for name, took in (("page", pages), ("origin", origins), ("list", lists)):
        say(f"{name} {spread([ms for ms, _ in took])}")
    slowest = sorted(zip(pages, asked, strict=True), key=lambda one: -one[0][0])[:5]
    every = [ms for ms, _ in (*pages, *origins, *lists)]
    return {"p95_ms": spread(every)["p95_ms"], "median_ms": spread(every)["median_ms"],
            "page": spread([ms for ms, _ in pages]), "views": len(every), "hot_days": HOT_DAYS,
            "slowest": [[round(ms), *one.values()] for (ms, _), one in slowest]}


def _measured(looks: list[Look], ask: Any) -> list[tuple[float, Any]]:
    return [timed(partial(ask, look)) for look in looks]


def _fields(desk: Desk) -> dict[str, Any]:
    return {name: getattr(desk, name) for name in desk.__slots__}
