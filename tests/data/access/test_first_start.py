"""The secret key, where it may come from, and the administrator of a demo."""

from __future__ import annotations

import os
import re
import secrets
import stat
import threading
from random import Random

import pytest

import app
from data import meta
from data.access.accounts import Accounts
from data.access.first_start import first_start, key_of
from data.access.passwords import Passwords
from data.access.secret_file import SecretFileError, read
from data.access.secret_key import FILE, SecretKeyError, secret_key, strong
from data.access.viewer import CONSOLE
from data.settings import Settings
from tests.data.access.accounts_of import NOW, PASSWORD, house

GOOD = "kT9xVq2mZr7LwB4nYc8HsJd3FgP6uXe1AoRiQyWbNvM"


def synthetic(store, **about):
    meta.put(store, "synthetic", {"zh": "模拟", "en": "synthetic", "profile": "x", "seed": 7})
    return Settings(database_url=store.url, **about)


@pytest.mark.parametrize("key", [
    "", "changeme", "changeme" * 8, "change-me-please-this-is-not-a-key-at-all-0815", "a" * 64, "ab" * 32,
    "0123456789abcdef" * 4, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", GOOD[:42],
    GOOD[:20] + "password" + GOOD[20:], "f3" * 16 + "a1" * 15, Random(31).randbytes(31).hex(),
    "kT9xVq2mZr" * 6, "kT9xVq2mZr7LwB4nYc8HsJkT9xVq2mZr7LwB4nYc8HsJ", GOOD * 200])
def test_weak_keys_are_refused_and_never_repeated(key):
    with pytest.raises(SecretKeyError, match="GRID_SECRET_KEY must") as caught:
        strong(key, "GRID_SECRET_KEY")
    assert not key or key[:20] not in str(caught.value)


def test_random_keys_are_taken():
    for _ in range(200):
        for key in (secrets.token_urlsafe(32), secrets.token_hex(32), secrets.token_urlsafe(48)):
            assert strong(key, "KEY") == key.encode()


def test_a_key_comes_from_one_place_only(tmp_path):
    with pytest.raises(SecretKeyError, match="only one of"):
        secret_key(Settings(secret_key=GOOD, secret_file=tmp_path / "key"))


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o666, 0o700, 0o777])
def test_a_file_that_others_could_read_is_refused_with_what_was_found(tmp_path, mode):
    path = tmp_path / "key"
    path.write_text(GOOD)
    path.chmod(mode)
    found = f"GRID_SECRET_FILE must name a file with mode 0600, got {mode:04o}"
    with pytest.raises(SecretFileError, match=found):
        secret_key(Settings(secret_file=path))


def test_a_file_of_ones_own_is_taken(tmp_path):
    path = tmp_path / "key"
    path.write_text(GOOD + "\n")
    for mode in (0o600, 0o400):
        path.chmod(mode)
        assert secret_key(Settings(secret_file=path)) == GOOD.encode()


def test_a_file_of_somebody_else_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "key"
    path.write_text(GOOD)
    path.chmod(0o600)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(SecretFileError, match="got one of user"):
        read(path, "GRID_SECRET_FILE")


def test_what_is_no_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(SecretFileError, match="GRID_SECRET_FILE must name a"):
            secret_key(Settings(secret_file=path))
    (tmp_path / "binary").write_bytes(b"\xff\xfe" * 40)
    (tmp_path / "binary").chmod(0o600)
    with pytest.raises(SecretFileError, match="a file with a text"):
        secret_key(Settings(secret_file=tmp_path / "binary"))


def test_a_demo_makes_one_key_and_keeps_it(tmp_path):
    settings = Settings(data_dir=tmp_path / "var")
    found: list[bytes] = []
    starts = [threading.Thread(target=lambda: found.append(secret_key(settings, synthetic=True)))
              for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    path = settings.data_dir / FILE
    assert len(found) == 8
    assert set(found) == {path.read_text().strip().encode()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(settings.data_dir.iterdir()) == [path]
    path.chmod(0o644)
    with pytest.raises(SecretFileError, match="mode 0600, got 0644"):
        secret_key(settings, synthetic=True)


def test_without_a_key_only_a_demo_starts(store, tmp_path):
    settings = Settings(database_url=store.url, data_dir=tmp_path)
    with pytest.raises(SecretKeyError, match="must be set, got neither"):
        key_of(store, settings)
    assert not (tmp_path / FILE).exists()
    (tmp_path / FILE).write_text(GOOD)  # one left by a demo serves no real data
    with pytest.raises(SecretKeyError, match="must be set, got neither"):
        first_start(settings, NOW)


@pytest.mark.parametrize("key", [None, "changeme"])
def test_serve_refuses_a_missing_or_weak_key(store, tmp_path, capsys, monkeypatch, key):
    monkeypatch.setattr(app, "first_demo", lambda settings, now: None)
    assert app.serve(Settings(database_url=store.url, data_dir=tmp_path, secret_key=key), NOW) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("GRID_SECRET_KEY ")
    assert "changeme" not in told.err


def test_the_first_start_of_a_demo_makes_one_administrator_and_tells_the_password_once(store, tmp_path):
    settings = synthetic(store, data_dir=tmp_path)
    (line,) = first_start(settings, NOW)
    told = re.fullmatch(r"Administrator: admin {2}password: (\S{20,})", line)
    assert told
    assert first_start(settings, NOW) == []
    here = house(store)
    found = here.accounts.find("admin")
    assert (found.roles, found.scope.areas, found.must_change) == ({"system_admin", "leader"}, {"*"}, False)
    assert here.try_password("admin", told[1]).next == "enrol"
    assert here.actions()[0] == "account_added"


def test_a_store_with_accounts_gets_none(store, tmp_path):
    settings = synthetic(store, data_dir=tmp_path)
    Accounts(store, Passwords()).add("wang", password=PASSWORD, by=CONSOLE, now=NOW)
    assert first_start(settings, NOW) == []


def test_a_store_of_real_data_gets_a_hint_and_no_account(store, tmp_path):
    settings = Settings(database_url=store.url, data_dir=tmp_path, secret_key=GOOD)
    (line,) = first_start(settings, NOW)
    assert "user add" in line
    assert "password" not in line
    assert Accounts(store, Passwords()).are_none()
