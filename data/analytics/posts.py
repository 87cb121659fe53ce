"""Posts (岗位): what those at the seats did with the cases of a log, how soon, and how often it held.

GB/T 30428.4 evaluates posts beside areas and units: 受理员, 派遣员, 核查员, 值班长. Each has acts
of its own; the time of an act is that since the event before it, and it *held* by a rule, see `POSTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from data.analytics.deviations import Floats, Ints, Log, Marks

#: All persons of a post together, and acts of which nobody is named.
ALL: Final = "*"
NOBODY: Final = ""
#: Cases named of each person, and the seconds of an hour.
EXAMPLES: Final = 5
_HOUR: Final = 3_600.0
#: Of a log: which events are judged, and which of these held.
Rule = Callable[[Log], tuple[Marks, Marks]]


def _accepted(log: Log) -> tuple[Marks, Marks]:
    """Accepted, and not cancelled later."""
    return log.is_act("accept"), (log.count("cancel") == 0)[log.case]


def _dispatched(log: Log) -> tuple[Marks, Marks]:
    """Sent to a unit, and that unit did not send it back before it was sent anywhere else."""
    sent = log.is_act("dispatch") & (log.unit >= 0)
    turns = np.flatnonzero(log.is_act("dispatch", "return"))
    is_back = np.zeros(len(log.act), bool)
    if len(turns) > 1:
        same = log.case[turns[1:]] == log.case[turns[:-1]]
        is_back[turns[:-1]] = same & log.is_act("return")[turns[1:]]
    return sent, ~is_back


def _checked(log: Log) -> tuple[Marks, Marks]:
    """Checked, and passed."""
    return log.is_act("check_pass", "check_fail"), log.is_act("check_pass")


def _closed(log: Log) -> tuple[Marks, Marks]:
    """Closed, and not by force."""
    return log.is_act("close", "force_close"), log.is_act("close")


#: Post -> its acts, and what held of them.
POSTS: Final[Mapping[str, tuple[Sequence[str], Rule]]] = {
    "acceptor": (("accept", "reject"), _accepted), "dispatcher": (("dispatch",), _dispatched),
    "checker": (("check_pass", "check_fail"), _checked), "closer": (("close", "force_close"), _closed),
}
_NAMES: Final = tuple(POSTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """Acts at the seats.

    Attributes:
        post: index into `POSTS`.
        person: who acted, as a place in ``names``; 0 is `NOBODY`.
        ref: handle of the case.
        took_h: hours since the event before.
        is_judged, held: whether the rule of the post looks at it, and whether it held.
    """

    post: Ints
    person: Ints
    names: Sequence[str]
    ref: Ints
    took_h: Floats
    is_judged: Marks
    held: Marks


def acts_of(log: Log, ref: Ints, person: Ints, names: Sequence[str]) -> Acts:
    """The acts of all posts in a log.

    Args:
        ref: handle of each case.
        person: of each event the place in ``names`` of who acted; -1: nobody is named.
    """
    before = np.append(np.nan, log.at[:-1])[:len(log.at)]
    before[log.first] = np.nan
    chosen, posts, judged, held = [], [], [], []
    for number, (acts, rule) in enumerate(POSTS.values()):
        mine = np.flatnonzero(log.is_act(*acts))
        is_judged, is_held = rule(log)
        chosen.append(mine)
        posts.append(np.full(len(mine), number, np.int64))
        judged.append(is_judged[mine])
        held.append(is_held[mine])
    at = np.concatenate(chosen)
    return Acts(post=np.concatenate(posts), ref=ref[log.case[at]], is_judged=np.concatenate(judged),
                held=np.concatenate(held), took_h=np.maximum(log.at[at] - before[at], 0.0) / _HOUR,
                person=person[at] + 1, names=[NOBODY, *names])


def summed(parts: Sequence[Acts]) -> pd.DataFrame:
    """Acts by post and person.

    Returns:
        ``post`` (of `POSTS`), ``person`` (`ALL` first, then by acts, `NOBODY` last), ``acts, p50_h, p90_h``
        (hours since the event before, NaN without any), ``part, whole`` (held, judged), ``examples``
        (handles of the newest cases that were judged and did not hold, at most `EXAMPLES`).
    """
    known = sorted({name for part in parts for name in part.names})
    place = {name: number for number, name in enumerate(known)}
    person = [np.array([place[name] for name in part.names])[part.person] for part in parts]
    frame = pd.DataFrame({
        "post": np.concatenate([part.post for part in parts]), "person": np.concatenate(person),
        "ref": np.concatenate([part.ref for part in parts]),
        "took_h": np.concatenate([part.took_h for part in parts]),
        "whole": np.concatenate([part.is_judged for part in parts]),
        "part": np.concatenate([part.is_judged & part.held for part in parts])})
    each = _told(frame, ["post", "person"])
    each["person"] = [known[code] for code in each["person"]]
    is_all = each["acts"] == each.groupby("post")["acts"].transform("sum")
    whole = _told(frame, ["post"]).assign(person=ALL)
    found = pd.concat([whole, each[~((each["person"] == NOBODY) & is_all)]], ignore_index=True)
    order = np.select([found["person"] == ALL, found["person"] == NOBODY], [0, 2], 1)
    found = found.assign(order=order).sort_values(
        ["post", "order", "acts", "person"], ascending=[True, True, False, True], ignore_index=True)
    return found.drop(columns="order").assign(post=[_NAMES[code] for code in found["post"]])


def _told(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    grouped = frame.groupby(keys)
    found = pd.DataFrame({
        "acts": grouped.size(), "p50_h": grouped["took_h"].median(),
        "p90_h": grouped["took_h"].quantile(0.9), "part": grouped["part"].sum(),
        "whole": grouped["whole"].sum()}).reset_index()
    failed = frame[frame["whole"] & ~frame["part"]].sort_values("ref", ascending=False)
    named = failed.groupby(keys)["ref"].agg(lambda refs: refs.head(EXAMPLES).tolist()).rename("examples")
    joined = found.merge(named.reset_index(), on=keys, how="left")
    examples: Any = [refs if isinstance(refs, list) else [] for refs in joined["examples"]]
    return joined.assign(examples=examples)
