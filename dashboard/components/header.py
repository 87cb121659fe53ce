"""The head of every page: name, navigation, search, state of the data, clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from dash import html

from dashboard import ids
from dashboard.components import seats
from dashboard.components.parts import button
from dashboard.markup import Field, Markup, plain
from dashboard.texts import Say
from data.access.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that exists: its address and its name in the catalogues."""

    path: str
    key: str


#: Only what exists is a link; a new page is a new row.
PAGES: Final = (Page(path="/", key="nav.wall"), Page(path="/analytics", key="nav.analytics"),
                Page(path="/modules", key="nav.modules"), Page(path="/feeds", key="nav.feeds"))
#: Pages for people: an account signs up and answers there, a screen cannot.
DESK_PAGES: Final = (Page(path="/emergency", key="nav.emergency"), Page(path="/whistles", key="nav.whistles"))
SEARCH_KINDS: Final = ("all", "area", "officer", "case", "resource")


def header(
    *, title: str, here: str, lang: str, theme: str, synthetic: str, viewer: Viewer | None, say: Say,
    seat: str = "", topic: str = ""
) -> html.Header:
    """The head of a page.

    Args:
        title: name of the centre whose part is shown.
        here: path of the page shown.
        synthetic: what is synthetic, in words; empty for real data.
        viewer: who looks at it; None: nobody is named.
        seat: the seat that was taken; empty: none.
        topic: name of the theme that narrows the page; empty: none does.
    """
    other_lang, other_theme = ("en" if lang == "zh" else "zh"), ("light" if theme == "dark" else "dark")
    return html.Header(
        [
            plain(seats.control(title, taken=seat, say=say)),
            html.Strong(topic, className="head__topic", title=say("topic.help")) if topic else None,
            Markup(
                [
                    html.A(
                        say(page.key),
                        href=page.path + (f"?{urlencode({'seat': seat})}" if seat else ""),
                        className="head__link",
                        **({"aria-current": "page"} if page.path == here else {}),
                    )
                    for page in _pages(viewer)
                ],
                tag="nav",
                className="head__nav",
                **{"aria-label": say("nav")},
            ),
            _search(say),
            Markup(
                [
                    html.Span(say("synthetic"), className="head__synthetic", title=synthetic)
                    if synthetic
                    else None,
                    html.Span(
                        id=ids.BADGE,
                        className="badge",
                        role="status",
                        **{
                            "data-live": say("live", age="{age}"),
                            "data-frozen": say("frozen", time="{time}"),
                            "data-stale": say("stale", time="{time}"),
                            "data-replay": say("clock.replay", time="{time}"),
                            "data-paused": say("clock.paused", time="{time}"),
                            **{
                                f"data-age-{unit}": say(f"age.{unit}", n="{n}")
                                for unit in ("s", "min", "h", "d")
                            },
                        },
                    ),
                    button(say("lang.switch"), act="lang", value=other_lang, title=say("lang.switch.help")),
                    button(say(f"theme.{other_theme}"), act="theme", value=other_theme),
                    html.Span(
                        id=ids.CLOCK,
                        className="clock",
                        role="timer",
                        **{"data-zone": say("zone", zone="{zone}")},
                    ),
                    *_who(viewer, say),
                ],
                className="head__right",
            ),
        ],
        className="head",
    )


def _pages(viewer: Viewer | None) -> list[Page]:
    if viewer is not None and viewer.is_screen:
        return [page for page in PAGES if page.path in viewer.pages]
    return [*PAGES, *DESK_PAGES]


def _who(viewer: Viewer | None, say: Say) -> list[Any]:
    """Who is signed in and the way out; a screen only says its name."""
    if viewer is None:
        return []
    if viewer.is_screen:
        return [html.Span(say("viewer.screen", name=viewer.name), className="head__who")]
    label = say("viewer.account", name=viewer.name)
    return [
        html.A(viewer.name, href="/account", className="head__who", title=label, **{"aria-label": label}),
        button(say("sign_out"), act="sign-out"),
    ]


def _search(say: Say) -> html.Div:
    kinds = [
        button(
            say(f"search.kind.{kind}"),
            class_name="chip",
            pressed=kind == "all",
            title=say(f"search.kind.{kind}.help"),
            search_kind=kind,
        )
        for kind in SEARCH_KINDS
    ]
    box = Field(id=ids.SEARCH_BOX, placeholder=say("search.placeholder"), maxLength=80,
                className="search__box")
    return html.Div(
        [
            Markup([html.Span(say("search"), className="unseen"), box], tag="label",
                   className="search__label"),
            html.Div(
                [
                    Markup(kinds, className="search__kinds", role="group", **{"aria-label": say("search")}),
                    Markup(
                        html.P(say("search.hint"), className="quiet"),
                        id=ids.RESULTS,
                        className="search__list",
                        **{"aria-live": "polite"},
                    ),
                ],
                className="search__panel",
            ),
        ],
        className="search",
        role="search",
    )
