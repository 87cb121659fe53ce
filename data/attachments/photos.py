"""Photos of cases (案件照片): drawn anew, kept by content, shown to who sees the case and its people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from data.access.audit import Entry, record_in
from data.access.scope import Scope, ScopeError
from data.access.within import within
from data.attachments.files import Files
from data.attachments.tables import attachment
from data.tables import cases
from data.uploads import limits
from data.uploads.refused import UploadError
from data.uploads.sandbox import PHOTO, Sandbox

if TYPE_CHECKING:
    from data.access.viewer import Viewer
    from data.engine import Store

KIND: Final = "photo"
#: A camera's clock that is further ahead, or shows a time before digital cameras, was never set.
_AHEAD: Final = timedelta(days=1)
_FIRST_YEAR: Final = 1995
EARTH_M: Final = 6_371_008.8  # mean radius
_LOCK: Final = 0x70686F74  # "phot" in ASCII


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photo as a card shows it; position in WGS-84 degrees, None where the camera told none."""

    content_hash: str
    width: int
    height: int
    lon: float | None
    lat: float | None
    taken_at: datetime | None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What somebody sends to a case.

    Attributes:
        case_no, street_code: of the case, which the sender may see.
        content: the file as it came.
        name: what the sender calls it; only for messages.
        address: where from.
    """

    case_no: str
    street_code: str
    content: bytes
    name: str
    address: str | None


class Photos:
    """Photos of the cases of one store."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._files, self._sandbox = store, Files(folder), Sandbox()

    def add(self, sent: Sent, *, viewer: Viewer, zone: tzinfo, now: datetime) -> str:
        """Draw a photo anew and put it to its case, on record; returns its hash.

        The same picture of the same case again is the one that is there already.

        Args:
            sent: the caller has seen to it that the viewer sees the case.
            viewer: who sends it.
            zone: of a camera's clock that tells no offset.
            now: aware.

        Raises:
            UploadError: no photo, over a limit, or the case has `limits.PHOTOS_OF_A_CASE` already.
        """
        drawn = self._sandbox.run("photo", sent.name, bounds=PHOTO, content=sent.content)
        content_hash = self._files.put(drawn.content)
        own = (attachment.c.case_no == sent.case_no) & (attachment.c.street_code == sent.street_code)
        with self._store.engine.begin() as connection:
            held = sa.func.pg_advisory_xact_lock(_LOCK, sa.func.hashtext(sent.case_no))
            connection.execute(sa.select(held))
            there = connection.execute(sa.select(attachment.c.content_hash).where(
                own, attachment.c.deleted_at.is_(None))).scalars().all()
            if content_hash in there:
                return content_hash
            if len(there) >= limits.PHOTOS_OF_A_CASE:
                raise UploadError("photos", sent.name, got=len(there),
                                  expected=f"belong to a case of less than {limits.PHOTOS_OF_A_CASE} photos")
            connection.execute(sa.insert(attachment).values(
                case_no=sent.case_no, street_code=sent.street_code, kind=KIND, content_hash=content_hash,
                bytes=len(drawn.content), width=drawn.facts["width"], height=drawn.facts["height"],
                lon=drawn.facts["lon"], lat=drawn.facts["lat"],
                taken_at=taken(drawn.facts["taken_at"], zone=zone, now=now),
                added_by=viewer.name, added_at=now))
            record_in(connection, Entry(
                account_id=viewer.account_id, account_name=viewer.name, address=sent.address,
                action="photo_added", object_kind="case", object_id=sent.case_no,
                detail={"content": content_hash, "bytes": len(drawn.content)}), now=now)
        return content_hash

    def file(self, content_hash: str) -> Path | None:
        """Where the file of a photo is; ask `seen` first whether it may be shown."""
        return self._files.find(content_hash)


def taken(told: str | None, *, zone: tzinfo, now: datetime) -> datetime | None:
    """The moment that a camera told, aware; None for a clock that was never set."""
    if told is None:
        return None
    found = datetime.fromisoformat(told)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found if found.year >= _FIRST_YEAR and found <= now + _AHEAD else None


def of_case(case_no: str, *, scope: Scope) -> sa.Select[Any]:
    """The photos of a case in the order of their arrival: the fields of `Photo`."""
    names = Photo.__dataclass_fields__
    return (sa.select(*(attachment.c[name] for name in names))
            .where(_visible(scope), attachment.c.case_no == case_no)
            .order_by(attachment.c.attachment_id))


def of_content(content_hash: str, *, scope: Scope) -> sa.Select[Any]:
    """One row with the number of a case that a content belongs to and that lies inside the scope."""
    return (sa.select(attachment.c.case_no)
            .where(_visible(scope), attachment.c.content_hash == content_hash).limit(1))


def _visible(scope: Scope | None) -> sa.ColumnElement[bool]:
    """Photos of cases inside the scope, for those who see people; nobody else has any."""
    if scope is None:
        raise ScopeError("a question about attachment must have a scope, got none")
    if not scope.sight.sees_people:
        return sa.false()
    own = sa.exists().where(cases.c.case_no == attachment.c.case_no,
                            cases.c.street_code == attachment.c.street_code,
                            cases.c.deleted_at.is_(None), within(cases, scope))
    return sa.and_(own, attachment.c.deleted_at.is_(None), attachment.c.kind == KIND)


def listed(readers: Any, case_no: str) -> list[Photo]:
    """The photos of a case that the viewer of these readers may see."""
    rows = readers.store.arrow(of_case(case_no, scope=readers.scope)).to_pylist()
    return [Photo(**row) for row in rows]


def seen(readers: Any, content_hash: str) -> bool:
    """Whether the viewer of these readers may see a photo."""
    return bool(readers.store.arrow(of_content(content_hash, scope=readers.scope)).num_rows)


def between_m(lon: float | None, lat: float | None, other_lon: float | None,
              other_lat: float | None) -> float | None:
    """Metres between two places along the great circle; None where either is not known."""
    if lon is None or lat is None or other_lon is None or other_lat is None:
        return None
    high, other = math.radians(lat), math.radians(other_lat)
    across = math.sin(math.radians(other_lon - lon) / 2) ** 2
    part = math.sin((other - high) / 2) ** 2 + math.cos(high) * math.cos(other) * across
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(part)))
