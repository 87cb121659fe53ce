"""The command line and the composition root: the only place that knows everybody."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from zoneinfo import ZoneInfo

from data.settings import Settings, SettingsError

LOG: Final = logging.getLogger("app")
ASSETS: Final = Path(__file__).parent / "assets"
ROOMS: Final = [
    Path(__file__).parent / name for name in ("assets", "callbacks", "dashboard", "data", "layers")
]
PYDECK: Final = {"namespace": "pydeck", "relative_package_path": "nbextension/static/index.js"}
#: The script that comes before the map's bundle; the other assets follow it.
FIRST_SCRIPT: Final = "05-no-wasm.js"
FIRST_DEMO: Final = "chenghua"
#: In a demo the cards call nobody: the name of this host is reserved for that (RFC 2606).
DEMO_CALL: Final = "sip:{id}@demo.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One word of the command line; its module has ``add_arguments`` and ``run``."""

    words: tuple[str, ...]
    module: str
    help: str

    def load(self) -> ModuleType:
        """The module, imported only when its command is asked for."""
        return importlib.import_module(self.module)


COMMANDS: Final = (
    Command(words=("demo",), module="data.demo.command", help="build a synthetic district"),
    Command(words=("simulate",), module="data.simulate.command", help="play a living district into a demo"),
    Command(words=("import",), module="data.ingest.command", help="bring a file into the store"),
    Command(words=("areas",), module="data.areas.command", help="derive area polygons"),
    Command(words=("check",), module="data.cases.check_command", help="rebuild the folds and all sums"),
    Command(words=("kpi",), module="data.cases.kpi_command", help="print every counter and rate as JSON"),
    Command(words=("audit",), module="data.access.audit_command", help="verify or archive the audit log"),
    Command(words=("user",), module="data.access.user_command", help="make, disable and reset accounts"),
    Command(words=("device",), module="data.devices.command", help="issue and revoke senders of positions"),
    Command(words=("alerts",), module="data.alerts.command", help="show and change the rules of alerts"),
    Command(words=("screen",), module="data.access.screen_command", help="issue and revoke wall displays"),
)


