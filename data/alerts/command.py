"""`alerts rules|set`: the rules of alerts, from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from typing import Any

from data.access.viewer import CONSOLE
from data.alerts.editing import FIELDS, RuleError, change, rules
from data.engine import open_store
from data.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two acts and what they take."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("rules", help="all rules, one JSON object a line")
    put = acts.add_parser("set", help="change a rule; holds from the next look on")
    put.add_argument("rule_id", metavar="RULE", help="its id, as `rules` shows it")
    put.add_argument("values", metavar="FIELD=VALUE", nargs="+", help=f"of {', '.join(FIELDS)}")


def run(args: argparse.Namespace, *, settings: Settings, now: datetime) -> int:
    """0 when it was done, 2 when a rule, a field or a value cannot be."""
    store = open_store(settings)
    try:
        found = rules(store) if args.act == "rules" else [
            change(store, args.rule_id, _said(args.values), by=CONSOLE, now=now)]
    except RuleError as fault:
        sys.stderr.write(f"alerts {args.act}: {fault}\n")
        return 2
    finally:
        store.close()
    for row in found:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")
    return 0


def _said(values: list[str]) -> dict[str, str]:
    said = {}
    for value in values:
        field, mark, text = value.partition("=")
        if not mark:
            raise RuleError(f"a change must be FIELD=VALUE, got {value[:40]!r}")
        said[field] = text
    return said


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a rule must hold texts, numbers and times, got {type(value).__name__}")
