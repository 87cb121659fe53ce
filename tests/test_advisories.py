"""No library that is installed is a version known to be bad; see `tests.advisories`."""

from __future__ import annotations

import pytest

from tests.advisories import Advisory, bad, installed, kept


def test_no_installed_version_is_known_to_be_bad() -> None:
    assert bad(installed(), kept()) == []


@pytest.mark.parametrize(
    ("version", "is_bad"), [("1.9", False), ("2.0", True), ("2.0.9", True), ("2.1", False), ("2.1rc1", True)]
)
def test_a_version_is_bad_from_where_the_fault_came_in_to_where_it_was_mended(
    version: str, is_bad: bool
) -> None:
    known = [Advisory("thing", "2.0", "2.1", "X-1")]
    assert bool(bad({"thing": version}, known)) == is_bad


def test_a_fault_that_nobody_mended_stays() -> None:
    assert bad({"thing": "99"}, [Advisory("thing", "0", "", "X-2")]) == ["thing 99: X-2, fixed in no version"]


def test_the_extract_speaks_of_what_the_server_runs_on() -> None:
    names = {one.package for one in kept()}
    assert {"flask", "werkzeug", "pillow", "cryptography"} <= names
