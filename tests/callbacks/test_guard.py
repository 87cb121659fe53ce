"""The guard, the ways in and out, and everything that tries to get around them."""

import json
import logging
import re

import pyotp
import pytest
from flask_login import current_user

from app import create_app
from callbacks.cookies import CSRF_HEADER, Jar
from callbacks.guard import safe_path
from data.access.sessions import Sessions
from data.readers import build_readers
from data.settings import Settings
from tests.callbacks.conftest import CALLBACK
from tests.signed_in import (
    COOKIE,
    a_session,
    a_viewer,
    access_of,
    an_account,
    another_cookie,
    client_of,
    fake_access,
    now,
    signed_in,
)

PAGE = {"Accept": "text/html"}
PASSWORD = "correct horse battery staple"
HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
           "Cache-Control")


@pytest.fixture(scope="module")
def readers(demo_store):
    made = build_readers(demo_store, Settings())
    made.snapshot.refresh()
    return made


@pytest.fixture(scope="module")
def access(demo_store):
    return access_of(demo_store)


@pytest.fixture(scope="module")
def real(readers, access):
    """The application with the accounts of the store."""
    return create_app(Settings(), readers=readers, access=access)


@pytest.fixture(scope="module")
def behind_tls(readers, access):
    return create_app(Settings(public_url="https://grid.example"), readers=readers, access=access)


def token_of(answer):
    return re.search(r'name="csrf_token" value="([^"]+)"', answer.text).group(1)


def secret_in(answer):
    return "".join(re.search(r'doc__secret">([^<]+)<', answer.text).group(1).split())


def cookie_in(answer, name="session"):
    found = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}=")]
    return found[-1].split(";")[0].partition("=")[2] if found else None


class Browser:
    """A client that fills in forms as people do."""

    def __init__(self, wall):
        self.client = wall.server.test_client()

    def get(self, path, **about):
        return self.client.get(path, headers={**PAGE, **about.pop("headers", {})}, **about)

    def send(self, path, page, **fields):
        return self.client.post(path, data={"csrf_token": token_of(page), **fields}, headers=PAGE)

    def sign_in(self, name, password, query=""):
        return self.send(f"/sign-in{query}", self.get(f"/sign-in{query}"), name=name, password=password)

    @property
    def cookie(self):
        return self.client.get_cookie("session").value


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


@pytest.mark.parametrize("sent", [None, "", "wrong", "é"])
def test_a_write_without_the_token_of_its_page_is_refused(wall, sent):
    client = client_of(wall, another_cookie())
    client.environ_base.pop(f"HTTP_{CSRF_HEADER.upper().replace('-', '_')}")
    headers = {} if sent is None else {CSRF_HEADER: sent.encode("latin-1", "replace").decode("latin-1")}
    assert client.post(CALLBACK, json={}, headers=headers).status_code == 403
    assert client.post("/sign-out", data={} if sent is None else {"csrf_token": sent}).status_code == 403


def test_a_sign_in_form_without_its_token_is_refused(real, access):
    account, password = an_account(access, roles=["operator"], password=PASSWORD)
    client = real.server.test_client()
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"name": account.name, "password": password}, headers=PAGE)
    assert answer.status_code == 403


@pytest.mark.parametrize(("headers", "method"), [
    ({"Origin": "http://evil.example"}, "POST"),
    ({"Origin": "null"}, "POST"),
    ({"Origin": "http://localhost:81"}, "POST"),
    ({"Sec-Fetch-Site": "cross-site"}, "POST"),
    ({"Sec-Fetch-Site": "same-site"}, "POST"),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, "GET"),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Accept": "text/event-stream"}, "GET"),
])
def test_what_comes_from_elsewhere_is_refused(wall, headers, method):
    client = client_of(wall, another_cookie())
    path = CALLBACK if method == "POST" else "/api/status"
    assert client.open(path, method=method, headers=headers).status_code == 403


def test_a_link_from_elsewhere_opens_the_page(wall):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", **PAGE}
    assert client_of(wall, another_cookie()).get("/", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "grid.example.evil", "[::2]", "",
                                  "localhost@evil.example", "grid.example:x"])
