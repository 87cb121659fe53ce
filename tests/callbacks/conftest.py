"""The whole application over the demo district, asked over HTTP without a server."""

import html
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from dashboard.view import DRAWN_BY
from data.readers import build_readers
from data.settings import Settings
from tests.callbacks.system_room import System
from tests.signed_in import access_of, another_cookie, client_of, fake_access, signed_in

CALLBACK = "/_dash-update-component"


@pytest.fixture(scope="session")
def wall(demo_store) -> Iterator[Any]:
    settings = Settings()
    readers = build_readers(demo_store, settings)
    readers.snapshot.refresh()
    yield create_app(settings, readers=readers, access=fake_access())
    readers.snapshot.stop()


@pytest.fixture
def client(wall) -> FlaskClient:
    return client_of(wall, another_cookie())


@pytest.fixture
def system(store) -> System:
    return System(store)


@pytest.fixture(scope="module")
def readers(demo_store) -> Iterator[Any]:
    made = build_readers(demo_store, Settings())
    made.snapshot.refresh()
    yield made
    made.snapshot.stop()


@pytest.fixture(scope="module")
def access(demo_store) -> Any:
    return access_of(demo_store)


@pytest.fixture(scope="module")
def real(readers, access) -> Any:
    """The application with the accounts of the store."""
    return create_app(Settings(), readers=readers, access=access)


class Page:
    """The stores of a page as a browser holds them, and the requests it would make."""

    def __init__(self, wall: Any, client: FlaskClient, address: str = "http://localhost/") -> None:
        self._wall, self._client = wall, client
        layout = client.get("/_dash-layout", headers={"Referer": address}).get_json()
        self.values: dict[tuple[str, str], Any] = {}
        self._collect(layout)
        view = self.values["shell-view", "data"]
        self.values["map-scope", "data"] = {key: view[key] for key in DRAWN_BY}

    def _collect(self, node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                self._collect(item)
        elif isinstance(node, dict):
            props = node.get("props", {})
            if "id" in props:
                key = (
                    props["id"]
                    if isinstance(props["id"], str)
                    else json.dumps(props["id"], separators=(",", ":"), sort_keys=True)
                )
                for name, value in props.items():
                    self.values[key, name] = value
            self._collect(props.get("children"))
            self._collect(props.get("tree"))
            if "namespace" in (held := props.get("data") or {}):
                self._collect(held)  # a component that the browser hangs up later

    def answering(self, output: str) -> str:
        """The name of the callback that writes an output, among others."""
        return next(name for name in self._wall.callback_map if output in name.strip(".").split("..."))

    def body(self, output: str, **changes: Any) -> dict[str, Any]:
        """The request that brings an output; ``changes``: store id with '_' for '-' -> its data."""
        output = output if output in self._wall.callback_map else self.answering(output)
        known = self._wall.callback_map[output]
        changed = {key.replace("_", "-"): value for key, value in changes.items()}

        def values(part: str) -> list[dict[str, Any]]:
            return [
                {
                    "id": item["id"],
                    "property": item["property"],
                    "value": changed.get(item["id"], self.values.get((item["id"], item["property"]))),
                }
                for item in known[part]
            ]

        inputs = values("inputs")
        return {
            "output": output,
            "outputs": self.outputs(output),
            "inputs": inputs,
            "state": values("state"),
            "changedPropIds": [f"{inputs[0]['id']}.{inputs[0]['property']}"],
        }

    def outputs(self, output: str) -> list[dict[str, Any]]:
        found = []
        for part in output.strip(".").split("..."):
            key, _, name = part.rpartition(".")
            found.append({"id": json.loads(key) if key.startswith("{") else key, "property": name})
        return found if output.startswith("..") else found[0]

    def post(self, body: Any) -> Any:
        return self._client.post(CALLBACK, json=body)

    def ask(self, output: str, **changes: Any) -> Any:
        return self.post(self.body(output, **changes))


@pytest.fixture
def page(wall, client) -> Page:
    return Page(wall, client)


def server_outputs(wall: Any) -> list[str]:
    """The outputs that the server answers; the others are the browser's own."""
    browser = {item["output"] for item in wall._callback_list if item["clientside_function"]}
    return sorted(set(wall.callback_map) - browser)


@pytest.fixture(scope="module")
def ask(real: Any, access: Any) -> Any:
    """The text of a page for a viewer; every page must answer."""
    def page(path: str, status: int = 200, **about: Any) -> str:
        about.setdefault("roles", ("leader", "operator"))
        client = client_of(real, signed_in(access, **about))
        answer = client.get(html.unescape(path), headers={"Accept": "text/html"})
        assert answer.status_code == status, path
        return str(answer.text)

    return page
