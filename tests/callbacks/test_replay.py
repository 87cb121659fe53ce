"""Replay over HTTP: whatever is asked as of T is answered as by a wall whose store ended at T."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from app import create_app
from callbacks.map_data import ANSWERS
from callbacks.moment import HEADER
from dashboard import ids
from dashboard.security import CALLBACKS
from dashboard.texts import speaker
from data import meta
from data.cases.fold import FOLDED, KEYS, READ, fold_events
from data.engine import Store
from data.readers import build_readers
from data.settings import Settings
from data.tables import METADATA
from layers import columns as wire
from tests.callbacks.conftest import Page, server_outputs
from tests.signed_in import another_cookie, client_of, fake_access

#: A working day of the demo district in which much is under way; ten days before its store ends.
AT = datetime.fromisoformat("2019-05-01T15:20:00+08:00")
#: Tables that grow, and the moment of a row.
_GROW = {"case": "reported_at", "case_event": "at", "gps_fix": "at"}
_PLAIN = ("area", "building", "road", "base_feature", "category", "channel", "department", "officer",
          "resource", "patrol_zone", "person_detail")
#: What tells one store from the other, not what they hold.
_VERSION = re.compile(r"[0-9a-f]{24}|[0-9a-f]{8}(?:[0-9a-f]{24})?-\d+(-at-\d{8}T\d{6})?(-[0-9a-f]{12})?")


def ended(source: Store, target: Store, at: datetime) -> None:
    """Copy a store as its writers had left it at a moment: the log, and the rows that it makes.

    Accounts know no past: those of the source are those of the copy, whoever made them.
    """
    text = at.isoformat()
    with target.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE officer ALTER on_duty DROP NOT NULL"))
        for name in ("label", "meta", "account"):
            table = METADATA.tables[name]
            with source.engine.connect() as reading:
                rows = [dict(row._mapping) for row in reading.execute(sa.select(table))]
            connection.execute(sa.delete(table))
            if rows:  # nobody may have made an account yet
                connection.execute(sa.insert(table), rows)
    for name in _PLAIN:
        target.append(name, source.arrow(f'SELECT * FROM "{name}"'))
    for name, moment in _GROW.items():
        target.append(name, source.arrow(f'SELECT * FROM "{name}" WHERE {moment} <= $1::timestamptz', [text]))
    log = target.arrow(f"SELECT {', '.join(READ)} FROM case_event ORDER BY street_code, case_no, seq")
    folded = fold_events(log).to_pylist()
    changes = ", ".join(f"{name} = :{name}" for name in FOLDED)
    with target.engine.begin() as connection:
        connection.execute(sa.text(f'UPDATE "case" SET {changes}'
                                   f" WHERE {' AND '.join(f'{name} = :{name}' for name in KEYS)}"), folded)
        connection.execute(sa.text("UPDATE officer SET on_duty = NULL"))
        connection.execute(sa.text("UPDATE resource SET status = NULL"))
    meta.put(target, "clock", {"at": text})


@pytest.fixture(scope="module")
def pair(demo_store: Store, module_store: Store) -> Any:
    """A wall over the whole store, and one over the store that ended at T."""
    ended(demo_store, module_store, AT)
    walls = []
    for store in (demo_store, module_store):
        readers = build_readers(store, Settings())
        readers.snapshot.refresh()
        walls.append(create_app(Settings(), readers=readers, access=fake_access()))
    whole, short = walls
    found = SimpleNamespace(whole=whole, short=short, past=client_of(whole, another_cookie()),
                            then=client_of(short, another_cookie()), store=demo_store)
    at = AT.isoformat().replace("+", "%2B")
    found.past_page = Page(whole, found.past, f"http://localhost/?at={at}&lang=zh")
    found.then_page = Page(short, found.then, "http://localhost/?lang=zh")
    return found


def same(text: str) -> str:
    """An answer without versions, and without the moment in addresses."""
    return _VERSION.sub("V", text)


def ask(pair: Any, output: str, **changes: Any) -> tuple[str, str]:
    """What both answer to the same question."""
    past = pair.past.post(CALLBACKS, json=pair.past_page.body(output, **changes),
                          headers={HEADER: AT.isoformat()})
    then = pair.then.post(CALLBACKS, json=pair.then_page.body(output, **changes))
    assert (past.status_code, then.status_code) in {(200, 200), (204, 204)}, past.get_data(as_text=True)
    return same(past.get_data(as_text=True)), same(then.get_data(as_text=True))


def test_the_page_opens_as_it_did_then(pair: Any) -> None:
    past, then = ({key: same(json.dumps(value, sort_keys=True, default=str))
                   for key, value in page.values.items() if key[0] != ids.DATA_VERSION}
                  for page in (pair.past_page, pair.then_page))
    assert past.keys() == then.keys()
    assert {key: (past[key], then[key]) for key in past if past[key] != then[key]} == {}


def test_every_callback_answers_as_it_did_then(pair: Any) -> None:
    asked = server_outputs(pair.whole)
    assert len(asked) > 8
    for output in asked:
        past, then = ask(pair, output)
        if f"{ids.ALERTS}.tree" in output:  # it says that it is of then
            past, then = (without_panel(text) for text in (past, then))
        assert past == then, output


def without_panel(text: str) -> str:
    """The answer of alerts without the panel, whose words differ: the marks on the map."""
    found = json.loads(text)
    assert found["response"].pop(ids.ALERTS)["tree"]
    return json.dumps(found)


NUMBERS = """
SELECT case_no FROM "case" WHERE reported_at <= $1::timestamptz AND ended_at > $1::timestamptz
ORDER BY case_no LIMIT 8"""
OLD = """SELECT case_no FROM "case" WHERE visited_at > $1::timestamptz OR ended_at < $1::timestamptz
ORDER BY case_no LIMIT 4"""
LATER = """SELECT case_no FROM "case" WHERE reported_at > $1::timestamptz ORDER BY reported_at LIMIT 3"""


def some_things(pair: Any) -> list[dict[str, str]]:
    """Things of every kind, with cases under way, long ended and not yet reported at T."""
    def first(query: str) -> list[str]:
        found = pair.store.arrow(query, [AT.isoformat()] if "$1" in query else None)
        return [str(code) for code in found[0].to_pylist()]

    chosen = {
        "case": [*first(NUMBERS), *first(OLD), *first(LATER)],
        "officer": first("SELECT actor_id FROM case_event WHERE act = 'report' AND actor_id IN"
                         " (SELECT officer_id FROM officer) GROUP BY 1 ORDER BY count(*) DESC LIMIT 3"),
        "area": first("SELECT min(area_code) FROM area GROUP BY level, grid_kind ORDER BY 1"),
        "resource": first("SELECT min(resource_id) FROM resource GROUP BY kind ORDER BY 1 LIMIT 4"),
        "building": first("SELECT building_id FROM building ORDER BY 1 LIMIT 2"),
    }
    assert all(chosen.values()), chosen
    return [{"kind": kind, "code": code} for kind, codes in chosen.items() for code in codes]


def test_every_card_tells_what_it_told_then(pair: Any) -> None:
    for selection in some_things(pair):
        past, then = (json.loads(text) for text in ask(pair, "wall-side.tree", shell_selection=selection))
        assert not any(is_acts(node) for node in nodes(past)), "the past cannot be acted on"
        past_card, then_card = (without_force_acts(card) for card in (past, without(then, is_acts)))
        assert without(past_card, is_picture) == without(then_card, is_picture), selection
        told = [node for node in nodes(past) if is_picture(node)]
        assert all(speaker("zh")("stream.no.past") in json.dumps(node, ensure_ascii=False) for node in told)


def nodes(node: Any) -> Iterator[Any]:
    """All components and lists below a node, itself included."""
    yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(part)


def is_acts(node: Any) -> bool:
    """A section of a card with what may be done to a case, or who may be called to its place; a call."""
    if not isinstance(node, dict):
        return False
    return node.get("props", {}).get("className") == "btn card__call" or (
        node.get("type") == "Section" and any(f'"className": "{name}"' in json.dumps(node)
                                              for name in ("acts", "input acts__note")))


def is_picture(node: Any) -> bool:
    """The section of a card with the picture of a camera: there is none of a past moment."""
    return isinstance(node, dict) and node.get("type") == "Section" and speaker("zh")(
        "stream.title") in json.dumps(node["props"]["children"][0], ensure_ascii=False)


def without_force_acts(node: Any) -> Any:
    """A card whose forces are listed without what may be done with them: they are sent only now."""
    if isinstance(node, dict):
        return {key: without_force_acts(value) for key, value in node.items()}
    if not isinstance(node, list):
        return node
    return [without_force_acts(one) for one in node
            if not isinstance(one, dict) or one.get("props", {}).get("data-act") not in {"draft", "track"}]


def without(node: Any, leave_out: Callable[[Any], bool]) -> Any:
    """A card without some of its sections."""
    if isinstance(node, dict):
        return {key: without(value, leave_out) for key, value in node.items()}
    return [None if leave_out(one) else without(one, leave_out) for one in node] if isinstance(
        node, list) else node


@pytest.mark.parametrize("changes", [
    *({"shell_query": {"text": text, "kind": "all"}} for text in ("2019050", "投诉", "20190511", "街道")),
    *({"shell_table": {"kind": kind, "order": order}} for kind in ("cases", "areas")
      for order in ("newest", "deadline")),
], ids=str)
def test_search_and_table_find_what_was_there(pair: Any, changes: dict[str, Any]) -> None:
    output = "wall-results.tree" if "shell_query" in changes else "wall-table.tree"
    past, then = ask(pair, output, **changes)
    assert without_moment(past) == then


def without_moment(text: str) -> str:
    """An answer whose links to files say no moment."""
    return re.sub(r"&at=[0-9TZ%A-F:.+-]+", "", text)


def test_orders_of_what_presses_are_those_of_then(pair: Any) -> None:
    past, then = ask(pair, "wall-side.tree", shell_pressing="oldest")
    assert past == then


def drawn(answer: Any) -> Any:
    """What an answer draws; the order of points and cells says nothing."""
    if answer.mimetype != "application/octet-stream":
        return same(answer.get_data(as_text=True))
    columns, rows, about = wire.decode(answer.data)
    if about["kind"] not in {"points", "bins", "heat"}:
        return answer.data
    values = [np.asarray(column).tolist() for column in columns.values()]
    return rows, about, [*columns], sorted(zip(*values, strict=True), key=str)


def refs_about(store: Store) -> list[int]:
    """Handles of cases of the month around T, reported before and after it, some of them long ended."""
    found = store.arrow('SELECT case_ref FROM "case" WHERE reported_at BETWEEN'
                        " $1::timestamptz - interval '25 days' AND $1::timestamptz + interval '9 days'"
                        " ORDER BY md5(case_no) LIMIT 200", [AT.isoformat()])
    return [int(ref) for ref in found["case_ref"].to_pylist()]


@pytest.mark.parametrize("layer", sorted(set(ANSWERS) - {"case", "track"}))
def test_every_layer_shows_what_it_showed_then(pair: Any, layer: str) -> None:
    since, until = AT - timedelta(days=30), AT + timedelta(days=30)
    query = {"since": since.isoformat(), "until": until.isoformat(), "zoom": "15", "detail": "2",
             "box": "121.3,38.7,121.9,39.1" if layer in {"cases", "heat", "changes"}
             else "121.63,38.91,121.66,38.93"}
    if layer == "changes":
        query["refs"] = ",".join(map(str, refs_about(pair.store)))
    if layer == "areas":
        query["level"] = "grid"
    if layer == "motion":
        query |= {"from": (AT - timedelta(minutes=10)).isoformat(), "until": AT.isoformat()}
    if layer in {"cases", "heat", "changes"}:
        query["zoom"] = "11"
    if layer == "reach":
        query |= {"lon": "121.645", "lat": "38.92"}
    past = pair.past.get(f"/columns/{layer}", query_string=query, headers={HEADER: AT.isoformat()})
    then = pair.then.get(f"/columns/{layer}", query_string=query)
    assert (past.status_code, then.status_code) == (200, 200), past.get_data(as_text=True)
    assert drawn(past) == drawn(then)
    assert layer != "changes" or drawn(past)[0] > 0


def test_a_handle_of_a_case_yet_to_come_leads_nowhere(pair: Any) -> None:
    refs = pair.store.arrow('SELECT min(case_ref) FILTER (WHERE reported_at <= $1::timestamptz) AS known,'
                            ' min(case_ref) FILTER (WHERE reported_at > $1::timestamptz) AS later'
                            ' FROM "case"', [AT.isoformat()]).to_pylist()[0]
    codes = {name: pair.past.get(f"/columns/case?ref={ref}", headers={HEADER: AT.isoformat()}).status_code
             for name, ref in refs.items()}
    assert codes == {"known": 200, "later": 404}


def test_what_is_taken_away_is_what_was_there(pair: Any) -> None:
    query = {"since": (AT - timedelta(days=9)).isoformat(), "until": (AT + timedelta(days=9)).isoformat()}
    past = pair.past.get("/export/cases.csv", query_string={**query, "at": AT.isoformat()})
    then = pair.then.get("/export/cases.csv", query_string=query)
    assert (past.status_code, then.status_code) == (200, 200), past.get_data(as_text=True)
    assert past.get_data(as_text=True) == then.get_data(as_text=True)
    assert past.get_data(as_text=True).count("\n") > 50
