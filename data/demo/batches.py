"""Cases with their events, batch by batch, ready for the store.

The case row is the fold of its events: events come first, and the fold of the
store itself gives the columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from data.cases.fold import FOLDED, fold_events
from data.cases.worktime import WorkCalendar, limit_minutes
from data.demo.draws import Flags, Ints, pick_key, stream, where_else_none
from data.demo.events import Hands, Strings, build_events
from data.demo.example import find_site, put_example, tell_example
from data.demo.ground import Ground
from data.demo.intake import CATEGORIES, Intake, channel_codes, channel_groups, draw_intake
from data.demo.mix import SATISFACTION
from data.demo.narrative import case_numbers, stories, urgencies
from data.demo.pathway import Difficulty, Pathway, draw_pathway
from data.demo.people import grid_officer_id, operator_ids, tier_three_ids
from data.demo.profiles import Profile
from data.exchange.departments import district_departments, station_dept_id, street_dept_id
from data.tables import cases as case_table

BATCH: Final = 100_000
#: More is drawn than an exact profile keeps, so that the surplus can be dropped.
SURPLUS: Final = 1.10
#: Channels by which the third tier reports (灵通发现).
TIER_THREE: Final = ("volunteer", "app_key")
_CAUSES: Final = (None, ["wrong_unit"], ["weather"], ["ownership"], ["repeat_site"], ["funding", "ownership"])


class Batch(NamedTuple):
    """Rows of ``case`` and of ``case_event`` that belong together."""

    cases: pa.Table
    events: pa.Table


class Units(NamedTuple):
    """The units that work on each case; arrays, one per case."""

    right: Strings
    wrong: Strings
    is_slow: Flags


def case_batches(profile: Profile, ground: Ground, calendar: WorkCalendar, until: datetime,
                 seed: int) -> Iterator[Batch]:
    """All cases of a demo in the order of reporting.

    Args:
        calendar: working hours and holidays.
        until: the demo's end; nothing has happened at or after it.
        seed: same seed, same rows.
    """
    wanted = profile.cases_per_day * profile.days * (SURPLUS if profile.exact else 1.0)
    intake = draw_intake(profile, ground, until, stream(seed, 40), round(wanted))
    site = find_site(profile, ground)
    example: int | None = None
    end = int(np.datetime64(until.astimezone(UTC).replace(tzinfo=None), "us").astype(np.int64))
    if site is not None:
        intake, example = put_example(intake, site)
    if profile.case_total is not None:
        intake = intake.keep(np.arange(intake.reported.size) >= intake.reported.size - profile.case_total)
    if profile.exact is None:
        numbers = case_numbers(intake, profile.adcode)
        for number, first in enumerate(range(0, intake.reported.size, BATCH)):
            part = slice(first, first + BATCH)
            rng = stream(seed, 41, number)
            some = _cut(intake, part)
            units = _units(profile, ground, some, rng)
            row = None if example is None or not 0 <= example - first < BATCH else example - first
            way = _way(profile, calendar, some, units, rng, row=row).until(end)
            yield _finish(profile, ground, some, way, rng, units=units, numbers=numbers, first=first,
                          row=row)
        return
    units = _units(profile, ground, intake, stream(seed, 42))
    way = _way(profile, calendar, intake, units, stream(seed, 43), row=example).until(end)
    chosen = choose_exactly(way, profile.exact, stream(seed, 44), example)
    kept = intake.keep(chosen)
    if example is not None:
        example = int(chosen[:example].sum())
    numbers = case_numbers(kept, profile.adcode)
    units = Units(units.right[chosen], units.wrong[chosen], units.is_slow[chosen])
    yield _finish(profile, ground, kept, way.keep(chosen), stream(seed, 45), units=units, numbers=numbers,
                  first=0, row=example)


def choose_exactly(way: Pathway, exact: tuple[int, int], rng: np.random.Generator, row: int | None) -> Flags:
    """Which cases to keep so that exactly so many are accepted and handled.

    Args:
        exact: (accepted, handled) wanted.
        row: a case that must stay; it has to be handled.

    Raises:
        ValueError: too few cases were drawn.
    """
    accepted, handled = exact
    chosen = np.ones(way.taken.shape[0], dtype=bool)
    for name, members, wanted in (("handled", way.accepted & way.handled, handled),
                                  ("accepted but not handled", way.accepted & ~way.handled,
                                   accepted - handled)):
        rows = np.flatnonzero(members & (np.arange(members.size) != row))
        spare = int(members.sum()) - wanted
        if spare < 0:
            raise ValueError(f"the demo needs {wanted} cases that are {name}, drew only {int(members.sum())}")
        chosen[rng.choice(rows, spare, replace=False)] = False
    return chosen


def _cut(intake: Intake, part: slice) -> Intake:
    return Intake(**{name: getattr(intake, name)[part] for name in Intake.__dataclass_fields__})


def _units(profile: Profile, ground: Ground, intake: Intake, rng: np.random.Generator) -> Units:
    """Station, street or department by the level that ends the case."""
    size = intake.reported.size
    stations = np.array([station_dept_id(code) for code in ground.community_codes], dtype=object)
    streets = np.array([street_dept_id(code) for code in ground.street_codes], dtype=object)
    departments = np.array([row.first_dept_id for row in CATEGORIES], dtype=object)[intake.category]
    own_street = streets[ground.street[intake.grid]]
    by_street = (intake.level == 2) & (rng.random(size) < 0.5)
    right = np.where(intake.level <= 1, stations[ground.community[intake.grid]],
                     np.where(by_street, own_street, departments))
    handlers = np.array([row.dept_id for row in district_departments() if row.is_handler], dtype=object)
    other = rng.integers(0, handlers.size, size)
    wrong = np.where(handlers[other] == right, handlers[(other + 1) % handlers.size], handlers[other])
    slow = np.isin(right.astype(str), profile.slow_departments)
    slow |= np.isin(ground.street[intake.grid], profile.slow_streets)
    return Units(right, wrong, slow)


def _way(profile: Profile, calendar: WorkCalendar, intake: Intake, units: Units,
         rng: np.random.Generator, *, row: int | None) -> Pathway:
    """The pathways of some cases; the one in ``row`` takes the main path."""
    limit = np.array([row.limit_value for row in CATEGORIES])
    unit = np.array([row.limit_unit for row in CATEGORIES])
    codes = np.array([row.cat_code for row in CATEGORIES])
    groups = channel_groups(profile)[intake.channel]
    plain = np.zeros(intake.reported.size, dtype=bool)
    if row is not None:
        plain[row] = True
    difficulty = Difficulty(
        reported=intake.reported.astype("datetime64[us]").astype(np.int64),
        limit=limit[intake.category], unit=unit[intake.category],
        is_component=np.char.startswith(codes, "C")[intake.category],
        is_public=np.isin(groups, ["hotline", "internet"]), is_patrol=groups == "patrol",
        is_question=np.isin(codes.astype("<U3"), ["S14", "S15"])[intake.category],
        level=intake.level, is_slow=units.is_slow, is_plain=plain,
    )
    return draw_pathway(profile, difficulty, calendar, rng)


def _finish(profile: Profile, ground: Ground, intake: Intake, way: Pathway, rng: np.random.Generator, *,
            units: Units, numbers: Strings, first: int, row: int | None) -> Batch:
    """Events of the pathways, their fold, and the other columns of the cases.

    Args:
        numbers: of all cases of the demo; those of this batch begin at ``first``.
        row: where the example of the source stands in this batch.
    """
    size = intake.reported.size
    case_no = numbers[first:first + size]
    street_code = ground.street_codes[ground.street[intake.grid]]
    events = build_events(case_no, street_code, way, _hands(profile, ground, intake, units, rng))
    told = stories(profile, ground, intake, rng)
    if row is not None:
        told = tell_example(told, row)
    similar = where_else_none(intake.source >= 0, numbers[np.maximum(intake.source, 0)])
    columns = {
        "street_code": street_code, "case_no": case_no,
        "community_code": ground.community_codes[ground.community[intake.grid]],
        "grid_code": ground.grid_code[intake.grid],
        "cat_code": np.array([row.cat_code for row in CATEGORIES], dtype=object)[intake.category],
        "channel_code": np.array(channel_codes(profile), dtype=object)[intake.channel],
        "urgency": urgencies(intake, intake.level, rng),
        "lon": np.round(intake.lon, 7), "lat": np.round(intake.lat, 7),
        "building_id": _building_ids(ground, intake),
        "limit_min": _limits()[intake.category],
        "is_repeat": intake.source >= 0, "similar_of": similar, "is_typical": rng.random(size) < 0.004,
        "cause_tags": _causes(rng, size), "is_synthetic": np.ones(size, dtype=bool),
        "source_system": np.full(size, "demo", dtype=object),
    }
    table = pa.table({**{name: pa.array(values) for name, values in columns.items()}, **told})
    return Batch(_with_fold(table, events), events)


def _hands(profile: Profile, ground: Ground, intake: Intake, units: Units,
           rng: np.random.Generator) -> Hands:
    """Who reports and who works on the cases."""
    size = intake.reported.size
    groups = channel_groups(profile)[intake.channel]
    officers = np.array([grid_officer_id(code) for code in ground.grid_code], dtype=object)[intake.grid]
    operators = operator_ids(profile)
    roles = np.where(groups == "patrol", "officer", np.where(groups == "device", "system", np.where(
        groups == "internal", "operator", "reporter"))).astype(object)
    return Hands(
        reporter_role=roles, reporter_id=_finders(profile, ground, intake, groups == "patrol"),
        officer_id=officers, unit=units.right, wrong_unit=units.wrong, level=intake.level,
        operator_id=operators[rng.integers(0, operators.size, size)],
        score=pick_key(rng, SATISFACTION, size).astype(np.int64), is_level_early=profile.is_compact,
    )


def _finders(profile: Profile, ground: Ground, intake: Intake, is_patrol: Flags) -> Strings:
    """Who found each case on patrol: the level-1 officer, or somebody of tier three; None for the others."""
    members = tier_three_ids(profile, ground)
    finder = np.array([grid_officer_id(code) for code in ground.grid_code], dtype=object)[intake.grid]
    if members.shape[1]:
        codes = np.array(channel_codes(profile), dtype=object)[intake.channel]
        # told by the place and time of the case, so that no other draw moves
        turn = (intake.reported.astype("datetime64[s]").astype(np.int64) + intake.grid) % members.shape[1]
        finder = np.where(np.isin(codes, TIER_THREE), members[intake.grid, turn], finder)
    return where_else_none(is_patrol, finder)


def _building_ids(ground: Ground, intake: Intake) -> Strings:
    if not ground.building_id.size:
        return np.full(intake.reported.size, None, dtype=object)
    return where_else_none(intake.building >= 0, ground.building_id[np.maximum(intake.building, 0)])


def _limits() -> Ints:
    """Limit of each subclass in minutes."""
    return np.array([int(limit_minutes(row.limit_value, row.limit_unit)) for row in CATEGORIES],
                    dtype=np.int32)


def _causes(rng: np.random.Generator, size: int) -> pa.Array:
    """Tags of causes; null for most cases."""
    position = np.where(rng.random(size) < 0.06, rng.integers(1, len(_CAUSES), size), 0)
    return pa.array(_CAUSES, pa.list_(pa.string())).take(pa.array(position))


def _with_fold(table: pa.Table, events: pa.Table) -> pa.Table:
    """Put the folded columns beside the facts, and the times of the record."""
    folded = fold_events(events)
    if not folded["case_no"].equals(table["case_no"]):
        raise ValueError(f"the fold must give the {table.num_rows} cases in their order; "
                         f"got {folded.num_rows}, or another order")
    last = np.cumsum(folded["event_seq"].to_numpy()) - 1
    both = {name: table[name] for name in table.column_names} | {name: folded[name] for name in FOLDED}
    both["created_at"] = folded["reported_at"]
    both["updated_at"] = events["at"].take(pa.array(last))
    return pa.table({column.name: both[column.name] for column in case_table.columns if column.name in both})
