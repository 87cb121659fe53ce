"""The pages of the system behind the guard: who may, forms that prove themselves, hostile texts, exports."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import sqlalchemy as sa
from flask import Flask

from callbacks import documents, system_accounts, system_audit, system_rights, system_screens
from callbacks.cookies import Jar
from callbacks.guard import Doors, Guard
from callbacks.permits import Permits
from callbacks.system import Office
from data.access.accounts import Accounts
from data.access.audit import Audit, Entry
from data.access.passwords import Passwords
from data.access.roles import ROLES
from data.access.scope import EVERYTHING, Scope
from data.access.tokens import Tokens
from data.access.viewer import CONSOLE, Viewer

NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
STREETS = [("510108001", "猛追湾街道"), ("510108002", "双桥子街道")]
CSRF = "form-token-of-the-session"
HOSTILE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>",
    "</td></tr></table><iframe src=javascript:alert(1)>", "javascript:alert(1)", "{{ 7 * 7 }}", "{% raw %}",
    "&lt;b&gt;", "<!--", "]]>", "\u202e<b>", "<style>*{display:none}</style>", "${7*7}",
    "<a href='//evil'>x</a>",
)


class Areas:
    """Two streets."""

    def children(self, _area, _level):
        return STREETS

    def tree(self):
        return pd.DataFrame(STREETS, columns=["area_code", "name"])


class Sessions:
    """One cookie for each viewer."""

    def __init__(self):
        self.viewers = {}

    def find(self, cookie, *, now, **_):
        viewer = self.viewers.get(cookie)
        return viewer and SimpleNamespace(viewer=viewer, csrf=CSRF)


class System:
    """The pages over a store, and browsers that are signed in."""

    def __init__(self, store, *, secure=False):
        self.store, self.now, self.sessions = store, NOW, Sessions()
        self.audit, self.tokens = Audit(store), Tokens(store)
        self.accounts = Accounts(store, Passwords())
        access = SimpleNamespace(audit=self.audit, tokens=self.tokens, accounts=self.accounts,
                                 sessions=self.sessions)
        self.server = Flask(__name__)
        self.permits = Permits(SimpleNamespace(server=self.server, callback_map={}, _callback_list=[]))
        jar = Jar(secure=secure)
        office = Office(access=access, clock=lambda: self.now, zone=ZONE, areas=Areas, jar=jar)
        documents.register(self.server, documents.Frame(lang="en", product=lambda _lang: "Test"))
        for module in (system_audit, system_accounts, system_rights, system_screens):
            module.register(self.server, office, self.permits)
        guard = Guard(Doors(access=access, permits=self.permits, clock=lambda: self.now, jar=jar), {})
        self.server.before_request(guard.check)

    def signed_in(self, role, *, scope=EVERYTHING, account_id=None):
        viewer = Viewer(account_id=account_id, name=f"the-{role}", roles=frozenset({role}), scope=scope)
        cookie = f"cookie-of-{role}-{account_id}-{len(self.sessions.viewers)}"
        self.sessions.viewers[cookie] = viewer
        return Browser(self.server, cookie)


class Browser:
    """A browser with a session: forms carry the token unless told."""

    def __init__(self, server, cookie=None):
        self.client = server.test_client()
        if cookie:
            self.client.set_cookie("session", cookie)

    def get(self, path):
        return self.client.get(path, headers={"Sec-Fetch-Mode": "navigate"})

    def post(self, path, *, token=CSRF, **form):
        data = {key.rstrip("_"): value for key, value in form.items()}
        return self.client.post(path, data={**data, **({"csrf_token": token} if token else {})},
                                headers={"Sec-Fetch-Mode": "navigate"})


@pytest.fixture
def system(store):
    return System(store)


def entry(**given):
    return Entry(**{"account_id": 1, "account_name": "wang", "address": "10.0.0.1", "action": "sign_in",
                    **given})


class Markup(HTMLParser):
    """The elements of a page and its texts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


AUDIT, GRANT, MANAGE = {"auditor", "audit_admin"}, {"security_admin"}, {"system_admin"}
ROUTES = [
    ("GET", "/system/audit", AUDIT), ("POST", "/system/audit/verify", AUDIT),
    ("POST", "/system/audit/export", AUDIT),
    ("GET", "/system/screens", GRANT), ("POST", "/system/screens", GRANT),
    ("POST", "/system/screens/9/revoke", GRANT),
    ("GET", "/system/rights", GRANT), ("GET", "/system/rights/9", GRANT), ("POST", "/system/rights/9", GRANT),
    ("GET", "/system/accounts", MANAGE), ("POST", "/system/accounts", MANAGE),
    ("POST", "/system/accounts/9/disable", MANAGE), ("POST", "/system/accounts/9/enable", MANAGE),
    ("POST", "/system/accounts/9/reset", MANAGE),
]


