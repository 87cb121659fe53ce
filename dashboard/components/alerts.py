"""预警: what is in hand, gravest first; several of a kind in one line that opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dash import html

from dashboard.components.case_card import Tongue
from dashboard.format import missing, moment, number
from dashboard.texts import maybe
from data.alerts.groups import ALL
from data.alerts.reader import COLORS, Board, Line

#: Sign of each colour: shape tells it as well.
SIGNS: Final[Mapping[str, str]] = {"red": "◆", "orange": "▲", "yellow": "■", "blue": "●"}


#: Values from here on are told without a fraction.
WHOLE_FROM: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How the rules were evaluated.

    Attributes:
        at: the store's time of the last look that went well, aware; None: there was none.
        fault: what kind of failure ended the last look; None: it went well.
    """

    at: datetime | None = None
    fault: str | None = None


def alert_panel(board: Board, looked: Looked | None, *, now: datetime, tongue: Tongue) -> list[Any]:
    """Content of the panel.

    Args:
        looked: how the rules were evaluated; None for the board of a past moment.
        now: the moment of the board, aware.
    """
    say, zone = tongue.say, tongue.zone
    head = html.H2([say("alerts.title"), html.Small(_hint(board, looked, now, tongue))],
                   className="panel__head")
    notes = []
    if looked and looked.fault:
        notes.append(html.P(say("alerts.fault", at=moment(looked.at, zone), fault=looked.fault),
                            className="alerts__fault", role="alert"))
    if board.is_flood:
        notes.append(html.P(say("alerts.flood"), className="alerts__note"))
    if not board.total:
        return [head, *notes, html.P(_calm(looked, tongue), className="quiet")]
    rows = [line_row(line, now=now, tongue=tongue) for line in board.lines]
    more = [_leading(ALL, say("alerts.more", n=number(board.left_out)))] if board.left_out else []
    return [head, _totals(board, tongue), *notes,
            html.Div([*rows, *more], className="alerts__rows", tabIndex=0, role="list",
                     **{"aria-label": say("alerts.title")})]


def _hint(board: Board, looked: Looked | None, now: datetime, tongue: Tongue) -> str:
    say = tongue.say
    if looked is None:
        return str(say("alerts.past", at=moment(now, tongue.zone, seconds=True)))
    parts = [say("alerts.hint", open=number(board.total))]
    parts += [say("alerts.shelved", n=number(board.shelved))] if board.shelved else []
    return " · ".join(parts)


def _calm(looked: Looked | None, tongue: Tongue) -> str:
    """No alert is not all well: when it was last looked at is said with it."""
    say = tongue.say
    if looked is None:
        return str(say("alerts.calm"))
    return str(say("alerts.never") if looked.at is None else
               say("alerts.calm.at", at=moment(looked.at, tongue.zone, seconds=True)))


def _totals(board: Board, tongue: Tongue) -> html.Div:
    """How many of each colour."""
    return html.Div(
        [html.Span([color_sign(color, tongue), f" {number(board.totals[color])}"], className="alerts__total",
                   **{"data-total": color}) for color in COLORS],
        className="alerts__totals")


def color_sign(color: str, tongue: Tongue) -> html.Span:
    """The sign of a colour, named for those who do not see it."""
    name = tongue.say(f"color.{color}")
    return html.Span(SIGNS[color], className=f"alert__sign is-{color}", role="img", title=name,
                     **{"aria-label": name})


def line_row(line: Line, *, now: datetime, tongue: Tongue) -> Any:
    """An alert, or a group that opens."""
    if line.count == 1:
        return alert_row(line.members[0], now=now, tongue=tongue)
    say, first = tongue.say, line.members[0]
    rest = line.count - len(line.members)
    whole = [_leading(f"{first['kind']}/{first['street_code']}",
                      say("alerts.group.more", n=number(rest)) if rest else say("alerts.group.open"))]
    summary = html.Summary([
        color_sign(line.color, tongue),
        html.Span([kind_name(first, tongue), " · ", say("alerts.group", n=number(line.count))],
                  className="row__title"),
        _age(line.newest, now),
        html.Small(" · ".join([street_of(first, tongue),
                               say("alerts.span", since=moment(line.oldest, tongue.zone))])),
    ], className="row alerts__group")
    return html.Details([summary, *(alert_row(one, now=now, tongue=tongue, of_group=True)
                                    for one in line.members), *whole],
                        key=str(first["line_key"]), role="listitem")


