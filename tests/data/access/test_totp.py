"""Codes as of RFC 6238, in a window of one step, each used once."""

from __future__ import annotations

from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from data.access.seal import Sealer, SealError
from data.access.totp import SecondFactors, enrolment, matching_step, step_of
from tests.data.access.accounts_of import NOW, code_at, house

RFC_SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(("seconds", "code"), [
    (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
    (2000000000, "69279037"), (20000000000, "65353130")])
def test_the_vectors_of_rfc_6238(seconds, code):
    """Appendix B, SHA-1; six digits are the last six of its eight."""
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(now) == seconds // 30
    assert matching_step(RFC_SECRET, code[-6:], now) == seconds // 30


def test_a_code_holds_one_step_before_and_after():
    code = code_at(RFC_SECRET, NOW)
    for off, right in ((-61, False), (-30, True), (0, True), (30, True), (61, False)):
        found = matching_step(RFC_SECRET, code, NOW + timedelta(seconds=off))
        assert found == (step_of(NOW) if right else None)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "０" * 5, "1e5", "-12345", "x" * 10_000,
                                  "\ud800", "null"])
def test_what_is_no_code_is_wrong(code):
    assert matching_step(RFC_SECRET, code.encode("utf-8", "replace").decode(), NOW) is None


def test_blanks_and_wide_digits_do_not_matter():
    code = code_at(RFC_SECRET, NOW)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    assert matching_step(RFC_SECRET, f"{code[:3]} {code[3:]}", NOW) == step_of(NOW)
    assert matching_step(RFC_SECRET, wide, NOW) == step_of(NOW)


def test_an_authenticator_is_told_name_and_issuer_and_nothing_is_shown():
    begun = enrolment(RFC_SECRET, "wang.li")
    parts = urlsplit(begun.uri)
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Map%20Room:wang.li")
    assert parse_qs(parts.query) == {"secret": [RFC_SECRET], "issuer": ["Map Room"]}
    assert RFC_SECRET not in repr(begun)


def test_a_step_is_used_once_and_no_earlier_one_after_it(store):
    here = house(store)
    account = here.add("li")
    seconds = here.parts.seconds
    begun = seconds.pending(account.account_id, "li", None)
    use = {"mark": begun.mark}
    assert not seconds.use(account.account_id, "000000", now=NOW, **use)
    assert seconds.use(account.account_id, code_at(begun.secret, NOW), now=NOW, **use)
    assert not seconds.use(account.account_id, code_at(begun.secret, NOW), now=NOW, **use)
    earlier = code_at(begun.secret, NOW - timedelta(seconds=30))
    assert not seconds.use(account.account_id, earlier, now=NOW, **use)
    later = NOW + timedelta(seconds=30)
    codes = [code_at(begun.secret, later)] * 6
    with ThreadPoolExecutor(6) as pool:
        used = list(pool.map(lambda code: seconds.use(account.account_id, code, mark=None, now=later), codes))
    assert used.count(True) == 1


def test_a_secret_waits_for_its_first_code(store):
    here = house(store)
    account = here.add("li")
    seconds = here.parts.seconds
    begun = seconds.pending(account.account_id, "li", None)
    assert not here.accounts.find("li").has_totp
    assert seconds.pending(account.account_id, "li", begun.mark) == begun
    other = seconds.pending(account.account_id, "li", "another mark")
    assert other.secret != begun.secret
    assert not seconds.use(account.account_id, code_at(other.secret, NOW), mark=None, now=NOW)
    assert seconds.use(account.account_id, code_at(other.secret, NOW), mark=other.mark, now=NOW)
    assert here.accounts.find("li").has_totp
    assert seconds.pending(account.account_id, "li", other.mark) is None


def test_accounts_without_a_factor_have_no_right_code(store):
    here = house(store)
    account = here.add("li")
    assert not here.parts.seconds.use(account.account_id, "123456", mark=None, now=NOW)
    assert not here.parts.seconds.use(10**9, "123456", mark=None, now=NOW)
    assert here.parts.seconds.pending(10**9, "x", None) is None


def test_the_store_holds_no_secret_in_the_clear_and_another_key_opens_none(store):
    here = house(store)
    secret = here.enrolled("li")
    account = here.accounts.find("li")
    table = store.arrow("SELECT totp_sealed FROM account WHERE name = 'li'")
    assert secret.encode() not in table["totp_sealed"][0].as_py()
    with pytest.raises(SealError, match="with this secret key"):
        SecondFactors(store, Sealer(b"another" * 8)).use(account.account_id, "123456", mark=None, now=NOW)
