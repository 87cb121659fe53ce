"""One step after the other: positions, reports and acts go into the store as those of people would."""

from __future__ import annotations

import heapq
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from data.alerts.engine import evaluate
from data.cases.commands import CommandError, perform, report
from data.cases.lifecycle import LifecycleError
from data.demo.sensors import readings
from data.devices.writer import FixWriter
from data.engine import Store
from data.resources.writer import put_states
from data.sensors.writer import put_readings
from data.simulate.district import District
from data.simulate.driving import moments, states
from data.simulate.handling import File, Next, files, next_act
from data.simulate.profiles import Profile
from data.simulate.reports import Report, reports
from data.simulate.walking import fixes

#: Seconds of the store between two looks for alerts; a server that runs looks more often.
ALERTS_S: Final = 300
LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Done:
    """What was written so far."""

    reports: int = 0
    acts: int = 0
    fixes: int = 0
    states: int = 0  # of vehicles and teams
    readings: int = 0  # of sensors
    alerts: int = 0
    refused: int = 0  # acts that somebody else had made impossible


@dataclass(slots=True, kw_only=True)
class Play:
    """A simulation of one store.

    Attributes:
        begin: the store's time at which it begins, aware.
        fix_every_s: seconds between two positions of an officer.
        done: what was written so far.
    """

    store: Store
    district: District
    profile: Profile
    seed: int
    begin: datetime
    fix_every_s: int
    done: Done = field(default_factory=Done)
    _writer: FixWriter = field(init=False)
    _due: list[tuple[datetime, str, int]] = field(init=False, default_factory=list)
    _files: dict[str, tuple[File, Next]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._writer = FixWriter(self.store)
        for file in files(self.store):
            self._plan(file)

    def step(self, since: int, until: int) -> None:
        """Write what happens in ``(since, until]``, in the order of time; seconds since 1970.

        Raises:
            data.devices.writer.WriterError: the store takes no positions.
            sqlalchemy.exc.SQLAlchemyError: the store failed; what was written before stands.
        """
        new = reports(self.district, self.profile, since, until, seed=self.seed)
        end = datetime.fromtimestamp(until, UTC)
        for one in new:
            self._act_until(one.at)
            self._report(one)
        self._act_until(end)
        self.done.fixes += self._writer.put(
            fixes(self.district, since, until, every_s=self.fix_every_s, seed=self.seed))
        told = [one for second in moments(since, until)
                for one in states(self.district.vehicles, self.district.walks, second, seed=self.seed)]
        put_states(self.store, told)
        self.done.states += len(told)
        self.done.readings += put_readings(self.store, readings(
            self.district.sensors, since, until, zone=self.district.zone, seed=self.seed))
        if until // ALERTS_S > since // ALERTS_S:
            outcome = evaluate(self.store, now=end)  # None: a server looks just now
            self.done.alerts += outcome.fired if outcome else 0

    def _report(self, one: Report) -> None:
        case_no = report(self.store, one.facts, at=one.at, actor_role=one.actor_role, actor_id=one.actor_id)
        self.done.reports += 1
        facts = one.facts
        self._plan(File(
            case_no=case_no, street_code=facts["street_code"], grid_code=facts["grid_code"],
            cat_code=facts["cat_code"], channel_code=facts["channel_code"], state="reported", seq=1,
            last_act="report", last_at=one.at, deadline_at=None, dept_id=one.dept_id, level=one.level))

    def _act_until(self, end: datetime) -> None:
        while self._due and self._due[0][0] <= end:
            _, case_no, seq = heapq.heappop(self._due)
            planned = self._files.get(case_no)
            if planned is not None and planned[0].seq == seq:
                self._act(*planned)

    def _act(self, file: File, due: Next) -> None:
        del self._files[file.case_no]
        try:
            perform(self.store, file.case_no, due.act, at=due.at, actor_role=due.role, **due.details)
        except (LifecycleError, CommandError) as refusal:
            # somebody acted on it from the screen: what stands there now decides
            LOG.info("case %s goes on elsewhere: %s", file.case_no, refusal)
            self.done.refused += 1
            fresh = files(self.store, file.case_no)
            if fresh and fresh[0].seq == file.seq:
                return  # nobody did: it would be refused again
        else:
            self.done.acts += 1
            fresh = files(self.store, file.case_no)
        for one in fresh:
            one.dept_id, one.level = one.dept_id or file.dept_id, one.level or file.level
            self._plan(one)

    def _plan(self, file: File) -> None:
        planned = next_act(file, self.district, self.profile, begin=self.begin, seed=self.seed)
        if planned is not None:
            self._files[file.case_no] = (file, planned)
            heapq.heappush(self._due, (planned.at, file.case_no, file.seq))
