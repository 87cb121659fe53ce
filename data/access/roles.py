"""Roles (角色) and what each of them may: one table, nothing is allowed that does not stand in it.

The three administrators (三员: 系统、安全、审计) are separated: no account holds two
of them, see `conflict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing that a viewer may or may not do."""

    VIEW = "view"  # map, figures, lists, cards of areas, cases, buildings, resources
    VIEW_PEOPLE = "view_people"  # cards and names of officers, as masked
    OPEN_PERSON = "open_person"  # see one person unmasked, with a reason, on record
    DISPATCH = "dispatch"  # act on cases
    EXPORT = "export"  # take lists away as files
    ASSESS = "assess"  # set the weights of the index, write and sign bulletins
    MANAGE_ACCOUNTS = "manage_accounts"  # make, disable and reset accounts
    GRANT = "grant"  # give roles and scopes, issue wall display tokens
    AUDIT = "audit"  # read and verify the audit log
    OPERATE = "operate"  # look after the system: imports, state of the store
    SEND_FIXES = "send_fixes"  # send positions of one officer or vehicle: devices by their token, no role
    SEND_READINGS = "send_readings"  # send readings of one sensor: devices by their token, no role
    SIGNED_IN = "signed_in"  # whatever everybody with an account may: sign out, own password
    PUBLIC = "public"  # the allow-list: sign-in page, its assets, /healthz


_P = Permission
#: Role -> what it may; everybody signed in may `SIGNED_IN` as well, `PUBLIC` needs no role.
ROLES: Final[Mapping[str, frozenset[Permission]]] = {
    "operator": frozenset({_P.VIEW, _P.VIEW_PEOPLE, _P.DISPATCH}),
    "leader": frozenset({_P.VIEW, _P.VIEW_PEOPLE, _P.OPEN_PERSON, _P.EXPORT, _P.ASSESS}),
    "planner": frozenset({_P.VIEW, _P.EXPORT}),
    "street_op": frozenset({_P.VIEW, _P.VIEW_PEOPLE, _P.OPEN_PERSON, _P.DISPATCH}),
    "dept_op": frozenset({_P.VIEW, _P.DISPATCH}),
    "officer": frozenset({_P.VIEW}),
    "auditor": frozenset({_P.AUDIT}),
    "system_admin": frozenset({_P.MANAGE_ACCOUNTS, _P.OPERATE}),
    "security_admin": frozenset({_P.GRANT}),
    "audit_admin": frozenset({_P.AUDIT}),
}
#: The separated administrators.
ADMINISTRATORS: Final = ("system_admin", "security_admin", "audit_admin")
#: What a screen without a person may, whoever issued its token.
SCREEN: Final = frozenset({_P.VIEW})


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """All that a holder of the roles may; an unknown role allows nothing."""
    held = [ROLES[role] for role in roles if role in ROLES]
    return frozenset({_P.SIGNED_IN}).union(*held) if held else frozenset()


def conflict(roles: Iterable[str]) -> str | None:
    """Why an account must not hold these roles together; None where it may.

    At most one administrator's role, and no auditor beside another administrator.
    """
    held = set(roles)
    unknown = sorted(held - set(ROLES))
    if unknown:
        return f"roles must be among {', '.join(ROLES)}; got {unknown[0][:40]!r}"
    administers = [role for role in ADMINISTRATORS if role in held]
    if len(administers) > 1:
        return f"roles must hold at most one administrator's, got {' and '.join(administers)}"
    if "auditor" in held and administers and administers != ["audit_admin"]:
        return f"roles must not join auditor and {administers[0]}"
    return None


def needs_second_factor(roles: Iterable[str]) -> bool:
    """Administrators and all who may open persons sign in with a second factor."""
    held = set(roles)
    return bool(held & set(ADMINISTRATORS)) or _P.OPEN_PERSON in permissions_of(held)
