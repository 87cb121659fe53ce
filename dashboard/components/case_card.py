"""案件卡片: a case with its clock and its whole trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from dash import html

from dashboard.components.acts import Choices, acts_section
from dashboard.components.linkage import linkage
from dashboard.components.parts import facts, section
from dashboard.components.photos import Shown, photo_section
from dashboard.format import clock, missing, moment, seconds_between
from dashboard.lamps import lamp_of, sign, time_left
from dashboard.texts import Say
from data.vocabulary import Vocabulary

#: Flags of a case that the card names.
FLAGS: Final = (
    "is_supervised",
    "is_joint",
    "is_whistle",
    "is_repeat",
    "is_typical",
    "is_self_done",
    "is_forced_close",
    "is_synthetic",
)
#: Counters of side moves with the text that tells of them.
COUNTS: Final = (
    ("rework_count", "flag.rework"),
    ("return_count", "flag.return"),
    ("urge_count", "flag.urge"),
)
_WARNING: Final = frozenset({"is_supervised", "is_forced_close"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """How a card speaks: words of the data, words of the screen, time zone."""

    words: Vocabulary
    zone: ZoneInfo
    lang: str
    say: Say


def card_head(kind: str, name: Any, say: Say) -> html.Div:
    """Name of what is selected, what it is, and the button that closes the card."""
    return html.Div(
        [
            html.H3(name, className="card__name"),
            html.Span(say(f"card.{kind}"), className="card__kind"),
            html.Button(
                "×",
                type="button",
                className="card__close",
                title=say("close"),
                **{"data-act": "close", "aria-label": say("close")},
            ),
        ],
        className="card__head",
    )


def select_button(kind: str, code: str, name: str) -> html.Button:
    """A name that selects what it names."""
    return html.Button(name, type="button", **{"data-select": kind, "data-code": code})


def case_card(
    case_: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    tongue: Tongue,
    opening: Any = None,
    photos: Shown | None = None,
    choices: Choices | None = None,
    forces: html.Section | None = None,
    whistles: tuple[html.Section | None, html.Section | None] = (None, None),
) -> list[Any]:
    """The card of one case.

    Args:
        case_: a row of ``case``.
        events: its rows of ``case_event`` in order.
        opening: the form that asks for the reporter in full; None for who may not.
        choices: what the viewer may do with it; None for nothing.
        photos: those that the viewer may see or add to; None for who may neither.
        forces: what could be sent to it; None where nothing is asked for.
        whistles: who was called to it, above and below its acts.
    """
    say, words, lang = tongue.say, tongue.words, tongue.lang
    lamp = lamp_of(case_, now)
    title = _text(case_.get("title")) or words.category(_text(case_.get("cat_code")), lang)
    left = time_left(lamp, say)
    return [
        card_head("case", [sign(lamp, say), " ", title], say),
        html.P(f"{case_['case_no']}", className="quiet"),
        _tags(case_, say),
        html.P(_text(case_.get("description")) or "") if _text(case_.get("description")) else None,
        facts(_case_facts(case_, left, lamp.key, tongue)),
        whistles[0],
        None if choices is None else acts_section(choices, words=words, lang=lang, say=say),
        whistles[1],
        forces,
        opening,
        section(say("card.link"), _linkage(case_, tongue)),
        None if photos is None else photo_section(photos, zone=tongue.zone, say=say),
        section(say("card.trace"), trace(events, tongue)),
        html.P(say("escalation"), className="quiet"),
    ]


def _tags(case_: Mapping[str, Any], say: Say) -> html.Div:
    tags = [
        html.Span(say(f"flag.{flag}"), className="tag tag--warn" if flag in _WARNING else "tag")
        for flag in FLAGS
        if case_.get(flag) is True
    ]
    tags += [
        html.Span(say(key, n=int(case_[count])), className="tag tag--warn")
        for count, key in COUNTS
        if not missing(case_.get(count)) and case_[count]
    ]
    return html.Div(tags, className="tags")


def _mechanism(code: str | None, tongue: Tongue) -> Any:
    """The mechanism (六大工作机制) as a tag that shows its other cases; None where the category has none."""
    found = tongue.words.mechanisms.get(code or "")
    if found is None:
        return None
    return html.Button(
        tongue.words.label("mechanism", found, tongue.lang), type="button", className="tag tag--filter",
        title=tongue.say("card.mechanism.help"), **{"data-filter": "mechanisms", "data-code": found})


def _case_facts(case_: Mapping[str, Any], left: str, lamp: str, tongue: Tongue) -> list[tuple[str, Any]]:
    say, words, lang = tongue.say, tongue.words, tongue.lang
    code, channel = _text(case_.get("cat_code")), _text(case_.get("channel_code"))
    kind = say(f"kind.{code[0]}") if code and code[0] in "CESX" else ""
    officer, grid = _text(case_.get("officer_id")), _text(case_.get("grid_code"))
    unit = case_.get("unit")
    return [
        (say("card.state"), words.label("state", _text(case_.get("state")), lang)),
        (
            say("card.deadline"),
            html.Span(
                [
                    moment(case_.get("deadline_at"), tongue.zone),
                    " ",
                    html.Span(left, className=f"lamp--{lamp}"),
                ]
            ),
        ),
        (
            say("card.category"),
            " ▸ ".join(
                part
                for part in (
                    kind,
                    words.name("classes", code[:3] if code else None, lang),
                    words.category(code, lang),
                )
                if part not in ("", "—")
            ),
        ),
        (say("card.mechanism"), _mechanism(code, tongue)),
        (say("card.channel"), words.name("channels", channel, lang)),
        (say("card.platform"), words.label("sub_platform", words.platforms.get(channel or ""), lang)),
        (say("card.urgency"), say(f"urgency.{int(case_.get('urgency') or 1)}")),
        (say("card.department"), words.name("departments", _text(case_.get("main_dept_id")), lang)),
        (say("card.assisting"), "、".join(words.name("departments", code, lang)
                                         for code in case_.get("assist_dept_ids") or ()) or None),
        (say("card.level"), words.label("case_level", _text(case_.get("level_now")), lang)),
        (say("card.address"), _text(case_.get("address"))),
        (
            say("card.grid"),
            select_button("area", grid, _text(case_.get("grid_name")) or grid) if grid else None,
        ),
        (
            say("card.handler"),
            select_button("officer", officer, _text(case_.get("officer_name")) or officer)
            if officer
            else None,
        ),
        (say("card.unit"), select_button("area", unit["area_code"], unit["name"]) if unit else None),
        (say("card.reporter"), _reporter(case_)),
        (say("card.reported"), moment(case_.get("reported_at"), tongue.zone, year=True)),
    ]


def _reporter(case_: Mapping[str, Any]) -> Any:
    """Who reported it: a person of the grids by name, else what is known of the reporter."""
    finder = _text(case_.get("finder_id"))
    if finder:
        return select_button("officer", finder, _text(case_.get("finder_name")) or finder)
    return _text(case_.get("reporter_masked"))


def _linkage(case_: Mapping[str, Any], tongue: Tongue) -> html.Dl:
    words, officer = tongue.words, _text(case_.get("officer_id"))
    return linkage(
        case_,
        platform=words.platforms.get(_text(case_.get("channel_code")) or ""),
        department=words.name("departments", _text(case_.get("main_dept_id")), tongue.lang),
        officer=select_button("officer", officer, _text(case_.get("officer_name")) or officer)
        if officer
        else None,
        zone=tongue.zone,
        say=tongue.say,
    )


def trace(events: Sequence[Mapping[str, Any]], tongue: Tongue) -> html.Ol:
    """Every act of a case in order: what, when, by whom, how long after the one before."""
    steps, before = [], None
    for event in events:
        gone = seconds_between(event["at"], before)
        who = [
            tongue.words.label("role", _text(event.get("actor_role")), tongue.lang),
            tongue.words.name("departments", _text(event.get("actor_dept")), tongue.lang),
        ]
        to = tongue.words.name("departments", _text(event.get("to_dept")), tongue.lang)
        notes = [part for part in who if part != "—"] + ([f"→ {to}"] if to != "—" else [])
        notes += [f"+{clock(gone, tongue.say('unit.d'))}"] if gone is not None and gone >= 60 else []
        steps.append(
            html.Li(
                [
                    html.Div(
                        [
                            html.Strong(tongue.words.label("act", _text(event.get("act")), tongue.lang)),
                            html.Span(moment(event["at"], tongue.zone), className="step__at"),
                        ],
                        className="step__head",
                    ),
                    html.Small(" · ".join(notes)),
                    html.Small(_text(event.get("note"))) if _text(event.get("note")) else None,
                ],
                className="step",
            )
        )
        before = event["at"]
    return html.Ol(steps, className="steps")


def _text(value: Any) -> str | None:
    return None if missing(value) or value == "" else str(value)
