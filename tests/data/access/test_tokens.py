"""Wall displays: what a token gives, what it never gives, and how it ends."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

import app
from data.access.audit import Audit
from data.access.roles import ROLES, Permission
from data.access.scope import EVERYTHING, NOTHING, Scope, ScopeError
from data.access.tables import display_token
from data.access.tokens import TokenError, Tokens
from data.access.viewer import CONSOLE, Viewer
from data.settings import Settings

NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
STREET = Scope(frozenset({"510108001"}))
COMMAND = next(command for command in app.COMMANDS if command.words == ("screen",))


def issuer(scope=EVERYTHING, roles=("security_admin",)):
    return Viewer(account_id=None, name="sec", roles=frozenset(roles), scope=scope)


@pytest.fixture
def tokens(store):
    return Tokens(store)


def issue(tokens, *, name="大厅", scope=STREET, pages=("/",), issued_by=None, expires_at=None):
    return tokens.issue(name, scope, pages, issued_by=issued_by or issuer(), expires_at=expires_at, now=NOW)


def test_a_token_has_256_bits_and_only_its_hash_is_kept(tokens, store):
    token_id, token = issue(tokens)
    assert len(token) == 43  # 32 bytes in base64 without padding
    assert issue(tokens)[1] != token
    with store.engine.connect() as connection:
        row = connection.execute(sa.select(display_token).where(
            display_token.c.token_id == token_id)).mappings().one()
        everything = str([connection.execute(sa.text(f"SELECT * FROM {table}")).all()
                          for table in ("display_token", "audit_log", "meta")])
    assert row["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in everything


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_screen_may_look_and_nothing_else_whatever_its_issuer_may(tokens, role):
    token_id, token = issue(tokens, issued_by=issuer(roles=(role,)), pages=("/", "/board"))
    viewer = tokens.find(token, now=NOW)
    assert viewer == Viewer(account_id=None, name="大厅", roles=frozenset(), scope=STREET,
                            pages=frozenset({"/", "/board"}), token_id=token_id)
    assert viewer.is_screen
    assert viewer.permissions == {Permission.VIEW}
    for permission in set(Permission) - {Permission.VIEW, Permission.PUBLIC}:
        assert not viewer.may(permission)


@pytest.mark.parametrize("token", [
    "", "x", "a" * 43, "a" * 42, "a" * 10_000, "é" * 43, "\x00" * 43, "a" * 43 + "\n",
    "' OR 1=1 --" + "a" * 32])
def test_unknown_and_malformed_tokens_are_nobody(tokens, token):
    issue(tokens)
    assert tokens.find(token, now=NOW) is None


def test_it_ends_at_its_time_and_when_it_is_revoked(tokens):
    token_id, token = issue(tokens, expires_at=NOW + timedelta(days=1))
    assert tokens.find(token, now=NOW + timedelta(hours=23)) is not None
    assert tokens.find(token, now=NOW + timedelta(days=1)) is None
    assert tokens.find(token, now=NOW) is not None
    assert tokens.revoke(token_id, by=issuer(), now=NOW) is True
    assert tokens.revoke(token_id, by=issuer(), now=NOW) is False
    assert tokens.revoke(999, by=issuer(), now=NOW) is False
    assert tokens.find(token, now=NOW) is None


def test_signs_of_life_are_written_once_a_minute(tokens):
    _, token = issue(tokens)
    for seconds, seen in ((0, 0), (30, 0), (60, 60), (119, 60), (500, 500)):
        tokens.find(token, now=NOW + timedelta(seconds=seconds))
        assert tokens.listing()[0].seen_at == NOW + timedelta(seconds=seen)


@pytest.mark.parametrize(("own", "wanted"), [
    (STREET, EVERYTHING), (STREET, Scope(frozenset({"510108"}))), (STREET, Scope(frozenset({"510108002"}))),
    (STREET, Scope(frozenset({"510108001001", "510108002"}))), (NOTHING, STREET), (EVERYTHING, NOTHING),
    (Scope(frozenset({"*"}), frozenset({"D1"})), EVERYTHING),
    (Scope(frozenset({"*"}), frozenset({"D1"})), Scope(frozenset({"*"}), frozenset({"D2"}))),
    (Scope(frozenset({"*"}), frozenset({"D1"})), Scope(frozenset({"*"}), frozenset({"D1", "D2"}))),
])
def test_no_screen_shows_more_than_its_issuer_could(tokens, own, wanted):
    with pytest.raises(ScopeError, match="within its issuer's"):
        issue(tokens, scope=wanted, issued_by=issuer(own))
    assert tokens.listing() == []


@pytest.mark.parametrize(("own", "wanted"), [
    (EVERYTHING, EVERYTHING), (STREET, STREET),
    (STREET, Scope(frozenset({"510108001002"}), frozenset({"D1"}))),
    (Scope(frozenset({"*"}), frozenset({"D1", "D2"})), Scope(frozenset({"510108"}), frozenset({"D2"}))),
])
def test_a_scope_within_the_issuers_is_given(tokens, own, wanted):
    _, token = issue(tokens, scope=wanted, issued_by=issuer(own))
    assert tokens.find(token, now=NOW).scope == wanted


@pytest.mark.parametrize("pages", [
    (), ("",), ("wall",), ("//evil.example",), ("/../x",), ("/a b",), ("/é",),
    ("/system/audit",), ("/system",), ("/account",), ("/screen/x",), ("/sign-in",),
    ("https://evil.example/",), ("/", "/x?y=1"), tuple(f"/p{n}" for n in range(21))])
def test_pages_are_paths_of_the_wall(tokens, pages):
    with pytest.raises(TokenError, match="page"):
        issue(tokens, pages=pages)


def test_names_and_times_are_checked(tokens):
    with pytest.raises(TokenError, match="name"):
        issue(tokens, name=" \n ")
    with pytest.raises(TokenError, match="expires_at"):
        issue(tokens, expires_at=NOW)
    assert len(issue(tokens, name="x" * 500)[1]) == 43
    assert len(tokens.listing()[0].name) == 60


def test_issue_and_revocation_are_on_record(tokens, store):
    token_id, _ = issue(tokens)
    tokens.revoke(token_id, by=CONSOLE, now=NOW, address="10.0.0.9")
    revoked, issued = Audit(store).listing()
    assert (issued.action, issued.object_kind, issued.object_id, issued.account_name) == (
        "token_issued", "screen", str(token_id), "sec")
    assert issued.detail["areas"] == ["510108001"]
    assert (revoked.action, revoked.account_name, revoked.address) == ("token_revoked", "console", "10.0.0.9")
    assert Audit(store).verify().ok


def test_the_command_line_issues_lists_and_revokes(store, tokens, capsys):
    def run(*arguments):
        status = app.run_command(COMMAND, arguments, Settings(database_url=store.url), NOW)
        return status, *capsys.readouterr()

    status, said, _ = run("issue", "大厅", "--area", "510108001", "--days", "30")
    assert status == 0
    token = said.split("/screen/")[1].split()[0]
    assert tokens.find(token, now=NOW).pages == {"/"}
    number = tokens.listing()[0].token_id
    assert tokens.listing()[0].expires_at == NOW + timedelta(days=30)
    status, said, _ = run("list", "--json")
    assert (json.loads(said)[0]["name"], json.loads(said)[0]["state"]) == ("大厅", "live")
    assert token not in said
    assert "大厅" in run("list")[1]
    assert run("revoke", str(number))[0] == 0
    assert run("revoke", str(number))[0] == 1
    assert json.loads(run("list", "--json")[1])[0]["state"] == "revoked"
    assert run("issue", "x", "--area", "12")[0] == 2
    assert run("issue", "x", "--area", "*", "--page", "/system/audit")[0] == 2
    assert run("issue", "x", "--area", "*", "--days", "0")[0] == 2