def utc_now() -> datetime:
    """The wall clock; handed to everything that needs one."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    readers: Any = None,
    clock: Callable[[], datetime] = utc_now,
    access: Any = None,
    rehearsed: bool = False,
) -> Any:
    """The Dash application over a store.

    Args:
        settings: read once by `main`.
        readers: a bundle as of `data.readers.Readers`; None opens the store of
            ``settings`` and starts its snapshot.
        clock: the wall clock; a demo store's own clock goes before it.
        access: accounts and sessions as of `data.access.bundle.Access`; None opens those of the store.
        rehearsed: make now what the first page would otherwise wait for.
    """
    # the commands of the store start without the screen
    from flask_compress import Compress  # noqa: PLC0415

    from callbacks import open_doors, register_all  # noqa: PLC0415
    from callbacks.columns import Answers  # noqa: PLC0415
    from callbacks.frame import Wall  # noqa: PLC0415
    from callbacks.page import rehearse  # noqa: PLC0415
    from callbacks.viewer import as_viewer  # noqa: PLC0415
    from dashboard.release import fingerprint  # noqa: PLC0415
    from data.access.viewer import CONSOLE  # noqa: PLC0415
    from data.memory import keep_for_good  # noqa: PLC0415

    bundle = readers if readers is not None else open_readers(settings)
    desk = desk_of(bundle, settings, clock)
    if readers is None:
        listen(bundle, desk)
        watch(bundle, desk)
    app = Wall(
        __name__,
        assets_folder=str(ASSETS),
        title=desk.district_name(desk.lang) or "map room",
        update_title="",
        serve_locally=True,
        compress=False,
        suppress_callback_exceptions=True,
        add_log_handler=False,
        assets_ignore=rf"^({FIRST_SCRIPT}|6\d-[a-z-]+\.(css|js))$",
    )
    app.scripts.append_script({"asset_path": FIRST_SCRIPT, "filepath": str(ASSETS / FIRST_SCRIPT)})
    app.scripts.append_script(PYDECK)
    app.server.config["COMPRESS_MIMETYPES"] = [
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/json",
        "application/octet-stream",
        "application/geo+json",
        "image/svg+xml",
    ]
    Compress(app.server)
    behind(app.server, settings.proxies)
    answers = Answers(desk)
    app.live, app.press = desk.live, desk.press
    app.permits = register_all(app, desk=desk, answers=answers, served=fingerprint(ROOMS))
    open_doors(app, desk=desk, permits=app.permits, settings=settings, clock=clock,
               access=access if access is not None else open_access(bundle.store, settings))
    with as_viewer(CONSOLE):
        app.prepare()
        if rehearsed:
            rehearse(desk=desk, answers=answers)
            keep_for_good()
    return app


def behind(server: Any, proxies: int) -> None:
    """Believe the address and the scheme that so many proxies of our own name; none unless said.

    Without it all who come through a proxy have its address, and one wrong guesser locks all out.
    """
    from werkzeug.middleware.proxy_fix import ProxyFix  # noqa: PLC0415

    if proxies:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=proxies, x_proto=proxies)


def open_access(store: Any, settings: Settings) -> Any:
    """Accounts, sessions and the audit log of a store."""
    from data.access.bundle import FRESH_FOR, build_access  # noqa: PLC0415
    from data.access.first_start import key_of  # noqa: PLC0415

    return build_access(store, settings, key_of(store, settings), fresh_for=FRESH_FOR)


def open_readers(settings: Settings) -> Any:
    """Open the store, fill the snapshot and keep it up to date in a thread."""
    from data.engine import open_store  # noqa: PLC0415
    from data.readers import build_readers  # noqa: PLC0415

    readers = build_readers(open_store(settings), settings)
    readers.snapshot.start()
    return readers


def listen(readers: Any, desk: Any) -> None:
    """Hear the database in a thread, until this process ends: what changes reaches the open walls."""
    import atexit  # noqa: PLC0415

    from data.emergency.rules import CHANNEL as EMERGENCIES  # noqa: PLC0415
    from data.live.casts import CHANNEL  # noqa: PLC0415
    from data.live.listener import Listener  # noqa: PLC0415

    listener = Listener(readers.store, desk.live, wake=readers.snapshot.wake, now=desk.now,
                        heard={CHANNEL: desk.casts.refresh, EMERGENCIES: desk.emergencies.refresh})
    atexit.register(listener.stop)  # before the store, which was opened earlier, is closed
    listener.start()


def watch(readers: Any, desk: Any) -> None:
    """Evaluate the rules of alerts after each change and every few seconds; draft bulletins that are due."""
    import atexit  # noqa: PLC0415

    from data.alerts.runner import Runner  # noqa: PLC0415
    from data.alerts.scanner import Scanner  # noqa: PLC0415
    from data.alerts.sources import found_clusters, silent_feeds  # noqa: PLC0415

    scanner = Scanner()
    runner = Runner(
        readers.store, now=desk.now, version=lambda: str(readers.cases.version),
        sources={"feed_silent": silent_feeds(readers, desk.zone),
                 "case_cluster": found_clusters(readers, desk.zone, scanner)})
    readers.snapshot.observe(lambda _found: runner.wake())
    for own in (scanner, runner, desk.press.schedule):
        atexit.register(own.stop)  # before the store, which was opened earlier, is closed
    runner.start()
    desk.press.schedule.start()


def desk_of(readers: Any, settings: Settings, clock: Callable[[], datetime]) -> Any:
    """What the callbacks are handed, out of the readers and the facts of the store."""
    from callbacks.desk import Desk  # noqa: PLC0415
    from callbacks.moment import Moments, span_of  # noqa: PLC0415
    from callbacks.viewer import current_viewer  # noqa: PLC0415
    from data import meta  # noqa: PLC0415
    from data.analytics.weights import WeightsReader  # noqa: PLC0415
    from data.attachments.photos import Photos  # noqa: PLC0415
    from data.bulletin.content import Sources  # noqa: PLC0415
    from data.bulletin.press import press_of  # noqa: PLC0415
    from data.clock import StoreClock  # noqa: PLC0415
    from data.emergency.emergencies import Emergencies  # noqa: PLC0415
    from data.emergency.whistles import Whistles  # noqa: PLC0415
    from data.live.casts import Casts  # noqa: PLC0415
    from data.live.hub import Hub  # noqa: PLC0415
    from data.vocabulary import VocabularyReader  # noqa: PLC0415

    store = readers.store

    def version() -> str:
        return str(readers.cases.version)

    standing = StoreClock(store, version)

    def live_now() -> datetime:
        return standing.now(clock())

    moments, hub = Moments(live_now, span_of(readers, current_viewer)), Hub(live_now)
    readers.snapshot.observe(hub.tell)
    casts = Casts(store)
    casts.refresh()
    emergencies = Emergencies(store)
    emergencies.refresh()
    zone = ZoneInfo(meta.get(store, "time_zone") or "Asia/Shanghai")
    about = Sources(
        readers=readers,
        words=VocabularyReader(store, version).current,
        weights=WeightsReader(store).of_day,
        district=meta.get(store, "district") or {},
        synthetic=meta.get(store, "synthetic") or {},
    )
    return Desk(
        everything=readers,
        live=hub,
        casts=casts,
        emergencies=emergencies,
        whistles=Whistles(store),
        vocabulary=about.words,
        now=moments.now,
        moment=moments.current,
        wall=clock,
        zone=zone,
        viewer=current_viewer,
        rate=lambda: standing.rate(clock()),
        synthetic=about.synthetic,
        district=about.district,
        lang=settings.lang,
        tiles=settings.tiles,
        stream_hosts=settings.stream_hosts,
        call=settings.call or (DEMO_CALL if meta.get(store, "synthetic") else ""),
        weights=about.weights,
        press=press_of(store, about, now=live_now, clock=clock, zone=zone),
        photos=Photos(store, settings.data_dir / "attachments"),
    )


def first_demo(settings: Settings, now: datetime) -> None:
    """Build the demo district where the store holds no areas and no cases yet."""
    from data.engine import open_store  # noqa: PLC0415

    store = open_store(settings)
    try:
        held = [store.arrow(f'SELECT 1 AS one FROM "{name}" LIMIT 1').num_rows for name in ("area", "case")]
    finally:
        store.close()
    if not any(held):
        where = settings.data_dir
        print(f"The store in {where} is empty: building the demo district {FIRST_DEMO}.", flush=True)
        run_command(COMMANDS[0], [FIRST_DEMO], settings, now)


def serve(settings: Settings, now: datetime) -> int:
    """Serve the wall until interrupted: one worker, many threads; 2 where no safe key is at hand."""
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415

    from data.access.first_start import first_start  # noqa: PLC0415
    from data.access.secret_file import SecretFileError  # noqa: PLC0415

    first_demo(settings, now)
    try:
        for line in first_start(settings, now):
            print(line, flush=True)
    except SecretFileError as error:
        print(error, file=sys.stderr)
        return 2

    class Server(BaseApplication):
        """gunicorn without a command line of its own."""

        live: Any = None

        def load_config(self) -> None:
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            for name, value in {
                "bind": f"{host}:{settings.port}",
                "workers": 1,
                "worker_class": "gthread",
                "threads": settings.threads + settings.streams,
                "timeout": 120,
                "graceful_timeout": 5,
                "keepalive": 5,
                "accesslog": None,
                "loglevel": "warning",
                "proc_name": "map-room",
                "post_worker_init": end_streams_first,
                "on_exit": lambda _server: stop_store(settings),
            }.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            """The application; called in the worker, so that nothing is shared over a fork."""
            served = create_app(settings, rehearsed=True)
            self.live = served.live
            print(f"Ready: http://{settings.host}:{settings.port}/", flush=True)
            return served.server

    Server().run()
    return 0


def end_streams_first(worker: Any) -> None:
    """A worker that is told to leave sends those home who listen, else it would wait for them for ever."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        leaving = signal.getsignal(number)

        def go(number: int, frame: Any, leaving: Any = leaving) -> None:
            worker.app.live.close()
            leaving(number, frame)

        signal.signal(number, go)


