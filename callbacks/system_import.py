"""/system/import (数据导入): a file of data comes in by the browser, and every row is accounted for."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from flask import Flask, Request, Response, request
from werkzeug.datastructures import FileStorage

from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back, entry
from dashboard.texts import speaker
from data.access.audit import Entry
from data.access.roles import Permission
from data.exchange.spreadsheet import MEDIA_TYPE, as_csv
from data.ingest.background import BusyError, Ended, Importer, Order
from data.ingest.errors import IngestError
from data.ingest.mapping import KINDS, load_mapping, shipped
from data.ingest.runs import FINDINGS, RunRow, Runs
from data.uploads import limits

PATH: Final = "/system/import"
CRS: Final = ("", "wgs84", "gcj02", "bd09")
COUNTS: Final = ("read", "inserted", "updated", "unchanged", "rejected", "flagged")
#: Findings that a page shows; the file has all.
SHOWN: Final = 200
#: Seconds after which a page of a running import is opened anew.
AGAIN_S: Final = 2


class FormError(ValueError):
    """A field of the form; the message is the key of its text."""


def register(server: Flask, office: Office, permits: Permits, *, importer: Importer, runs: Runs) -> None:
    """GET and POST /system/import, its stop, the account of a run and its rows as a file."""
    desk = _Desk(office, importer, runs)
    server.request_class = streaming(server.request_class, importer.folder)
    add = server.add_url_rule
    with permits.of(Permission.OPERATE, max_body=limits.FILE_BYTES + limits.FORM_BYTES):
        add(PATH, "system_import_start", desk.start, methods=["POST"])
    with permits.of(Permission.OPERATE):
        add(PATH, "system_import", desk.page, methods=["GET"])
        add(f"{PATH}/stop", "system_import_stop", desk.stop, methods=["POST"])
        add(f"{PATH}/<int:run_id>", "system_import_run", desk.account, methods=["GET"])
        add(f"{PATH}/<int:run_id>/rejects.csv", "system_import_rejects", desk.rejects, methods=["GET"])


def streaming(plain: type[Request], folder: Path) -> type[Request]:
    """Requests whose files go straight to the folder of uploads, where they belong to this page."""

    class Streaming(plain):  # type: ignore[misc,valid-type]  # the class that the server had
        """A request that keeps files of data out of memory and out of the system's own folder."""

        def _get_file_stream(self, *given: Any, **named: Any) -> IO[bytes]:
            if self.url_rule is None or self.url_rule.rule != PATH:
                stream: IO[bytes] = super()._get_file_stream(*given, **named)
                return stream
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return tempfile.NamedTemporaryFile(dir=folder, prefix=".new-")  # type: ignore[return-value]

    return Streaming