def call(browser, method, path, **form):
    return browser.get(path) if method == "GET" else browser.post(path, **form)


@pytest.mark.parametrize(("method", "path", "roles"), ROUTES)
def test_who_may(system, method, path, roles):
    for role in ROLES:
        status = call(system.signed_in(role), method, path).status_code
        assert (status in {200, 400, 404}) if role in roles else status == 403, role
    assert call(Browser(system.server), method, path).status_code == (303 if method == "GET" else 401)
    _, token = system.tokens.issue("hall", EVERYTHING, ["/"], issued_by=CONSOLE, expires_at=None, now=NOW)
    screen = Browser(system.server)
    screen.client.set_cookie("screen", token)
    assert call(screen, method, path).status_code == 403


def test_every_route_has_its_row_here(system):
    known = {(method, path.replace("/9", "/<>")) for method, path, _ in ROUTES} | {("GET", "/screen/<>")}
    assert {(method, re.sub(r"<[^>]*>", "<>", rule)) for rule, method in system.permits.routes()} == known


@pytest.mark.parametrize(("method", "path", "roles"), [row for row in ROUTES if row[0] == "POST"])
def test_a_form_that_is_not_ours_does_nothing(system, method, path, roles):
    for token in (None, "", "x", CSRF + "x"):
        answer = system.signed_in(min(roles)).post(path, token=token, name="mallory", area="*", page="/")
        assert answer.status_code == 403
    assert system.audit.count() == 0


# ---- audit ----

@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_in_every_field_are_texts(system, hostile):
    system.audit.record(entry(account_name=hostile, address=hostile, object_kind=hostile, object_id=hostile,
                              reason=hostile, detail={"said": hostile, "listed": [hostile]}), now=NOW)
    browser = system.signed_in("auditor")
    query = "&".join(f"{name}={hostile.replace('&', '%26').replace('#', '%23')}"
                     for name in ("account", "action", "object", "from", "page"))
    for text in (browser.get("/system/audit?lang=zh").text, browser.get(f"/system/audit?{query}").text,
                 browser.post("/system/audit/verify", account=hostile, object_=hostile).text):
        markup = Markup(text)
        assert not {"script", "img", "svg", "iframe", "style"} & markup.tags
        assert not [name for name, _ in markup.attributes if name.startswith("on") or name == "style"]
        assert not [value for name, value in markup.attributes
                    if name in {"href", "src", "action"} and not str(value).startswith(("/", "?", "#"))]
    shown = entry(reason=hostile).reason
    assert sum(shown in text for text in Markup(browser.get("/system/audit").text).texts) >= 5


def test_the_newest_hundred_come_first_and_pages_lead_on(system):
    for number in range(205):
        system.audit.record(entry(object_kind="case", object_id=f"C{number:03}"), now=NOW)
    browser = system.signed_in("auditor")
    pages = [browser.get(f"/system/audit?object=case&page={page}").text for page in (1, 2, 3, 99)]
    found = [re.findall(r"C\d{3}", page) for page in pages]
    assert [len(page) for page in found] == [100, 100, 5, 5]
    assert found[0][0] == "C204"
    assert found[2][-1] == "C000"
    assert 'rel="next"' in pages[0]
    assert 'rel="prev"' not in pages[0]
    assert 'rel="next"' not in pages[2]
    assert "object=case&amp;page=2" in pages[0]
    for page in ("x", "-1", "0", "1e9", "９", "9" * 30):
        assert "C204" in browser.get(f"/system/audit?object=case&page={page}").text or page == "9" * 8


def test_the_filter_reads_local_minutes(system):
    for minute in range(3):
        system.audit.record(entry(object_id=f"at-{minute}"), now=NOW + timedelta(minutes=minute, seconds=30))
    browser = system.signed_in("auditor")

    def shown(query):
        return sorted(set(re.findall(r"at-\d", browser.get(f"/system/audit?{query}").text)))

    assert shown("from=2026-05-11T12:01") == ["at-1", "at-2"]  # 12:01 at Shanghai is 04:01 UTC
    assert shown("to=2026-05-11T12:01") == ["at-0", "at-1"]  # the minute named is meant to its end
    assert shown("from=2026-05-11T12:01&to=2026-05-11T12:01") == ["at-1"]
    assert shown("to=2026-05-11") == ["at-0", "at-1", "at-2"]
    assert shown("to=2026-05-10") == []
    assert "2026-05-11 12:00:30" in browser.get("/system/audit").text


