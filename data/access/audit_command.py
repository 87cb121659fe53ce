"""`audit verify` and `audit export`: is the log whole, and take a part of it into an archive."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

from data.access.audit import Audit, AuditFilter, Entry
from data.access.audit_chain import Verdict, Walk, from_line, to_line
from data.clock import ClockError, parse_instant, time_zone
from data.engine import Store, open_store
from data.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two acts and their options."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    verify = acts.add_parser("verify", help="walk along the chain; 1 where a row does not fit")
    verify.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")
    verify.add_argument("--file", type=Path, metavar="F",
                        help="an archive of `audit export` instead of the log")
    verify.add_argument("--compare", action="store_true",
                        help="with --file: the archive's last row must also stand in the log as it is")
    export = acts.add_parser("export", help="write rows as lines of JSON with hashes; they stay in the log")
    export.add_argument("file", type=Path, metavar="FILE", help="must not exist yet")
    export.add_argument("--until", metavar="DATE",
                        help="last day (its end) or moment; default: GRID_AUDIT_DAYS before now")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """0 when all is well, 1 when a row does not fit, 2 when it was called wrongly."""
    if args.act == "verify" and args.file and not args.compare:
        return _tell(_verify_file(args.file), str(args.file), as_json=args.json)
    if args.act == "verify" and args.compare and not args.file:
        sys.stderr.write("audit verify: --compare needs --file\n")
        return 2
    store = open_store(settings)
    try:
        if args.act == "export":
            return _export(store, args, settings=settings, now=now)
        if args.file:
            return _tell(_compared(Audit(store), args.file), str(args.file), as_json=args.json)
        return _tell(Audit(store).verify(), "audit_log", as_json=args.json)
    finally:
        store.close()


def _tell(verdict: Verdict, subject: str, *, as_json: bool) -> int:
    """Say what was found on the standard output; the exit status."""
    if as_json:
        said = json.dumps({"ok": verdict.ok, "rows": verdict.rows, "head": verdict.head,
                           "broken_at": verdict.broken_at, "fault": verdict.fault,
                           "message": verdict.message}, ensure_ascii=False)
    elif verdict.ok:
        said = f"{subject}: whole, {verdict.rows} rows; newest hash {verdict.head or '(none)'}"
    else:
        said = f"{subject}: BROKEN at row {verdict.broken_at} ({verdict.fault}): {verdict.message}"
    sys.stdout.write(said + "\n")
    return 0 if verdict.ok else 1


def _verify_file(path: Path) -> Verdict:
    """Walk along an archive; it begins with the first row of the log."""
    walk = Walk()
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if not walk.take(from_line(line)):
                    break
    except (OSError, ValueError) as fault:
        walk.fail(walk.rows + 1, "unreadable", str(fault))
    return walk.verdict()


def _compared(audit: Audit, path: Path) -> Verdict:
    """An archive, and whether the log still holds its last row: then it holds all of them as they were."""
    verdict = _verify_file(path)
    if not verdict.ok or not verdict.rows:
        return verdict
    held = audit.hash_at(verdict.rows)
    if held is not None and held.hex() == verdict.head:
        return verdict
    state = "is missing from the log" if held is None else "is another in the log"
    return Verdict(rows=verdict.rows, head=verdict.head, broken_at=verdict.rows, fault="rewritten",
                   message=f"row {verdict.rows} of the archive {state}: the log was rewritten")


def _export(store: Store, args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """Write the archive, then the record of it."""
    try:
        until = (parse_instant(args.until, time_zone(store), end=True) if args.until
                 else now - timedelta(days=settings.audit_days))
        verdict = _write(Audit(store), args.file, until)
    except (ClockError, OSError) as fault:
        sys.stderr.write(f"audit export: {fault}\n")
        return 2
    Audit(store).record(Entry(account_id=None, account_name="console", address=None, action="exported",
                              object_kind="audit_log", object_id=args.file.name,
                              detail={"rows": verdict.rows, "until": until.isoformat()}), now=now)
    return _tell(verdict, str(args.file), as_json=False)


def _write(audit: Audit, path: Path, until: datetime) -> Verdict:
    """The rows before ``until``, from the first on, as lines; readable by the owner of the file only.

    It ends at the first row that is younger: an archive is one piece of the chain. Rows that do
    not fit are written as well, they are evidence.
    """
    walk = Walk()
    path.touch(mode=0o600, exist_ok=False)
    with path.open("w", encoding="utf-8") as lines:
        for row in audit.rows(AuditFilter()):
            if row.at >= until:
                break
            walk.take(row)
            lines.write(to_line(row) + "\n")
    return walk.verdict()
