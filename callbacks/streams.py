"""The picture of a camera for its card: only in its scope, live, and for who may see people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callbacks.desk import Desk
from data.access.sight import Sight
from data.resources.streams import Stream, address_of, has_picture, stream_of


def is_force(resource: Mapping[str, Any]) -> bool:
    """People are with it who can be called."""
    return bool(resource.get("force_class")) and not has_picture(resource)


def picture_of(resource: Mapping[str, Any], desk: Desk) -> Stream | str | None:
    """What the card of a resource plays; a word why it plays nothing; None where it has no picture.

    Words: ``past`` while a past moment is shown, ``sight`` for who may not see people, and those of
    `data.resources.streams.stream_of`.

    Args:
        resource: a row that the viewer was shown.
    """
    if not has_picture(resource):
        return None
    if desk.moment() is not None:
        return "past"
    if not Sight.of(desk.viewer()).sees_people:
        return "sight"
    address = address_of(desk.everything.store, resource["street_code"], resource["resource_id"])
    return stream_of(address, desk.stream_hosts)
