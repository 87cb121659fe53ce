"""Lists of the side panel: cases by the time they have left, forces on duty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import html

from dashboard.components.parts import tile
from dashboard.format import missing, number
from dashboard.lamps import lamp_of, sign, time_left
from dashboard.texts import Say
from data.vocabulary import Vocabulary


def case_row(row: Mapping[str, Any], *, now: datetime, words: Vocabulary, lang: str, say: Say) -> html.Button:
    """One line of a case: lamp, what and where, who handles it, time left; a click selects it."""
    lamp = lamp_of(row, now)
    place = next(
        (
            words.name("areas", row.get(level), lang)
            for level in ("community_code", "street_code")
            if not missing(row.get(level)) and row.get(level) in words.areas
        ),
        "",
    )
    what = row.get("title")
    title = what if isinstance(what, str) and what else f"{words.category(row.get('cat_code'), lang)} {place}"
    notes = [
        words.name("departments", _text(row.get("main_dept_id")), lang),
        words.label("state", _text(row.get("state")), lang),
    ]
    if row.get("is_supervised"):
        notes.insert(0, say("flag.is_supervised"))
    if row.get("rework_count"):
        notes.append(say("flag.rework", n=int(row["rework_count"])))
    return html.Button(
        [
            sign(lamp, say),
            html.Span(
                [
                    html.Span(title, className="row__title"),
                    html.Small(" · ".join(note for note in notes if note and note != "—")),
                ],
                className="row__text",
            ),
            html.Span(time_left(lamp, say), className=f"row__time lamp--{lamp.key}"),
        ],
        type="button",
        className="row",
        **{"data-select": "case", "data-code": str(row["case_no"])},
    )


def case_list(
    rows: Sequence[Mapping[str, Any]], *, now: datetime, words: Vocabulary, lang: str, say: Say
) -> list[Any]:
    """Lines of cases in the order given; says so where there are none."""
    if not rows:
        return [html.P(say("supervise.none"), className="quiet")]
    return [case_row(row, now=now, words=words, lang=lang, say=say) for row in rows]


def orders(names: Mapping[str, str], *, chosen: str, label: str) -> html.Div:
    """The orders of the pressing cases: key -> name, one of them chosen; a click asks for another."""
    return html.Div(
        [
            html.Button(
                name,
                type="button",
                role="radio",
                className="chip",
                **{"aria-checked": "true" if key == chosen else "false", "data-pressing": key},
            )
            for key, name in names.items()
        ],
        className="orders",
        role="radiogroup",
        **{"aria-label": label},
    )


def forces(counts: Mapping[str, Mapping[str, int | None]], say: Say) -> list[html.Div]:
    """Tiles of the forces on duty.

    Args:
        counts: key of a text ``forces.<key>`` -> ``{"on": n, "all": n}``; 0 of 0 is left out. ``on`` is
            None where it is not known: a past moment.
    """
    return [
        tile(
            say(f"forces.{key}"),
            number(found["on"]),
            unit=f"/{number(found['all'])}",
            help_=say("card.duty.unknown" if found["on"] is None else "card.duty.yes"),
            force=key,
        )
        for key, found in counts.items()
        if found["all"]
    ]


def _text(value: Any) -> str | None:
    return None if missing(value) else str(value)
