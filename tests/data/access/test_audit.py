"""The audit log only grows, and whatever is done to it behind its back is found and named."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import meta
from data.access.audit import HEAD, Audit, AuditError, AuditFilter, Entry, clean
from data.access.audit_chain import GENESIS, from_line, hash_of, to_line
from data.engine import Store

NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)


def entry(**given):
    return Entry(**{"account_id": 1, "account_name": "wang", "address": "10.0.0.1", "action": "sign_in",
                    **given})


def filled(store: Store, rows: int = 8) -> Audit:
    audit = Audit(store)
    for number in range(rows):
        audit.record(entry(object_kind="case", object_id=f"C{number}", detail={"area_code": "510108"}),
                     now=NOW + timedelta(minutes=number))
    return audit


def behind_its_back(store: Store, *statements: str) -> None:
    """What somebody with the rights of a superuser could do."""
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.execute(sa.text("ALTER TABLE audit_log ENABLE TRIGGER USER"))


def test_rows_are_numbered_and_chained_from_32_zero_bytes(store):
    audit = filled(store, 3)
    newest, second, first = audit.listing()
    assert [first.seq, second.seq, newest.seq] == [1, 2, 3]
    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.hash == hash_of(first)
    assert newest.previous_hash == second.hash
    verdict = audit.verify()
    assert (verdict.ok, verdict.rows, verdict.head) == (True, 3, newest.hash.hex())
    assert meta.get(store, HEAD) == {"seq": 3, "hash": newest.hash.hex()}


def test_an_empty_log_is_whole(store):
    verdict = Audit(store).verify()
    assert (verdict.ok, verdict.rows, verdict.head) == (True, 0, "")


@pytest.mark.parametrize("statement", [
    "UPDATE audit_log SET reason = 'x'", "DELETE FROM audit_log", "DELETE FROM audit_log WHERE seq = 1",
    "TRUNCATE audit_log", "TRUNCATE audit_log CASCADE",
    "INSERT INTO audit_log SELECT * FROM audit_log ON CONFLICT (seq) DO UPDATE SET reason = 'x'"])
@pytest.mark.parametrize("owner", [False, True])
def test_the_table_refuses_change_whoever_asks(store, statement, owner):
    filled(store, 2)
    with psycopg.connect(store.url, autocommit=True) as connection:
        if not owner:  # a superuser who says that the rows come from another server
            connection.execute("SET session_replication_role = replica")
        if owner:  # an ordinary role that owns the table, no superuser
            connection.execute("DROP ROLE IF EXISTS log_owner")
            connection.execute("CREATE ROLE log_owner")
            connection.execute("ALTER TABLE audit_log OWNER TO log_owner")
            connection.execute("SET ROLE log_owner")
        try:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="audit_log only grows"):
                connection.execute(statement)
        finally:
            connection.execute("RESET ROLE")
            if owner:
                connection.execute("REASSIGN OWNED BY log_owner TO CURRENT_USER")
                connection.execute("DROP ROLE log_owner")
    assert Audit(store).verify().rows == 2


def test_the_role_of_readers_does_not_even_see_it(store):
    filled(store, 1)
    with psycopg.connect(store.url, autocommit=True) as connection:
        connection.execute("SET ROLE grid_viewer")
        for table in ("audit_log", "display_token", "account", "session", "sign_in_failure", "person_detail"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=table):
                connection.execute(f"SELECT * FROM {table}")


def test_parallel_writers_give_a_gapless_valid_chain(store):
    audit = Audit(store)
    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(lambda n: audit.record(entry(object_id=str(n)), now=NOW), range(160)))
    assert sorted(numbers) == list(range(1, 161))
    assert audit.verify().ok
    assert audit.verify().rows == 160


def test_an_entry_shares_the_fate_of_its_transaction(store):
    audit = filled(store, 1)
    with pytest.raises(ZeroDivisionError), store.engine.begin() as connection:  # noqa: PT012
        audit.record_in(connection, entry(action="granted"), now=NOW)
        raise ZeroDivisionError
    assert audit.record(entry(), now=NOW) == 2
    assert audit.verify().ok


@pytest.mark.parametrize(("statement", "seq", "fault"), [
    ("UPDATE audit_log SET reason = 'other' WHERE seq = 4", 4, "changed"),
    ("UPDATE audit_log SET at = at + interval '1 microsecond' WHERE seq = 1", 1, "changed"),
    ("UPDATE audit_log SET account_id = NULL WHERE seq = 8", 8, "changed"),
    ("UPDATE audit_log SET detail = '{\"area_code\": \"510109\"}' WHERE seq = 5", 5, "changed"),
    ("UPDATE audit_log SET hash = sha256('x') WHERE seq = 3", 3, "changed"),
    ("DELETE FROM audit_log WHERE seq = 1", 1, "missing"),
    ("DELETE FROM audit_log WHERE seq IN (4, 5)", 4, "missing"),
    ("DELETE FROM audit_log WHERE seq >= 6", 6, "cut"),
    ("TRUNCATE audit_log", 1, "cut"),
    (("INSERT INTO audit_log SELECT 9, at, account_id, account_name, address, action, object_kind,"
     " object_id, reason, detail, previous_hash, hash FROM audit_log WHERE seq = 8"), 9, "reordered"),
    (("UPDATE audit_log SET seq = CASE seq WHEN 4 THEN 105 ELSE 104 END WHERE seq IN (4, 5);"
     "UPDATE audit_log SET seq = seq - 100 WHERE seq > 100"), 4, "reordered"),
    (("DELETE FROM audit_log WHERE seq = 3; UPDATE audit_log SET seq = seq + 100 WHERE seq > 3;"
     "UPDATE audit_log SET seq = seq - 101 WHERE seq > 100"), 3, "reordered"),
    ("DELETE FROM meta WHERE key = 'audit_head'", 8, "headless"),
    ("UPDATE meta SET value = '{\"seq\": \"x\"}' WHERE key = 'audit_head'", 8, "headless"),
    ("UPDATE meta SET value = jsonb_set(value, '{hash}', '\"00\"') WHERE key = 'audit_head'", 8, "forged"),
])
def test_tampering_is_found_and_the_first_broken_row_named(store, statement, seq, fault):
    audit = filled(store)
    behind_its_back(store, statement)
    verdict = audit.verify()
    assert (verdict.broken_at, verdict.fault) == (seq, fault)
    assert str(seq) in verdict.message or fault == "headless"


def test_a_row_rewritten_with_a_hash_of_its_own_does_not_fit_the_next(store):
    audit = filled(store)
    row = audit.listing()[4]  # number 4
    forged = hash_of(from_line(to_line(row).replace("wang", "zhao")))
    behind_its_back(store, "UPDATE audit_log SET account_name = 'zhao',"
                           f" hash = '\\x{forged.hex()}' WHERE seq = 4")
    assert (audit.verify().broken_at, audit.verify().fault) == (5, "replaced")


def test_a_well_made_row_slipped_in_at_the_end_stays_visible_whatever_is_written_later(store):
    audit = filled(store, 3)
    last = audit.listing()[0]
    made = from_line(to_line(last).replace('"seq": 3', '"seq": 4').replace(
        last.previous_hash.hex(), last.hash.hex()))
    behind_its_back(store, "INSERT INTO audit_log SELECT 4, at, account_id, account_name, address, action,"
                           " object_kind, object_id, reason, detail, hash, "
                           f"'\\x{hash_of(made).hex()}' FROM audit_log WHERE seq = 3")
    assert (audit.verify().broken_at, audit.verify().fault) == (4, "forged")
    audit.record(entry(), now=NOW)
    assert (audit.verify().broken_at, audit.verify().fault) == (5, "replaced")


def test_a_cut_tail_stays_visible_whatever_is_written_later(store):
    audit = filled(store)
    behind_its_back(store, "DELETE FROM audit_log WHERE seq >= 6")
    assert audit.record(entry(), now=NOW) == 9
    assert (audit.verify().broken_at, audit.verify().fault) == (6, "missing")


def test_a_guard_that_is_off_is_named(store):
    audit = filled(store, 2)
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit_log DISABLE TRIGGER audit_log_no_change"))
    verdict = audit.verify()
    assert (verdict.fault, verdict.ok) == ("unguarded", False)
    assert "audit_log_no_change" in verdict.message


@pytest.mark.parametrize("key", [
    "password", "new_password", "secret", "client_secret", "token", "access_token", "code", "totp_code",
    "cookie", "session_cookie", "csrf", "password_hash", "totp", "api_key"])
def test_nothing_secret_is_written(key):
    with pytest.raises(AuditError, match="nothing secret"):
        entry(detail={key: "x"})


@pytest.mark.parametrize("key", ["area_code", "token_id", "street_code", "factors", "coded"])
def test_keys_that_only_look_like_secrets_are_written(key):
    assert entry(detail={key: "x"}).detail == {key: "x"}


@pytest.mark.parametrize(("fault", "given"), [
    ("action", {"action": "Sign In"}), ("action", {"action": ""}), ("action", {"action": "a" * 41}),
    ("detail", {"detail": {"Key": 1}}), ("detail", {"detail": {f"k{n}": n for n in range(31)}}),
    ("detail.at", {"detail": {"at": NOW}}), ("detail.a", {"detail": {"a": {"b": 1}}})])
def test_malformed_entries_name_their_field(fault, given):
    with pytest.raises(AuditError, match=fault):
        entry(**given)


def test_a_naive_time_is_refused(store):
    with pytest.raises(AuditError, match="now must be aware"):
        Audit(store).record(entry(), now=NOW.replace(tzinfo=None))


def test_texts_are_bounded_and_cleaned(store):
    audit = Audit(store)
    audit.record(entry(account_name="a\x00b\n" + "\u202e" + "王" * 500, reason="r" * 9999,
                       detail={"name": "x\x00" * 999, "half": 0.5, "huge": 10**30, "list": ["\ud800", 1]}),
                 now=NOW)
    row = audit.listing()[0]
    assert row.account_name.startswith("a\ufffdb \ufffd王")
    assert (len(row.account_name), len(row.reason), len(row.detail["name"])) == (80, 400, 400)
    assert row.detail["half"] == "0.5"
    assert row.detail["huge"] == str(10**30)
    assert row.detail["list"] == ["\ufffd", 1]
    assert audit.verify().ok


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=90), min_size=1, max_size=4),
       facts=st.dictionaries(st.from_regex(r"[a-z]{1,5}_n", fullmatch=True),
                             st.none() | st.booleans() | st.integers() | st.floats() | st.text()
                             | st.lists(st.text() | st.integers(), max_size=5), max_size=5),
       at=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1),  # naive: `timezones` makes them aware
                       timezones=st.timezones()))
def test_whatever_is_written_verifies(module_store, texts, facts, at):
    audit = Audit(module_store)
    for text in texts:
        audit.record(entry(account_name=text, reason=text, object_id=text, detail=facts), now=at)
    verdict = audit.verify()
    assert verdict.ok, verdict
    row = audit.listing(limit=1)[0]
    assert from_line(to_line(row)) == row


COLUMNS = {"account_id": "COALESCE(account_id, 0) + 1", "account_name": "account_name || 'x'",
           "address": "COALESCE(address, '') || 'x'", "action": "action || 'x'",
           "object_kind": "COALESCE(object_kind, '') || 'x'", "object_id": "COALESCE(object_id, '') || 'x'",
           "reason": "COALESCE(reason, '') || 'x'", "at": "at + interval '1 second'",
           "detail": "detail || '{\"more\": 1}'", "previous_hash": "sha256(previous_hash)",
           "hash": "sha256(hash)"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(1, 12), column=st.sampled_from(sorted(COLUMNS)))
def test_any_change_of_any_column_of_any_row_is_named(store, seq, column):
    audit = Audit(store)
    if not audit.count():
        filled(store, 12)
    behind_its_back(store, "CREATE TABLE kept AS SELECT * FROM audit_log",
                    f"UPDATE audit_log SET {column} = {COLUMNS[column]} WHERE seq = {seq}")
    verdict = audit.verify()
    behind_its_back(store, "DELETE FROM audit_log", "INSERT INTO audit_log SELECT * FROM kept",
                    "DROP TABLE kept")
    assert verdict.broken_at == seq
    assert verdict.fault in {"changed", "reordered"}
    assert audit.verify().ok


def test_the_listing_is_newest_first_and_filtered(store):
    audit = filled(store, 5)
    audit.record(entry(account_name="li", action="exported", object_kind="list", object_id="cases"),
                 now=NOW + timedelta(hours=1))
    assert [row.seq for row in audit.listing(limit=2, offset=1)] == [5, 4]
    for filter_, wanted in (
        (AuditFilter(account="li"), [6]), (AuditFilter(action="exported"), [6]),
        (AuditFilter(object="C2"), [3]), (AuditFilter(object="case:C2"), [3]),
        (AuditFilter(object="list"), [6]),
        (AuditFilter(since=NOW + timedelta(minutes=3), until=NOW + timedelta(minutes=4)), [4]),
        (AuditFilter(account="l"), []), (AuditFilter(object="case:C9"), []),
    ):
        assert [row.seq for row in audit.listing(filter_)] == wanted
        assert audit.count(filter_) == len(wanted)
        assert [row.seq for row in audit.rows(filter_)] == wanted
    assert audit.actions() == ["exported", "sign_in"]


def test_the_hash_is_what_the_documentation_says(store):
    """Written out once more, so that others can check an archive without this program."""
    import hashlib

    row = filled(store, 1).listing()[0]
    words = json.dumps({"account_id": 1, "account_name": "wang", "action": "sign_in", "address": "10.0.0.1",
                        "at": "2026-05-11T04:00:00.000000+00:00", "detail": {"area_code": "510108"},
                        "object_id": "C0", "object_kind": "case", "reason": None, "seq": 1},
                       separators=(",", ":"), sort_keys=True).encode()
    assert row.hash == hashlib.sha256(bytes(32) + words).digest()


def test_clean_keeps_short_texts_and_cuts_long_ones():
    assert clean("  王\t小\n明 ", 10) == "王 小 明"
    assert clean("a" * 11, 10) == "a" * 9 + "…"
