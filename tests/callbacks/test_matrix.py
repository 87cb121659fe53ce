"""The table role × route × callback -> status, generated, reviewed into the repository, and compared.

``GRID_WRITE_MATRIX=1 pytest tests/callbacks/test_matrix.py`` writes it anew.
"""

import csv
import os
from io import StringIO
from pathlib import Path

import pytest

from app import create_app
from data.access.roles import ROLES, Permission
from data.readers import build_readers
from data.settings import Settings
from tests.callbacks import matrix
from tests.signed_in import access_of

FILE = Path(__file__).with_name("matrix.csv")
REFUSED = {"401", "403", "404"}


@pytest.fixture(scope="module")
def made(demo_store):
    """The table as the product answers now."""
    settings = Settings()
    readers, access = build_readers(demo_store, settings), access_of(demo_store)
    readers.snapshot.refresh()
    wall = create_app(settings, readers=readers, access=access)
    return matrix.table(wall, wall.permits, access)


def as_text(rows):
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def cells(made):
    """What, its permission, the column and the status, of every cell."""
    head, *rows = made
    for _, what, permission, *found in rows:
        for column, status in zip(head[3:], found, strict=True):
            yield what, permission, column, status


def test_the_table_is_the_reviewed_one(made):
    if os.environ.get("GRID_WRITE_MATRIX"):
        FILE.write_text(as_text(made), encoding="utf-8")
    assert as_text(made) == FILE.read_text(encoding="utf-8"), "review the change, then write it anew"


def test_nothing_fails(made):
    assert [cell for cell in cells(made) if cell[3].startswith("5")] == []


def test_anonymously_only_the_allow_list_answers(made):
    answered = {what for what, _, column, status in cells(made)
                if column == "anonymous" and status != "401"}
    assert answered == {what for what, permission, _, _ in cells(made) if permission == "public"}
    pages = {(what, status) for what, permission, column, status in cells(made)
             if column == "anonymous page" and permission != "public" and what.startswith("GET")}
    assert {status for _, status in pages} == {"303"}


def test_nobody_gets_what_no_role_of_theirs_allows(made):
    for what, permission, column, status in cells(made):
        if column in ROLES and permission not in {"public", "signed_in"} \
                and Permission(permission) not in ROLES[column]:
            assert status == "403", (what, column)


def test_a_screen_and_an_account_without_a_role_get_least(made):
    for what, permission, column, status in cells(made):
        if column == "screen" and permission not in {"public", "view"}:
            assert status in REFUSED, (what, column)
        if column == "no role" and permission not in {"public", "signed_in"}:
            assert status == "403", (what, column)
