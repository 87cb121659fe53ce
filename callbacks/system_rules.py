"""/system/rules (预警规则): the rules of alerts, read and changed in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, Response, request

from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back
from callbacks.viewer import current_viewer
from dashboard.components.alerts import SIGNS
from dashboard.texts import Say, maybe, speaker
from data.access.roles import ROLES, Permission
from data.alerts.editing import COLORS, FIELDS, NONE, RuleError, change, rules
from data.engine import Store

PATH: Final = "/system/rules"
#: Roles that work with alerts: whoever may see the wall.
TOLD: Final = tuple(role for role, may in ROLES.items() if Permission.VIEW in may)
_SPANS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))
#: Rule that was refused, why, and its form as it was sent.
Fault = tuple[str, str, Mapping[str, str]]
#: What a rule may be without: then it goes for every area or category.
_EMPTY: Final = frozenset({"area_code", "cat_code"})


def register(server: Flask, office: Office, permits: Permits, *, store: Store) -> None:
    """GET /system/rules, POST /system/rules/<rule_id>."""
    with permits.of(Permission.OPERATE):
        server.add_url_rule(PATH, "system_rules", lambda: _page(office, store), methods=["GET"])
        server.add_url_rule(f"{PATH}/<rule_id>", "system_rules_change",
                            lambda rule_id: _change(office, store, rule_id), methods=["POST"])


def written(rule: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a rule as its form shows them; '' for none, the window in minutes.

    Args:
        rule: a row as of `data.alerts.editing.rules`.
    """
    window, threshold = rule["window_s"], rule["threshold"]
    return {
        "is_on": "on" if rule["is_on"] else "off", "color": rule["color"],
        "threshold": "" if threshold is None else f"{threshold:.15g}",
        "window_s": "" if window is None else f"{window / 60:.15g}",
        "area_code": rule["area_code"] or "", "cat_code": rule["cat_code"] or "",
        "roles": ",".join(rule["roles"])}


def differences(rule: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, str]:
    """What a form says otherwise than the rule, as `data.alerts.editing.change` wants it.

    Args:
        rule: as it is.
        form: field -> text, the window in minutes. A threshold or a window that the rule has none of is
            none of its kind, and left alone; so is a field that the form does not have.

    Raises:
        RuleError: the window is no number of minutes.
    """
    known, said = written(rule), {}
    for field in FIELDS:
        text = form.get(field, known[field]).strip()
        is_needless = field in {"threshold", "window_s"} and rule[field] is None
        if text == known[field] or is_needless:
            continue
        if text == NONE and field not in _EMPTY:
            raise RuleError(f"{field} must not be emptied here, got {NONE!r}")
        empty = NONE if field in _EMPTY else ""
        said[field] = _seconds(text) if field == "window_s" else text or empty
    return said


def _seconds(minutes: str) -> str:
    try:
        return str(round(float(minutes) * 60))
    except (ValueError, OverflowError) as error:
        raise RuleError(f"window_s must be a number of minutes, got {minutes[:40]!r}") from error


def _form() -> dict[str, str]:
    """The fields of the request's form; roles in the order of their table."""
    found = {field: request.form[field][:200] for field in FIELDS if field in request.form}
    chosen = request.form.getlist("roles")[:50]
    return {**found, "roles": ",".join([role for role in TOLD if role in chosen]
                                       + sorted(set(chosen) - set(TOLD)))}


def _change(office: Office, store: Store, rule_id: str) -> Response:
    viewer = current_viewer()
    rule = next((row for row in rules(store) if row["rule_id"] == rule_id), None)
    if rule is None:
        return refuse(404, f"rule_id must be that of a rule, got {rule_id[:60]!r}")
    if not viewer.scope.has_all_areas:
        return refuse(403, "a rule holds for the whole district, and your scope is a part of it")
    form, kept = _form(), {"roles": ",".join(role for role in TOLD if role in rule["roles"])}
    if set(form["roles"].split(",")) == set(kept["roles"].split(",")):
        form["roles"] = written(rule)["roles"]  # the order is none of the reader's business
    try:
        said = differences(rule, form)
        if said:
            change(store, rule_id, said, by=viewer, now=office.clock(), address=request.remote_addr)
    except RuleError as error:
        fault = speaker(lang_of_request())(f"rules.fault.{str(error).partition(' ')[0]}")
        return _page(office, store, fault=(rule_id, fault, form))
    return back(PATH, lang=request.args.get("lang"), saved=rule_id)


def _page(office: Office, store: Store, *, fault: Fault | None = None) -> Response:
    say = speaker(lang_of_request())
    shown = [_shown(rule, office, say, named=office.names_of_areas(), fault=fault) for rule in rules(store)]
    shown.sort(key=lambda row: COLORS.index(row["shown_color"]))
    saved = next((row["name"] for row in shown if row["id"] == request.args.get("saved")), "")
    return answer(
        "rules.html", status=400 if fault else 200, here=PATH, rows=shown, saved=saved, colors=COLORS,
        signs=SIGNS, roles=TOLD, may_change=current_viewer().scope.has_all_areas,
        in_language=lambda lang: f"{PATH}?lang={lang}")


def _shown(rule: Mapping[str, Any], office: Office, say: Say, *, named: Callable[[str], str],
           fault: Fault | None) -> dict[str, Any]:
    """A rule in words, and its form as it is or as it was sent."""
    is_faulty = fault is not None and fault[0] == rule["rule_id"]
    form = {**written(rule), **(fault[2] if fault is not None and is_faulty else {})}
    name = maybe(say, f"alert.kind.{rule['kind']}", rule["kind"])
    threshold = written(rule)["threshold"]  # the head says what holds, the form what was sent
    facts = [f"{say('rules.threshold')} {threshold}" if threshold else "",
             span(rule["window_s"], say), named(rule["area_code"]) if rule["area_code"] else "",
             rule["cat_code"] or ""]
    return {
        "id": rule["rule_id"], "shown_color": rule["color"], "is_on": rule["is_on"], "form": form,
        "name": name if rule["rule_id"] == rule["kind"] else f"{name} · {rule['rule_id']}",
        "when": maybe(say, f"rules.when.{rule['kind']}", ""),
        "facts": " · ".join(fact for fact in facts if fact),
        "told": [role for role in form["roles"].split(",") if role],
        "fault": fault[1] if fault is not None and is_faulty else "",
        "has_threshold": rule["threshold"] is not None, "has_window": rule["window_s"] is not None,
        "changed": say("rules.changed", at=office.shown(rule["updated_at"]), by=rule["updated_by"])
        if rule["updated_by"] else say("rules.untouched")}


def span(seconds: int | None, say: Say) -> str:
    """A window in its largest whole unit; '' for none."""
    if seconds is None:
        return ""
    size, unit = next(((size, unit) for size, unit in _SPANS if seconds % size == 0), (60, "min"))
    return str(say(f"rules.span.{unit}", n=f"{seconds / size:g}"))