def _leading(code: str, text: str) -> html.Button:
    """A line that opens the list behind it."""
    return html.Button(html.Span(text, className="row__title"), type="button", className="row alerts__open",
                       role="listitem", **{"data-select": "alerts", "data-code": code})


def alert_row(row: Mapping[str, Any], *, now: datetime, tongue: Tongue,
              of_group: bool = False) -> html.Button:
    """One line of an alert; a click selects it. In a group its kind has been told where it has a name."""
    say = tongue.say
    subject = subject_name(row, tongue)
    notes = [place_of(row, tongue), say(f"alert.state.{row['state']}")]
    if int(row["count"]) > 1:
        notes.append(say("alerts.times", n=number(row["count"])))
    title = subject if of_group and subject else f"{kind_name(row, tongue)} {subject}".strip()
    return html.Button(
        [
            color_sign(str(row["color"]), tongue),
            html.Span([html.Span(title, className="row__title"),
                       html.Small(" · ".join(note for note in notes if note))], className="row__text"),
            _age(row["last_at"], now),
        ],
        type="button", className="row", key=str(row["alert_id"]), role="listitem",
        **{"data-select": "alert", "data-code": str(row["alert_id"])})


def _age(at: datetime, now: datetime) -> html.Span:
    """Hours and minutes since; the browser goes on counting."""
    return html.Span(age((now - at).total_seconds()), className="row__time", **{"data-age": at.isoformat()})


def age(seconds: float) -> str:
    """A span as ``00:14``, hours and minutes; from a hundred hours on in days. As assets/46-alerts.js."""
    minutes = max(0, int(seconds)) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}" if minutes < 6000 else f"{minutes // 1440} d"


def kind_name(row: Mapping[str, Any], tongue: Tongue) -> str:
    """What the rule looks for, in words."""
    return maybe(tongue.say, f"alert.kind.{row['kind']}", str(row["kind"]))


def subject_name(row: Mapping[str, Any], tongue: Tongue) -> str:
    """What the alert speaks of: title of the case, name of the person or thing; '' where nobody may know."""
    if _text(row.get("case_title")) or _text(row.get("cat_code")):
        return _text(row.get("case_title")) or tongue.words.category(_text(row.get("cat_code")), tongue.lang)
    if row["subject_type"] == "grid":
        return _text(row.get("grid_name")) or ""
    if row["subject_type"] == "feed":
        return _feed_name(_text(row.get("subject_id")) or "", tongue)
    return _text(row.get("person_name")) or _text(row.get("thing_name")) or ""


def _feed_name(feed: str, tongue: Tongue) -> str:
    """The name of a channel or a department, ``channel:hotline_12345``."""
    kind, _, code = feed.rpartition(":")
    if kind == "positions":
        return str(tongue.say("feeds.positions"))
    if kind == "readings":
        return tongue.words.label("resource_kind", code, tongue.lang)
    return tongue.words.name("departments" if kind == "department" else "channels", code, tongue.lang)


def street_of(row: Mapping[str, Any], tongue: Tongue) -> str:
    """The street; the whole district where there is none."""
    code = _text(row.get("street_code"))
    return str(tongue.words.name("areas", code, tongue.lang) if code else tongue.say("alerts.whole"))


def place_of(row: Mapping[str, Any], tongue: Tongue) -> str:
    """Grid or community with its street."""
    community = _text(row.get("community_code"))
    grid = _text(row.get("grid_name"))
    near = grid or (tongue.words.name("areas", community, tongue.lang) if community else None)
    return " ".join(part for part in (street_of(row, tongue), near) if part)


def measured(row: Mapping[str, Any], tongue: Tongue) -> str:
    """What the rule found when it last fired, with its unit; '' where there is nothing to tell."""
    key = f"alert.value.{row['kind']}"
    if missing(row.get("value")) or not maybe(tongue.say, key, ""):
        return ""
    value = float(row["value"])
    told = number(round(value)) if abs(value) >= WHOLE_FROM else f"{round(value, 4):g}"
    return str(tongue.say(key, n=told))


def _text(value: Any) -> str | None:
    return None if missing(value) or value == "" else str(value)
