"""Pictures of cameras (视频监控): which addresses a page may play, and why others are not.

An address may hold the password of a camera, so the column is protected; this is its one reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from sqlalchemy import select

from data.tables import resource

if TYPE_CHECKING:
    from data.access.seen import Asked

#: Word of `GRID_STREAM_HOSTS` for the server of the product itself.
OWN: Final = "self"
#: End of the path -> what a browser calls it.
KINDS: Final = {".m3u8": "hls", ".mp4": "mp4", ".m4v": "mp4", ".webm": "webm"}
#: Kinds of resources that have a picture.
WITH_PICTURE: Final = ("camera", "drone")
Why = Literal["none", "kind", "host"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A picture that a page may play: its address, and ``hls``, ``mp4`` or ``webm``."""

    url: str
    kind: str


def address_of(store: Asked, street_code: str, resource_id: str) -> str | None:
    """The stored address of a stream; ask only for a resource that the viewer may see.

    Args:
        store: the whole store.
    """
    found = store.arrow(select(resource.c.stream_url).where(
        resource.c.street_code == street_code, resource.c.resource_id == resource_id,
        resource.c.deleted_at.is_(None))).to_pylist()
    return found[0]["stream_url"] if found else None


def stream_of(address: str | None, hosts: Sequence[str]) -> Stream | Why:
    """What a page may play of an address.

    Args:
        address: as stored; a path alone belongs to the first of the hosts.
        hosts: origins as of the setting, `OWN` among them where the product's server has streams.

    Returns:
        The stream; or why there is none: ``none`` without an address, ``kind`` for what browsers do not
        play, ``host`` where it is not of the configured hosts, or holds a name or a password.
    """
    if not address:
        return "none"
    try:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else (hosts or ("",))[0]
    except ValueError:
        return "kind"
    kind = next((kind for end, kind in KINDS.items() if parts.path.lower().endswith(end)), None)
    if kind is None or (parts.scheme and parts.scheme not in ("http", "https")):
        return "kind"
    is_plain = parts.path.startswith("/") and "@" not in parts.netloc
    if not is_plain or origin not in hosts:
        return "host"
    path = parts._replace(scheme="", netloc="").geturl()
    return Stream(path if origin == OWN else origin + path, kind)


def has_picture(row: Any) -> bool:
    """Whether a resource is of a kind that has a picture."""
    return row.get("kind") in WITH_PICTURE
