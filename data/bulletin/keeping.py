"""Bulletins as they are kept: versions that are only added.

They go from draft (拟稿) over reviewed (审核) to published (签发). A published version never changes; who
finds a fault in it makes a corrected draft of it, which becomes the next version. Figures are reckoned
anew only in a draft.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from data.access.audit import Entry, record_in
from data.access.masks import scrub
from data.access.viewer import Viewer
from data.bulletin.content import Content
from data.bulletin.tables import bulletin, bulletin_content

if TYPE_CHECKING:
    from data.engine import Store

#: Text blocks that a leader may write: what happened, what is amiss, what is to be done.
BLOCKS: Final = ("lead", "problems", "steps")
#: The longest text of a block, in signs.
LONGEST: Final = 2_000
#: Act -> the states from which it is possible, and the state after it.
ACTS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "edited": (frozenset({"draft"}), "draft"), "reckoned": (frozenset({"draft"}), "draft"),
    "reviewed": (frozenset({"draft"}), "reviewed"), "returned": (frozenset({"reviewed"}), "draft"),
    "published": (frozenset({"reviewed"}), "published"), "corrected": (frozenset({"published"}), "draft"),
}
#: Acts that are signatures, in the order in which a bulletin carries them.
SIGNED: Final = ("made", "reviewed", "published")
_LOCK: Final = 7_310  # of who adds a version


class BulletinError(ValueError):
    """A bulletin that cannot be so; the message names field, value got and expected."""


class StateError(BulletinError):
    """An act that the bulletin's state does not allow, or somebody acted on it in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a bulletin.

    Attributes:
        at: when it came to be, outside time, aware.
        by_name: of the account; empty: made on schedule.
        texts: block -> what was written; of a block that is not there the computed words stand.
        hashes: of a published one: file -> SHA-256 of its bytes.
    """

    bulletin_id: int
    period: str
    version: int
    state: str
    act: str
    content_id: int
    texts: Mapping[str, str]
    hashes: Mapping[str, str]
    at: datetime
    by_name: str

    @property
    def can(self) -> list[str]:
        """The acts that its state allows."""
        return [act for act, (states, _) in ACTS.items() if self.state in states]


def as_text(content: Content) -> str:
    """Content as the one text that it is kept as."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


