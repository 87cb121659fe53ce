"""A bulletin as Word (python-docx): headings, tables that repeat their head, the map as vectors.

Word reads the map's SVG (since 2016); programs that do not show the picture that lies beside it.
"""

from __future__ import annotations

import io
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from dashboard.bulletin.as_pdf import numbers, picture
from dashboard.bulletin.drawing import svg
from dashboard.bulletin.sheet import Map, Section, Sheet, Table
from dashboard.bulletin.still import still

_RED: Final = RGBColor(0xB3, 0x20, 0x1F)
_QUIET: Final = RGBColor(0x55, 0x55, 0x55)
#: Fonts that Word and WPS bring along.
_SERIF, _SANS = "宋体", "黑体"
_WIDTH_CM: Final = 16.6
_SVG: Final = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
_MAIN: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def word(sheet: Sheet) -> bytes:
    """The file; the same bytes for the same sheet and versions of the libraries.

    Raises:
        dashboard.bulletin.as_pdf.FontError: no font to draw the picture of the map with.
    """
    made = Document()
    for side in ("left_margin", "right_margin"):
        setattr(made.sections[0], side, Cm(2.2))
    made.sections[0].page_width, made.sections[0].page_height = Cm(21), Cm(29.7)
    _named(made.styles["Normal"], _SERIF, 10.5)
    for level in (1, 2):
        _named(made.styles[f"Heading {level}"], _SANS, 14 - level, _RED)
    properties = made.core_properties
    properties.title, properties.author, properties.comments = sheet.title, sheet.centre, sheet.issue
    properties.language = "zh-CN" if sheet.lang == "zh" else "en"
    _cover(made, sheet)
    for section in sheet.sections:
        _section(made, section)
    out = io.BytesIO()
    made.save(out)
    return still(out.getvalue(), sheet.at)


def _named(style: Any, font: str, size: float, colour: RGBColor | None = None) -> None:
    style.font.name, style.font.size = font, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        style.font.color.rgb = colour


def _line(made: Any, text: str, size: float, *, colour: RGBColor | None = None, bold: bool = False,
          middle: bool = True, font: str = _SANS) -> Any:
    paragraph = made.add_paragraph()
    if middle:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour
    return paragraph


def _cover(made: Any, sheet: Sheet) -> None:
    title = _line(made, sheet.title, 26 if sheet.lang == "zh" else 20, colour=_RED, bold=True)
    title.paragraph_format.space_before = Pt(90)
    _line(made, sheet.issue, 13, font=_SERIF)
    _line(made, sheet.state_text, 11, colour=_RED)
    figures = made.add_table(rows=2, cols=2)
    for place, (name, value, change) in enumerate(sheet.key_figures):
        cell = figures.cell(place // 2, place % 2)
        cell.text = name
        cell.paragraphs[0].runs[0].font.color.rgb = _QUIET
        run = cell.add_paragraph().add_run(value)
        run.font.size, run.font.bold = Pt(22), True
        cell.paragraphs[-1].add_run(f"  {change}").font.color.rgb = _QUIET
    for text in sheet.lines:
        _line(made, text, 9, colour=_QUIET, middle=False)
    signed = made.add_table(rows=1, cols=len(sheet.signed))
    for cell, one in zip(signed.rows[0].cells, sheet.signed, strict=True):
        cell.text = f"{one.act}：{one.name or '—'}" if sheet.lang == "zh" else f"{one.act}: {one.name or '—'}"
        cell.add_paragraph(one.at)
    made.add_page_break()


def _section(made: Any, section: Section) -> None:
    made.add_heading(section.title, level=1)
    for text in section.paragraphs:
        made.add_paragraph(text).paragraph_format.first_line_indent = Pt(21)
    if section.map is not None:
        _map(made, section.map)
    if section.table is not None:
        _table(made, section.table)


def _table(made: Any, table: Table) -> None:
    right, rows, total = numbers(table), table.page_rows(), sum(table.wide)
    drawn = made.add_table(rows=1 + len(rows), cols=len(table.head))
    drawn.style, drawn.autofit = made.styles["Table Grid"], False
    again = OxmlElement("w:tblHeader")
    again.set(qn("w:val"), "true")
    drawn.rows[0]._tr.get_or_add_trPr().append(again)
    for column, share in zip(drawn.columns, table.wide, strict=True):
        column.width = Cm(_WIDTH_CM * share / total)
    texts = [list(table.head), *([cell.text for cell in row] for row in rows)]
    for line, (cells, row) in enumerate(zip(texts, drawn.rows, strict=True)):
        for column, (text, cell) in enumerate(zip(cells, row.cells, strict=True)):
            cell.width = Cm(_WIDTH_CM * table.wide[column] / total)
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size, run.font.bold = Pt(8), line == 0
            paragraph.paragraph_format.space_after = Pt(0)
            if line == 0:
                _shade(cell)
            if line and rows[line - 1][column].turn == "worse":
                run.font.color.rgb = _RED
            if right[column]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.add_paragraph().add_run(table.note).font.size = Pt(9)


def _shade(cell: Any) -> None:
    """The ground of a table's head."""
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F3E4E2")):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _map(made: Any, drawn: Map) -> None:
    """The picture of the map, and its vectors as what Word prefers."""
    text = svg(drawn)
    paragraph = made.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run().add_picture(io.BytesIO(picture(text)), width=Cm(15))
    part = Part(PackURI("/word/media/map.svg"), "image/svg+xml", text.encode(), made.part.package)
    link = made.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    paragraph._p.findall(f".//{qn('a:blip')}")[0].append(parse_xml(
        f'<a:extLst xmlns:a="{_MAIN}"><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
        f'<asvg:svgBlip xmlns:asvg="{_SVG}" xmlns:r="{_LINKS}" r:embed="{link}"/></a:ext></a:extLst>'))
    _line(made, drawn.title, 9, colour=_QUIET)
