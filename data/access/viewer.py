"""Who looks at the screen: a value that every question carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from data.access.roles import SCREEN, Permission, permissions_of
from data.access.scope import EVERYTHING, Scope

#: What stands before the name of an account, where logs name it beside officers and devices.
ACCOUNT: Final = "account:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A signed-in person, or a screen without one.

    Attributes:
        account_id: row of ``account``; None for a screen.
        name: of the account or the screen, as the audit log writes it.
        roles: of `data.access.roles.ROLES`; empty for a screen.
        scope: the part of the store that exists for them.
        pages: paths that a screen may show; empty for a person, who may open all that roles allow.
        token_id: row of ``display_token`` behind a screen; None for a person.
    """

    account_id: int | None
    name: str
    roles: frozenset[str]
    scope: Scope
    pages: frozenset[str] = field(default_factory=frozenset)
    token_id: int | None = None

    @property
    def actor(self) -> str:
        """Who acted, as the logs of cases and alerts name an account."""
        return f"{ACCOUNT}{self.name}"

    @property
    def is_screen(self) -> bool:
        """Nobody sits in front of it: no personal field, whoever issued its token."""
        return self.token_id is not None

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that the viewer may."""
        return SCREEN if self.is_screen else permissions_of(self.roles)

    def may(self, permission: Permission) -> bool:
        """Whether the viewer has a permission."""
        return permission is Permission.PUBLIC or permission in self.permissions


#: The command line, which whoever may read the store's files may run.
CONSOLE: Final = Viewer(account_id=None, name="console", roles=frozenset({"operator", "leader", "planner"}),
                        scope=EVERYTHING)
