"""Colours of the map: the tokens of the look, as red, green, blue, alpha 0..255."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Colour = tuple[int, int, int, int]


def colour(text: str, alpha: float = 1.0) -> Colour:
    """``#rrggbb`` and an opacity 0..1 as four bytes.

    Raises:
        ValueError: not six hexadecimal digits, or the opacity is outside 0..1.
    """
    digits = text.removeprefix("#")
    if len(digits) != 6 or not 0 <= alpha <= 1:
        raise ValueError(f"colour must be '#rrggbb' with opacity 0..1, got {text!r} and {alpha!r}")
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return red, green, blue, round(alpha * 255)


def css(value: Sequence[int], *, clear: bool = False) -> str:
    """Four bytes as a CSS colour, for a legend; ``clear`` keeps how transparent it is."""
    return "#" + "".join(f"{part:02x}" for part in value[: 4 if clear else 3])


BACKGROUND: Final = colour("#0d131c")
TEXT: Final = colour("#e8eef7")
TEXT_2: Final = colour("#9fb2cc")
ACCENT: Final = colour("#58b8ff")
OK: Final = colour("#3ecf96")
WARN: Final = colour("#f4b63f")
OVER: Final = colour("#ff6161")
STOPPED: Final = colour("#8394ad")
INFO: Final = colour("#8f9cff")
NO_DATA: Final = colour("#2a3038", 0.6)  # apart from the first class of the ramp, which is zero

#: Sequential, perceptually even, colour-blind safe; the six steps of the tokens.
RAMP: Final = tuple(
    colour(step, 0.82) for step in ("#1a2f4d", "#20507c", "#2a79a6", "#5aa7b8", "#b5d6a8", "#f6e37a")
)
#: Heat lies over the ramp: other hues, from nearly transparent on, so that both can be read.
HEAT: Final = tuple(
    colour(step, alpha)
    for step, alpha in (
        ("#7a3fa0", 0.22),
        ("#a8489f", 0.45),
        ("#d0558f", 0.62),
        ("#ee7274", 0.76),
        ("#fba45d", 0.88),
        ("#fde3a8", 0.96),
    )
)

#: Okabe-Ito, for categories.
CATEGORIES: Final = tuple(
    colour(step)
    for step in (
        "#e69f00",
        "#56b4e9",
        "#009e73",
        "#f0e442",
        "#0072b2",
        "#d55e00",
        "#cc79a7",
        "#bbbbbb",
    )
)
