"""A published bulletin as a letter: what stands in it in words, what programs read, the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard.bulletin.compose import compose
from dashboard.bulletin.files import FORMS
from data.bulletin.carrying import Letter
from data.bulletin.keeping import Version
from data.bulletin.sending import Subscription

#: The files that go along.
_FILES: Final = ("pdf", "docx")


def letter(content: Mapping[str, Any], versions: Sequence[Version], zone: ZoneInfo, to: Subscription
           ) -> Letter:
    """The letter of the last of some versions to a subscriber, in their language.

    Raises:
        dashboard.bulletin.as_pdf.FontError: its files cannot be drawn.
    """
    last, sheet = versions[-1], compose(content, versions, zone, to.lang)
    figures = [f"{name}  {value}  {change}" for name, value, change in sheet.key_figures]
    words = [text for section in sheet.sections if section.key in {"lead", "problems", "steps"}
             for text in (section.title, *section.paragraphs, "")]
    return Letter(
        ident=f"bulletin-{last.period}-{last.version}-{to.subscription_id}", at=last.at,
        subject=f"{sheet.title} {sheet.issue}", text="\n".join([*figures, "", *words, *sheet.lines]),
        facts={"period": last.period, "version": last.version, "counts": content["counts"]["this"],
               "weights": content["weights"]["this"], "as_of": content["as_of"],
               "rankings": {dimension: [{key: row[key] for key in ("code", "rank", "rank_before", "index")}
                                        for row in rows]
                            for dimension, rows in content["rankings"].items()}},
        files={f"bulletin-{last.period}-v{last.version}-{to.lang}.{form}": (FORMS[form][0],
                                                                          FORMS[form][1](sheet))
               for form in _FILES})
