"""GET /analytics/posts (岗位): those at the seats, mined in the background as the paths are."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from dash import Dash
from flask import Response, request

from callbacks.analytics import may_take
from callbacks.analytics_address import POSTS as PATH
from callbacks.analytics_address import Look, read_look
from callbacks.analytics_frame import framed
from callbacks.analytics_paths import AGAIN_S, job_of, span_said
from callbacks.desk import Desk
from callbacks.documents import answer, at_seat, lang_of_request
from dashboard.format import number, percent
from dashboard.texts import Say, speaker
from data.access.roles import Permission
from data.access.viewer import ACCOUNT
from data.analytics.fair import FEWEST, compare
from data.analytics.intervals import wilson
from data.analytics.posts import ALL, NOBODY, POSTS

#: Posts whose share is neither good nor bad: who checks sends back what was badly done.
NEUTRAL: Final = frozenset({"checker"})


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(PATH)
    def posts_page() -> Response:
        return page(read_look(request.args, desk, lang_of_request()), desk)


def page(look: Look, desk: Desk) -> Response:
    """The page of a look; its dimension and indicator are not asked for."""
    say, job = speaker(look.lang), job_of(look, desk)
    told = desk.viewer().may(Permission.VIEW_PEOPLE)
    return answer(
        "analytics_posts.html",
        **framed(look, desk, say, PATH, job.fault and say("paths.failed", why=job.fault)),
        again_s=AGAIN_S if job.found is None and not job.fault else 0, done=round(100 * job.share),
        is_failed=bool(job.fault), is_told=told,
        files={"posts": look.file("posts")} if may_take(desk) else {},
        posts=[post_said(post, job.found.posts, told=told, say=say) for post in POSTS]
        if job.found is not None else None)


def post_said(post: str, found: pd.DataFrame, *, told: bool, say: Say) -> dict[str, Any]:
    """One post in words: the whole of it, and each person where people are told."""
    mine = found[found["post"] == post]
    persons = mine[mine["person"] != ALL]
    flags: dict[str, str] = {}
    if len(persons) and post not in NEUTRAL:
        strata = pd.DataFrame({"code": persons["person"], "stratum": "", "part": persons["part"].astype(int),
                               "whole": persons["whole"].astype(int)})
        rows = compare(strata, is_ranked=False).rows
        flags = dict(zip(rows["code"], rows["flag"], strict=True))
    return {"key": post, "name": say(f"posts.{post}"), "about": say(f"posts.{post}.about"),
            "held": say(f"posts.{post}.held"),
            "rows": [_row(row, flags, say) for row in mine.to_dict("records")
                     if told or row["person"] == ALL]}


def person_said(person: str, say: Say) -> str:
    """Who acted, as it is shown."""
    return say("posts.all") if person == ALL else say("posts.nobody") if person == NOBODY \
        else person.removeprefix(ACCOUNT)


def _row(row: dict[str, Any], flags: dict[str, str], say: Say) -> dict[str, Any]:
    part, whole, is_one = int(row["part"]), int(row["whole"]), row["person"] not in (ALL, NOBODY)
    band = wilson(part, whole)
    is_judged = is_one and row["post"] not in NEUTRAL
    flag = (flags.get(row["person"]) or "none") if is_judged and whole >= FEWEST else ""
    return {
        "name": person_said(row["person"], say), "is_all": row["person"] == ALL, "acts": number(row["acts"]),
        "p50": span_said(row["p50_h"], say), "p90": span_said(row["p90_h"], say),
        "share": percent(part / whole if whole else None, 2), "counts": f"{number(part)} ÷ {number(whole)}",
        "band": f"{percent(band[0], 1)} – {percent(band[1], 1)}" if band else "", "flag": flag,
        "word": say(f"analytics.flag.{flag}") if flag else say("analytics.flag.few") if is_judged else "",
        "examples": [(case_no, at_seat(f"/?sel=case:{case_no}")) for case_no in row["examples"]]}
