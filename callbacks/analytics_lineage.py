"""GET /analytics/lineage and /analytics/cases: where a figure comes from, and the cases behind a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from dash import Dash
from flask import Response, request

from callbacks.analytics import may_take, of_counter
from callbacks.analytics_address import CASES, LINEAGE, PATH, Look, days_of, dimensions, faults, read_look
from callbacks.analytics_names import names_of
from callbacks.analytics_units import channel_groups
from callbacks.desk import Desk
from callbacks.documents import answer, at_seat, lang_of_request
from dashboard.figures.periods import period_name
from dashboard.figures.values import shown
from dashboard.format import moment, number
from dashboard.texts import Say, speaker
from data.analytics import lineage

#: Lines of a page.
ROWS: Final = 50
#: What an address says of the cases behind a number.
OF_CASES: Final = ("of", "side", "why", "unit", "officer")
_PAGE: Final = re.compile(r"[0-9]{1,5}")


class NotToldError(ValueError):
    """The address asks for what is not told to who asks."""


def register(app: Dash, *, desk: Desk) -> None:
    """Add both pages."""

    @app.server.get(LINEAGE)
    def lineage_page() -> Response:
        return origin(read_look(request.args, desk, lang_of_request()), desk)

    @app.server.get(CASES)
    def counted_cases() -> Response:
        return listed(read_look(request.args, desk, lang_of_request()), request.args, desk)


def origin(look: Look, desk: Desk) -> Response:
    """Definition, formula, what is counted and what is left out and why, age of the data, filter in words."""
    say, one, now = speaker(look.lang), look.indicator, desk.now()
    readers = desk.readers
    found = lineage.sides(readers.cases, look.filter_, now, one)
    counts = readers.cases.counts(look.filter_, now)
    snapshot = readers.snapshot
    return answer(
        "analytics_lineage.html", here=PATH, look=look, fault=faults(look, desk), back=look.address(),
        name=one.zh if look.lang == "zh" else one.en,
        definition=one.definition_zh if look.lang == "zh" else one.definition_en,
        value=shown(one.of(counts.to_dict()), one, say),
        part=getattr(counts, one.numerator), whole=getattr(counts, one.denominator),
        scale=one.scale, is_share=one.unit == "share",
        part_name=say(f"analytics.counter.{one.numerator}"),
        whole_name=say(f"analytics.counter.{one.denominator}"),
        part_to=look.address(CASES, of=one.numerator), whole_to=look.address(CASES, of=one.denominator),
        reported=found.reported, sides=[_side(found, name, look, say) for name in lineage.SIDES
                                        if found.sides[name]],
        words=in_words(look, desk, say), span=days_of(look.period, now),
        as_of=moment(now, desk.zone, year=True, seconds=True),
        read_at=moment(snapshot.refreshed_at, desk.zone, year=True, seconds=True),
        version=readers.cases.version, number=number,
        file=look.file("sides") if may_take(desk) else "")


def _side(found: lineage.Lineage, name: str, look: Look, say: Say) -> dict[str, Any]:
    reasons = [{"name": reason_said(look, name, why, say), "n": n,
                "to": look.address(CASES, side=name, why=why)}
               for why, n in found.reasons.get(name, {}).items()]
    return {"name": say(f"analytics.side.{name}"), "n": found.sides[name], "reasons": reasons,
            "to": look.address(CASES, side=name)}


def reason_said(look: Look, side: str, why: str, say: Say) -> str:
    """A reason in words; the last one names the counter that the cases are not among."""
    counter = say(f"analytics.counter.{lineage.missed(look.indicator, side)}")
    return say(f"analytics.reason.{why}", counter=counter)


def in_words(look: Look, desk: Desk, say: Say) -> list[tuple[str, str]]:
    """The filter in words: what it narrows, and to what."""
    found = [(say("analytics.period"), period_name(look.period, say))]
    for name, codes in look.filter_.to_store().items():
        if isinstance(codes, list):
            named = names_of(name, desk, look.lang)
            told = say("analytics.and").join(named(code) for code in codes)
            found.append((say(f"analytics.set.{name}"), told))
    return found


def listed(look: Look, args: Mapping[str, str], desk: Desk) -> Response:
    """The cases behind a number, newest first."""
    say, now, lang = speaker(look.lang), desk.now(), look.lang
    fault, title, rule, officer = "", "", lineage.rule_of("reported"), None
    try:
        rule, title, officer = asked_cases(look, args, desk, say)
    except NotToldError as error:
        rule, fault = lineage.nobody, str(error)
    except ValueError as error:
        fault = str(error)
    page = int(found[0]) if (found := _PAGE.fullmatch(args.get("page", ""))) else 0
    words = desk.words()
    rows = lineage.listing(desk.readers.cases, look.filter_, now, rule, officer_id=officer or None,
                           limit=ROWS + 1, offset=page * ROWS)
    kept = {key: args[key] for key in OF_CASES if args.get(key)}
    names = names_of("areas", desk, lang)
    return answer(
        "analytics_cases.html", here=PATH, look=look, fault=faults(look, desk, fault),
        back=look.address(), title=title,
        words=in_words(look, desk, say), span=days_of(look.period, now),
        as_of=moment(now, desk.zone, year=True),
        rows=[{"case_no": row["case_no"], "to": at_seat(f"/?sel=case:{row['case_no']}"),
               "title": row["title"] or "", "category": words.category(row["cat_code"], lang),
               "area": names(row["community_code"] or row["street_code"] or ""),
               "department": words.name("departments", row["main_dept_id"], lang),
               "state": words.label("state", row["state"], lang), "is_overdue": row["is_overdue"],
               "reported": moment(row["reported_at"], desk.zone, year=True),
               "handled": moment(row["handled_at"], desk.zone, year=True),
               "deadline": moment(row["deadline_at"], desk.zone, year=True)}
              for row in rows.head(ROWS).to_dict("records")],
        first=page * ROWS + 1, earlier=look.address(CASES, **kept, page=page - 1) if page else "",
        later=look.address(CASES, **kept, page=page + 1) if len(rows) > ROWS else "", number=number,
        file=look.file("cases", **kept) if may_take(desk) and len(rows) else "")


def asked_cases(look: Look, args: Mapping[str, str], desk: Desk, say: Say
                ) -> tuple[lineage.Rule, str, str | None]:
    """The rule that an address names, what it says, and of which officer alone.

    Raises:
        ValueError: it names none there is.
        NotToldError: it names an officer, and who acted is not told to who asks.
    """
    rule, title = rule_asked(look, args, say)
    if args.get("unit"):
        rule, title = rule_of_unit(look, args["unit"], desk, rule, title)
    officer = args.get("officer") or None
    if officer and "officer" not in dimensions(desk):
        raise NotToldError("officer: who acted is not told to you")
    return rule, title, officer


def rule_asked(look: Look, args: Mapping[str, str], say: Say) -> tuple[lineage.Rule, str]:
    """The rule that an address names, and what it says.

    Raises:
        ValueError: it names none there is.
    """
    if args.get("side"):
        found = lineage.side(look.indicator, args["side"])
        title = say(f"analytics.side.{args['side']}")
        if args.get("why"):
            why = lineage.reason(lineage.missed(look.indicator, args["side"]), args["why"])
            said = reason_said(look, args["side"], args["why"], say)
            return (lambda f: found(f) & why(f)), f"{title} · {said}"
        return found, title
    name = of_counter(args.get("of") or "reported")
    return lineage.rule_of(name), say(f"analytics.counter.{name}")


def rule_of_unit(look: Look, code: str, desk: Desk, rule: lineage.Rule, title: str
                 ) -> tuple[lineage.Rule, str]:
    """The rule for the cases of one unit of the look's dimension alone."""
    codes = channel_groups(desk).get(code, []) if look.by == "channel_group" else [code]
    unit = lineage.of_unit("channel" if look.by == "channel_group" else look.by, codes)
    return (lambda f: rule(f) & unit(f)), f"{title} · {names_of(look.by, desk, look.lang)(code)}"


