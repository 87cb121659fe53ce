"""Every indicator counted anew, case by case in plain pandas, from the words of `domain.md` 2.4 alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

PUBLIC = {"hotline", "internet"}
#: Columns that the counting needs, of the table of cases.
COLUMNS = """case_no, street_code, community_code, grid_code, channel_code, cat_code, main_dept_id,
first_dept_id, officer_id, state, level_closed, is_self_done, is_repeat, rework_count, satisfaction,
stopped_s, reported_at, accepted_at, filed_at, dispatched_at, first_feedback_at, handled_at, verified_at,
closed_at, visited_at, ended_at, deadline_at, clock_stopped_at"""


def flags(rows: pd.DataFrame, now: datetime, groups: dict[str, str]) -> pd.DataFrame:
    """0/1 (or a number) per case and counter, as of ``now``; rows as of `COLUMNS`."""
    at = pd.Timestamp(now)

    def by(name: str) -> pd.Series:
        return (rows[f"{name}_at"] <= at).fillna(False).astype(bool)

    def told(values: pd.Series) -> pd.Series:
        return values.fillna(False).astype(bool)

    reported, accepted, dispatched, handled = by("reported"), by("accepted"), by("dispatched"), by("handled")
    ended, closed, visited, stopped = by("ended"), by("closed"), by("visited"), by("clock_stopped")
    gone = (rows["state"] == "cancelled") & ended
    due = rows["deadline_at"]
    on_the_spot = told(rows["is_self_done"])
    in_time = handled & told((rows["handled_at"] <= due).where(due.notna() & rows["handled_at"].notna(),
                                                               on_the_spot))
    late_now = told(due < at) & ~handled & ~ended & ~stopped
    limited = due.notna() | on_the_spot
    valid = dispatched & ~gone
    need_close = (handled | closed | late_now) & ~gone
    through = dispatched & (handled | told(rows["rework_count"] > 0))
    assigned = dispatched & rows["first_dept_id"].notna()
    public = reported & rows["channel_code"].map(groups).isin(PUBLIC)
    score = rows["satisfaction"]
    scored = visited & score.notna()
    took = (rows["handled_at"] - rows["dispatched_at"]).dt.total_seconds()
    timed = dispatched & handled & told(took >= 0)
    day, three = timedelta(days=1), timedelta(days=3)

    def within(moment: str, limit: timedelta) -> pd.Series:
        return told(rows[f"{moment}_at"] <= rows["accepted_at"] + limit)

    answered = by("first_feedback")
    return pd.DataFrame({
        "reported": reported, "valid": valid, "valid_public": public & valid, "accepted": accepted,
        "filed": by("filed"), "handled": handled, "closed": closed, "need_close": need_close,
        "need_close_limited": need_close & limited, "closed_on_time": closed & in_time,
        "handled_needed": handled & need_close, "handled_needed_on_time": in_time & need_close,
        "open": accepted & ~ended, "overdue": late_now, "through_handling": through,
        "reworked": dispatched & told(rows["rework_count"] > 0), "need_check": dispatched & handled,
        "checked": dispatched & handled & by("verified"), "assigned": assigned,
        "assigned_right": assigned & told(rows["first_dept_id"] == rows["main_dept_id"]),
        "self_done": handled & on_the_spot, "repeated": reported & told(rows["is_repeat"]),
        "cancelled": gone, "visited": visited, "scored": scored, "satisfied": scored & told(score >= 80),
        "satisfaction_sum": score.where(scored, 0), "timed": timed,
        "handling_s_sum": (took - rows["stopped_s"]).where(timed, 0) // 1,
        "m1_due": accepted & (told(rows["accepted_at"] + day <= at) | dispatched | handled),
        "m1_met": accepted & (dispatched & within("dispatched", day) | handled & within("handled", day)),
        "m3_due": accepted & (told(rows["accepted_at"] + three <= at) | answered | handled),
        "m3_met": accepted & (answered & within("first_feedback", three)
                              | handled & within("handled", three)),
    }, index=rows.index).astype(float)
