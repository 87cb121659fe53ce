"""A bulletin as PDF: typeset by Typst, the Chinese font embedded, the map drawn as vectors."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from dashboard.bulletin.drawing import svg
from dashboard.bulletin.sheet import Sheet, Table
from dashboard.format import NONE

#: Families that the page is set in; Debian's package fonts-noto-cjk holds both.
FAMILIES: Final = ("Noto Serif CJK SC", "Noto Sans CJK SC")
#: Dots to the inch of the map as a picture, for programs that draw no vectors.
PPI: Final = 200
_PAGE: Final = Path(__file__).with_name("bulletin.typ")
_PICTURE: Final = (b'#set page(width: auto, height: auto, margin: 0pt)\n'
                   b'#image(bytes(sys.inputs.at("svg")), format: "svg", width: 16cm)')


class FontError(RuntimeError):
    """No font of this machine holds Chinese; the message says what to install."""


def pdf(sheet: Sheet) -> bytes:
    """The file; the same bytes for the same sheet, font and version of the library.

    Raises:
        FontError: the fonts are not installed.
    """
    made = _compile(_PAGE.read_bytes(), {"sheet": json.dumps(_plain(sheet), ensure_ascii=False)}, "pdf",
                    timestamp=int(sheet.at.timestamp()))
    return bytes(made)


def picture(drawn: str) -> bytes:
    """A map (SVG) as PNG.

    Raises:
        FontError: the fonts are not installed.
    """
    made = _compile(_PICTURE, {"svg": drawn}, "png", ppi=PPI)
    return bytes(made if isinstance(made, bytes) else made[0])


def _compile(source: bytes, inputs: dict[str, str], form: Any, **about: Any) -> Any:
    compiler = typst.Compiler(source, font_paths=_fonts(), sys_inputs=inputs, root=str(_PAGE.parent))
    return compiler.compile(format=form, **about)


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the machine, looked for once; an error is not remembered."""
    found = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)
    if lacking := [family for family in FAMILIES if family not in found.families()]:
        raise FontError(f"fonts must hold {' and '.join(FAMILIES)}, got none named {', '.join(lacking)};"
                        " install fonts-noto-cjk")
    return found


def _plain(sheet: Sheet) -> dict[str, Any]:
    """The sheet as what the page reads."""
    return {
        "title": sheet.title, "centre": sheet.centre, "issue": sheet.issue, "state": sheet.state_text,
        "lines": list(sheet.lines), "key_figures": [list(one) for one in sheet.key_figures],
        "lang": sheet.lang,
        "signed": [{"act": one.act, "name": one.name, "at": one.at} for one in sheet.signed],
        "sections": [{
            "title": section.title, "paragraphs": list(section.paragraphs),
            "map": {"svg": svg(section.map), "title": section.map.title} if section.map else None,
            "table": _table(section.table) if section.table else None} for section in sheet.sections],
    }


def _table(table: Table) -> dict[str, Any]:
    return {"head": list(table.head), "wide": list(table.wide), "note": table.note,
            "numbers": numbers(table),
            "rows": [[{"text": cell.text, "turn": cell.turn} for cell in row] for row in table.page_rows()]}


def numbers(table: Table) -> list[bool]:
    """Of each column whether it holds numbers, which stand to the right."""
    return [any(row[column].value is not None for row in table.rows)
            or all(row[column].text == NONE for row in table.rows) for column in range(len(table.head))]
