"""The ways in and out, through the pages of the application."""

import re

import pyotp
import pytest

from tests.callbacks.browsing import PAGE, PASSWORD, Browser, secret_in
from tests.signed_in import (
    an_account,
    now,
    signed_in,
)


def test_password_then_the_page_asked_for(real, access):
    account, password = an_account(access, roles=["operator"], password=PASSWORD)
    browser = Browser(real)
    asked = browser.get("/?lang=en&preset=90d")
    assert asked.status_code == 303
    assert asked.location == "/sign-in?next=%2F%3Flang%3Den%26preset%3D90d&lang=en"
    page = browser.get(asked.location)
    assert "Sign in" in page.text
    done = browser.send(asked.location, page, name=account.name, password=password)
    gone = browser.get(done.location)
    assert (gone.status_code, gone.location) == (303, "/?lang=en&preset=90d")
    assert browser.get(gone.location).status_code == 200


def test_each_factor_gives_a_new_cookie_and_the_old_one_is_dead(real, access):
    account, password = an_account(access, roles=["leader"], password=PASSWORD)
    browser = Browser(real)
    browser.get("/sign-in")
    before = browser.cookie
    browser.sign_in(account.name, password)
    half = browser.cookie
    enrol = browser.get("/sign-in")
    assert browser.get("/").status_code == 303, "one factor of two opens nothing"
    secret = secret_in(enrol)
    assert enrol.text.count("data:image/svg+xml;base64,") == 1
    assert secret_in(browser.get("/sign-in")) == secret
    browser.send("/sign-in/code", enrol, code=pyotp.TOTP(secret).at(now()))
    assert len({before, half, browser.cookie}) == 3
    assert browser.get("/").status_code == 200
    for old in (before, half):
        other = Browser(real)
        other.client.set_cookie("session", old)
        assert other.get("/").status_code == 303


def test_a_cookie_of_the_attackers_choice_is_never_raised(real, access):
    account, password = an_account(access, roles=["operator"], password=PASSWORD)
    victim, chosen = Browser(real), "c" * 43
    victim.client.set_cookie("session", chosen)
    victim.sign_in(account.name, password)
    assert victim.cookie != chosen
    attacker = Browser(real)
    attacker.client.set_cookie("session", chosen)
    assert attacker.get("/").status_code == 303


@pytest.mark.parametrize("way", ["/sign-out", "/sign-out-everywhere"])
def test_a_replayed_cookie_opens_nothing_after_signing_out(real, access, way):
    cookie = signed_in(access)
    browser = Browser(real)
    browser.client.set_cookie("session", cookie)
    out = browser.send(way, browser.get("/account"))
    assert (out.status_code, out.location) == (303, "/sign-in")
    assert out.headers["Clear-Site-Data"] == '"cache"'
    assert browser.client.get_cookie("session") is None
    browser.client.set_cookie("session", cookie)
    assert browser.get("/account").status_code == 303
    assert browser.client.get("/api/status").status_code == 401


def test_refusals_do_not_tell_whether_an_account_exists(real, access):
    account, _ = an_account(access, roles=["operator"], password=PASSWORD)
    pages = []
    for name in (account.name, "nobody-at-all"):
        answer = Browser(real).sign_in(name, "a wrong one")
        pages.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
    assert pages[0] == pages[1]
    assert pages[0][0] == 403


def test_a_locked_account_says_until_when(real, access):
    account, password = an_account(access, roles=["operator"], password=PASSWORD)
    browser = Browser(real)
    answers = [browser.sign_in(account.name, "a wrong one") for _ in range(5)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 60
    right = browser.sign_in(account.name, password)
    assert right.status_code == 429
    assert re.search(r"请于 [\d: -]+ 之后再试", right.text)
    access.lockout.forget(["address:127.0.0.1"])


def test_a_password_that_must_be_changed_comes_first(real, access):
    account, password = an_account(access, roles=["operator"], must_change=True)
    browser = Browser(real)
    browser.sign_in(account.name, password)
    assert browser.get("/").status_code == 303
    page = browser.get("/sign-in")
    weak = browser.send("/sign-in/password", page, old=password, new="short", again="short")
    assert weak.status_code == 403
    assert "太短" in weak.text
    differ = browser.send("/sign-in/password", page, old=password, new=PASSWORD, again=PASSWORD + "x")
    assert "不一致" in differ.text
    browser.send("/sign-in/password", page, old=password, new=PASSWORD, again=PASSWORD)
    assert browser.get("/").status_code == 200
    account_page = browser.get("/account")
    other = "another long enough one"
    done = browser.send("/account/password", account_page, old=PASSWORD, new=other, again=other)
    assert browser.get(done.location).status_code == 200
    assert "密码已修改" in browser.get(done.location).text


def test_a_sign_in_form_without_its_token_is_refused(real, access):
    account, password = an_account(access, roles=["operator"], password=PASSWORD)
    client = real.server.test_client()
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"name": account.name, "password": password}, headers=PAGE)
    assert answer.status_code == 403
