"""The tables of the analytics as they are taken away: all rows, rates as fractions of 1, names and codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from callbacks.analytics import needed
from callbacks.analytics_address import Look
from callbacks.analytics_causes import weak_indicators
from callbacks.analytics_compare import COUNTED, asked_sides
from callbacks.analytics_coverage import asked_grids
from callbacks.analytics_lineage import asked_cases, reason_said
from callbacks.analytics_names import names_of
from callbacks.analytics_paths import job_of, minute_of
from callbacks.analytics_posts import person_said
from callbacks.analytics_space import hot_of, quiet_of, slices_of
from callbacks.analytics_units import question, units_of
from callbacks.desk import Desk
from dashboard.texts import Say, speaker
from data.access.roles import Permission
from data.analytics import lineage
from data.analytics.causes import WEAK_IN, cells, places, recurrences, weak_spots
from data.analytics.handled import NAMES, ORDINARY, difference, hours, ways
from data.analytics.measures import league, overview
from data.analytics.mining import XRay, mine
from data.analytics.posts import ALL
from data.cases.indicators import INDICATORS, rates

#: Columns of units, of `data.analytics.measures.League.rows`.
OF_UNITS: Final = ("rank", "rank_low", "rank_high", "part", "whole", "rate", "low", "high", "before",
                   "expected", "adjusted", "fair", "fair_low", "fair_high", "z", "flag")
#: Of a list of cases, the most that a file holds, and how many are read at once.
MAX_CASES: Final = 50_000
_SLICE: Final = 1_000
Rows = Iterator[list[Any]]
Table = tuple[list[str], Rows]
Made = Callable[[Look, Mapping[str, str], Desk], Table]
#: A heading and what of a row stands below it.
Column = tuple[str, Callable[[dict[str, Any]], Any]]


def units_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """Units by the indicator."""
    say, found = speaker(look.lang), league(question(look, desk), look.by, look.indicator)
    units = units_of(look, desk, found.rows["code"])
    return _table(found.rows, [
        (say("analytics.by." + look.by), lambda row: units.name(row["code"])), _plain("code", say),
        *(_plain(name, say) for name in OF_UNITS if name in found.rows)])


def indicators_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """Every indicator over the three windows."""
    say, counted = speaker(look.lang), overview(question(look, desk), needed())
    rated = {window: rates(counts) for window, counts in counted.items()}
    now = counted["this"]
    head = [say(f"analytics.csv.{name}") for name in (
        "indicator", "code", "part", "whole", "rate", "before", "year_before")]
    return head, ([one.zh if look.lang == "zh" else one.en, one.key, getattr(now, one.numerator),
                   getattr(now, one.denominator), *(rated[window][one.key] for window in rated)]
                  for one in INDICATORS)


def compare_table(look: Look, args: Mapping[str, str], desk: Desk) -> Table:
    """Counters and indicators of both sides."""
    say = speaker(look.lang)
    left, right = asked_sides(look, args, desk)[0]
    head = [say("analytics.csv.indicator"), say("analytics.csv.code"), *(
        f"{side.look.period.code} {'+'.join(sorted(side.look.filter_.areas))}".strip()
        for side in (left, right))]
    rated = [rates(side.counts) for side in (left, right)]

    def lines() -> Rows:
        for name in COUNTED:
            yield [say(f"analytics.counter.{name}"), name, getattr(left.counts, name),
                   getattr(right.counts, name)]
        for one in INDICATORS:
            yield [one.zh if look.lang == "zh" else one.en, one.key, *(rate[one.key] for rate in rated)]

    return head, lines()


def again_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """What came again, by community and subclass."""
    say, names, category = speaker(look.lang), _names(look, desk), names_of("category", desk, look.lang)
    found = cells(desk.readers.cases, look.filter_, desk.now())
    summed = recurrences(found, found["community"] + "|" + found["category"])
    return _table(summed, [
        (say("causes.column.community"), lambda row: names(row["code"].partition("|")[0])),
        (say("causes.column.category"), lambda row: category(row["code"].partition("|")[2])),
        *_columns(("cases", "again", "chained"), "causes.column.", say)])


def places_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """All places that saw a case again, with the middle of their cases."""
    say, names, category = speaker(look.lang), _names(look, desk), names_of("category", desk, look.lang)
    found = places(cells(desk.readers.cases, look.filter_, desk.now()), MAX_CASES)
    return _table(found, [
        (say("causes.column.category"), lambda row: category(row["category"])),
        (say("causes.column.community"), lambda row: names(row["community"])),
        *_columns(("cases", "again", "chained"), "causes.column.", say),
        *((name, _of(name)) for name in ("lon", "lat"))])


def weak_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """Communities by how weak they are, with the fair rate and the score in each indicator."""
    say, names = speaker(look.lang), _names(look, desk)
    columns: list[Column] = [(say("causes.column.name"), lambda row: names(row["code"])), _plain("code", say),
                             *_columns(("weak", "score"), "causes.column.", say)]
    for name, key in zip(weak_indicators(look), WEAK_IN, strict=True):
        columns += [(name, _of(key)), (f"{name} {say('analytics.csv.z')}", _of(f"{key}_z"))]
    return _table(weak_spots(question(look, desk), "community"), columns)


def ways_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """Ways of handling by outcome: counts, and the difference from the ordinary way with its interval."""
    say, cases, now = speaker(look.lang), desk.readers.cases, desk.now()
    found, took = ways(cases, look.filter_, now), hours(cases, look.filter_, now)
    summed = found.drop(columns="category").groupby("way").sum()
    head = [say(f"causes.column.{name}") for name in ("way", "cases", "hours")]
    for name in NAMES:
        said = say(f"causes.outcome.{name}")
        head += [said, f"{said} {say('analytics.csv.whole')}", f"{said} {say('causes.column.against')}",
                 f"{said} {say('analytics.csv.low')}", f"{said} {say('analytics.csv.high')}"]

    def lines() -> Rows:
        for way, row in summed.iterrows():
            told = [difference(found, str(way), name) if way != ORDINARY else None for name in NAMES]
            yield [say(f"causes.way.{way}"), int(row["cases"]), took.get(str(way)), *(
                value for name, one in zip(NAMES, told, strict=True) for value in (
                    int(row[name]), int(row[f"{name}_of"]),
                    *((one.value, one.low, one.high) if one else (None, None, None))))]

    return head, lines()


def hot_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """All grids of a class of hot spots."""
    say, names = speaker(look.lang), _names(look, desk)
    found = hot_of(look, desk, slices_of(look, desk))[0]
    return _table(found[found["class"] != ""], [
        (say("space.column.grid"), lambda row: names(row["code"])), _plain("code", say),
        (say("space.column.class"), lambda row: say(f"space.class.{row['class']}")),
        *_columns(("cases", "before", "hot"), "space.column.", say),
        ("Gi*", _of("z")), ("tau", _of("tau")), ("p", _of("p"))])


def quiet_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """All grids with people: what they reported, and what was to be expected."""
    say, names = speaker(look.lang), _names(look, desk)
    return _table(quiet_of(look, desk)[0], [
        (say("space.column.grid"), lambda row: names(row["code"])), _plain("code", say),
        (say("space.column.class"), lambda row: say(f"space.flag.{row['flag']}") if row["flag"] else ""),
        (say("space.column.reported"), _of("cases")), (say("space.column.expected"), _of("expected")),
        (say("analytics.csv.low"), _of("low")), (say("analytics.csv.high"), _of("high")), ("p", _of("p")),
        *_columns(("people", "hours"), "space.column.", say)])


def sides_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """Where the cases of the period stand: side, reason, cases."""
    say = speaker(look.lang)
    found = lineage.sides(desk.readers.cases, look.filter_, desk.now(), look.indicator)
    head = [say("analytics.lineage"), say("causes.column.reason"), say("analytics.cases")]

    def lines() -> Rows:
        for side in lineage.SIDES:
            reasons = found.reasons.get(side, {})
            yield from ([say(f"analytics.side.{side}"), reason_said(look, side, why, say), n]
                        for why, n in reasons.items())
            if not reasons and found.sides[side]:
                yield [say(f"analytics.side.{side}"), "", found.sides[side]]

    return head, lines()


def cases_table(look: Look, args: Mapping[str, str], desk: Desk) -> Table:
    """The cases behind a number.

    Raises:
        ValueError: there are more than `MAX_CASES`, or the address names no number.
    """
    say, lang, words, names = speaker(look.lang), look.lang, desk.words(), _names(look, desk)
    rule, _, officer = asked_cases(look, args, desk, say)
    found: list[pd.DataFrame] = []
    while not found or len(found[-1]) == _SLICE:
        if len(found) * _SLICE >= MAX_CASES:
            raise ValueError(f"a file holds at most {MAX_CASES} cases, and there are more; narrow the look")
        found.append(lineage.listing(desk.readers.cases, look.filter_, desk.now(), rule, officer_id=officer,
                                     limit=_SLICE, offset=len(found) * _SLICE))
    return _table(pd.concat(found), [
        *((say(f"analytics.case.{name}"), _of(name)) for name in ("case_no", "title")),
        (say("analytics.case.category"), lambda row: words.category(row["cat_code"], lang)),
        (say("analytics.case.area"), lambda row: names(row["community_code"] or row["street_code"] or "")),
        (say("analytics.case.department"),
         lambda row: words.name("departments", row["main_dept_id"], lang)),
        (say("analytics.case.state"), lambda row: words.label("state", row["state"], lang)),
        *((say(f"analytics.case.{name}"), _of(f"{name}_at"))
          for name in ("reported", "handled", "deadline"))])


def _mined(part: Callable[[XRay], pd.DataFrame], columns: Callable[[Look, Desk, Say], list[Column]]) -> Made:
    """A table of the paths."""
    def made(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
        return _table(part(_xray(look, desk)), columns(look, desk, speaker(look.lang)))

    return made


def _variants(_look: Look, _desk: Desk, say: Say) -> list[Column]:
    return [*_columns(("cases", "share"), "paths.column.", say), (say("paths.column.median"), _of("p50_h")),
            (say("paths.column.path"), lambda row: " → ".join(
                say(f"paths.act.{act}") for act in row["acts"].split(",")))]


def _steps(_look: Look, _desk: Desk, say: Say) -> list[Column]:
    return [*((say(f"paths.column.{name}"), lambda row, name=name: say(f"paths.act.{row[name]}"))
              for name in ("before", "after")),
            (say("paths.column.cases"), _of("cases")), (say("paths.column.median"), _of("p50_h")),
            (say("paths.column.p90"), _of("p90_h"))]


def _stages(look: Look, desk: Desk, say: Say) -> list[Column]:
    return [(say("paths.column.stage"), lambda row: desk.words().label("state", row["state"], look.lang)),
            *_columns(("share", "cases"), "paths.column.", say), (say("paths.column.hours"), _of("hours"))]


def _pairs(look: Look, desk: Desk, say: Say) -> list[Column]:
    units = names_of("department", desk, look.lang)
    return [*((say(f"paths.column.{name}"), lambda row, name=name: units(row[name]))
              for name in ("unit", "between")), (say("paths.column.times"), _of("times"))]


def _deviations(_look: Look, _desk: Desk, say: Say) -> list[Column]:
    return [(say("paths.column.deviation"), lambda row: say(f"paths.deviation.{row['kind']}")),
            *_columns(("cases", "share"), "paths.column.", say),
            (say("paths.column.examples"), lambda row: " ".join(row["examples"]))]


def posts_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """Posts, and each person at them for who is told of people."""
    say, found = speaker(look.lang), _xray(look, desk).posts
    if not desk.viewer().may(Permission.VIEW_PEOPLE):
        found = found[found["person"] == ALL]
    return _table(found, [
        (say("posts.column.post"), lambda row: say(f"posts.{row['post']}")),
        (say("posts.column.person"), lambda row: person_said(row["person"], say)),
        *_columns(("acts", "p50_h", "p90_h"), "posts.csv.", say),
        *_columns(("part", "whole"), "analytics.csv.", say),
        (say("posts.column.examples"), lambda row: " ".join(row["examples"]))])


def coverage_table(look: Look, _args: Mapping[str, str], desk: Desk) -> Table:
    """Every base grid: patrol, chief, households, open and overdue cases."""
    say, names = speaker(look.lang), _names(look, desk)
    return _table(asked_grids(look, desk)[0], [
        (say("space.column.grid"), lambda row: names(row["code"])), _plain("code", say),
        (say("space.column.hours"), _of("hours")), (say("coverage.column.night"), _of("night_h")),
        *_columns(("households", "with_chief", "on_record", "open", "overdue"), "coverage.column.", say)])


def _xray(look: Look, desk: Desk) -> XRay:
    """The mined log of a look; mined now where no page has done so."""
    found: XRay | None = job_of(look, desk).found
    return found or mine(desk.readers.cases, look.filter_, minute_of(desk.now()))


def _names(look: Look, desk: Desk) -> Callable[[str], str]:
    return names_of("areas", desk, look.lang)


def _of(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row[name]


def _plain(name: str, say: Say) -> Column:
    return say(f"analytics.csv.{name}"), _of(name)


def _columns(names: Sequence[str], prefix: str, say: Say) -> list[Column]:
    return [(say(prefix + name), _of(name)) for name in names]


def _table(frame: pd.DataFrame, columns: Sequence[Column]) -> Table:
    return ([heading for heading, _ in columns],
            ([value(row) for _, value in columns] for row in frame.to_dict("records")))


#: Table -> how it is made.
TABLES: Final[Mapping[str, Made]] = {
    "units": units_table, "indicators": indicators_table, "compare": compare_table, "again": again_table,
    "places": places_table, "weak": weak_table, "ways": ways_table, "hot": hot_table, "quiet": quiet_table,
    "sides": sides_table, "cases": cases_table,
    "variants": _mined(lambda found: found.variants, _variants),
    "steps": _mined(lambda found: found.edges, _steps),
    "stages": _mined(lambda found: found.stages, _stages),
    "pairs": _mined(lambda found: found.pairs, _pairs),
    "deviations": _mined(lambda found: found.deviations, _deviations),
    "posts": posts_table, "coverage": coverage_table,
}
