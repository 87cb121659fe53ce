"""Analytics: every view of the leader's page over the whole city, as the server answers it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

from flask import Flask

from app import desk_of
from benchmarks.city import open_city, settings
from benchmarks.measure import say, spread, timed
from callbacks import documents
from callbacks.analytics import page
from callbacks.analytics_address import read_look
from callbacks.analytics_causes import page as causes_page
from callbacks.analytics_figures import MADE, OF_UNITS, shown_for
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
            took = {"page": [_ms(partial(page, look, desk, whole=False)) for look in looks],
                    "origin": [_ms(partial(origin, look, desk)) for look in looks[::3]],
                    "causes": [_ms(partial(causes_page, look, desk)) for look in looks[::3]],
                    "list": [_ms(partial(listed, look, {"of": "closed"}, desk)) for look in looks[::3]]}
            for key, make in MADE.items():
                took[key] = [_ms(partial(make, look, desk)) for look in looks
                             if key not in OF_UNITS or key in shown_for(look.by, look.indicator)]
    for name, each in took.items():
        say(f"{name} {spread(each)}")
    every = [ms for each in took.values() for ms in each]
    slowest = sorted(zip(took["page"], asked, strict=True), key=lambda one: -one[0])[:5]
    return {"p95_ms": spread(every)["p95_ms"], "median_ms": spread(every)["median_ms"],
            **{name: spread(each) for name, each in took.items()}, "views": len(every),
            "slowest": [[round(ms), *one.values()] for ms, one in slowest]}


def _ms(ask: Callable[[], Any]) -> float:
    return timed(ask)[0]


def _fields(desk: Desk) -> dict[str, Any]:
    return {name: getattr(desk, name) for name in desk.__slots__}
