"""The pages of the system over a store, and browsers that are signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pandas as pd
from flask import Flask

from callbacks import documents, system_accounts, system_audit, system_rights, system_screens
from callbacks.cookies import Jar
from callbacks.guard import Doors, Guard
from callbacks.permits import Permits
from callbacks.system import Office
from data.access.accounts import Accounts
from data.access.audit import Audit, Entry
from data.access.passwords import Passwords
from data.access.scope import EVERYTHING
from data.access.tokens import Tokens
from data.access.viewer import Viewer

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
