"""What a bulletin says, reckoned once and then kept: everything that its pages, files and map are made of.

A bulletin of a half-month shows it as it was when the period ended (or now, while it runs), beside the
period before and the year before as they were when they ended. What is kept is plain JSON, so that the same
files can be made of it at any time, whatever has changed in the store since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import shapely

from data.access.scope import EVERYTHING
from data.access.viewer import Viewer
from data.analytics.causes import pareto
from data.analytics.measures import Question, overview
from data.analytics.periods import Period, last_day
from data.analytics.weights import Weights
from data.bulletin.ranking import NEEDED, ranked
from data.cases.facts import Facts
from data.cases.rules import COUNTERS, WALL
from data.filters import CaseFilter

if TYPE_CHECKING:
    from datetime import date

    from data.readers import Readers
    from data.vocabulary import Vocabulary

#: Of what is kept; another one means that files of an older one are made otherwise.
FORMAT: Final = 1
#: Who is ranked, in the order of the bulletin.
RANKED: Final = ("street", "department", "community")
#: The least of persons that any reader of files is told: no names, no house numbers.
READER: Final = Viewer(account_id=None, name="bulletin", roles=frozenset({"planner"}), scope=EVERYTHING)
#: Lines of each list.
OVERDUE: Final = 15
TYPICAL: Final = 6
CLASSES: Final = 8
#: Of a case: what a line shows, by key of the listing.
_TOLD: Final = ("case_no", "street_code", "community_code", "cat_code", "main_dept_id", "title", "address")
_TIMES: Final = ("reported_at", "handled_at", "closed_at", "deadline_at")
#: Shapes of areas are kept to about a metre, and drawn to some.
_GRAIN: Final = 1e-5

Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What bulletins are reckoned from.

    Attributes:
        readers: of the whole store; bulletins read them as `READER`.
        words: the vocabulary.
        weights: of the index, by local day.
        district: its names: ``name, name_en``.
        synthetic: language -> what is synthetic, in words; empty for real data.
    """

    readers: Readers
    words: Callable[[], Vocabulary]
    weights: Callable[[date], Weights]
    district: Mapping[str, Any]
    synthetic: Mapping[str, str]


def reckon(sources: Sources, period: Period, now: datetime) -> Content:
    """The content of a period's bulletin.

    Args:
        period: its period, begun at ``now``.
        now: the store's now, aware.

    Raises:
        ValueError: the period has not begun.
        data.engine.STORE_FAULTS: the store does not answer.
    """
    if now <= period.since:
        raise ValueError(f"period must have begun by {now.isoformat()}, got {period.code}")
    readers, as_of = sources.readers.seen_by(READER), min(now, period.until)
    filter_ = CaseFilter(since=period.since, until=period.until)
    asked = Question(cases=readers.cases, filter_=filter_, period=period, now=as_of)
    counted = overview(asked, COUNTERS)
    weights = {window: sources.weights(last_day(one)) for window, one in asked.periods().items()}
    classes = pareto(readers.cases.counts_by("category_class", filter_, as_of, WALL)).head(CLASSES)
    found: Content = {
        "format": FORMAT, "period": period.code, "as_of": _said(as_of), "over": period.is_over(now),
        "version": str(readers.cases.version), "district": dict(sources.district),
        "synthetic": dict(sources.synthetic),
        "weights": {window: one.to_store() for window, one in weights.items()},
        "counts": {window: counts.to_dict() for window, counts in counted.items()},
        "rankings": {dimension: _ranking(asked, dimension, weights, sources.words())
                     for dimension in RANKED},
        "classes": classes[["code", "cases", "share"]].to_dict("records"),
        "typical": _typical(asked), "overdue": _overdue(readers, sources.words(), as_of),
        "ground": _ground(readers),
    }
    return {**found, "names": _names(found, readers, sources.words())}


def _ranking(asked: Question, dimension: str, weights: Mapping[str, Weights], words: Vocabulary
             ) -> list[dict[str, Any]]:
    """Units of a dimension; of departments those of the whole district, for streets and communities have
    theirs."""
    periods = asked.periods()
    now, then = (asked.cases.counts_by(dimension, asked.over(periods[window]), asked.age_of(periods[window]),
                                       NEEDED) for window in ("this", "before"))
    if dimension == "department":
        now, then = (found[~found["code"].isin(list(words.grounds))] for found in (now, then))
    return ranked(now, then, weights["this"], weights["before"])


def _typical(asked: Question) -> list[dict[str, Any]]:
    """Cases of the period that were marked as typical (典型案件), the newest first."""
    lines = asked.cases.listing(asked.over(asked.period), asked.now, limit=TYPICAL,
                                also=Facts(asked.now).is_typical)
    return [_line(dict(zip(lines.columns, line, strict=True)), asked.now)
            for line in lines.itertuples(index=False)]


def _overdue(readers: Readers, words: Vocabulary, as_of: datetime) -> dict[str, Any]:
    """All cases past their limit, however old; those overdue longest by name."""
    first = words.first_reported or as_of
    if first >= as_of:
        return {"total": 0, "cases": []}
    filter_ = CaseFilter(since=first, until=as_of)
    found = readers.cases.pressing(filter_, as_of, "oldest", OVERDUE)
    return {"total": found.overdue,
            "cases": [_line(line, as_of) for line in found.lines if line["is_overdue"]]}


def _line(line: Mapping[str, Any], as_of: datetime) -> dict[str, Any]:
    """What is kept of a case; nothing that came after the moment of the picture."""
    told: dict[str, Any] = {key: _text(line.get(key)) for key in _TOLD}
    for key in _TIMES:
        at = line.get(key)
        is_known = at is not None and at == at and (key == "deadline_at" or at <= as_of)  # noqa: PLR0124
        told[key] = _said(at) if is_known else None
    return told


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _said(at: Any) -> str:
    return str(at.isoformat())


def _ground(readers: Readers) -> list[dict[str, str]]:
    """The streets as they lay: ``code, wkb`` (hexadecimal, WGS-84), small."""
    streets = readers.areas.geometry("street").sort_values("area_code")
    shapes = shapely.set_precision(shapely.simplify(streets.geometry.to_numpy(), 2 * _GRAIN), _GRAIN)
    return [{"code": code, "wkb": shapely.to_wkb(shape, hex=True, output_dimension=2)}
            for code, shape in zip(streets["area_code"], shapes, strict=True)]


def _names(found: Content, readers: Readers, words: Vocabulary) -> dict[str, dict[str, list[str]]]:
    """Subject -> code -> its name in Chinese and English, of all codes that occur."""
    lines = [*found["typical"], *found["overdue"]["cases"]]
    areas = {row["code"] for dimension in ("street", "community") for row in found["rankings"][dimension]}
    areas |= {line[key] for line in lines for key in ("street_code", "community_code")}
    areas |= {shape["code"] for shape in found["ground"]}
    tree = readers.areas.tree().set_index("area_code")["name"]
    departments = {row["code"] for row in found["rankings"]["department"]}
    departments |= {line["main_dept_id"] for line in lines}
    categories = {row["code"] for row in found["classes"]} | {line["cat_code"] for line in lines}
    return {
        "areas": {code: [str(tree.get(code, code))] * 2 for code in sorted(areas - {""})},
        "departments": {code: [words.name("departments", code, lang) for lang in ("zh", "en")]
                        for code in sorted(departments - {""})},
        "categories": {code: [words.category(code, lang) for lang in ("zh", "en")]
                       for code in sorted(categories - {""})},
    }
