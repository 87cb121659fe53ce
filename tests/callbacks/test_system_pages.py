"""The pages of the system: who may, forms that prove themselves, both languages."""

from __future__ import annotations

import re

import pytest

from data.access.roles import ROLES
from data.access.scope import EVERYTHING
from data.access.viewer import CONSOLE
from tests.callbacks.system_room import CSRF, NOW, Browser, Markup

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
