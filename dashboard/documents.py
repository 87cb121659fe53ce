"""Plain documents beside the wall: sign-in, account, system, analytics; nearly all run no script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from dashboard.texts import Say
from data.access.roles import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page that documents name in their head, for whom may open it.

    Attributes:
        for_screens: a wall display may show it: it keeps itself alive.
    """

    path: str
    key: str
    permission: Permission
    for_screens: bool = True


#: Only what exists is a link; a new page is a new row.
LINKS: Final = (
    Link(path="/", key="nav.wall", permission=Permission.VIEW),
    Link(path="/analytics", key="nav.analytics", permission=Permission.VIEW),
    Link(path="/bulletins", key="nav.bulletins", permission=Permission.VIEW, for_screens=False),
    Link(path="/modules", key="nav.modules", permission=Permission.VIEW),
    Link(path="/feeds", key="nav.feeds", permission=Permission.VIEW),
    Link(path="/emergency", key="nav.emergency", permission=Permission.VIEW, for_screens=False),
    Link(path="/whistles", key="nav.whistles", permission=Permission.VIEW, for_screens=False),
    Link(path="/tasks", key="nav.tasks", permission=Permission.VIEW, for_screens=False),
    Link(path="/system/accounts", key="nav.accounts", permission=Permission.MANAGE_ACCOUNTS),
    Link(path="/system/rights", key="nav.rights", permission=Permission.GRANT),
    Link(path="/system/screens", key="nav.screens", permission=Permission.GRANT),
    Link(path="/system/audit", key="nav.audit", permission=Permission.AUDIT),
    Link(path="/system/import", key="nav.import", permission=Permission.OPERATE),
    Link(path="/system/rules", key="nav.rules", permission=Permission.OPERATE),
    Link(path="/account", key="account.title", permission=Permission.SIGNED_IN),
)
#: All that is put into a page is text unless a template says otherwise; none does.
_PAGES: Final = Environment(
    loader=PackageLoader("dashboard"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def links_for(may: Callable[[Permission], bool]) -> list[Link]:
    """The pages that somebody may open."""
    return [link for link in LINKS if may(link.permission)]


def document(template: str, *, say: Say, lang: str, **context: Any) -> str:
    """A page as HTML.

    Args:
        template: file below ``dashboard/templates``, one that extends ``base.html``.
        say: texts in the language of the reader.
        lang: ``zh`` or ``en``.
        context: what the template shows, and of the frame: ``product`` (name of the centre),
            ``theme`` (dark unless said),
            ``account`` (name shown; None: nobody is signed in), ``csrf`` (token of the forms),
            ``links`` (of `LINKS`), ``here`` (path shown), ``in_language`` (lang -> address),
            ``seat`` (from which it is seen; empty: none), ``seat_fault`` (why that in the address is none),
            ``at_seat`` (address -> the same seen from it),
            ``tour`` (of `dashboard.kiosk.Tour`; None: a person reads it).

    Raises:
        UndefinedError: the template asks for what the context lacks.
    """
    frame: dict[str, Any] = {
        "product": say("doc.product"), "theme": "dark", "account": None, "csrf": "", "links": (), "here": "",
        "tour": None, "seat": "", "seat_fault": "", "at_seat": str,
        "in_language": lambda other: f"?lang={other}",
    }
    return _PAGES.get_template(template).render(say=say, lang=lang, **{**frame, **context})

