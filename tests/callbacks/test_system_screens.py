"""The page of the wall displays: issued once, revoked at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE
from tests.callbacks.system_room import HOSTILE, NOW, Browser, Markup, System


def issue(browser, **form):
    return browser.post("/system/screens", **{"name": "大厅", "area": "510108001", "page": "/", **form})


def address(answer):
    return re.search(r"http://localhost(/screen/[\w-]{43})", answer.text)[1]


def test_an_address_is_shown_once_and_opens_the_wall(system):
    browser = system.signed_in("security_admin")
    path = address(issue(browser, days="30"))
    assert path.rsplit("/", 1)[1] not in browser.get("/system/screens").text
    assert "大厅" in browser.get("/system/screens").text
    screen = Browser(system.server)
    answer = screen.get(f"{path}?lang=en")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?lang=en")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("screen=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    shown = system.tokens.listing()[0]
    assert (shown.scope.areas, shown.expires_at) == ({"510108001"}, NOW + timedelta(days=30))
    assert [row.action for row in system.audit.listing()] == ["screen_opened", "token_issued"]
    system.now = NOW + timedelta(days=31)
    assert Browser(system.server).get(path).status_code == 404


def test_behind_tls_the_address_and_the_cookie_say_so(store):
    system = System(store, secure=True)
    cookie = system.signed_in("security_admin").client.get_cookie("session").value
    browser = Browser(system.server)
    browser.client.set_cookie("__Host-session", cookie)
    text = issue(browser).text
    path = re.search(r"https://localhost(/screen/[\w-]{43})", text)[1]
    cookie = Browser(system.server).get(path).headers["Set-Cookie"]
    assert cookie.startswith("__Host-screen=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_revoked_screen_is_out_at_once(system):
    browser = system.signed_in("security_admin")
    path = address(issue(browser))
    number = system.tokens.listing()[0].token_id
    assert browser.post(f"/system/screens/{number}/revoke").status_code == 303
    assert browser.post(f"/system/screens/{number}/revoke").status_code == 404
    assert Browser(system.server).get(path).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 500, "..", "%00", "a%2Fb", "é"])
def test_an_unknown_token_opens_nothing(system, token):
    answer = Browser(system.server).get(f"/screen/{token}")
    assert answer.status_code in {303, 404}  # 303: no such path, and nobody is signed in
    assert "Set-Cookie" not in answer.headers
    assert system.audit.count() == 0


@pytest.mark.parametrize(("form", "said"), [
    ({"name": " "}, "at most 60 signs"), ({"page": ""}, "at least one page"),
    ({"page": "/system/audit"}, "page"), ({"area": ""}, "at least one area"),
    ({"area": "x"}, "at least one area"), ({"days": "9999"}, "later than now"),
    ({"codes": "510109"}, "none beyond your own"), ({"area": "*"}, "none beyond your own"),
])
def test_what_cannot_be_issued_is_said_and_the_form_kept(system, form, said):
    browser = system.signed_in("security_admin", scope=Scope(frozenset({"510108"})))
    answer = issue(browser, **{"name": "kept", **form})
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="kept"' in answer.text or form.get("name")
    assert system.tokens.listing() == []
    assert system.audit.count() == 0


def test_only_the_areas_of_the_issuer_are_offered(system):
    own = Scope(frozenset({"510108002"}))
    text = system.signed_in("security_admin", scope=own).get("/system/screens").text
    assert "双桥子街道" in text
    assert "猛追湾街道" not in text
    assert 'value="*"' not in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_of_screens_and_people_are_texts(system, hostile):
    system.tokens.issue(hostile, EVERYTHING, ["/"], issued_by=CONSOLE, expires_at=None, now=NOW)
    account, _ = system.accounts.add("wang", display_name=hostile, scope=EVERYTHING, by=CONSOLE, now=NOW)
    security = system.signed_in("security_admin", account_id=99)
    pages = [security.get("/system/screens"), issue(security, name=hostile),
             issue(security, name=hostile, page=hostile), security.get("/system/rights"),
             security.get(f"/system/rights/{account.account_id}"),
             security.post(f"/system/rights/{account.account_id}", role=hostile, codes=hostile,
                           departments=hostile),
             system.signed_in("system_admin").get("/system/accounts"),
             system.signed_in("system_admin").post("/system/accounts", name=hostile, display_name=hostile)]
    for page in pages:
        markup = Markup(page.text)
        assert not {"script", "img", "svg", "iframe", "style"} & markup.tags
        assert not [name for name, _ in markup.attributes if name.startswith("on") or name == "style"]
