"""`screen issue|list|revoke`: wall displays from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta
from typing import Any

from data.access.scope import Scope, ScopeError
from data.access.tokens import Screen, TokenError, Tokens
from data.access.viewer import CONSOLE
from data.engine import open_store
from data.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The three acts and their options."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    issue = acts.add_parser("issue", help="make a screen and print its address, once")
    issue.add_argument("name", metavar="NAME", help="what people call it")
    issue.add_argument("--page", action="append", metavar="PATH", help="it may show; again for more")
    issue.add_argument("--area", action="append", required=True, metavar="CODE",
                       help="area code of 6, 9, 12 or 15 digits, or '*'; again for more")
    issue.add_argument("--department", action="append", default=[], metavar="ID",
                       help="only cases of these departments")
    issue.add_argument("--days", type=int, metavar="N", help="ends after N days; default: when it is revoked")
    listed = acts.add_parser("list", help="all screens, newest first")
    listed.add_argument("--json", action="store_true", help="one JSON list instead of lines")
    revoke = acts.add_parser("revoke", help="end a screen for ever")
    revoke.add_argument("token_id", type=int, metavar="ID", help="its number, as `list` shows it")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """0 when it was done, 1 when there is no such screen, 2 when it was called wrongly."""
    store = open_store(settings)
    try:
        tokens = Tokens(store)
        if args.act == "issue":
            return _issue(tokens, args, now)
        if args.act == "list":
            return _list(tokens, now, as_json=args.json)
        return _revoke(tokens, args.token_id, now)
    except (TokenError, ScopeError) as fault:
        sys.stderr.write(f"screen {args.act}: {fault}\n")
        return 2
    finally:
        store.close()


def _issue(tokens: Tokens, args: argparse.Namespace, now: datetime) -> int:
    if args.days is not None and not 1 <= args.days <= 3660:
        raise TokenError(f"--days must be a whole number 1..3660, got {args.days}")
    token_id, token = tokens.issue(
        args.name, Scope(frozenset(args.area), frozenset(args.department)), args.page or ["/"],
        issued_by=CONSOLE, expires_at=now + timedelta(days=args.days) if args.days else None, now=now)
    sys.stdout.write(f"screen {token_id}: open /screen/{token} on it; this is shown only once\n")
    return 0


def _list(tokens: Tokens, now: datetime, *, as_json: bool) -> int:
    screens = tokens.listing()
    if as_json:
        sys.stdout.write(json.dumps([_facts(screen, now) for screen in screens], ensure_ascii=False) + "\n")
        return 0
    for screen in screens:
        facts = _facts(screen, now)
        sys.stdout.write(f"{screen.token_id:>5}  {facts['state']:<8}  {screen.name}  areas"
                         f" {','.join(facts['areas'])}  pages {','.join(screen.pages)}"
                         f"  seen {facts['seen_at'] or 'never'}\n")
    return 0


def _facts(screen: Screen, now: datetime) -> dict[str, Any]:
    state = "live" if screen.is_live(now) else "revoked" if screen.revoked_at else "expired"
    times = {key: moment.isoformat() if (moment := getattr(screen, key)) else None
             for key in ("created_at", "expires_at", "revoked_at", "seen_at")}
    return {"token_id": screen.token_id, "name": screen.name, "state": state, "pages": list(screen.pages),
            "areas": sorted(screen.scope.areas), "departments": sorted(screen.scope.departments), **times}


def _revoke(tokens: Tokens, token_id: int, now: datetime) -> int:
    if tokens.revoke(token_id, by=CONSOLE, now=now):
        sys.stdout.write(f"screen {token_id} is revoked\n")
        return 0
    sys.stderr.write(f"screen revoke: ID must be that of a screen that is not revoked, got {token_id}\n")
    return 1
