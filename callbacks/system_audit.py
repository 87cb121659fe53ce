"""/system/audit (审计日志): the log for auditors, newest first, with its verdict and its export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.system import Office, at, entry
from dashboard.texts import Say, maybe, speaker
from data.access.audit import AuditFilter
from data.access.audit_chain import Row
from data.access.roles import Permission
from data.clock import ClockError
from data.exchange.spreadsheet import MEDIA_TYPE, as_csv

PATH: Final = "/system/audit"
PAGE: Final = 100
FIELDS: Final = ("from", "to", "account", "action", "object")
COLUMNS: Final = ("seq", "at", "account", "action", "object", "reason", "detail", "address")
_LONGEST: Final = 120
_LAST_PAGE: Final = 1_000_000


def register(server: Flask, office: Office, permits: Permits) -> None:
    """GET /system/audit, POST /system/audit/verify, POST /system/audit/export."""
    with permits.of(Permission.AUDIT):
        server.add_url_rule(PATH, "system_audit", lambda: _page(office, request.args), methods=["GET"])
        for act, answered in (("verify", _verify), ("export", _export)):
            server.add_url_rule(f"{PATH}/{act}", f"system_audit_{act}", partial(answered, office),
                                methods=["POST"])


def _verify(office: Office) -> Response:
    """The page with the verdict of the whole chain; that it was asked is on record."""
    verdict = office.access.audit.verify()
    found = {"rows": verdict.rows, "fault": verdict.fault, "broken_at": verdict.broken_at}
    office.access.audit.record(entry("audit_verified", object_kind="audit_log", detail=found),
                               now=office.clock())
    return _page(office, request.form, verdict=verdict)


def asked(given: Mapping[str, str], office: Office) -> AuditFilter:
    """The filter of an address or a form.

    Raises:
        ClockError: a time cannot be read.
    """
    text = {name: given.get(name, "")[:_LONGEST].strip() for name in FIELDS}
    return AuditFilter(since=office.read(text["from"]), until=office.read(text["to"], end=True),
                       account=text["account"], action=text["action"], object=text["object"])


def action_name(say: Say, action: str) -> str:
    """An action in words; one that has none as it is written."""
    return maybe(say, f"action.{action}", action)


def _page(office: Office, given: Mapping[str, str], *, verdict: Any = None) -> Response:
    say = speaker(lang_of_request())
    text = {name: given.get(name, "")[:_LONGEST] for name in FIELDS}
    audit, status, fault = office.access.audit, 200, ""
    try:
        filter_ = asked(given, office)
    except ClockError:
        filter_, status, fault = AuditFilter(), 400, say("audit.fault.time")
    total = audit.count(filter_)
    pages = max(1, -(-total // PAGE))
    number = min(_page_number(given.get("page", "")), pages)
    rows = [] if fault else audit.listing(filter_, limit=PAGE, offset=(number - 1) * PAGE)
    return answer(
        "audit.html", status=status, here=PATH, rows=[_shown(row, say, office) for row in rows],
        total=total, page=number, pages=pages, asked=text, fault=fault, verdict=verdict,
        verdict_text=_verdict_text(verdict, say), zone=str(office.zone), columns=COLUMNS,
        actions=[(action, action_name(say, action)) for action in audit.actions()],
        page_at=lambda wanted: at(PATH, **text, page=wanted if wanted > 1 else None),
        in_language=lambda lang: at(PATH, **text, page=number if number > 1 else None, lang=lang))


def _page_number(text: str) -> int:
    return max(1, min(_LAST_PAGE, int(text))) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _shown(row: Row, say: Say, office: Office) -> dict[str, Any]:
    kind = maybe(say, f"object.{row.object_kind}", row.object_kind) if row.object_kind else ""
    return {
        "seq": row.seq, "at": office.shown(row.at), "account": row.account_name or "—",
        "action": action_name(say, row.action), "code": row.action, "kind": kind,
        "object": row.object_id or "", "reason": row.reason or "", "address": row.address or "—",
        "detail": [_fact(key, value, say, office) for key, value in sorted(row.detail.items())
                   if value not in (None, [], {})],
    }


def _fact(key: str, value: Any, say: Say, office: Office) -> tuple[str, str]:
    """A fact of the detail in words; what has none stands as it was written."""
    values = value if isinstance(value, list) else [value]
    return maybe(say, f"fact.{key}", key), ", ".join(_value(key, str(item), say, office) for item in values)


def _value(key: str, value: str, say: Say, office: Office) -> str:
    if key in {"roles", "factors", "factor"}:
        return maybe(say, f"{key.rstrip('s')}.{value}", value)
    if key == "areas" and value == "*":
        return say("screens.whole")
    if key in {"expires_at", "until"}:
        try:
            return office.shown(office.read(value))
        except ClockError:
            return value
    return value


def _verdict_text(verdict: Any, say: Say) -> str:
    if verdict is None:
        return ""
    if verdict.ok:
        return say("audit.whole", rows=f"{verdict.rows:,}")
    return say(f"audit.broken.{verdict.fault}", row=f"{verdict.broken_at:,}")


def _export(office: Office) -> Response:
    """The rows asked for as a file; the export is on record before its first row leaves."""
    say = speaker(lang_of_request())
    try:
        filter_ = asked(request.form, office)
    except ClockError:
        return _page(office, request.form)
    audit, now = office.access.audit, office.clock()
    taken = {"rows": audit.count(filter_),
             **{f"by_{name}": value for name in FIELDS if (value := request.form.get(name, "").strip())}}
    audit.record(entry("exported", object_kind="audit_log", detail=taken), now=now)
    rows = ((row.seq, row.at, row.account_name, row.action, row.object_kind, row.object_id, row.reason,
             json.dumps(row.detail, ensure_ascii=False, sort_keys=True), row.address, row.hash.hex())
            for row in audit.rows(filter_))
    names = ("seq", "at", "account", "action", "kind", "object", "reason", "detail", "address", "hash")
    lines = as_csv([say(f"audit.column.{name}") for name in names], rows, zone=office.zone)
    name = f"audit-{now.astimezone(office.zone):%Y%m%d-%H%M%S}.csv"
    return Response(lines, content_type=MEDIA_TYPE,
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})
