"""应急布局: what the wall shows in place of its panels while it is turned to one emergency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue
from dashboard.components.parts import button
from dashboard.format import NONE, moment, number
from data.emergency.reading import Emergency, Task

#: So much of the log stands on the wall; the report has all of it.
LISTED: Final = 60
REPORT: Final = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One emergency with what its panels are made from.

    Attributes:
        named: code of an area -> its name.
        may_end: the viewer may end it here.
        may_open: the viewer opens other pages from the wall; a screen does not.
    """

    one: Emergency
    named: Callable[[str], str]
    may_end: bool
    may_open: bool


def short_of(tasks: tuple[Task, ...]) -> Task | None:
    """The task inside the viewer's scope that lacks most people, as a part of its places; None: none is."""
    own = [task for task in tasks if task.is_own]
    return min(own, key=lambda task: ((task.count or 0) / task.capacity, task.area_code), default=None)


def task_panel(stage: Stage, tongue: Tongue) -> list[Any]:
    """What it is, its tasks with who signed up, and the log, the newest first."""
    one, say = stage.one, tongue.say
    own = [task for task in one.tasks if task.is_own]
    signed = f"{sum(task.count or 0 for task in own)} / {sum(task.capacity for task in own)}" if own else NONE
    head = [
        html.H2([say(f"emergency.kind.{one.kind}"), " · ", one.title,
                 html.Small(say("emergency.since", time=moment(one.started_at, tongue.zone)))],
                className="panel__head", title=one.title),
        html.P(one.message, className="emergency__said") if one.message else None,
        html.P([say("emergency.sum.signed"), " ", html.Strong(signed), " · ", say("emergency.sum.told"), " ",
                html.Strong(number(len(_told(one))))]),
        _acts(stage, tongue),
    ]
    return [
        *(part for part in head if part is not None),
        html.H3(say("emergency.tasks")),
        html.Div([_task(task, stage, tongue) for task in one.tasks], className="emergency__tasks"),
        html.H3(say("emergency.timeline")),
        _log(stage, tongue, one.events, say("emergency.timeline")),
    ]


def force_panel(stage: Stage, forces: html.Section | None, where: str, tongue: Tongue) -> list[Any]:
    """Who could be sent to the area that lacks most people, and what was told from the site."""
    say = tongue.say
    title = say("emergency.forces", area=where) if where else say("emergency.forces.none")
    return [
        html.H2(title, className="panel__head", title=title),
        html.Div(forces if forces is not None else html.P(NONE, className="quiet"),
                 className="emergency__forces", tabIndex=0, role="group", **{"aria-label": title}),
        html.H3(say("emergency.sum.told")),
        _log(stage, tongue, _told(stage.one), say("emergency.sum.told")),
    ]


def _acts(stage: Stage, tongue: Tongue) -> html.Div | None:
    """Back to the usual wall, the report, and the end, which asks once more; nothing of it on a screen."""
    if not stage.may_open:
        return None
    say, number_ = tongue.say, stage.one.emergency_id
    parts: list[Any] = [
        button(say("emergency.layout.back"), act="emergency-layout"),
        html.A(say("emergency.report"), href=f"/emergency/{number_}", className="btn"),
    ]
    if stage.may_end:
        sure = button(say("emergency.end.sure"), class_name="btn btn--grave", act="emergency-end",
                      number=number_)
        parts.append(html.Details([html.Summary(say("emergency.end"), className="btn"), sure]))
    return html.Div(parts, className="emergency__acts")


def _task(task: Task, stage: Stage, tongue: Tongue) -> html.Div:
    say = tongue.say
    name = html.Button(stage.named(task.area_code), type="button", className="emergency__area",
                       **{"data-select": "area", "data-code": task.area_code})
    people = "、".join(task.members)
    if not task.is_own:  # around the viewer's scope: nobody's sign-up but one's own is told
        return html.Div([name, html.Span(say("emergency.is_in") if task.is_in else NONE)],
                        className="emergency__task")
    count = task.count or 0
    bar = html.Progress(value=str(min(count, task.capacity)), max=str(task.capacity),
                        **{"aria-label": say("emergency.signed")})
    return html.Div([name, bar, html.Span(f"{count} / {task.capacity}"),
                     html.Small(people, title=people) if people else None],
                    className="emergency__task" + (" is-full" if count >= task.capacity else ""))


def _told(one: Emergency) -> list[Mapping[str, Any]]:
    """What was reported from the site."""
    return [event for event in one.events if event["act"] == REPORT]


def _log(stage: Stage, tongue: Tongue, events: Sequence[Mapping[str, Any]], label: str) -> Any:
    """Events of the log, the newest first, and how many more the report has."""
    say = tongue.say
    if not events:
        return html.P(say("emergency.log.none"), className="quiet")
    rows = [html.Li(_event(event, stage, tongue)) for event in [*reversed(events)][:LISTED]]
    rest = len(events) - len(rows)
    more = [html.Li(say("emergency.log.more", n=number(rest)), className="quiet")] if rest else []
    return html.Ol([*rows, *more], className="emergency__log", tabIndex=0, **{"aria-label": label})


def _event(event: Mapping[str, Any], stage: Stage, tongue: Tongue) -> list[Any]:
    said = [tongue.say(f"emergency.act.{event['act']}")]
    said += [stage.named(event["area_code"])] if event["area_code"] else []
    said += [who for who in (event["member"] or event["actor"],) if who]
    return [html.Time(moment(event["at"], tongue.zone)), html.Span(" · ".join(said)),
            html.P(event["note"]) if event["note"] else ""]
