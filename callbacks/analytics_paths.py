"""GET /analytics/paths (办理透视): the paths of cases, mined in the background; the page tells how far."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from dash import Dash
from flask import Response, request

from callbacks.analytics import may_take
from callbacks.analytics_address import PATHS, Look, read_look
from callbacks.analytics_frame import framed
from callbacks.analytics_names import names_of
from callbacks.desk import Desk
from callbacks.documents import answer, at_seat, lang_of_request
from dashboard.figures.process_map import process_map
from dashboard.figures.values import shown
from dashboard.format import NONE, missing, number, percent
from dashboard.texts import Say, speaker
from data.analytics.mining import XRay, mine
from data.analytics.mining_jobs import Job, Jobs
from data.cases.indicators import BY_KEY, rates

#: Seconds after which the page asks again while it waits.
AGAIN_S: Final = 1
#: Of 1-3-0: deployed in a day, feedback in three, nothing open.
_MILESTONES: Final = ("m1_rate", "m3_rate")
_JOBS: Final = Jobs()


def register(app: Dash, *, desk: Desk) -> None:
    """Add the page."""

    @app.server.get(PATHS)
    def paths_page() -> Response:
        return page(read_look(request.args, desk, lang_of_request()), desk)


def page(look: Look, desk: Desk) -> Response:
    """The page of a look; its dimension and indicator are not asked for."""
    say, now, lang = speaker(look.lang), desk.now(), look.lang
    cases, second, job = desk.readers.cases, minute_of(now), job_of(look, desk)
    found: XRay | None = job.found
    counts = cases.counts(look.filter_, second, ("m1_due", "m1_met", "m3_due", "m3_met", "open"))
    rated = rates(counts)
    return answer(
        "analytics_paths.html",
        **framed(look, desk, say, PATHS, job.fault and say("paths.failed", why=job.fault)),
        again_s=AGAIN_S if found is None and not job.fault else 0,
        done=round(100 * job.share), is_failed=bool(job.fault),
        milestones=[(BY_KEY[key].zh if lang == "zh" else BY_KEY[key].en, shown(rated[key], BY_KEY[key], say))
                    for key in _MILESTONES] + [(say("paths.open"), number(counts.open))],
        files={key: look.file(key) for key in ("steps", "stages", "pairs", "deviations", "variants")}
        if may_take(desk) else {},
        found=_told(found, look, desk, say) if found is not None else None)


def minute_of(now: datetime) -> datetime:
    """The moment of a question: one of this minute is the same question."""
    return now.replace(microsecond=0, second=0)


def job_of(look: Look, desk: Desk) -> Job:
    """How the mining of a look stands; begun where nobody asked for it yet."""
    cases, minute = desk.readers.cases, minute_of(desk.now())
    return _JOBS.ask((cases.version if desk.frozen else f"{minute}", cases.scope.key, look.filter_, minute),
                     lambda progress: mine(cases, look.filter_, minute, progress))


def _told(found: XRay, look: Look, desk: Desk, say: Say) -> dict[str, Any]:
    """What was found, in words."""
    units = names_of("department", desk, look.lang)
    drawn = process_map(found.edges)
    return {
        "cases": number(found.cases), "events": number(found.events), "kinds": number(found.kinds),
        "conforming": percent(found.conforming / found.cases, 1) if found.cases else NONE,
        "map": drawn,
        "boxes": [(box, _act(box.act, say), number(box.cases)) for box in drawn.boxes],
        "lines": [(line, say("paths.step", before=_act(line.before, say), after=_act(line.after, say),
                             n=number(line.cases), time=took), took)
                  for line in drawn.lines for took in [span_said(line.p50_h, say)]],
        "variants": [{"acts": [_act(act, say) for act in row["acts"].split(",")],
                      "cases": number(row["cases"]), "share": percent(row["share"], 1),
                      "time": span_said(row["p50_h"], say)}
                     for row in found.variants.to_dict("records")],
        "stages": [{"name": desk.words().label("state", row["state"], look.lang),
                    "cases": number(row["cases"]), "share": percent(row["share"], 1),
                    "width": round(100 * row["share"], 1),
                    "mean": span_said(row["hours"] / max(row["cases"], 1), say)}
                   for row in found.stages.to_dict("records")],
        "pairs": [{"unit": units(row["unit"]), "between": units(row["between"]),
                   "times": number(row["times"])}
                  for row in found.pairs.to_dict("records")],
        "deviations": [{"kind": row["kind"], "name": say(f"paths.deviation.{row['kind']}"),
                        "about": say(f"paths.deviation.{row['kind']}.about"), "cases": number(row["cases"]),
                        "share": percent(row["share"], 2),
                        "examples": [(case_no, at_seat(f"/?sel=case:{case_no}"))
                                     for case_no in row["examples"]]}
                       for row in found.deviations.to_dict("records")],
    }


def _act(act: str, say: Say) -> str:
    return say(f"paths.act.{act}")


def span_said(hours: float, say: Say) -> str:
    """Hours as people say them: minutes, hours or days."""
    if missing(hours):
        return NONE
    if hours < 1:
        return str(say("paths.minutes", n=f"{60 * hours:.0f}"))
    if hours < 48:
        return str(say("paths.hours", n=f"{hours:.1f}"))
    return str(say("paths.days", n=f"{hours / 24:.1f}"))
