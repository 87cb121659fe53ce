"""The guard, and everything that tries to get around it."""

import json
import logging
import re

import pytest
from flask_login import current_user

from app import create_app
from callbacks.cookies import CSRF_HEADER, Jar
from callbacks.guard import safe_path
from data.access.sessions import Sessions
from data.settings import Settings
from tests.callbacks.browsing import PAGE, PASSWORD, Browser, cookie_in, token_of
from tests.callbacks.conftest import CALLBACK
from tests.signed_in import (
    COOKIE,
    a_session,
    a_viewer,
    an_account,
    another_cookie,
    client_of,
    fake_access,
    now,
    signed_in,
)

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
           "Cache-Control")


@pytest.fixture(scope="module")
def behind_tls(readers, access):
    return create_app(Settings(public_url="https://grid.example"), readers=readers, access=access)


@pytest.mark.parametrize("sent", [None, "", "wrong", "é"])
def test_a_write_without_the_token_of_its_page_is_refused(wall, sent):
    client = client_of(wall, another_cookie())
    client.environ_base.pop(f"HTTP_{CSRF_HEADER.upper().replace('-', '_')}")
    headers = {} if sent is None else {CSRF_HEADER: sent.encode("latin-1", "replace").decode("latin-1")}
    assert client.post(CALLBACK, json={}, headers=headers).status_code == 403
    assert client.post("/sign-out", data={} if sent is None else {"csrf_token": sent}).status_code == 403


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
