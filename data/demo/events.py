"""Turns pathways into rows of table ``case_event``.

States come from the life cycle itself: a slot that the table of transitions
does not allow raises, so no illegal log can leave this module.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.cases.lifecycle import STATES, transition
from data.demo.draws import Flags, Ints
from data.demo.intake import LEVELS
from data.demo.pathway import AT, SLOTS, TIMED, Pathway
from data.tables import case_event

Strings = npt.NDArray[np.object_]

_OPERATOR_SLOTS: Final = frozenset({
    "reject", "cancel", "accept", "reject_late", "answer", "file", "cancel_late", "close", "visit",
    "verify_first",
})
_DISPATCHER_SLOTS: Final = frozenset({
    "dispatch", "dispatch_again", "hang", "unhang", "urge", "postpone", "refuse_postpone", "rework",
})
_LEADER_SLOTS: Final = frozenset({"joint", "supervise", "force_close"})
_NOTES: Final = {
    "reject": "不属于受理范围", "cancel": "重复上报,作废", "reject_late": "不符合立案条件",
    "return": "非本部门职责,退回", "hang": "权属待确认,申请缓办", "unhang": "条件具备,恢复办理",
    "ask_postpone": "需协调施工,申请延期", "check_fail": "现场仍有残留", "rework": "请原单位返工",
    "urge": "临近时限,请加快办理", "supervise": "列入重点督办", "force_close": "长期无法处置,领导批准结案",
    "cancel_late": "经核实为同一事项,作废", "self_done": "现场处置完毕", "joint": "召集相关单位会办",
    "whistle": "街道吹哨,部门报到", "feedback": "已到现场,正在办理", "answer": "已电话答复",
}


class Hands(NamedTuple):
    """Who works on each case; arrays, one per case.

    ``reporter_role`` and ``reporter_id`` belong to the report; ``unit`` is the
    right unit, ``wrong_unit`` the one that a returned case went to first.
    """

    reporter_role: Strings
    reporter_id: Strings
    officer_id: Strings
    unit: Strings
    wrong_unit: Strings
    level: Ints
    operator_id: Strings
    score: Ints  # satisfaction, used by the visit
    is_level_early: bool  # the level is named on acceptance, where no escalation is written


def build_events(case_no: Strings, street_code: Strings, way: Pathway, hands: Hands) -> pa.Table:
    """All events, by case in the given order and by ``seq`` from 1.

    Raises:
        data.cases.lifecycle.LifecycleError: a pathway that the table of
            transitions does not allow.
    """
    row, slot = np.nonzero(way.taken)
    seq = np.arange(row.size) - np.repeat(np.cumsum(way.taken.sum(axis=1)) - way.taken.sum(axis=1),
                                          way.taken.sum(axis=1)) + 1
    before, after = _states(way.taken)
    states = np.array([*STATES], dtype=object)
    came_from = before[row, slot]
    role = _roles(row, slot, hands)
    at = way.at[row, slot]
    columns = {
        "street_code": pa.array(street_code).take(pa.array(row)),
        "case_no": pa.array(case_no).take(pa.array(row)),
        "seq": pa.array(seq.astype(np.int32)),
        "at": pa.array(at, pa.timestamp("us")).cast(pa.timestamp("us", "UTC")),
        "act": _coded(np.array([act for _, act in SLOTS], dtype=object), slot),
        "from_state": _coded(states, came_from, came_from >= 0),
        "to_state": _coded(states, after[row, slot]),
        "actor_role": _coded(_ROLES, role),
        **_actors(row, slot, role, hands),
        "deadline_at": _deadlines(row, slot, way),
        "score": pa.array(hands.score[row].astype(np.int16), mask=slot != AT["visit"]),
        "note": _coded(np.array([_NOTES.get(name) for name, _ in SLOTS], dtype=object), slot),
    }
    order = [column.name for column in case_event.columns]
    return pa.table({name: columns[name] for name in order})


def _coded(values: Strings, position: Ints, valid: Flags | None = None) -> pa.Array:
    """Strings by position; null where ``valid`` is false."""
    mask = None if valid is None else ~valid
    return pa.array(values, pa.string()).take(pa.array(position, mask=mask))


def _states(taken: Flags) -> tuple[Ints, Ints]:
    """State before and after each slot, as positions in STATES; -1 before the report."""
    before = np.full(taken.shape, -1, dtype=np.int64)
    after = before.copy()
    state = np.full(taken.shape[0], -1, dtype=np.int64)
    for column, (_, act) in enumerate(SLOTS):
        here = taken[:, column]
        before[:, column] = state
        for code in np.unique(state[here]):
            move = transition(act, STATES[code] if code >= 0 else None)
            if move.to_state is not None:
                state = np.where(here & (before[:, column] == code), STATES.index(move.to_state), state)
        after[:, column] = state
    return before, after


_ROLES: Final = np.array([
    "operator", "dispatcher", "leader", "verifier", "officer", "street_desk", "dept_desk", "reporter",
    "system"], dtype=object)
_ROLE_AT: Final = {name: position for position, name in enumerate(_ROLES)}


def _roles(row: Ints, slot: Ints, hands: Hands) -> Ints:
    """Position in `_ROLES` of who acts."""
    fixed = np.full(len(SLOTS), -1)
    for name, column in AT.items():
        for slots, who in ((_OPERATOR_SLOTS, "operator"), (_DISPATCHER_SLOTS, "dispatcher"),
                            (_LEADER_SLOTS, "leader"), ({"check_pass", "check_fail"}, "verifier"),
                            ({"self_done"}, "officer"), ({"whistle"}, "street_desk")):
            if name in slots:
                fixed[column] = _ROLE_AT[who]
    by_level = np.array([_ROLE_AT[name] for name in ("officer", "street_desk", "street_desk", "dept_desk")])
    reporter = np.array([_ROLE_AT[name] for name in hands.reporter_role])
    role = np.where(fixed[slot] >= 0, fixed[slot], by_level[hands.level[row]])
    escalates = slot == AT["escalate"]
    upward = np.where(hands.level[row] > 1, _ROLE_AT["street_desk"], _ROLE_AT["officer"])
    role = np.where(escalates, upward, role)
    return np.where(slot == AT["report"], reporter[row], role)


def _actors(row: Ints, slot: Ints, role: Ints, hands: Hands) -> dict[str, pa.Array]:
    """Who acts, for which unit, and to whom the case goes."""
    officers, operators = pa.array(hands.officer_id, pa.string()), pa.array(hands.operator_id, pa.string())
    is_report = slot == AT["report"]
    actor = pc.if_else(pa.array(role == _ROLE_AT["officer"]), officers.take(pa.array(row)), None)
    at_desk = np.isin(role, [_ROLE_AT["operator"], _ROLE_AT["dispatcher"]])
    actor = pc.if_else(pa.array(at_desk), operators.take(pa.array(row)), actor)
    reporters = pa.array(hands.reporter_id, pa.string()).take(pa.array(row))
    first = slot == AT["dispatch"]
    sent = first | (slot == AT["dispatch_again"])
    returned = np.zeros(hands.level.size, dtype=bool)
    returned[row[slot == AT["return"]]] = True
    units = pa.array(hands.unit, pa.string()).take(pa.array(row))
    wrong = pa.array(hands.wrong_unit, pa.string()).take(pa.array(row))
    assists = slot == AT["joint"]  # the unit that a case might have gone to first is called to it as well
    to_dept = pc.if_else(pa.array(sent | assists), pc.if_else(
        pa.array(first & returned[row] | assists), wrong, units), None)
    own = np.isin(role, [_ROLE_AT["street_desk"], _ROLE_AT["dept_desk"]]) & (slot > AT["dispatch"])
    actor_dept = pc.if_else(pa.array(own), pc.if_else(pa.array(slot == AT["return"]), wrong, units), None)
    named = slot == AT["accept" if hands.is_level_early else "escalate"]
    levels = _coded(np.array([*LEVELS], dtype=object), np.where(named, hands.level[row], 0),
                    named | is_report)
    return {
        "actor_id": pc.if_else(pa.array(is_report), reporters, actor),
        "actor_dept": actor_dept, "to_dept": to_dept,
        "to_officer": pc.if_else(pa.array(slot == AT["accept"]), officers.take(pa.array(row)), None),
        "to_level": levels,
    }


def _deadlines(row: Ints, slot: Ints, way: Pathway) -> pa.Array:
    """The deadline that an event sets; null elsewhere."""
    timed = np.isin(slot, [AT[name] for name in TIMED])
    return pa.array(way.deadline[row, slot], pa.timestamp("us"), mask=~timed).cast(pa.timestamp("us", "UTC"))