class Bulletins:
    """The bulletins of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def newest(self, limit: int = 60) -> list[Version]:
        """Of every period the version that stands, newest period first."""
        query = (sa.select(bulletin).ext(distinct_on(bulletin.c.period))
                 .order_by(bulletin.c.period.desc(), bulletin.c.version.desc()).limit(limit))
        return self._asked(query)

    def versions(self, period: str) -> list[Version]:
        """All versions of a period, newest first."""
        return self._asked(sa.select(bulletin).where(bulletin.c.period == period)
                           .order_by(bulletin.c.version.desc()))

    def published_before(self, period: str) -> Version | None:
        """The last published version of the latest period before one."""
        query = (sa.select(bulletin).where(bulletin.c.period < period, bulletin.c.state == "published")
                 .order_by(bulletin.c.period.desc(), bulletin.c.version.desc()).limit(1))
        return next(iter(self._asked(query)), None)

    def content(self, version: Version) -> Content:
        """What a version was made of."""
        with self._store.engine.connect() as connection:
            return _content(connection, version.content_id)

    def make(self, content: Content, *, by: Viewer | None, now: datetime, address: str | None = None
             ) -> Version | None:
        """The first version of a period; None where there is one already.

        Args:
            by: who makes it; None: made on schedule.
            now: outside time, aware.
        """
        with self._store.engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            if self._last(connection, content["period"]):
                return None
            return _add(connection, period=content["period"], version=1, state="draft", act="made", texts={},
                        content_id=_keep(connection, content), hashes={}, by=by, now=now, address=address)

    def act(self, period: str, act: str, *, seen: int, by: Viewer, now: datetime, address: str | None = None,
            texts: Mapping[str, str] | None = None, content: Content | None = None,
            hashed: Callable[[Content, list[Version]], Mapping[str, str]] | None = None) -> Version:
        """Add the version that an act makes of the one that stands.

        Args:
            seen: the version on which the act was decided.
            texts: of ``edited``, by block; an empty one gives way to the computed words.
            content: of ``reckoned``.
            hashed: of ``published``, the hashes of the files that are made of the content and of all
                versions, oldest first, the last as it will be but its hashes; called in the transaction.

        Raises:
            StateError: there is no such bulletin, its state does not allow the act, or it has another
                version by now.
            BulletinError: there is no such act, block, or a text is too long.
        """
        if act not in ACTS:
            raise BulletinError(f"act must be one of {', '.join(ACTS)}; got {act[:40]!r}")
        told = _checked(texts or {}) if act == "edited" else None
        with self._store.engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            last = self._last(connection, period)
            if last is None:
                raise StateError(f"period must be that of a bulletin, got {period[:40]!r}")
            if last.version != seen:
                raise StateError(f"version must be the newest, {last.version}; got {seen}")
            states, state = ACTS[act]
            if last.state not in states:
                raise StateError(f"state must be {' or '.join(sorted(states))} for {act}; got {last.state}")
            content_id = _keep(connection, content) if act == "reckoned" and content else last.content_id
            row: dict[str, Any] = {
                "period": period, "version": last.version + 1, "state": state, "act": act, "hashes": {},
                "content_id": content_id, "texts": dict(last.texts) if told is None else told}
            if act == "published" and hashed is not None:
                ahead = Version(bulletin_id=0, at=now, by_name=by.name, **row)
                chain = [*self._chain(connection, period), ahead]
                row["hashes"] = dict(hashed(_content(connection, content_id), chain))
            return _add(connection, **row, by=by, now=now, address=address)

    def _asked(self, query: Any) -> list[Version]:
        with self._store.engine.connect() as connection:
            return [Version(**row) for row in connection.execute(query).mappings()]

    @staticmethod
    def _chain(connection: sa.Connection, period: str) -> list[Version]:
        """All versions of a period, oldest first."""
        query = sa.select(bulletin).where(bulletin.c.period == period).order_by(bulletin.c.version)
        return [Version(**row) for row in connection.execute(query).mappings()]

    def _last(self, connection: sa.Connection, period: str) -> Version | None:
        return next(reversed(self._chain(connection, period)), None)


def _checked(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts without numbers of telephones and the like; empty ones are left out."""
    found = {}
    for block, text in texts.items():
        if block not in BLOCKS:
            raise BulletinError(f"block must be one of {', '.join(BLOCKS)}; got {block[:40]!r}")
        plain = text.replace("\r\n", "\n").strip()
        if len(plain) > LONGEST:
            raise BulletinError(f"{block} must have at most {LONGEST} signs, got {len(plain)}")
        if plain:
            found[block] = scrub(plain)
    return found


def _content(connection: sa.Connection, content_id: int) -> Content:
    query = sa.select(bulletin_content.c.content).where(bulletin_content.c.content_id == content_id)
    found: Content = json.loads(connection.execute(query).scalar_one())
    return found


def _keep(connection: sa.Connection, content: Content) -> int:
    put = sa.insert(bulletin_content).values(
        period=content["period"], content=as_text(content),
        reckoned_at=datetime.fromisoformat(content["as_of"])).returning(bulletin_content.c.content_id)
    return int(connection.execute(put).scalar_one())


def _add(connection: sa.Connection, *, by: Viewer | None, now: datetime, address: str | None,
         **row: Any) -> Version:
    put = sa.insert(bulletin).values(**row, at=now, by_name=by.name if by else "").returning(bulletin)
    made = Version(**connection.execute(put).mappings().one())
    record_in(connection, Entry(
        account_id=by.account_id if by else None, account_name=by.name if by else "schedule",
        address=address, action="bulletin_" + made.act, object_kind="bulletin", object_id=made.period,
        detail={"version": made.version, "state": made.state, **made.hashes}), now=now)
    return made
