"""A bulletin as Excel (openpyxl): a sheet for each table with all its rows, numbers as numbers."""

from __future__ import annotations

import io
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from dashboard.bulletin.as_pdf import picture
from dashboard.bulletin.drawing import svg
from dashboard.bulletin.sheet import Cell, Sheet, Table
from dashboard.bulletin.still import still
from data.exchange.spreadsheet import text_cell

_HEAD: Final = PatternFill("solid", fgColor="F3E4E2")
_BOLD: Final = Font(bold=True)
_RED: Final = Font(color="B3201F")
#: Characters of the widest column in each unit of `Table.wide`.
_UNIT: Final = 9.0
#: What names of sheets may not hold.
_FORBIDDEN: Final = str.maketrans("", "", "[]:*?/\\'")


def excel(sheet: Sheet) -> bytes:
    """The file; the same bytes for the same sheet and versions of the libraries.

    Raises:
        dashboard.bulletin.as_pdf.FontError: no font to draw the picture of the map with.
    """
    book = Workbook()
    cover = book.active
    book.properties.title, book.properties.creator = sheet.title, sheet.centre
    _cover(cover, sheet)
    for section in sheet.sections:
        if section.table is None and section.map is None:
            continue
        page = book.create_sheet(section.title.translate(_FORBIDDEN)[:31])
        if section.table is not None:
            _table(page, section.table)
        if section.map is not None:
            image = Image(io.BytesIO(picture(svg(section.map))))
            image.width, image.height = 720, round(720 * image.height / image.width)
            beside = len(section.table.head) + 2 if section.table else 1
            page.add_image(image, f"{get_column_letter(beside)}2")
    out = io.BytesIO()
    book.save(out)
    return still(out.getvalue(), sheet.at)


def _cover(page: Any, sheet: Sheet) -> None:
    page.title = sheet.title.translate(_FORBIDDEN)[:31]
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 44, 20
    page.append([text_cell(sheet.title)])
    page["A1"].font = Font(bold=True, size=16, color="B3201F")
    page.append([text_cell(sheet.issue), text_cell(sheet.state_text)])
    for name, value, change in sheet.key_figures:
        page.append([text_cell(name), text_cell(value), text_cell(change)])
    for text in sheet.lines:
        page.append([text_cell(text)])
    for one in sheet.signed:
        page.append([text_cell(one.act), text_cell(one.name or "—"), text_cell(one.at)])
    for section in sheet.sections:
        if not section.paragraphs:
            continue
        page.append([])
        page.append([text_cell(section.title)])
        page.cell(page.max_row, 1).font = _BOLD
        for text in section.paragraphs:
            page.append([text_cell(text)])


def _table(page: Any, table: Table) -> None:
    page.append([text_cell(name) for name in table.head])
    for cell in page[1]:
        cell.font, cell.fill, cell.alignment = _BOLD, _HEAD, Alignment(wrap_text=True, vertical="center")
    for row in table.rows:
        page.append([_value(cell) for cell in row])
        for column, cell in enumerate(row, 1):
            drawn = page.cell(page.max_row, column)
            if cell.value is not None:
                drawn.number_format = cell.form
            if cell.turn == "worse":
                drawn.font = _RED
    for column, share in enumerate(table.wide, 1):
        page.column_dimensions[get_column_letter(column)].width = max(8.0, _UNIT * share)
    page.freeze_panes = "A2"
    page.auto_filter.ref = page.dimensions


def _value(cell: Cell) -> Any:
    return cell.value if cell.value is not None else text_cell(cell.text)