@pytest.mark.parametrize("query", [
    "from=soon", "to=2026-13-01", "from=9999-12-31T23:59:59-14:00", "from=%00"])
def test_a_time_that_is_none_is_said(system, query):
    system.audit.record(entry(object_id="C1"), now=NOW)
    answer = system.signed_in("auditor").get(f"/system/audit?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "C1" not in answer.text
    key, value = query.split("=")
    assert system.signed_in("auditor").post("/system/audit/export", **{f"{key}_": value}).status_code == 400
    assert system.audit.count() == 1


def test_the_verdict_is_given_on_demand_and_names_the_row(system):
    for _ in range(5):
        system.audit.record(entry(), now=NOW)
    browser = system.signed_in("audit_admin")
    assert "sys__verdict" not in browser.get("/system/audit").text
    assert "All 5 rows fit." in browser.post("/system/audit/verify").text
    with system.store.engine.begin() as connection:
        for statement in ("ALTER TABLE audit_log DISABLE TRIGGER USER",
                          "UPDATE audit_log SET account_name = 'li' WHERE seq = 3",
                          "ALTER TABLE audit_log ENABLE TRIGGER USER"):
            connection.execute(sa.text(statement))
    text = browser.post("/system/audit/verify").text
    assert "Row 3 is not what was written." in text
    assert [row.action for row in system.audit.listing(limit=2)] == ["audit_verified"] * 2
    assert system.audit.listing()[0].detail == {"rows": 3, "fault": "changed", "broken_at": 3}


def test_the_export_is_neutral_filtered_and_on_record(system):
    hostile = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "plain", '"=1', "=cmd|' /C calc'!A0")
    for number, text in enumerate(hostile):
        system.audit.record(entry(account_name=text, reason=text, object_kind="case", object_id=text,
                                  detail={"said": text}), now=NOW + timedelta(minutes=number))
    system.audit.record(entry(account_name="other", action="locked"), now=NOW)
    answer = system.signed_in("auditor").post("/system/audit/export", action="sign_in")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-20260511-120000.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert rows[0][:4] == ["No.", "Time", "Account", "Action"]
    assert len(rows) == 9
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert rows[1][2] == "'=1+1"
    assert rows[1][1] == "2026-05-11 12:00:00+08:00"
    assert rows[6][2] == "plain"
    newest = system.audit.listing()[0]
    assert (newest.action, newest.account_name, newest.object_kind) == (
        "exported", "the-auditor", "audit_log")
    assert newest.detail == {"rows": 8, "by_action": "sign_in"}
    assert system.audit.verify().ok


# ---- wall displays ----

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


# ---- accounts and rights ----

def test_an_account_is_made_without_rights_and_its_password_shown_once(system):
    browser = system.signed_in("system_admin", account_id=99)
    text = browser.post("/system/accounts", name="Li.Na", display_name="李娜", role="operator", area="*").text
    password = re.search(r"doc__secret\">([^<]+)<", text)[1]
    assert len(password) >= 12
    account = system.accounts.find("li.na")
    assert (account.roles, account.scope.areas, account.must_change) == (frozenset(), frozenset(), True)
    assert password not in browser.get("/system/accounts").text
    assert "李娜" in browser.get("/system/accounts").text
    assert password not in str(system.audit.listing())
    for name, said in (("li.na", "There is an account"), ("x", "2 to 40"), ("a b", "2 to 40")):
        answer = browser.post("/system/accounts", name=name)
        assert answer.status_code == 400
        assert said in answer.text


