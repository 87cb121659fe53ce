"""`python -m benchmarks [NAME] [--json]`: measure one thing, or all and write docs/performance.md."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.report import write_report

ROOT = Path(__file__).parents[1]
#: Name -> module with `run(profile) -> dict`; in the order of the report.
NAMES = {
    "filter": "filter",
    "refresh": "refresh",
    "points": "points",
    "heat": "heat",
    "import": "import_rate",
    "memory": "memory",
    "trust": "trust",
    "live": "live",
    "scan": "scan",
    "replay": "replay",
    "analytics": "analytics",
    "bulletin": "bulletin",
    "hotspots": "hotspots",
    "mining": "mining",
}


def main(arguments: list[str]) -> int:
    """Run what is named; the last line printed is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=[*NAMES], help="one benchmark; all of them when left out")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")
    parser.add_argument(
        "--profile",
        default="city",
        choices=["city", "chenghua", "zhongshan"],
        help="a smaller load set, to try a benchmark out; figures are reported for city only",
    )
    args = parser.parse_args(arguments)
    if args.name is None:
        return run_all(args.profile)
    begun = time.perf_counter()
    found = import_module(f"benchmarks.{NAMES[args.name]}").run(args.profile)
    found["took_s"] = round(time.perf_counter() - begun, 1)
    sys.stderr.write("\n")
    if not args.json:
        print(json.dumps(found, indent=1))
    print(json.dumps(found))
    return 0


def run_all(profile: str) -> int:
    """Every benchmark in a process of its own, so that none warms or burdens another; writes the report."""
    found: dict[str, dict[str, Any]] = {}
    failed: dict[str, str] = {}
    for name in NAMES:
        sys.stderr.write(f"\n== {name}")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", name, "--json", "--profile", profile],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            found[name] = json.loads(done.stdout.splitlines()[-1])
        else:
            failed[name] = f"exit {done.returncode}"
    if profile == "city":
        write_report(ROOT / "docs" / "performance.md", found, failed)
    print(json.dumps({**found, "failed": failed}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
