"""Who gets what: every route and callback, asked anonymously, as every role, without a role, by a screen."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from callbacks.cookies import CSRF_HEADER, Jar, csrf_of
from data.access.roles import ROLES
from data.access.scope import EVERYTHING
from data.access.viewer import CONSOLE
from tests.callbacks.conftest import CALLBACK, Page, server_outputs
from tests.signed_in import an_account, client_of, now, signed_in

#: Where a rule has parts that vary, an address that it answers.
SAMPLES = {
    "/assets/<path:filename>": "/assets/30-map.js",
    "/columns/<layer>": "/columns/ground",
    "/tiles/<key>/<int:z>/<int:x>/<int:y>": "/tiles/none/1/0/0",
    "/screen/<token>": "/screen/" + "x" * 43,
    "/<path:path>": "/no/such/page",
    "/static/<path:filename>": "/static/none.css",
}
#: Beside the rules: what documents are drawn with.
BESIDE = {"/assets/<path:filename> (60-*.css)": "/assets/60-documents.css"}
#: A number that no row has: what is done to it is done to nobody.
NOBODY = "0"
COLUMNS = ("anonymous", "anonymous page", *ROLES, "no role", "screen")
#: A callback that needs more than the first picture brings.
ASKED = {"..wall-table.tree..": {"shell_table": {"kind": "cases", "order": "deadline"}}}
ADDRESSES = (f"10.0.{high}.{low}" for high, low in itertools.product(range(250), range(1, 250)))

Ask = Callable[..., Any]


def askers(wall: Any, access: Any) -> dict[str, Callable[[], tuple[dict[str, str], str]]]:
    """Column -> cookies and form token of a new session, so that no request tells on another."""
    accounts = {role: an_account(access, roles=[role])[0] for role in ROLES}
    accounts["no role"] = an_account(access, roles=[])[0]
    _, token = access.tokens.issue("matrix", EVERYTHING, ["/"], issued_by=CONSOLE, expires_at=None, now=now())
    jar = Jar(secure=False)

    def person(account: Any) -> tuple[dict[str, str], str]:
        cookie = access.sessions.start(now=now(), address="10.0.0.1", account_id=account.account_id,
                                       factors=("password", "totp"))
        return {jar.session: cookie}, access.sessions.find(cookie, now=now()).csrf

    def nobody() -> tuple[dict[str, str], str]:
        cookie = uuid.uuid4().hex
        return {jar.session: cookie}, csrf_of(cookie)

    made = {name: (lambda account=account: person(account)) for name, account in accounts.items()}
    return {"anonymous": nobody, "anonymous page": nobody, **made,
            "screen": lambda: ({jar.screen: token}, csrf_of(token))}


def status_of(wall: Any, asker: tuple[dict[str, str], str], method: str, path: str, *, page: bool,
              body: Any = None) -> int:
    """The status of one request, from an address of its own."""
    cookies, csrf = asker
    client = wall.server.test_client()
    for name, value in cookies.items():
        client.set_cookie(name, value)
    sent: dict[str, Any] = {"json": body} if body is not None else (
        {"data": {"name": f"n-{uuid.uuid4().hex[:8]}"}} if method == "POST" else {})
    headers = {"Accept": "text/html" if page else "*/*"}
    if method != "GET":
        headers[CSRF_HEADER] = csrf
    answer = client.open(path, method=method, headers=headers,
                         environ_overrides={"REMOTE_ADDR": next(ADDRESSES)}, **sent)
    answer.close()
    return int(answer.status_code)


def table(wall: Any, permits: Any, access: Any) -> list[list[str]]:
    """Rows of texts: kind, what, its permission, then a status for each of `COLUMNS`."""
    known = askers(wall, access)
    return [["kind", "what", "permission", *COLUMNS], *_routes(wall, permits, known),
            *_callbacks(wall, permits, access, known)]


def _routes(wall: Any, permits: Any, known: Any) -> Iterator[list[str]]:
    rows = [(rule, method, rule, permit.permission.value)
            for (rule, method), permit in permits.routes().items() if rule != CALLBACK]
    rows += [(label, "GET", path, "public") for label, path in BESIDE.items()]
    for label, method, rule, permission in sorted(rows):
        path = SAMPLES.get(rule) or _first_script(wall, known, rule) or re.sub(r"<[^>]*>", NOBODY, rule)
        found = [status_of(wall, known[column](), method, path, page=column == "anonymous page")
                 for column in COLUMNS]
        yield ["route", f"{method} {label}", permission, *map(str, found)]


def _first_script(wall: Any, known: Any, rule: str) -> str | None:
    if not rule.startswith("/_dash-component-suites"):
        return None
    client = wall.server.test_client()
    for name, value in known["operator"]()[0].items():
        client.set_cookie(name, value)
    found = re.search(r'src="(/_dash-component-suites/dash/deps/react@[^"]+)"', client.get("/").text)
    assert found, "the page names its scripts"
    return found.group(1)


def plain(output: str) -> str:
    """The outputs of a callback as they can be read: ``layer-spec:areas + layer-spec:heat``."""
    parts = re.sub(r'{"kind":"([^"]*)","\w+":"([^"]*)"}', r"\1:\2", output).strip(".").split("...")
    ends = r"\.(data|children|tree)$"
    return " + ".join(re.sub(ends, "", part) for part in parts)


def _callbacks(wall: Any, permits: Any, access: Any, known: Any) -> Iterator[list[str]]:
    cookie = signed_in(access)
    page = Page(wall, client_of(wall, cookie, access.sessions.find(cookie, now=now()).csrf))
    for output in server_outputs(wall):
        body = page.body(output, **ASKED.get(output, {}))
        found = [status_of(wall, known[column](), "POST", CALLBACK, body=body,
                           page=column == "anonymous page") for column in COLUMNS]
        yield ["callback", plain(output), permits.callback(output).permission.value, *map(str, found)]
