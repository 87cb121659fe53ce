"""What a bulletin is made of, whatever it is drawn as: headings, paragraphs, tables, one map, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.format import NONE, missing

#: How a cell's number is written in a spreadsheet.
COUNT, SHARE, POINTS, PLACES = "#,##0", "0.00%", "0.0", "+0;-0;0"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: as it is read.
        value: the number behind it, for spreadsheets; None: the text is all there is.
        form: of the number, one of the above.
        turn: ``better``, ``worse`` or '' for neither.
    """

    text: str
    value: float | None = None
    form: str = ""
    turn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Attributes:
        head: names of the columns.
        rows: each as many cells as there are columns.
        wide: relative widths of the columns.
        shown: how many rows pages show, the rest only the spreadsheet; None: all.
        note: under it.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    wide: Sequence[float]
    shown: int | None = None
    note: str = ""

    def page_rows(self) -> Sequence[Sequence[Cell]]:
        """The rows that pages show."""
        return self.rows if self.shown is None else self.rows[:self.shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An area of the map.

    Attributes:
        path: ``d`` of its SVG path.
        step: class of its value; None: it has none.
        x, y: where its name stands.
        room: how wide a square of its size would be.
    """

    path: str
    step: int | None
    name: str
    value: str
    x: float
    y: float
    room: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A map of areas by a value.

    Attributes:
        title: what is coloured.
        shapes: of the areas.
        height: of the drawing; its width is `dashboard.figures.area_map.WIDTH`.
        legend: of the classes, the smallest first.
        bare: of the areas without a value; empty where there are none.
    """

    title: str
    shapes: Sequence[Shape]
    height: float
    legend: Sequence[str]
    bare: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the sheet.

    Attributes:
        key: of the text block that may be written in it, or of what it shows.
        title: numbered.
        paragraphs: of text; empty: none.
    """

    key: str
    title: str
    paragraphs: Sequence[str] = ()
    table: Table | None = None
    map: Map | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who did what when; ``name`` is empty where nobody has yet."""

    act: str
    name: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole bulletin in one language.

    Attributes:
        title: its name; ``issue`` its number in the year and period.
        state: ``draft, reviewed, published``; ``state_text`` in words.
        lines: about it: age of the data, weights, version; the last perhaps that data are synthetic.
        key_figures: of the cover: name, value, change.
        signed: signatures in their order.
        at: when this version came to be, aware: the date of its files.
        lang: ``zh`` or ``en``.
    """

    title: str
    centre: str
    issue: str
    state: str
    state_text: str
    lines: Sequence[str]
    key_figures: Sequence[tuple[str, str, str]]
    sections: Sequence[Section]
    signed: Sequence[Signature]
    at: datetime
    lang: str


def counted(value: float | None) -> Cell:
    """A count."""
    return Cell(NONE if missing(value) else f"{value:,.0f}", value, COUNT)


def shared(value: float | None) -> Cell:
    """A share, 0..1, with two digits of its percentage."""
    return Cell(NONE if value is None else f"{100 * value:.2f}%", value, SHARE)


def pointed(value: float | None) -> Cell:
    """A number with one digit."""
    return Cell(NONE if value is None else f"{value:,.1f}", value, POINTS)
