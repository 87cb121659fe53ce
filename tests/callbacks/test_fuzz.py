"""Hostile questions to every route and callback: nothing breaks, nothing outside the scope comes out.

What lies outside the asking viewer's scope carries a canary in every text, and so do the details
of persons. An answer that holds a canary is a leak, whatever was asked and whoever asked.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import create_app
from callbacks.cookies import CSRF_HEADER, Jar, csrf_of
from data import tables
from data.access import tables as access_tables
from data.access.scope import EVERYTHING, Scope
from data.access.viewer import CONSOLE
from data.demo.build import build
from data.readers import build_readers
from data.settings import Settings
from tests.callbacks.conftest import CALLBACK, Page, server_outputs
from tests.signed_in import access_of, client_of, now, signed_in

HEADER = f"HTTP_{CSRF_HEADER.upper().replace('-', '_')}"
OUTSIDE, PERSON = "OUTSIDE-CANARY", "PERSON-CANARY"
#: The asking viewers' street; the other eight lie outside.
STREET = "210202001"
VIEWERS = {
    "operator": ({"operator"}, Scope(areas=frozenset({STREET}))),
    "planner": ({"planner"}, Scope(areas=frozenset({STREET}))),
    "department": ({"dept_op"}, Scope(areas=frozenset({STREET}), departments=frozenset({"D01"}))),
    "screen": ((), Scope(areas=frozenset({STREET}))),
    "nothing": ({"leader"}, Scope(areas=frozenset())),
    "auditor": ({"auditor"}, EVERYTHING),
    "accounts": ({"system_admin"}, EVERYTHING),
}
WHOLE = ({"operator"}, EVERYTHING)
EXAMPLES = 900
WORDS = {
    tables.area: ("name",),
    tables.building: ("name", "address"),
    tables.officer: ("name_masked", "phone_masked"),
    tables.resource: ("name",),
    tables.cases: ("title", "description", "address", "reporter_masked"),
}


@pytest.fixture(scope="module")
def marked(module_store) -> Any:
    """The demo district; every text outside the street is a canary."""
    build("zhongshan", 7, None, module_store)
    with module_store.engine.begin() as connection:
        for table, columns in WORDS.items():
            place = table.c.area_code if "area_code" in table.c else table.c.street_code
            values: dict[Any, Any] = {table.c[name]: OUTSIDE for name in columns}
            connection.execute(
                sa.update(table)
                .where(sa.not_(place.startswith(STREET)))
                .values({**values, table.c.changed_xid: tables.CURRENT_XID})
            )
        people = access_tables.person_detail
        connection.execute(sa.update(people).values(name=PERSON, phone=PERSON, address=PERSON))
    return module_store


@pytest.fixture(scope="module")
def wall(marked) -> Iterator[Any]:
    """The whole application over the marked store, its real accounts and tokens."""
    readers = build_readers(marked, Settings())
    readers.snapshot.refresh()
    yield create_app(Settings(), readers=readers, access=access_of(marked))
    readers.snapshot.stop()


@pytest.fixture
def client(wall, marked, name: str) -> FlaskClient:
    """Signed in as the viewer of the test."""
    roles, scope = VIEWERS.get(name, WHOLE)
    access = access_of(marked)
    if name == "screen":
        token = access.tokens.issue("fuzz", scope, {"/"}, issued_by=CONSOLE, expires_at=None, now=now())[1]
        made: FlaskClient = wall.server.test_client()
        made.set_cookie(Jar(secure=False).screen, token)
        made.environ_base[HEADER] = csrf_of(token)
        return made
    cookie = signed_in(access, roles=roles, scope=scope)
    session = access.sessions.find(cookie, now=now())
    assert session
    return client_of(wall, cookie, session.csrf)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch) -> None:
    """Thousands of questions a minute are what the limits are against; here they are wanted."""
    monkeypatch.setattr("callbacks.rates.Rates.wait", lambda *_args: 0)


@pytest.fixture(scope="module")
def codes(marked) -> list[str]:
    """Codes of things inside and outside, which a curious viewer might know."""
    found: list[str] = []
    with marked.engine.connect() as connection:
        for column in (
            tables.area.c.area_code,
            tables.cases.c.case_no,
            tables.officer.c.officer_id,
            tables.resource.c.resource_id,
            tables.building.c.building_id,
        ):
            found += connection.execute(sa.select(column).order_by(sa.func.md5(column)).limit(60)).scalars()
        found += map(str, connection.execute(sa.select(tables.cases.c.case_ref).limit(60)).scalars())
    return found


NASTY = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "1e309",
        "NaN",
        "null",
        "' OR 1=1 --",
        '\'; DROP TABLE "case"; --',
        "%",
        "_",
        "\x00",
        "\\",
        "../../etc/passwd",
        "{{7*7}}",
        "<script>",
        "$1",
        "1)) UNION SELECT name FROM account --",
        "９９",
        "\u202e",
        "x" * 5000,
        "[1,2",
        '{"$gt":""}',
        "*",
        "210202",
        "210202002",
        "2102020020",
        "COALESCE(1)",
    ]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=30), NASTY
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | NASTY, inner, max_size=4)
    ),
    max_leaves=12,
)
TIMES = st.sampled_from(
    [
        "2019-01-01T00:00:00+08:00",
        "2019-05-12T00:00:00+08:00",
        "2018-01-01T00:00:00Z",
        "2019-05-12",
        "1899-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59+00:00",
        "now",
        "",
    ]
)


def filters(codes: list[str]) -> st.SearchStrategy[Any]:
    some = st.lists(
        st.sampled_from(codes) | NASTY | st.sampled_from(["handling", "closed", "1", "3", "E", "S13"]),
        max_size=4,
    )
    sets = ("areas", "categories", "channels", "departments", "states", "urgencies")
    times = {"since": st.just("2019-01-01T00:00:00+08:00"), "until": st.just("2019-05-12T00:00:00+08:00")}
    usual = st.fixed_dictionaries(times, optional=dict.fromkeys(sets, some))
    odd = st.fixed_dictionaries({}, optional={"since": TIMES, "until": TIMES, "scope": TREES, "areas": TREES})
    return usual | usual | st.builds(lambda one, other: {**one, **other}, usual, odd)


def values(codes: list[str]) -> st.SearchStrategy[Any]:
    known = st.sampled_from(codes)
    selection = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(
                ["area", "case", "officer", "resource", "building", "person", "reporter"]
            ),
            "code": known | NASTY,
        }
    )
    view = st.fixed_dictionaries(
        {},
        optional={
            "area": known | NASTY,
            "lang": st.sampled_from(["zh", "en", "fr"]),
            "grids": NASTY | st.just("work"),
            "measure": st.sampled_from(["accepted", "rate", "x"]),
            "layers": TREES,
        },
    )
    search = st.fixed_dictionaries(
        {
            "text": known | NASTY | st.sampled_from(["CANARY", "OUT", "1"]),
            "kind": st.sampled_from(["all", "area", "officer", "case", "resource"]),
        }
    )
    table = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["cases", "areas"]),
            "order": st.sampled_from(["newest", "deadline", "rate", "x"]),
        }
    )
    return st.one_of(filters(codes), selection, view, search, table, known, TREES)


def text_of(answer: Any) -> str:
    if answer.mimetype == "text/event-stream":  # it goes on as long as somebody listens: the first event
        data = next(iter(answer.response))
        answer.close()
    else:
        data = answer.get_data()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return f"{data.decode('utf-8', 'replace')} {answer.headers}"


def well_answered(answer: Any, asked: Any) -> None:
    """No failure of the server, no canary."""
    text = text_of(answer)
    assert answer.status_code < 500, f"{answer.status_code} for {str(asked)[:600]}: {text[:300]}"
    assert PERSON not in text, f"details of a person for {str(asked)[:600]}"
    assert OUTSIDE not in text, f"outside the scope: {str(asked)[:600]}"


def rules(wall: Any) -> list[str]:
    return sorted({rule.rule for rule in wall.server.url_map.iter_rules() if rule.rule != "/<path:path>"})


FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", [name for name in VIEWERS if name not in {"auditor", "accounts"}])
def test_hostile_callbacks(wall, client, codes, name: str) -> None:
    page, outputs = Page(wall, client), server_outputs(wall)

    @FUZZ
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        body = page.body(data.draw(st.sampled_from(outputs)))
        for part in ("inputs", "state"):
            for item in body[part]:
                if data.draw(st.integers(0, 2)) == 0 and isinstance(item, dict):
                    item["value"] = data.draw(
                        filters(codes) if item["id"] == "shell-filter" else values(codes)
                    )
        if data.draw(st.integers(0, 9)) == 0:
            body[data.draw(st.sampled_from(sorted(body)))] = data.draw(TREES)
        well_answered(client.post(CALLBACK, data=json.dumps(body), content_type="application/json"), body)

    ask()


@pytest.mark.parametrize("name", VIEWERS)
def test_hostile_addresses(wall, client, codes, name: str) -> None:
    known = rules(wall)
    names = st.sampled_from(
        [
            "since",
            "until",
            "areas",
            "box",
            "zoom",
            "detail",
            "level",
            "ref",
            "tolerance",
            "v",
            "sel",
            "area",
            "lang",
            "preset",
            "q",
            "next",
            "account",
            "action",
            "object",
            "page",
            "token",
            "departments",
            "states",
            "scope",
            "measure",
            "grids",
            "minutes",
        ]
    )
    texts = st.one_of(
        st.sampled_from(codes),
        NASTY,
        TIMES,
        st.sampled_from(
            [
                "121.6,38.9,121.7,38.95",
                "-180,-90,180,90",
                "0,0,1e9,1",
                "12",
                "case:1",
                "area:210202002",
                "street",
            ]
        ),
    )

    @FUZZ
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        rule = data.draw(st.sampled_from(known))
        path = "".join(
            data.draw(texts.map(lambda text: text[:80])) if part.startswith("<") else part
            for part in _parts(rule)
        )
        query = data.draw(st.dictionaries(names, texts, max_size=5))
        if data.draw(st.integers(0, 2)):
            query = {"since": "2019-01-01T00:00:00+08:00", "until": "2019-05-12T00:00:00+08:00", **query}
        method = data.draw(
            st.sampled_from(["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
        )
        form = data.draw(st.dictionaries(names, texts, max_size=3)) if method == "POST" else None
        if rule.startswith("/sign-"):
            method = "GET"  # the door itself is tried elsewhere; here nobody should be signed out
        answer = client.open(path.replace("\x00", "%00"), method=method, query_string=query, data=form)
        well_answered(answer, (method, path, query))

    ask()


def _parts(rule: str) -> Iterator[str]:
    """``/a/<int:b>/c`` -> ``/a/``, ``<int:b>``, ``/c``."""
    while "<" in rule:
        head, _, rest = rule.partition("<")
        hole, _, rule = rest.partition(">")
        yield head
        yield f"<{hole}"
    yield rule


@pytest.mark.parametrize("name", ["whole"])
def test_who_may_see_the_whole_district_finds_the_canary(wall, client, name: str) -> None:
    page = Page(wall, client)
    found = page.ask(page.answering("wall-results.tree"), shell_query={"text": OUTSIDE, "kind": "all"})
    assert found.status_code == 200
    assert OUTSIDE in text_of(found)
