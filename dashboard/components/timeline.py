"""The foot of the wall: windows of one click, the clock, the bars of the time line and what they count."""

from __future__ import annotations

from typing import Any, Final

from dash import html

from dashboard import ids
from dashboard.components.parts import button, popover
from dashboard.markup import Markup, plain
from dashboard.texts import Say
from dashboard.view import PRESETS

#: How many seconds of the store one second of playing shows.
SPEEDS: Final = (1, 10, 60, 300, 900, 3600)
USUAL_SPEED: Final = 60


def timeline(say: Say) -> html.Footer:
    """The time line; the browser draws the bars and runs the clock."""
    presets = [
        button(say(f"preset.{key}"), pressed=False, preset=key, phrase=say(f"window.{key}"))
        for key in PRESETS
        if key != "custom"
    ]
    return html.Footer(
        html.Section(
            [
                Markup(presets, className="presets", role="group", **{"aria-label": say("filter.time")}),
                plain(_clock(say)),
                plain(_bars(say)),
                html.Div(
                    [
                        Markup(tag="p", id=ids.WORDS, className="words", **{"aria-live": "polite"}),
                        button(say("clear"), act="clear", class_name="btn btn--clear"),
                    ],
                    className="timeline__words",
                ),
            ],
            className="panel timeline",
        ),
        className="foot",
    )


def _clock(say: Say) -> html.Div:
    """Play, step, speed; the moment shown and the way back to now."""
    play = button(
        say("clock.play"), act="play", title=say("clock.play.help"), class_name="btn transport__play",
        play=say("clock.play"), pause=say("clock.pause"), play_help=say("clock.play.help"),
        pause_help=say("clock.pause.help"),
    )
    return html.Div(
        [
            html.Div(
                [
                    button(say("clock.back"), act="step-back", title=say("clock.back.help")),
                    play,
                    button(say("clock.on"), act="step-on", title=say("clock.on.help")),
                    _speeds(say),
                ],
                className="transport__row",
            ),
            html.Div(
                [
                    button(say("clock.live"), act="live", title=say("clock.live.help"), pressed=True),
                    html.Span(id=ids.MOMENT, className="transport__at", **{"aria-label": say("clock.at")},
                              role="timer"),
                    html.Button(say("clock.follow"), type="button", className="btn", hidden=True,
                                title=say("clock.follow.help"),
                                **{"data-act": "follow", "aria-pressed": "false"}),
                ],
                className="transport__row",
            ),
        ],
        className="transport",
        role="group",
        **{"aria-label": say("clock.group"), "data-refused": say("clock.refused", why="{why}")},
    )


def _speeds(say: Say) -> html.Details:
    choices = [
        html.Button(
            [html.Span(className="dot", **{"aria-hidden": "true"}), say("clock.speed", n=speed)],
            type="button",
            className="check",
            role="radio",
            **{"aria-checked": "true" if speed == USUAL_SPEED else "false", "data-act": "speed",
               "data-value": str(speed)},
        )
        for speed in SPEEDS
    ]
    label = [
        html.Span(say("clock.speed.help"), className="unseen"),
        html.Span(say("clock.speed", n=USUAL_SPEED), id=ids.SPEED),
    ]
    group = html.Div(choices, role="radiogroup", **{"aria-label": say("clock.speed.help")})
    return popover(label, group, class_name="pop--over", key="speed")


def _bars(say: Say) -> html.Div:
    """The bars, one picture for a screen reader, and the playhead over them, a slider."""
    head: dict[str, Any] = {
        "aria-label": say("clock.head"), "aria-valuemin": "0", "aria-valuemax": "1000", "aria-valuenow": "0",
    }
    return html.Div(
        [
            html.Div(
                html.Canvas(id=ids.HISTOGRAM_CANVAS, className="histogram__canvas"),
                role="img",
                title=say("timeline.help"),
                **{"aria-label": say("timeline")},
            ),
            html.Div(id=ids.PLAYHEAD, className="playhead", role="slider", tabIndex=0, hidden=True,
                     title=say("clock.head"), **head),
        ],
        className="histogram",
    )
