"""What stands on the map itself: tools, layer panel, measures, legend."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dash import html

from dashboard import ids
from dashboard.components.parts import button, facts, popover
from dashboard.markup import Markup
from dashboard.texts import Say
from dashboard.view import ELEMENT_OF, ELEMENTS, GRID_KINDS, SCALES
from layers.keys import LAYERS
from layers.measures import MEASURES


def tools(
    *, lang: str, say: Say, absent: Collection[str] = (), grids: Sequence[str] = GRID_KINDS,
    acts: Sequence[html.Details | html.Button | None] = ()
) -> Markup:
    """The tools at the right of the map; ``absent`` layers and other ``grids`` have no switch.

    Args:
        acts: tools of those who command; None stands for one that the viewer has not.
    """
    return Markup(
        [
            button(say("mode.3d"), act="mode", title=say("mode.help"), pressed=True),
            popover(
                say("layers"),
                layer_panel(lang=lang, say=say, absent=absent),
                class_name="pop--left",
                key="layers",
            ),
            popover(
                say("measure"),
                _choices("measure", [(m.key, m.zh if lang == "zh" else m.en) for m in MEASURES]),
                class_name="pop--left",
                key="measure",
            ),
            popover(
                say("grids"),
                _choices("grids", [(kind, say(f"gridkind.{kind}")) for kind in grids]),
                class_name="pop--left",
                key="grids",
            ),
            button(say("table"), act="table", pressed=False),
            button(say("place.tool"), act="place", title=say("place.tool.help"), pressed=False),
            button("＋", act="zoom-in", title=say("zoom.in")),
            button("－", act="zoom-out", title=say("zoom.out")),
            button(say("home.sign"), act="home", title=say("home")),
            button(say("fullscreen.short"), act="fullscreen", title=say("fullscreen")),
            button(say("copy.short"), act="copy", title=say("copy")),
            *acts,
            popover(
                [
                    html.Span(say("keys.sign"), **{"aria-hidden": "true"}),
                    html.Span(say("keys"), className="unseen"),
                ],
                _keys(say),
                class_name="pop--left pop--up",
                key="keys",
            ),
        ],
        className="tools",
        role="toolbar",
        **{"aria-label": say("tools"), "aria-orientation": "vertical"},
    )


def _keys(say: Say) -> html.Dl:
    """What the keyboard does."""
    arrows = say("keys.arrows")
    keys = {
        "zoom": "+  −",
        "pan": arrows,
        "turn": f"Shift + {arrows}",
        "search": "/",
        "full": "F",
        "play": say("keys.space"),
        "step": ",  .",
        "live": "L",
        "back": "Esc",
        "help": "?",
    }
    return facts([(key, say(f"keys.{act}")) for act, key in keys.items()])


def _choices(name: str, options: Sequence[tuple[str, str]]) -> list[html.Button]:
    return [
        html.Button(
            [html.Span(className="dot", **{"aria-hidden": "true"}), text],
            type="button",
            className="check",
            role="radio",
            **{"aria-checked": "false", "data-view": name, "data-value": option},
        )
        for option, text in options
    ]


def layer_panel(*, lang: str, say: Say, absent: Collection[str] = ()) -> list[html.Div]:
    """One switch for each layer that is not absent, grouped by the five elements 人地物事组织."""
    groups = []
    for element in ELEMENTS:
        switches = [
            html.Button(
                [
                    html.Span(className="box", **{"aria-hidden": "true"}),
                    layer.zh if lang == "zh" else layer.en,
                ],
                type="button",
                className="check",
                role="switch",
                **{"aria-checked": "false", "data-layer": layer.key},
            )
            for layer in LAYERS
            if ELEMENT_OF[layer.key] == element and layer.key not in absent
        ]
        groups.append(
            html.Div(
                [html.Div(say(f"element.{element}.long"), className="tree__title"), *switches],
                className="tree",
            )
        )
    return groups


def legend(*, lang: str, say: Say) -> html.Div:
    """The frame of the legends; the browser fills it from the layers' stores, colours and all."""
    names = {f"data-name-{layer.key}": layer.zh if lang == "zh" else layer.en for layer in LAYERS}
    return html.Div(
        id=ids.LEGEND,
        className="legend",
        role="group",
        **{
            "aria-label": say("legend"),
            "data-left-out": say("legend.left_out", n="{n}"),
            "data-in-class": say("legend.count", n="{n}"),
            "data-reported": say("window.reported", window="{window}"),
            "data-scale": say("scale"),
            **{f"data-scale-{one}": say(f"scale.{one}") for one in SCALES},
            **{f"data-scale-{one}-help": say(f"scale.{one}.help") for one in SCALES},
            **names,
        },
    )
