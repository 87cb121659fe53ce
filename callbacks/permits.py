"""Which permission each callback and each route needs; one without any stops the start-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from data.access.roles import Permission

#: Answered by the framework for every rule; the guard refuses them.
_IMPLIED: Final = frozenset({"HEAD", "OPTIONS"})


class PermitError(RuntimeError):
    """A callback or route that nobody declared; the message names all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What a request needs.

    Attributes:
        permission: the viewer must have it.
        max_body: bytes that its body may have; None: what every body may.
    """

    permission: Permission
    max_body: int | None = None


class Permits:
    """Callbacks and routes of one application with what they need.

    What is registered inside a block ``with permits.of(…)`` needs the permission of the block.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._callbacks: dict[str, Permit] = {}
        self._rules: dict[tuple[str, str], Permit] = {}

    @contextmanager
    def of(self, permission: Permission, *, max_body: int | None = None) -> Iterator[None]:
        """Declare all that is registered inside the block."""
        callbacks, rules = set(self._app.callback_map), self._all_rules()
        yield
        permit = Permit(permission=permission, max_body=max_body)
        for key in set(self._app.callback_map) - callbacks:
            self._callbacks.setdefault(key, permit)
        for rule in self._all_rules() - rules:
            self._rules.setdefault(rule, permit)

    def declare(self, rules: Mapping[str, Permission]) -> None:
        """Declare routes that the framework registered itself, by their rules.

        Raises:
            PermitError: there is no such rule.
        """
        known = self._all_rules()
        for rule, permission in rules.items():
            found = [one for one in known if one[0] == rule]
            if not found:
                raise PermitError(f"a declared route must exist, got {rule!r}")
            for one in found:
                self._rules[one] = Permit(permission=permission)

    def callback(self, output: str) -> Permit | None:
        """What a callback needs, by its key in the application's map; None: it is not known."""
        return self._callbacks.get(output)

    def route(self, rule: str, method: str) -> Permit | None:
        """What a route needs, by its rule and method; None: it is not known."""
        return self._rules.get((rule, "GET" if method == "HEAD" else method))

    def callbacks(self) -> dict[str, Permit]:
        """All callbacks that are known, by key."""
        return dict(self._callbacks)

    def routes(self) -> dict[tuple[str, str], Permit]:
        """All routes that are known, by rule and method."""
        return dict(self._rules)

    def require_complete(self) -> None:
        """Refuse to start while anything is undeclared.

        Raises:
            PermitError: names every callback and route without a permission.
        """
        browser_only = {
            item["output"] for item in self._app._callback_list if item.get("clientside_function")
        }
        callbacks = sorted(set(self._app.callback_map) - set(self._callbacks) - browser_only)
        routes = sorted(f"{method} {rule}" for rule, method in self._all_rules() - set(self._rules))
        if callbacks or routes:
            raise PermitError(
                "every callback and route must be registered under a permission, got none for"
                f" callbacks {callbacks} and routes {routes}"
            )

    def _all_rules(self) -> set[tuple[str, str]]:
        return {
            (rule.rule, method)
            for rule in self._app.server.url_map.iter_rules()
            for method in set(rule.methods or ()) - _IMPLIED
        }