def stop_store(settings: Settings) -> None:
    """Stop the embedded server where a worker that had to be killed left it running."""
    from data import embedded  # noqa: PLC0415

    if not settings.database_url:
        embedded.stop_unused(settings.data_dir)


def leave(number: int, _frame: Any) -> None:
    """A polite end by signal: what was begun is undone, and the embedded server stops."""
    raise SystemExit(128 + number)


def run_command(command: Command, arguments: Sequence[str], settings: Settings, now: datetime) -> int:
    """Parse the arguments of one command and run it."""
    module = command.load()
    parser = argparse.ArgumentParser(prog=f"app.py {' '.join(command.words)}", description=command.help)
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(list(arguments)), settings=settings, now=now) or 0)


def usage() -> str:
    """The list of commands."""
    lines = ["usage: python app.py [COMMAND] [-h] …", "", "  serve      serve the wall (default)"]
    lines += [f"  {' '.join(command.words):<10} {command.help}" for command in COMMANDS]
    return "\n".join(lines)


def main(arguments: Sequence[str], environment: Any = os.environ) -> int:
    """Run one command; returns the exit status (2 = it was called wrongly)."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    word = arguments[0] if arguments else "serve"
    if word in {"-h", "--help", "help"}:
        print(usage())
        return 0
    try:
        settings = Settings.from_env(environment)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    if word == "serve":
        return serve(settings, utc_now())
    command = next((command for command in COMMANDS if command.words[0] == word), None)
    if command is None:
        known = ", ".join(found.words[0] for found in COMMANDS)
        print(
            f"COMMAND must be one of serve, {known}; got {word[:60]!r}\n\n{usage()}",
            file=sys.stderr,
        )
        return 2
    return run_command(command, arguments[1:], settings, utc_now())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, leave)
    sys.exit(main(sys.argv[1:]))