def test_a_hostile_host_is_refused(behind_tls, host):
    client = behind_tls.server.test_client()
    for path in ("/", "/healthz", "/sign-in"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code in (400, 421), (path, answer.status_code)


def test_cookies_behind_tls_belong_to_the_host_alone(behind_tls, access):
    account, password = an_account(access, roles=["operator"], password=PASSWORD)
    client = behind_tls.server.test_client()
    about = {"base_url": "https://grid.example", "headers": PAGE}
    page = client.get("/sign-in", **about)
    answer = client.post("/sign-in", data={"csrf_token": token_of(page), "name": account.name,
                                           "password": password}, **about)
    handed = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-session=")]
    assert len(handed) == 1
    parts = {part.strip() for part in handed[0].split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} == parts
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert client.get("/", **about).status_code == 200
    plain = behind_tls.server.test_client()
    plain.set_cookie("session", cookie_in(answer, "__Host-session"), domain="grid.example")
    assert plain.get("/", **about).status_code == 303, "a name that others may set opens nothing"


def test_what_a_proxy_may_have_said_is_not_believed(real, access):
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto"):
        answer = real.server.test_client().get("/sign-in", headers={header: "evil.example", **PAGE})
        assert answer.status_code == 200
        assert "evil.example" not in answer.text
    cookie = signed_in(access)
    browser = Browser(real)
    browser.client.set_cookie("session", cookie)
    browser.send("/sign-out", browser.get("/account", headers={"X-Forwarded-For": "6.6.6.6"}))
    last = next(iter(access.audit.listing(None, limit=1, offset=0)))
    assert (last.action, last.address) == ("sign_out", "127.0.0.1")


@pytest.mark.parametrize("path", [
    "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/%0d%0aX: y",
    "\t//e", "/a\r\nb", "evil", "", None, "/sign-out", "/sign-in?next=/", "/" + "a" * 3000,
    "///evil.example", "/地",
])
def test_only_own_paths_are_gone_on_to(path):
    found = safe_path(path)
    assert found == "/" or found == path == "/%0d%0aX: y"


def test_a_next_page_elsewhere_is_never_gone_to(real, access):
    for target in ("//evil.example/x", "https://evil.example", "/\\evil.example"):
        browser = Browser(real)
        browser.client.set_cookie("session", signed_in(access))
        answer = browser.get("/sign-in", query_string={"next": target})
        assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("path", ["/nope", "/account", "/assets/30-map.js", "/assets/nope.js", "/columns/x",
                                  "/_dash-nothing", "/_dash-layout"])
def test_nothing_can_be_probed_from_outside(wall, path):
    client = wall.server.test_client()
    plain, page = client.get(path), client.get(path, headers=PAGE)
    assert (plain.status_code, plain.get_json()) == (401, {"error": "sign in first"})
    assert (page.status_code, page.location.split("?")[0]) == (303, "/sign-in")


def test_every_refusal_carries_all_headers(wall):
    inside, outside = client_of(wall, another_cookie()), wall.server.test_client()
    answers = {
        400: inside.post(CALLBACK, json={}),
        401: outside.get("/api/status"),
        403: inside.post(CALLBACK, json={}, headers={"Origin": "http://evil.example"}),
        404: inside.get("/nope"),
        405: inside.delete("/"),
        413: inside.post(CALLBACK, data=b" " * 2_000_000, content_type="application/json"),
        414: inside.get("/?" + "a" * 20_000),
        421: outside.get("/", headers={"Host": "evil.example"}),
    }
    assert {code: answer.status_code for code, answer in answers.items()} == {code: code for code in answers}
    for code, answer in answers.items():
        assert [name for name in HEADERS if name not in answer.headers] == [], code
        assert answer.headers["Cache-Control"] == "no-store", code


def test_garbage_is_refused_without_a_stack_in_the_log(wall, caplog):
    client = client_of(wall, another_cookie())
    with caplog.at_level(logging.INFO):
        for body in (b"\xff\x00{", b"[" * 50_000, b'{"output":{}}', b"", b"null"):
            assert client.post(CALLBACK, data=body, content_type="application/json").status_code == 400
    assert "Traceback" not in caplog.text


def test_too_many_requests_are_told_to_wait(readers):
    wall = create_app(Settings(), readers=readers, access=fake_access())
    client = wall.server.test_client()
    answers = [client.get("/sign-in") for _ in range(70)]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert late.get_json()["error"].startswith("too many requests")
    assert int(late.headers["Retry-After"]) >= 1
    assert client.get("/healthz").status_code == 200
    assert client_of(wall).get("/api/status").status_code == 200, "whoever is signed in is counted apart"


def test_a_callback_of_the_browser_alone_is_refused_by_name(wall):
    client = client_of(wall, another_cookie())
    item = next(item for item in wall._callback_list if item["clientside_function"]
                and not item["output"].startswith("{") and "." in item["output"])
    known = wall.callback_map[item["output"]]
    where, _, what = item["output"].strip(".").rpartition(".")
    body = {"output": item["output"], "outputs": {"id": where, "property": what}, "changedPropIds": [],
            "inputs": [{**one, "value": None} for one in known["inputs"]],
            "state": [{**one, "value": None} for one in known["state"]]}
    answer = client.post(CALLBACK, json=body)
    assert answer.status_code == 400
    assert "server answers" in answer.get_json()["error"]


def test_the_page_carries_the_token_of_its_session_and_nothing_else_does(real, access):
    cookie = signed_in(access)
    browser = Browser(real)
    browser.client.set_cookie("session", cookie)
    page = browser.get("/")
    token = access.sessions.find(cookie, now=now()).csrf
    assert f'<meta name="csrf-token" content="{token}">' in page.text
    assert cookie not in page.text
    assert cookie not in json.dumps(browser.client.get("/_dash-layout").get_json())


def test_the_library_s_current_user_is_the_viewer(wall):
    with client_of(wall, another_cookie()) as client:
        client.get("/api/status")
        assert current_user.is_authenticated
        assert (current_user.get_id(), current_user.viewer.name) == ("account:1", "tester")
    with wall.server.test_client() as client:
        client.get("/sign-in")
        assert not current_user.is_authenticated


def test_a_remembered_cookie_of_the_library_means_nothing(wall):
    client = wall.server.test_client()
    client.set_cookie("remember_token", "1|deadbeef")
    assert client.get("/", headers=PAGE).status_code == 303
    assert client.get("/sign-in").status_code == 200


def test_a_screen_shows_its_pages_and_cannot_do_what_persons_do(readers):
    access = fake_access()
    token = "s" * 43
    access.tokens.known[token] = a_viewer(roles=(), account_id=None, token_id=1, pages=frozenset({"/"}))
    client = create_app(Settings(), readers=readers, access=access).server.test_client()
    client.set_cookie(Jar(secure=False).screen, token)
    page = client.get("/", headers=PAGE)
    assert page.status_code == 200
    assert "sign-out" not in client.get("/_dash-layout").text
    csrf = re.search(r'csrf-token" content="(\w+)"', page.text).group(1)
    assert client.post(CALLBACK, json={}, headers={CSRF_HEADER: csrf}).status_code == 400
    assert client.post(CALLBACK, json={}, headers={CSRF_HEADER: "x"}).status_code == 403
    assert {client.get(path, headers=PAGE).status_code for path in ("/account", "/system/audit")} == {403}


def test_the_permission_of_the_route_is_asked_not_the_page_s(readers):
    access = fake_access(**{COOKIE: a_session(a_viewer(roles={"audit_admin"}))})
    client = client_of(create_app(Settings(), readers=readers, access=access))
    assert client.get("/", headers=PAGE).status_code == 403
    assert client.get("/columns/ground").status_code == 403
    assert client.get("/account", headers=PAGE).status_code == 200


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(readers, monkeypatch):
    seen = []
    access = fake_access()
    monkeypatch.setattr(type(access.sessions), "find", lambda self, cookie, *, now, is_act=True:
                        (seen.append(is_act), self.known[COOKIE])[1])
    client = client_of(create_app(Settings(), readers=readers, access=access))
    client.get("/api/status")
    client.get("/columns/ground", headers={"X-Idle": "1"})
    client.get("/columns/ground")
    assert seen == [False, False, True]
    assert "is_act" in Sessions.find.__annotations__
