"""吹哨报到 inside a card: who was called, who answered and arrived when, and the buttons for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue
from dashboard.components.parts import button, section
from dashboard.format import moment, number
from dashboard.markup import Field
from data.emergency.called import Call, Whistle

#: Minutes within which who is called is to arrive; the first is offered.
DUE: Final = (30, 15, 60, 120, 240)
MAX_PLACE: Final = 100
MAX_MESSAGE: Final = 500
#: State of a call -> how its tag looks.
_TAGS: Final[Mapping[str, str]] = {"late": " tag--warn", "missed": " tag--over", "there": " tag--ok",
                                   "waits": ""}
#: Minutes from here on are told without a fraction.
WHOLE_FROM: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """What a card offers about whistles to who looks at it.

    Attributes:
        whistles: those of the card, the newest first.
        may_step: the viewer may say that departments answered and arrived, and end.
        departments: code and name of those that can be called; empty: the viewer calls nobody here.
        place: what the form says of the place at first.
        about: what the act says beside the form: case_no, or lon and lat.
    """

    whistles: Sequence[Whistle]
    may_step: bool
    departments: Sequence[tuple[str, str]] = ()
    place: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)


def whistle_section(calling: Calling, *, tongue: Tongue) -> html.Section | None:
    """The section of a card; None where there is nothing to see and nothing to do."""
    if not calling.whistles and not calling.departments:
        return None
    say = tongue.say
    said = html.P("", className="acts__said", role="status", **{"data-acts-said": "whistle"})
    body = [_whistle(one, calling.may_step, tongue) for one in calling.whistles]
    form = _form(calling, tongue) if calling.departments else None
    return section(say("whistle.title"), html.Div([*body, form, said], className="whistles"))


def _card_of(path: str, tongue: Tongue, **marks: str) -> dict[str, str]:
    """Marks of the part of a card whose buttons speak to ``path``."""
    say = tongue.say
    return {"data-case": "whistle", "data-path": path, "data-said": "whistle",
            "data-done": say("act.done"), "data-failed": say("act.failed"), **marks}


def _whistle(one: Whistle, may_step: bool, tongue: Tongue) -> html.Div:
    say, zone = tongue.say, tongue.zone
    came = sum(call.arrived is not None for call in one.calls)
    state = say("whistle.ended", at=moment(one.ended_at, zone)) if one.ended_at else say(
        "whistle.came", n=number(came), of=number(len(one.calls)))
    end = button(say("whistle.end"), class_name="btn whistle__end", title=say("whistle.end.help"), act="do")
    head = html.Div([
        html.Strong(one.place, className="whistle__place"),
        html.Span(state, className="tag" + ("" if one.is_running else " tag--ok")),
        html.Span(end, **{"data-do": "end"}) if may_step and one.may_end and not one.ended_at else None,
    ], className="whistle__head")
    when = say("whistle.at", at=moment(one.at, zone), due=number(one.due_minutes))
    rows = [_call(call, one, may_step, tongue) for call in one.calls]
    marks = {"data-due": one.due_at.isoformat()} if one.is_running else {}
    return html.Div(
        [head, html.P(one.message, className="whistle__message") if one.message else None, html.Small(when),
         html.Ul(rows, className="whistle__calls")],
        className="whistle", key=str(one.whistle_id), **{"data-whistle": str(one.whistle_id)},
        **_card_of(f"/api/whistles/{one.whistle_id}/acts", tongue, **marks))


def _call(call: Call, one: Whistle, may_step: bool, tongue: Tongue) -> html.Li:
    """One department: its name and state, minutes until it answered and arrived, what it may say now."""
    say = tongue.say
    name = tongue.words.name("departments", call.dept_id, tongue.lang)
    open_ = may_step and call.is_own and one.ended_at is None
    acts = [_step(step, call.dept_id, name, tongue) for step, done in (
        ("answer", call.answered), ("arrive", call.arrived)) if open_ and done is None]
    came = call.arrived is not None
    key = ("late" if came else "missed") if call.is_late else "there" if came else "waits"
    mark = html.Span(say(f"whistle.{key}"), className="tag" + _TAGS[key])
    times = " · ".join(say(f"whistle.{did}", n=minutes(value)) if value is not None
                       else say(f"whistle.{did}.not") for did, value in (
                           ("answered", call.answered), ("arrived", call.arrived)))
    return html.Li([
        html.Span(name, className="whistle__dept"), mark, html.Small(times),
        html.Span(acts, className="whistle__acts") if acts else None,
    ], key=call.dept_id, **{"data-dept": call.dept_id, "data-state": key})


def minutes(value: float) -> str:
    """Minutes since the call, from ten on without a fraction."""
    return number(round(value)) if value >= WHOLE_FROM else number(value, 1)


def _step(step: str, dept_id: str, name: str, tongue: Tongue) -> html.Span:
    """The button by which a department answers or arrives; its value says which department."""
    label = tongue.say(f"whistles.{step}")
    press = html.Button(label, type="button", className="btn whistle__step", value=dept_id,
                        **{"data-act": "do", "data-field": "department", "aria-label": f"{name} {label}"})
    return html.Span(press, **{"data-do": step})


def _form(calling: Calling, tongue: Tongue) -> html.Details:
    """The form that calls departments to the place of the card."""
    say = tongue.say
    place = Field(className="input acts__note", maxLength=MAX_PLACE, placeholder=say("whistle.place"),
                  defaultValue=calling.place[:MAX_PLACE], **{"aria-label": say("whistle.place")})
    message = Field(className="input acts__note", maxLength=MAX_MESSAGE, placeholder=say("whistle.message"),
                    **{"aria-label": say("whistle.message")})
    due = html.Select([html.Option(say("whistle.minutes", n=number(n)), value=str(n)) for n in DUE],
                      className="input", **{"data-field": "due_minutes", "data-kind": "number"})
    boxes = [html.Label([Field(type="checkbox", **{"data-code": code}), html.Span(name)],
                        className="whistle__box") for code, name in calling.departments]
    fields = [
        html.Div(place, **{"data-text": "place"}), html.Div(message, **{"data-text": "message"}),
        html.Label([html.Span(say("whistle.due")), due], className="acts__field"),
        html.Div(boxes, className="whistle__boxes", role="group", tabIndex=0,
                 **{"aria-label": say("whistles.departments"), "data-many": "departments"}),
        button(say("whistle.blow"), class_name="btn acts__go", act="do"),
    ]
    return html.Details(
        [html.Summary(say("whistles.call")), html.Div(fields, className="acts__form")],
        className="acts__one", key="blow", **{"data-do": "blow"},
        **_card_of("/api/whistles", tongue, **{"data-details": json.dumps(dict(calling.about))}))
