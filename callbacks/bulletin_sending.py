"""Subscriptions of bulletins (通报订阅): who gets what is published by mail or webhook, and how it went."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, request

from callbacks.desk import Desk
from callbacks.documents import answer, lang_of_request
from callbacks.permits import Permits
from callbacks.refusals import refuse
from callbacks.system import Office, back
from callbacks.viewer import current_viewer
from dashboard.bulletin.as_pdf import FontError
from dashboard.bulletin.letters import letter
from dashboard.format import moment
from dashboard.texts import speaker
from data.access.roles import Permission
from data.bulletin.carrying import CarryError, hook, mail
from data.bulletin.keeping import Version
from data.bulletin.mail_settings import MailServer
from data.bulletin.sending import KINDS, Sending, Subscription, SubscriptionError

PATH: Final = "/bulletins/subscriptions"
_PURPOSE: Final = b"map room: bulletins by webhook, 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What carries letters.

    Attributes:
        sending: subscriptions and letters.
        server: that takes mail; None: there is none.
        hosts: origins that may be told by webhook.
        key: makes the secret key of the store, asked when it is needed.
    """

    sending: Sending
    server: MailServer | None
    hosts: tuple[str, ...]
    key: Callable[[], bytes]

    def key_of(self, subscription_id: int) -> str:
        """What a receiver checks signatures with: derived, so that it stands nowhere."""
        own = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(self.key())
        return hmac.new(own, str(subscription_id).encode(), "sha256").hexdigest()

    def carry(self, desk: Desk, clock: Callable[[], datetime], version: Version, to: Subscription) -> None:
        """One letter to who subscribed.

        Raises:
            data.bulletin.carrying.CarryError: it did not arrive.
        """
        kept = desk.press.kept
        chain = [one for one in kept.versions(version.period)[::-1] if one.version <= version.version]
        try:
            made = letter(kept.content(version), chain, desk.zone, to)
        except FontError as error:
            raise CarryError(str(error)) from error
        if to.kind == "webhook":
            hook(to.target, made, key=self.key_of(to.subscription_id).encode(), hosts=self.hosts, now=clock())
        elif self.server is None:
            raise CarryError("GRID_SMTP must name a server that takes mail, got none")
        else:
            mail(self.server, to.target, made)


def post_of(desk: Desk, settings: Any, key: Callable[[], bytes]) -> Post:
    """The post of a desk, by the settings (`data.settings.Settings`)."""
    return Post(sending=Sending(desk.everything.store, hosts=settings.webhook_hosts), server=settings.mail,
                hosts=settings.webhook_hosts, key=key)


def register(server: Flask, office: Office, permits: Permits, *, desk: Desk, post: Post) -> None:
    """Add page and acts, and let letters go whenever bulletins are looked at."""
    desk.press.schedule.then(lambda: post.sending.send_due(
        office.clock(), lambda version, to: post.carry(desk, office.clock, version, to)))
    with permits.of(Permission.ASSESS):
        server.add_url_rule(PATH, "bulletin_subscriptions", lambda: _page(desk, post), methods=["GET"])
        server.add_url_rule(PATH, "bulletin_subscribe", lambda: _subscribe(office, desk, post),
                            methods=["POST"])
        server.add_url_rule(f"{PATH}/<int:subscription_id>/stop", "bulletin_unsubscribe",
                            lambda subscription_id: _stop(office, post, subscription_id), methods=["POST"])


def _refused() -> Response | None:
    viewer = current_viewer()
    return None if viewer.scope.is_everything else refuse(
        403, "a bulletin speaks of the whole district, and your scope is a part of it")


def _subscribe(office: Office, desk: Desk, post: Post) -> Response:
    if refused := _refused():
        return refused
    form = {name: request.form.get(name, "")[:400] for name in ("kind", "target", "lang")}
    try:
        post.sending.subscribe(**form, by=current_viewer(), now=office.clock(), address=request.remote_addr)
    except SubscriptionError as error:
        say = speaker(lang_of_request())
        hosts = say("bulletin.joint_names").join(post.hosts) or "—"
        return _page(desk, post, form=form, fault=say(
            f"bulletin.fault.{form['kind'] if str(error).startswith('target') else 'other'}"
            if form["kind"] in KINDS else "bulletin.fault.other", hosts=hosts))
    return back(PATH)


def _stop(office: Office, post: Post, subscription_id: int) -> Response:
    if refused := _refused():
        return refused
    if not post.sending.stop(subscription_id, by=current_viewer(), now=office.clock(),
                             address=request.remote_addr):
        return refuse(404, f"there is no subscription {subscription_id} that is on")
    return back(PATH)


def _page(desk: Desk, post: Post, *, form: dict[str, str] | None = None, fault: str = "") -> Response:
    if refused := _refused():
        return refused
    say = speaker(lang_of_request())
    return answer(
        "bulletin_subscriptions.html", status=400 if fault else 200, here="/bulletins", fault=fault,
        heading=say("bulletin.subscriptions"), about=say("bulletin.subscriptions.about"),
        form=form or {"kind": "email", "target": "", "lang": lang_of_request()}, kinds=KINDS,
        closed=[say(f"bulletin.closed.{kind}") for kind, is_open in (
            ("email", post.server), ("webhook", post.hosts)) if not is_open],
        rows=[_row(one, desk, post, say) for one in post.sending.subscriptions()],
        in_language=lambda lang: f"{PATH}?lang={lang}")


def _row(one: Subscription, desk: Desk, post: Post, say: Any) -> dict[str, Any]:
    """A subscription in words; its last letter waits, arrived, or was given up."""
    last = one.last
    state = "none" if not last else "sent" if last["sent_at"] else "waits" if last["due_at"] else "lost"
    told = {"period": last.get("period", ""), "tries": last.get("tries", 0),
            "time": moment(last.get("sent_at") or last.get("due_at"), desk.zone)}
    return {"id": one.subscription_id, "kind": say(f"bulletin.kind.{one.kind}"), "target": one.target,
            "lang": one.lang, "state": state, "told": say(f"bulletin.letter.{state}", **told),
            "why": last.get("fault", ""), "by": one.by_name,
            "key": post.key_of(one.subscription_id) if one.kind == "webhook" else ""}
