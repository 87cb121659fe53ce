"""Office files that are the same bytes whenever they are written: a fixed date instead of the hour's."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Final

#: Times of writing that libraries put into the properties by themselves.
_WRITTEN: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
_PROPERTIES: Final = "docProps/core.xml"
#: The first year that a zip file can hold.
_FIRST: Final = (1980, 1, 1, 0, 0, 0)


def still(packed: bytes, at: datetime) -> bytes:
    """The same package with ``at`` as the date of all that is in it.

    Args:
        packed: a .docx or .xlsx file.
        at: aware.
    """
    utc, out = at.astimezone(UTC), io.BytesIO()
    date = max((utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second), _FIRST)
    with zipfile.ZipFile(io.BytesIO(packed)) as found, zipfile.ZipFile(out, "w") as made:
        for name in found.namelist():
            content = found.read(name)
            if name == _PROPERTIES:
                content = _WRITTEN.sub(rb"\g<1>" + f"{utc:%Y-%m-%dT%H:%M:%SZ}".encode() + rb"\g<3>", content)
            entry = zipfile.ZipInfo(name, date_time=date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, content)
    return out.getvalue()
