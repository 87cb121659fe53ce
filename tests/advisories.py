"""Versions of libraries that are known to be bad: the kept extract, and how to renew it.

`advisories.csv` is an extract of the Python Packaging Advisory Database
(github.com/pypa/advisory-database, CC-BY 4.0) for the libraries that this
project installs, so that the check needs no network. `make audit` asks the
newest database where there is one. Renew the extract from a checkout with

    python -m tests.advisories PATH/TO/advisory-database
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

KEPT = Path(__file__).with_suffix(".csv")


@dataclass(frozen=True, slots=True, order=True)
class Advisory:
    """Versions of ``package`` from ``introduced`` on, below ``fixed`` (empty: not fixed), are bad."""

    package: str
    introduced: str
    fixed: str
    id: str

    def concerns(self, version: str) -> bool:
        """Whether a version of the package is a bad one."""
        found = Version(version)
        return found >= Version(self.introduced) and (not self.fixed or found < Version(self.fixed))


def kept() -> list[Advisory]:
    """The advisories of the extract."""
    with KEPT.open(encoding="utf-8", newline="") as file:
        return [Advisory(**row) for row in csv.DictReader(file)]


def installed() -> dict[str, str]:
    """Canonical name -> version of every library that is installed, direct or not."""
    return {canonicalize_name(one.metadata["Name"]): one.version for one in metadata.distributions()}


def bad(versions: Mapping[str, str], known: Iterable[Advisory]) -> list[str]:
    """A line for each version that an advisory concerns."""
    return sorted(
        f"{one.package} {versions[one.package]}: {one.id}, fixed in {one.fixed or 'no version'}"
        for one in known
        if one.package in versions and one.concerns(versions[one.package])
    )


def extracted(folder: Path, names: Iterable[str]) -> Iterator[Advisory]:
    """The advisories of a checkout about some packages; withdrawn ones are left out."""
    import yaml

    for name in sorted(names):
        for path in sorted((folder / "vulns" / name).glob("*.yaml")):
            found = yaml.safe_load(path.read_text(encoding="utf-8"))
            if "withdrawn" not in found:
                yield from _ranges(name, found)


def _ranges(name: str, found: Mapping[str, object]) -> Iterator[Advisory]:
    for affected in found["affected"]:  # type: ignore[attr-defined]
        for span in affected.get("ranges", []):
            if span["type"] != "ECOSYSTEM":
                continue
            introduced = ""
            for event in span["events"]:
                if "introduced" in event:
                    introduced = str(event["introduced"])
                elif "fixed" in event:
                    yield Advisory(name, introduced, str(event["fixed"]), str(found["id"]))
                    introduced = ""
            if introduced:
                yield Advisory(name, introduced, "", str(found["id"]))


def main(folder: str) -> None:
    """Write the extract anew."""
    with KEPT.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("package", "introduced", "fixed", "id"))
        rows.writerows(astuple(one) for one in sorted(set(extracted(Path(folder), installed()))))


if __name__ == "__main__":
    main(sys.argv[1])
