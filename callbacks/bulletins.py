"""/bulletins (半月通报): drafts, their texts and signatures, what was published, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back, entry
from callbacks.viewer import current_viewer
from dashboard.bulletin.as_pdf import FontError, numbers
from dashboard.bulletin.compose import compose
from dashboard.bulletin.files import FORMS, hashes, render
from dashboard.figures.periods import period_name
from dashboard.texts import speaker
from data.access.roles import Permission
from data.analytics.periods import Period, PeriodError, before, period_at, read_period
from data.bulletin.content import reckon
from data.bulletin.keeping import ACTS, BLOCKS, BulletinError, StateError, Version
from data.bulletin.press import Press
from data.bulletin.schedule import KIND, last_over

PATH: Final = "/bulletins"
#: Half-months that may be made anew on the page, back from the one in progress.
_BACK: Final = 6
#: The longest body: three texts of two thousand Chinese signs as a form sends them.
MAX_BODY: Final = 96 << 10


def register(server: Flask, office: Office, permits: Permits, *, desk: Desk, press: Press) -> None:
    """Add the pages, the acts and the files."""
    with permits.of(Permission.VIEW):
        server.add_url_rule(PATH, "bulletins", lambda: _list(desk, press), methods=["GET"])
        server.add_url_rule(f"{PATH}/<period>", "bulletin", lambda period: _page(desk, press, period),
                            methods=["GET"])
    with permits.of(Permission.ASSESS, max_body=MAX_BODY):
        server.add_url_rule(PATH, "bulletin_make", lambda: _make(office, desk, press), methods=["POST"])
        for act in ACTS:
            server.add_url_rule(f"{PATH}/<period>/{act}", f"bulletin_{act}",
                                lambda period, act=act: _act(office, desk, press, period, act),
                                methods=["POST"])
    with permits.of(Permission.EXPORT):
        server.add_url_rule("/export/bulletins/<period>/<int:version>.<form>", "bulletin_file",
                            lambda period, version, form: _file(office, desk, press, period, version, form),
                            methods=["GET"])


def _refused() -> Response | None:
    """Why who asks sees no bulletin; None: they do.

    A bulletin speaks of the whole district: who sees a part of it reads none, nor does a screen.
    """
    viewer = current_viewer()
    if viewer.is_screen or not viewer.scope.is_everything:
        return refuse(403, "a bulletin speaks of the whole district, and your scope is a part of it")
    return None


def _told(versions: Sequence[Version]) -> list[Version]:
    """The versions that who asks may read, oldest first: drafts only who may sign them."""
    chain = list(versions)[::-1]
    if current_viewer().may(Permission.ASSESS):
        return chain
    last = max((place for place, one in enumerate(chain) if one.state == "published"), default=-1)
    return chain[:last + 1]


def _period(desk: Desk, code: str) -> Period | None:
    try:
        found = read_period(code, desk.zone)
    except PeriodError:
        return None
    return found if found.kind == KIND else None


def _list(desk: Desk, press: Press) -> Response:
    if refused := _refused():
        return refused
    say, may_sign = speaker(lang_of_request()), current_viewer().may(Permission.ASSESS)
    rows = []
    for one in press.kept.newest():
        told = _told(press.kept.versions(one.period))
        if told:
            rows.append(_row(told[-1], desk, lang_of_request()))
    held = {row["period"] for row in rows}
    fault = press.schedule.error
    return answer(
        "bulletins.html", here=PATH, heading=say("bulletin.title"), about=say("bulletin.about"), rows=rows,
        fault=say("bulletin.fault.schedule", why=fault) if fault and may_sign else "",
        offered=[(one.code, period_name(one, say)) for one in _offered(desk) if one.code not in held]
        if may_sign else [], may_sign=may_sign, in_language=lambda lang: f"{PATH}?lang={lang}")


def _row(one: Version, desk: Desk, lang: str) -> dict[str, Any]:
    say = speaker(lang)
    return {"period": one.period, "name": period_name(read_period(one.period, desk.zone), say),
            "state": one.state, "state_text": say(f"bulletin.state.{one.state}"), "version": one.version,
            "by": one.by_name or say("bulletin.schedule"),
            "at": f"{one.at.astimezone(desk.zone):%Y-%m-%d %H:%M}"}


def _offered(desk: Desk) -> list[Period]:
    """Half-months that may be made: the one in progress and some before it, not before the first case."""
    found, first = [period_at(KIND, desk.now(), desk.zone)], desk.words().first_reported
    while len(found) < _BACK:
        found.append(before(found[-1]))
    return [one for one in found if first is not None and one.until > first]


def _make(office: Office, desk: Desk, press: Press) -> Response:
    if refused := _refused():
        return refused
    code = request.form.get("period", "")[:20] or last_over(desk.now(), desk.zone).code
    period = next((one for one in _offered(desk) if one.code == code), None)
    if period is None:
        return refuse(400, f"period must be one of {', '.join(one.code for one in _offered(desk))};"
                           f" got {code!r}")
    press.kept.make(reckon(press.sources, period, desk.now()), by=current_viewer(), now=office.clock(),
                    address=request.remote_addr)
    return back(f"{PATH}/{period.code}")


def _act(office: Office, desk: Desk, press: Press, code: str, act: str) -> Response:
    if refused := _refused():
        return refused
    period = _period(desk, code)
    if period is None:
        return refuse(404, f"period must be a half-month such as 2019-05-H1, got {code[:40]!r}")
    about: dict[str, Any] = {}
    try:
        seen = request.form.get("seen", "")
        if not (seen.isascii() and seen.isdigit() and len(seen) < 7):
            raise BulletinError(f"seen must be the number of a version, got {seen[:20]!r}")
        if act == "edited":
            about["texts"] = {block: request.form.get(block, "") for block in BLOCKS}
        elif act == "reckoned":
            about["content"] = reckon(press.sources, period, desk.now())
        elif act == "published":
            about["hashed"] = lambda content, versions: hashes(content, versions, desk.zone)
        press.kept.act(period.code, act, seen=int(seen), by=current_viewer(), now=office.clock(),
                       address=request.remote_addr, **about)
    except StateError:
        return _page(desk, press, code, status=409, fault=speaker(lang_of_request())("bulletin.fault.state"))
    except BulletinError as error:
        return _page(desk, press, code, status=400, fault=str(error), texts=about.get("texts"))
    except FontError as error:
        return _page(desk, press, code, status=503, fault=str(error))
    if act == "published":
        press.schedule.wake()
    return back(f"{PATH}/{period.code}", done=act)


def _page(desk: Desk, press: Press, code: str, *, status: int = 200, fault: str = "",
          texts: Mapping[str, str] | None = None) -> Response:
    if refused := _refused():
        return refused
    period = _period(desk, code)
    chain = _told(press.kept.versions(period.code)) if period else []
    wanted = _whole(request.args.get("version", ""))
    shown = [one for one in chain if not wanted or one.version <= wanted]
    if period is None or not shown:
        return refuse(404, f"there is no bulletin of {code[:40]!r} that you may read")
    lang, viewer = lang_of_request(), current_viewer()
    last, newest = shown[-1], chain[-1]
    sheet = compose(press.kept.content(last), shown, desk.zone, lang)
    may_sign = viewer.may(Permission.ASSESS) and last is newest
    return answer(
        "bulletin.html", status=status, here=PATH, sheet=sheet, numbers=numbers, fault=fault,
        heading=sheet.title, about="",
        period=period.code, version=last.version, can=[act for act in last.can if act != "edited"]
        if may_sign else [], may_edit=may_sign and "edited" in last.can,
        texts=texts or {block: last.texts.get(block, "") for block in BLOCKS},
        computed={section.key: "\n".join(section.paragraphs) for section in sheet.sections},
        history=[_history(one, desk, lang) for one in chain[::-1]], is_newest=last is newest,
        done=request.args.get("done") if request.args.get("done") in ACTS else "",
        files=[(form, f"/export/bulletins/{period.code}/{last.version}.{form}?lang={lang}") for form in FORMS]
        if viewer.may(Permission.EXPORT) else [], hashes=sorted(last.hashes.items()),
        earlier=_neighbour(press, period))


def _neighbour(press: Press, period: Period) -> str:
    """The address of the bulletin before; empty where there is none that may be read."""
    code = before(period).code
    return f"{PATH}/{code}" if _told(press.kept.versions(code)) else ""


def _history(one: Version, desk: Desk, lang: str) -> dict[str, Any]:
    say = speaker(lang)
    return {**_row(one, desk, lang), "act": say(f"action.bulletin_{one.act}")}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _file(office: Office, desk: Desk, press: Press, code: str, version: int, form: str) -> Response:
    if refused := _refused():
        return refused
    period = _period(desk, code)
    told = _told(press.kept.versions(period.code)) if period else []
    chain = [one for one in told if one.version <= version]
    if period is None or not chain or chain[-1].version != version or form not in FORMS:
        return refuse(404, f"there is no file {form[:10]!r} of version {version} of {code[:40]!r}")
    lang = lang_of_request()
    try:
        made = render(press.kept.content(chain[-1]), chain, desk.zone, lang, form)
    except FontError as error:
        return refuse(503, str(error))
    office.access.audit.record(entry("exported", object_kind="bulletin", object_id=period.code, detail={
        "version": version, "form": form, "lang": lang}), now=office.clock())
    name = f"bulletin-{period.code}-v{version}-{lang}.{form}"
    return Response(made, mimetype=FORMS[form][0],
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})