def test_accounts_are_disabled_enabled_and_reset(system):
    account, _ = system.accounts.add("wang", by=CONSOLE, now=NOW)
    browser = system.signed_in("system_admin", account_id=99)
    path = f"/system/accounts/{account.account_id}"
    assert browser.post(f"{path}/disable").status_code == 303
    assert system.accounts.find("wang").is_disabled
    assert browser.post(f"{path}/enable").status_code == 303
    assert not system.accounts.find("wang").is_disabled
    assert "doc__secret" in browser.post(f"{path}/reset").text
    assert [row.action for row in system.audit.listing(limit=3)] == [
        "account_reset", "account_enabled", "account_disabled"]
    assert system.audit.listing()[0].account_name == "the-system_admin"
    assert browser.post("/system/accounts/12345/disable").status_code == 404


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_nobody_becomes_another_administrator_by_a_reset(system, role):
    account, _ = system.accounts.add("boss", roles=[role], by=CONSOLE, now=NOW)
    browser = system.signed_in("system_admin", account_id=99)
    before = system.accounts.find("boss")
    assert browser.post(f"/system/accounts/{account.account_id}/reset").status_code == 403
    assert system.accounts.find("boss") == before
    assert f"/system/accounts/{account.account_id}/reset" not in browser.get("/system/accounts").text


def test_nobody_shuts_himself_out_or_gives_himself_rights(system):
    account, _ = system.accounts.add("self", roles=["system_admin"], by=CONSOLE, now=NOW)
    browser = system.signed_in("system_admin", account_id=account.account_id)
    for act in ("disable", "enable", "reset"):
        assert browser.post(f"/system/accounts/{account.account_id}/{act}").status_code == 403
    browser = system.signed_in("security_admin", account_id=account.account_id)
    path = f"/system/rights/{account.account_id}"
    assert browser.get(path).status_code == 403
    assert browser.post(path, role="operator", area="*").status_code == 403
    assert path not in browser.get("/system/rights").text
    assert system.accounts.find("self").roles == {"system_admin"}


def test_rights_are_given_at_once_and_on_record(system):
    account, _ = system.accounts.add("wang", by=CONSOLE, now=NOW)
    browser = system.signed_in("security_admin", account_id=99)
    path = f"/system/rights/{account.account_id}"
    answer = browser.client.post(path, data={
        "csrf_token": CSRF, "role": ["operator", "street_op"], "area": ["510108001"],
        "codes": "510108002001， 510109", "departments": "D01 D02"})
    assert answer.status_code == 303
    found = system.accounts.find("wang")
    assert found.roles == {"operator", "street_op"}
    assert found.scope == Scope(frozenset({"510108001", "510108002001", "510109"}), frozenset({"D01", "D02"}))
    newest = system.audit.listing()[0]
    assert (newest.action, newest.object_id) == ("granted", "wang")
    assert newest.detail["roles"] == ["operator", "street_op"]
    text = browser.get(path).text
    assert re.search(r'value="operator" checked', text)
    assert re.search(r'value="510108001" checked', text)
    assert 'value="510108002001 510109"' in text
    assert browser.post(path).status_code == 303  # nothing ticked: all is taken away
    assert system.accounts.find("wang").roles == frozenset()


@pytest.mark.parametrize(("form", "said"), [
    ({"role": ["system_admin", "audit_admin"]}, "separate"), ({"role": ["root"]}, "separate"),
    ({"area": ["*", "510108001"]}, "Area codes"), ({"codes": "12"}, "Area codes"),
    ({"departments": "a/b"}, "Ids of departments"),
])
def test_rights_that_cannot_be_are_said(system, form, said):
    account, _ = system.accounts.add("wang", roles=["planner"], by=CONSOLE, now=NOW)
    browser = system.signed_in("security_admin", account_id=99)
    answer = browser.client.post(f"/system/rights/{account.account_id}", data={"csrf_token": CSRF, **form},
                                 headers={"Sec-Fetch-Mode": "navigate"})
    assert answer.status_code == 400
    assert said in answer.text
    assert system.accounts.find("wang").roles == {"planner"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("role", "path"), [
    ("auditor", "/system/audit"), ("security_admin", "/system/screens"),
    ("security_admin", "/system/rights"), ("system_admin", "/system/accounts")])
def test_every_page_speaks_both_languages_without_inline_parts(system, lang, role, path):
    system.accounts.add("wang", roles=["planner"], by=CONSOLE, now=NOW)
    answer = system.signed_in(role, account_id=99).get(f"{path}?lang={lang}")
    markup = Markup(answer.text)
    assert not {"script", "style"} & markup.tags
    assert not [name for name, _ in markup.attributes if name.startswith("on") or name == "style"]
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}"' in answer.text
    said = "".join(markup.texts)
    assert bool(re.search(r"审计|展示屏|授权|账号", said)) == (lang == "zh")
