"""The files of a bulletin, and by what they are known to be the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard.bulletin.as_excel import excel
from dashboard.bulletin.as_pdf import pdf
from dashboard.bulletin.as_word import word
from dashboard.bulletin.compose import compose
from dashboard.bulletin.sheet import Sheet
from dashboard.texts import LANGS
from data.bulletin.keeping import Version

_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
#: Ending of a file -> its media type and how it is made.
FORMS: Final[Mapping[str, tuple[str, Callable[[Sheet], bytes]]]] = {
    "pdf": ("application/pdf", pdf),
    "docx": (f"{_OFFICE}wordprocessingml.document", word),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", excel),
}


def render(content: Mapping[str, Any], versions: Sequence[Version], zone: ZoneInfo, lang: str, form: str
           ) -> bytes:
    """One file of the last of some versions; arguments as of `dashboard.bulletin.compose.compose`."""
    return FORMS[form][1](compose(content, versions, zone, lang))


def hashes(content: Mapping[str, Any], versions: Sequence[Version], zone: ZoneInfo) -> dict[str, str]:
    """``<form>_<lang>`` -> SHA-256 of all files, in hexadecimal."""
    return {f"{form}_{lang}": hashlib.sha256(render(content, versions, zone, lang, form)).hexdigest()
            for lang in LANGS for form in FORMS}
