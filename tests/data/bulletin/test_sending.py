"""Letters: to a real server of mail and to a real webhook, once each, tried again until they arrive."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from data.bulletin.carrying import CarryError, Letter, hook, mail, signature
from data.bulletin.keeping import Bulletins
from data.bulletin.mail_settings import MailServer
from data.bulletin.sending import TRIES, Sending, SubscriptionError
from data.engine import Store
from data.settings import Settings, SettingsError
from tests.data.bulletin.posts import hook_server, mail_server
from tests.signed_in import a_viewer

NOW = datetime(2026, 5, 16, 1, tzinfo=UTC)
BY = a_viewer(roles=("leader",))
HOOKS = ("http://127.0.0.1:1",)
LETTER = Letter(ident="bulletin-2026-05-H1-3-7", at=NOW, subject="中山区城市治理半月通报",
                text="结案率 95.26%", facts={"period": "2026-05-H1"},
                files={"b.pdf": ("application/pdf", b"%PDF-1.7 \xff\x00")})


def published(store: Store, period: str = "2026-05-H1") -> None:
    kept = Bulletins(store)
    kept.make({"format": 1, "period": period, "as_of": "2026-05-16T00:00:00+08:00"}, by=BY, now=NOW)
    for seen, act in enumerate(("reviewed", "published"), 1):
        kept.act(period, act, seen=seen, by=BY, now=NOW)


def test_mail_arrives_with_words_and_files() -> None:
    with mail_server() as box:
        host, _, port = box.address.partition(":")
        server = MailServer(host=host, port=int(port), is_tls=False, sender="wall@district.example")
        mail(server, "leader@district.example", LETTER)
        found, = box.mails()
        assert (found["To"], found["Subject"], found["Message-ID"]) == (
            "leader@district.example", LETTER.subject, "<bulletin-2026-05-H1-3-7@district.example>")
        body = found.get_body()
        assert body is not None
        assert "结案率 95.26%" in body.get_content()
        attached, = found.iter_attachments()
        assert (attached.get_filename(), attached.get_content()) == ("b.pdf", LETTER.files["b.pdf"][1])
        locked = MailServer(host=host, port=int(port), is_tls=False, sender="wall@district.example",
                            user="wall", password="a secret")
        with pytest.raises(CarryError, match="must offer STARTTLS before a password is sent"):
            mail(locked, "leader@district.example", LETTER)
        assert len(box.letters) == 1
    with pytest.raises(CarryError, match=r"127\.0\.0\.1: ConnectionRefusedError"):
        mail(server, "leader@district.example", LETTER)


def test_a_webhook_is_signed_goes_only_where_it_may_and_follows_nobody() -> None:
    with hook_server() as box:
        key, target = b"the key", f"{box.address}/take?x=1"
        hook(target, LETTER, key=key, hosts=(box.address,), now=NOW)
        (path, headers, body), = box.letters
        assert path == "/take?x=1"
        told = json.loads(body)
        assert (told["id"], told["period"]) == (LETTER.ident, "2026-05-H1")
        seconds, _, digest = headers["X-Bulletin-Signature"].removeprefix("t=").partition(",sha256=")
        assert digest == signature(key, seconds, body)
        assert digest != signature(b"another key", seconds, body)
        box.refusals = 1
        with pytest.raises(CarryError, match="must answer 2xx, got 302"):
            hook(target, LETTER, key=key, hosts=(box.address,), now=NOW)
        for other in ("http://127.0.0.1:1/", "file:///etc/passwd", f"{box.address}@evil.example/",
                      "http://[::1", box.address.replace("http", "https")):
            with pytest.raises(CarryError, match="webhook must go to one of"):
                hook(other, LETTER, key=key, hosts=(box.address,), now=NOW)
        assert len(box.letters) == 1


def test_each_subscriber_gets_what_is_published_after_they_came_once(store: Store) -> None:
    sending, carried = Sending(store, hosts=HOOKS), []
    early = sending.subscribe("email", "a@b.example", "zh", by=BY, now=NOW - timedelta(days=1))
    published(store)
    sending.subscribe("webhook", "http://127.0.0.1:1/x", "en", by=BY, now=NOW + timedelta(seconds=1))

    def carry(version: Any, to: Any) -> None:
        carried.append((version.period, version.version, to.subscription_id, to.lang))

    assert [sending.send_due(NOW, carry) for _ in range(3)] == [1, 0, 0]
    assert carried == [("2026-05-H1", 3, early, "zh")]
    published(store, "2026-05-H2")
    sending.stop(early, by=BY, now=NOW)
    assert sending.send_due(NOW + timedelta(hours=1), carry) == 0
    assert not sending.stop(early, by=BY, now=NOW)
    assert [one.kind for one in sending.subscriptions()] == ["webhook"]


def test_a_letter_is_tried_with_growing_waits_and_then_given_up_in_view(store: Store) -> None:
    sending = Sending(store)
    sending.subscribe("email", "a@b.example", "zh", by=BY, now=NOW - timedelta(days=1))
    published(store)
    tried: list[datetime] = []
    moment = NOW

    def fail(_version: Any, _to: Any) -> None:
        tried.append(moment)
        raise CarryError("b.example: not now")

    for _ in range(60 * 5):
        sending.send_due(moment, fail)
        moment += timedelta(minutes=1)
    waits = [(later - earlier).total_seconds() / 60 for earlier, later in pairwise(tried)]
    assert waits == [1, 2, 4, 8, 16, 32, 64]
    last = sending.subscriptions()[0].last
    assert (last["tries"], last["sent_at"], last["due_at"], last["fault"]) == (
        TRIES, None, None, "b.example: not now")


@pytest.mark.parametrize(("kind", "target", "said"), [
    ("email", "nobody", "target must be an address"),
    ("email", "a@b\r\nBcc: x@y", "target must be an address"),
    ("webhook", "http://169.254.169.254/", "target must lie on one of GRID_WEBHOOK_HOSTS"),
    ("fax", "1", "kind must be"), ("email", "twice@b.example", "must not be subscribed yet")])
def test_subscriptions_that_cannot_be_are_told(store: Store, kind: str, target: str, said: str) -> None:
    sending = Sending(store, hosts=HOOKS)
    sending.subscribe("email", "twice@b.example", "zh", by=BY, now=NOW)
    with pytest.raises(SubscriptionError, match=said):
        sending.subscribe(kind, target, "zh", by=BY, now=NOW)


@pytest.mark.parametrize(("env", "said"), [
    ({"GRID_SMTP": "http://x"}, "GRID_SMTP must be smtp"), ({"GRID_SMTP": "smtp://h:x"}, "GRID_SMTP must be"),
    ({"GRID_SMTP": "smtp://u:secret@h", "GRID_MAIL_FROM": "a@b"}, "GRID_SMTP must be"),
    ({"GRID_SMTP": "smtp://h"}, "GRID_MAIL_FROM must be an address"),
    ({"GRID_SMTP": "smtp://u@h", "GRID_MAIL_FROM": "a@b"}, "GRID_SMTP_PASSWORD must be set where"),
    ({"GRID_MAIL_FROM": "a@b"}, "GRID_SMTP must be set beside"),
    ({"GRID_WEBHOOK_HOSTS": "https://x/path"}, "GRID_WEBHOOK_HOSTS must be")])
def test_settings_that_cannot_be_are_told_without_their_secrets(env: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        Settings.from_env(env)
    assert "secret" not in str(caught.value)
    assert Settings.from_env({"GRID_SMTP": "smtps://u%40d@h:1", "GRID_SMTP_PASSWORD": "p",
                              "GRID_MAIL_FROM": "a@b"}).mail == MailServer(
        host="h", port=1, is_tls=True, sender="a@b", user="u@d", password="p")
