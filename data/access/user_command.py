"""`user add|list|disable|enable|reset|grant`: accounts from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from data.access.accounts import Account, AccountError, Accounts
from data.access.passwords import LONGEST, PasswordError, Passwords
from data.access.roles import ROLES, needs_second_factor
from data.access.scope import EVERYTHING, NOTHING, Scope, ScopeError
from data.access.viewer import CONSOLE
from data.engine import open_store
from data.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The six acts and their options."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="make an account; prints its password, once")
    _name(add)
    _rights(add)
    add.add_argument("--display-name", metavar="TEXT", help="what people call them")
    add.add_argument("--password-stdin", action="store_true",
                     help="the first line of the standard input is the password; default: a generated one,"
                          " to be changed at the first sign-in")
    listed = acts.add_parser("list", help="all accounts, by name")
    listed.add_argument("--json", action="store_true", help="one JSON list instead of lines")
    for act, help_ in (("disable", "shut out at once"), ("enable", "let in again, and unlock"),
                       ("reset", "new generated password, printed once; the second factor goes")):
        _name(acts.add_parser(act, help=help_))
    grant = acts.add_parser("grant", help="roles or areas in place of those held; what is not named stays")
    _name(grant)
    _rights(grant)


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="2 to 40 of a-z, 0-9, '_', '.' and '-'")


def _rights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", action="append", metavar="R", help=f"again for more: {', '.join(ROLES)}")
    parser.add_argument("--area", action="append", metavar="CODE",
                        help="area code of 6, 9, 12 or 15 digits; again for more")
    parser.add_argument("--all-areas", action="store_true", help="the whole store")
    parser.add_argument("--department", action="append", metavar="D",
                        help="only cases of these departments; again for more")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """0 when it was done, 2 when it was called wrongly."""
    store = open_store(settings)
    try:
        return _ACTS[args.act](Accounts(store, Passwords()), args, now)
    except (AccountError, PasswordError, ScopeError) as fault:
        sys.stderr.write(f"user {args.act}: {fault}\n")
        return 2
    finally:
        store.close()


def _add(accounts: Accounts, args: argparse.Namespace, now: datetime) -> int:
    chosen = sys.stdin.readline(LONGEST * 8).rstrip("\r\n") if args.password_stdin else None
    made, password = accounts.add(
        args.name, roles=args.role or (), scope=_scope(args) or NOTHING, password=chosen,
        must_change=chosen is None, display_name=args.display_name, by=CONSOLE, now=now)
    _say(made, None if chosen is not None else password)
    return 0


def _grant(accounts: Accounts, args: argparse.Namespace, now: datetime) -> int:
    scope = _scope(args)
    if args.role is None and scope is None:
        raise AccountError("grant must name --role, --area, --all-areas or --department, got none of them")
    _say(accounts.grant(args.name, roles=args.role, scope=scope, by=CONSOLE, now=now), None)
    return 0


def _disable(accounts: Accounts, args: argparse.Namespace, now: datetime) -> int:
    _say(accounts.disable(args.name, by=CONSOLE, now=now), None)
    return 0


def _enable(accounts: Accounts, args: argparse.Namespace, now: datetime) -> int:
    _say(accounts.enable(args.name, by=CONSOLE, now=now), None)
    return 0


def _reset(accounts: Accounts, args: argparse.Namespace, now: datetime) -> int:
    _say(*accounts.reset(args.name, by=CONSOLE, now=now))
    return 0


def _list(accounts: Accounts, args: argparse.Namespace, _now: datetime) -> int:
    found = accounts.listing()
    if args.json:
        sys.stdout.write(json.dumps([_facts(each) for each in found], ensure_ascii=False) + "\n")
        return 0
    for each in found:
        sys.stdout.write(_line(each))
    return 0


_ACTS: Final[Mapping[str, Callable[[Accounts, argparse.Namespace, datetime], int]]] = {
    "add": _add, "list": _list, "disable": _disable, "enable": _enable, "reset": _reset, "grant": _grant}


def _scope(args: argparse.Namespace) -> Scope | None:
    """The scope that the options name; None where they name none."""
    if args.all_areas and args.area:
        raise ScopeError(f"--all-areas must stand alone, got --area {args.area[0][:20]} beside it")
    if not (args.all_areas or args.area or args.department):
        return None
    if args.department and not (args.all_areas or args.area):
        raise ScopeError("--department must stand beside --area or --all-areas, got neither")
    areas = EVERYTHING.areas if args.all_areas else frozenset(args.area)
    return Scope(areas, frozenset(args.department or ()))


def _say(account: Account, password: str | None) -> None:
    sys.stdout.write(_line(account))
    if password is not None:
        sys.stdout.write(f"password: {password}\n")
    if not account.is_disabled and needs_second_factor(account.roles) and not account.has_totp:
        sys.stdout.write("a second factor is asked for at the next sign-in\n")


def _line(account: Account) -> str:
    facts = _facts(account)
    departments = f"  departments {','.join(facts['departments'])}" if facts["departments"] else ""
    factor = "second factor" if account.has_totp else "no second factor"
    return (f"{account.name:<20}  {'disabled' if account.is_disabled else 'active':<8}"
            f"  roles {','.join(facts['roles']) or 'none'}  areas {','.join(facts['areas']) or 'none'}"
            f"{departments}  {factor}\n")


def _facts(account: Account) -> dict[str, Any]:
    return {"name": account.name, "display_name": account.display_name, "roles": sorted(account.roles),
            "areas": sorted(account.scope.areas), "departments": sorted(account.scope.departments),
            "is_disabled": account.is_disabled, "must_change": account.must_change,
            "second_factor": account.has_totp, "issuer": account.issuer,
            "created_at": account.created_at.isoformat(), "changed_at": account.changed_at.isoformat()}