class _Desk:
    """The page's answers."""

    def __init__(self, office: Office, importer: Importer, runs: Runs) -> None:
        self._office, self._importer, self._runs = office, importer, runs

    def page(self, *, fault: str = "", status: int = 200) -> Response:
        """The form, what runs, what ran."""
        current, last = self._importer.current, self._importer.last
        runs = self._runs.latest()
        running = next((run for run in runs if run.finished_at is None), None) if current else None
        return answer(
            "import.html", status=status, here=PATH, fault=fault, current=current, last=last,
            running=self._shown(running) if running else None, again=AGAIN_S,
            rows=[self._shown(run) for run in runs], counts=COUNTS, kinds=KINDS, mappings=shipped(), crs=CRS,
            form={name: request.form.get(name, "") if fault else "" for name in ("kind", "mapping", "crs")},
            in_language=lambda lang: f"{PATH}?lang={lang}")

    def start(self) -> Response:
        """Take the file in and begin; the page then shows how far it is."""
        say, now = speaker(lang_of_request()), self._office.clock()
        if self._importer.current is not None:
            return self.page(fault=say("import.busy"), status=409)
        room = self._importer.room()
        try:
            order = read_order(room, now)
        except FormError as error:
            shutil.rmtree(room, ignore_errors=True)
            return self.page(fault=say(str(error)), status=400)
        began = _entry_of(order)
        self._office.access.audit.record(began, now=now)  # no record, no import
        try:
            self._importer.start(order, then=self._noted(began))
        except BusyError:  # somebody was quicker
            self._noted(began)(Ended(order=order, state="failed", message="another import runs"))
            shutil.rmtree(room, ignore_errors=True)
            return self.page(fault=say("import.busy"), status=409)
        return back(PATH)

    def stop(self) -> Response:
        """End what runs after the batch in hand."""
        self._importer.stop()
        return back(PATH)

    def account(self, run_id: int) -> Response:
        """What became of the rows of one file."""
        run = self._runs.one(run_id)
        if run is None:
            return refuse(404, f"run_id must be that of an import, got {run_id}")
        reasons = [(kind, sorted((run.summary.get(f"{kind}_by_reason") or {}).items(),
                                 key=lambda one: (-one[1], one[0]))) for kind in ("rejected", "flagged")]
        return answer(
            "import_run.html", here=PATH, run=self._shown(run), counts=COUNTS, reasons=reasons,
            findings=list(self._runs.findings(run_id, limit=SHOWN)), total=self._runs.count(run_id),
            columns=FINDINGS, in_language=lambda lang: f"{PATH}/{run_id}?lang={lang}")

    def rejects(self, run_id: int) -> Response:
        """The findings of one run as a file for spreadsheets."""
        if self._runs.one(run_id) is None:
            return refuse(404, f"run_id must be that of an import, got {run_id}")
        self._office.access.audit.record(
            entry("exported", object_kind="import", object_id=str(run_id)), now=self._office.clock())
        say = speaker(lang_of_request())
        names = [say(f"import.column.{name}") for name in FINDINGS]
        return Response(
            as_csv(names, self._runs.findings(run_id), zone=self._office.zone), content_type=MEDIA_TYPE,
            headers={"Content-Disposition": f'attachment; filename="import-{run_id}.csv"'})

    def _shown(self, run: RunRow) -> dict[str, Any]:
        if run.finished_at is not None:
            state = "interrupted" if run.summary.get("interrupted") else "done"
        else:
            current = self._importer.current
            state = "running" if current and current.path.name == run.file_name else "broken"
        numbers = {name: f"{run.summary[name]:,}" if name in run.summary else "—" for name in COUNTS}
        return {"run_id": run.run_id, "kind": run.kind, "file": run.file_name, "state": state,
                "started": self._office.shown(run.started_at), "numbers": numbers,
                "rows": f"{run.summary['rows']:,}" if "rows" in run.summary else ""}

    def _noted(self, began: Entry) -> Callable[[Ended], None]:
        """Puts the end on record, on behalf of who began."""
        def note(ended: Ended) -> None:
            counted = {name: ended.summary[name] for name in ("run_id", *COUNTS) if name in ended.summary}
            self._office.access.audit.record(
                Entry(account_id=began.account_id, account_name=began.account_name, address=began.address,
                      action="import_ended", object_kind="import", object_id=began.object_id,
                      detail={"state": ended.state, "message": ended.message, **counted}),
                now=self._office.clock())

        return note


def _entry_of(order: Order) -> Entry:
    with order.path.open("rb") as raw:
        content = hashlib.file_digest(raw, "sha256").hexdigest()
    return entry("import", object_kind="import", object_id=order.path.name,
                 detail={"kind": order.kind, "mapping": Path(order.mapping).name if order.mapping else None,
                         "crs": order.crs, "bytes": order.path.stat().st_size, "content": content})


def read_order(room: Path, now: datetime) -> Order:
    """The form of a request as an order; its file lies in ``room`` afterwards.

    Raises:
        FormError: a field is missing or wrong.
    """
    form, given = request.form, request.files.get("file")
    kind, mapping, crs = form.get("kind", ""), form.get("mapping", ""), form.get("crs", "")
    if kind not in KINDS:
        raise FormError("import.fault.kind")
    if given is None or not given.filename:
        raise FormError("import.fault.file")
    if crs not in CRS or (mapping and mapping not in shipped()):
        raise FormError("import.fault.mapping")
    own = request.files.get("mapping_file")
    if own is not None and own.filename:
        mapping = str(_kept_mapping(own, room))
    try:
        load_mapping(mapping or None, kind)
    except IngestError as error:
        raise FormError("import.fault.mapping") from error
    path = _kept(given, room / plain_name(given.filename), limits.FILE_BYTES)
    if path is None:
        raise FormError("import.fault.size")
    return Order(kind=kind, folder=room, path=path, started_at=now, mapping=mapping or None, crs=crs or None)


def _kept_mapping(own: FileStorage, room: Path) -> Path:
    found = None
    if (own.filename or "").lower().endswith(".toml"):
        (room / "own").mkdir(mode=0o700)
        found = _kept(own, room / "own" / plain_name(own.filename or ""), limits.MAPPING_BYTES)
    if found is None:
        raise FormError("import.fault.mapping_file")
    return found


def _kept(given: FileStorage, path: Path, most: int) -> Path | None:
    """Give a file that was streamed to disk its name; None where it is larger than it may be."""
    given.stream.flush()
    if given.stream.seek(0, os.SEEK_END) > most:
        return None
    os.link(given.stream.name, path)  # the first name goes with the request
    path.chmod(0o600)
    return path


def plain_name(name: str) -> str:
    """The last part of a name that a browser sent, as a file's name: no control signs, 100 at most."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").lstrip(".- ")
    stem, dot, end = shown.partition(".")
    while len(f"{stem}{dot}{end}".encode()) > 200 and len(stem) > 1:
        stem = stem[:-1]
    return f"{stem}{dot}{end}"[-200:].lstrip("./- ") or "file"
