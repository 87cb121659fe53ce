"""预警卡片: one alert with its facts, its log, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from dashboard.components.alerts import color_sign, kind_name, measured, place_of, subject_name
from dashboard.components.case_card import Tongue, card_head, select_button
from dashboard.components.parts import button, facts, section
from dashboard.format import missing, moment, number
from dashboard.markup import Field
from dashboard.texts import Say, maybe
from data.alerts.acting import CASE, MAX_NOTE, SHELVED_HOURS

#: Acts at first sight; the rest opens below them.
SHOWN: Final = 3
#: Subjects that have a card of their own, and its kind; a case has a line of its own.
_CARDS: Final = {"officer": "officer", "resource": "resource", "home": "resource"}


def alert_card(row: Mapping[str, Any], events: Sequence[Mapping[str, Any]], *, acts: Sequence[str],
               needing: frozenset[str], tongue: Tongue) -> list[Any]:
    """The card of one alert.

    Args:
        row: as of `data.alerts.reader.AlertReader.alert`.
        events: its log in order.
        acts: what the viewer may do with it, `CASE` among them; empty for nothing.
        needing: acts that must give a reason.
    """
    say = tongue.say
    subject = subject_name(row, tongue)
    title = [color_sign(str(row["color"]), tongue), f" {kind_name(row, tongue)} {subject}"]
    return [
        card_head("alert", title, say),
        facts(_facts(row, tongue)),
        acts_section(str(row["alert_id"]), f"/api/alerts/{row['alert_id']}/acts", acts, needing, say)
        if acts else None,
        section(say("alert.log"), _log(events, tongue)),
    ]


def _facts(row: Mapping[str, Any], tongue: Tongue) -> list[tuple[str, Any]]:
    say, zone = tongue.say, tongue.zone
    grid, case_no = _text(row.get("grid_code")), _text(row.get("case_no"))
    kind, code = str(row["subject_type"]), _text(row.get("subject_id"))
    has_card = kind in _CARDS and code is not None
    name = subject_name(row, tongue)
    subject = select_button(_CARDS[kind], str(code), name or str(code)) if has_card else (
        name if kind == "point" else None)
    place = place_of(row, tongue)
    shelved = row.get("shelved_until")
    return [
        (say("alert.state"), html.Span(say(f"alert.state.{row['state']}"), **{"data-state": row["state"]})),
        (say("alert.level"), say(f"color.{row['color']}")),
        (say("alert.case"), select_button("case", case_no, case_no) if case_no else None),
        (say("alert.subject"), subject),
        (say("alert.place"), select_button("area", grid, place) if grid else place),
        (say("alert.first"), moment(row["first_at"], zone, seconds=True)),
        (say("alert.last"), moment(row["last_at"], zone, seconds=True)),
        (say("alert.count"), number(row["count"])),
        (say("alert.value"), measured(row, tongue)),
        (say("alert.shelved"), moment(shelved, zone)),
        (say("alert.ended"), moment(row.get("ended_at"), zone)),
    ]


def acts_section(code: str, path: str, acts: Sequence[str], needing: frozenset[str], say: Say, *,
                 title: str = "") -> html.Section:
    """One line per act; a click opens its form, a second one does it.

    Args:
        code: of what is acted upon.
        path: route that does it.
        title: of the section; empty: that of acts.
    """
    forms = [_act(act, act in needing, say) for act in acts]
    rest = [html.Details([html.Summary(say("act.more", n=len(forms) - SHOWN)), *forms[SHOWN:]],
                         className="acts__more")] if len(forms) > SHOWN else []
    said = html.P("", className="acts__said", role="status", **{"data-acts-said": ""})
    body = html.Div([*forms[:SHOWN], *rest, said], className="acts", **{
        "data-case": code, "data-path": path, "data-done": say("act.done"), "data-failed": say("act.failed")})
    return section(title or say("act.title"), body)


def _act(act: str, needs_note: bool, say: Say) -> html.Details:
    name, fields = say(f"alert.act.{act}"), []
    if act == "shelve":
        options = [html.Option(say("alert.until.n", n=hours), value=str(hours)) for hours in SHELVED_HOURS]
        fields.append(html.Label([html.Span(say("alert.until")), html.Select(
            options, className="input", **{"data-field": "hours", "data-kind": "number"})],
            className="acts__field"))
    if act == "link":
        fields.append(_input(say("alert.case_no"), name="case_no"))
    if act != CASE:
        fields.append(_input(say("act.reason") if needs_note else say("act.note"), name="note"))
    fields.append(button(say("act.go", act=name), class_name="btn acts__go", act="do"))
    return html.Details([html.Summary(name), html.Div(fields, className="acts__form")],
                        className="acts__one", key=act, **{"data-do": act})


def _input(label: str, *, name: str) -> html.Div:
    """A text; ``name`` stands on the frame, for the field itself takes no marks."""
    return html.Div(Field(maxLength=MAX_NOTE, placeholder=label, className="input acts__note"),
                    **{"data-text": name})


def _log(events: Sequence[Mapping[str, Any]], tongue: Tongue) -> html.Ol:
    """Every act in order: what, when, in which role, what was said."""
    say, zone = tongue.say, tongue.zone
    steps = []
    for event in events:
        role = str(event["actor_role"])
        who = say("alert.actor.system") if role == "system" else tongue.words.label("role", role, tongue.lang)
        until = event.get("until")
        notes = [who] + ([f"→ {moment(until, zone)}"] if until else []) + (
            [str(event["case_no"])] if event["act"] == "link" and event.get("case_no") else [])
        note = event.get("note")
        steps.append(html.Li([
            html.Div([html.Strong(maybe(say, f"alert.act.{event['act']}", str(event["act"]))),
                      html.Span(moment(event["at"], zone, seconds=True), className="step__at")],
                     className="step__head"),
            html.Small(" · ".join(notes)),
            html.Small(str(note)) if not missing(note) and note else None,
        ], className="step", **{"data-act-done": str(event["act"])}))
    return html.Ol(steps, className="steps")


def _text(value: Any) -> str | None:
    return None if missing(value) or value == "" else str(value)
