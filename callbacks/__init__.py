"""Thin wiring between pages and readers; each module registers by a function, never by import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dash import Dash
from flask_login import LoginManager

from callbacks import (
    account,
    account_alerts,
    acts,
    alert_groups,
    alerts,
    analytics,
    analytics_causes,
    analytics_compare,
    analytics_coverage,
    analytics_export,
    analytics_figures,
    analytics_lineage,
    analytics_paths,
    analytics_posts,
    analytics_space,
    bulletin_sending,
    bulletins,
    cards,
    casts,
    charts,
    clusters,
    columns,
    documents,
    emergency,
    emergency_calls,
    emergency_layout,
    export,
    feeds,
    fixes,
    guard,
    kpis,
    live,
    map_layers,
    modules,
    moment,
    notes,
    opening,
    page,
    photos,
    pin,
    readings,
    release,
    search,
    seats,
    sign_in,
    status,
    surveys,
    system_accounts,
    system_audit,
    system_import,
    system_rights,
    system_rules,
    system_screens,
    table,
    tasks,
    tiles,
    viewer,
    weights,
    whistle_calls,
    whistle_marks,
    whistles,
)
from callbacks.cookies import Jar
from callbacks.desk import Desk
from callbacks.permits import Permits
from callbacks.rates import Rates
from callbacks.system import Office
from dashboard.components.seats import centre
from data.access.first_start import key_of
from data.access.roles import Permission
from data.alerts.scanner import Scanner
from data.devices.writer import FixWriter
from data.ingest.background import Importer
from data.ingest.runs import Runs
from data.resources.streams import OWN


def register_all(app: Dash, *, desk: Desk, answers: columns.Answers, served: str) -> Permits:
    """Register every callback and route of the wall on ``app``; what each needs.

    Args:
        served: the release, as of `dashboard.release`.
    """
    permits = Permits(app)
    with permits.of(Permission.VIEW):
        # the map first: what is registered first is asked first
        map_layers.register(app, desk=desk)
        for module in (page, kpis, alerts, charts, cards, pin, search, seats, table, status):
            module.register(app, desk=desk)
        columns.register(app, answers=answers)
        clusters.register(app, desk=desk, scanner=Scanner())
        tiles.register(app, desk=desk)
        whistle_marks.register(app, desk=desk)
        emergency_layout.register(app, desk=desk)
        release.register(app, release=served)
        feeds.register(app, desk=desk)
        modules.register(app, desk=desk)
        analytics.register(app, desk=desk)
        analytics_lineage.register(app, desk=desk)
        analytics_figures.register(app, desk=desk)
        analytics_causes.register(app, desk=desk)
        analytics_space.register(app, desk=desk)
        analytics_compare.register(app, desk=desk)
        analytics_paths.register(app, desk=desk)
        analytics_posts.register(app, desk=desk)
        analytics_coverage.register(app, desk=desk)
    with permits.of(Permission.DISPATCH, max_body=acts.MAX_BODY):
        acts.register(app, desk=desk)
    with permits.of(Permission.DISPATCH, max_body=alerts.MAX_BODY):
        alerts.register_acts(app, desk=desk)
        alert_groups.register(app, desk=desk)
    with permits.of(Permission.DISPATCH, max_body=whistle_calls.MAX_BODY):
        whistle_calls.register_acts(app, desk=desk)
    with permits.of(Permission.DISPATCH, max_body=emergency_calls.MAX_BODY):
        emergency_calls.register(app, desk=desk)
    with permits.of(Permission.PUBLIC):
        status.register_health(app, desk=desk)
    permits.declare(guard.FRAMEWORK)
    return permits


def open_doors(
    app: Dash, *, desk: Desk, permits: Permits, settings: Any, clock: Callable[[], datetime], access: Any
) -> None:
    """Sign-in and account pages, and the guard in front of everything; call last.

    Args:
        settings: as of `data.settings.Settings`.
        clock: the time of day outside, aware.
        access: as of `data.access.bundle.Access`.

    Raises:
        PermitError: something is registered that nobody declared.
    """
    jar, rates = Jar(secure=(settings.public_url or "").startswith("https://")), Rates()
    documents.register(app.server, documents.Frame(
        lang=desk.lang, product=desk.product,
        centre=lambda scope, lang: centre(scope, desk.vocabulary(), lang, whole=desk.product(lang))))
    viewer.register(app.server, LoginManager())
    entrance = sign_in.Entrance(access=access, jar=jar, zone=desk.zone, rates=rates,
                                public_url=settings.public_url)
    sign_in.register(app.server, entrance, permits)
    account.register(app.server, entrance, permits)
    account_alerts.register(app.server, permits, desk=desk)
    with permits.of(Permission.EXPORT):
        export.register(app, desk=desk, audit=access.audit, clock=clock)
        analytics_export.register(app, desk=desk, audit=access.audit, clock=clock)
    with permits.of(Permission.OPEN_PERSON, max_body=opening.MAX_BODY):
        opening.register(app, desk=desk, opening=access.opening, clock=clock)
    with permits.of(Permission.DISPATCH, max_body=casts.MAX_BODY):
        casts.register(app, studio=casts.Studio(desk=desk, casts=desk.casts, tokens=access.tokens,
                                                clock=clock))
    photos.register(app.server, desk=desk, permits=permits, clock=clock)
    gate = fixes.Gate(devices=access.devices, writer=FixWriter(desk.everything.store),
                      store=desk.everything.store, now=desk.now)
    for senders in (fixes, readings):
        senders.register(app.server, gate, permits)
    office = Office(access=access, clock=clock, zone=desk.zone, areas=lambda: desk.everything.areas, jar=jar)
    for pages in (system_audit, system_accounts, system_rights, system_screens):
        pages.register(app.server, office, permits)
    for calls in (emergency, whistles, tasks, weights, notes, surveys):
        calls.register(app.server, office, permits, desk=desk)
    bulletins.register(app.server, office, permits, desk=desk, press=desk.press)
    store = desk.everything.store
    bulletin_sending.register(app.server, office, permits, desk=desk, post=bulletin_sending.post_of(
        desk, settings, lambda: key_of(store, settings)))
    system_rules.register(app.server, office, permits, store=store)
    system_import.register(app.server, office, permits, runs=Runs(store),
                           importer=Importer(settings.data_dir.absolute() / "uploads", store.url))
    with permits.of(Permission.VIEW):
        live.register(app, streams=live.Streams(
            desk=desk, most=settings.streams, still_there=seats.found_again(
                live.who_is_still_there(access, jar, clock), desk.vocabulary)))
    guard.protect(app, guard.Doors(access=access, permits=permits, clock=clock, jar=jar, rates=rates,
                                   hosts=guard.hosts_of(settings.public_url, settings.hosts),
                                   media=tuple(one for one in settings.stream_hosts if one != OWN)))
    seats.protect(app.server, desk.vocabulary)
    moment.protect(app.server, desk.moment)
