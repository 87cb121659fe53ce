"""The picture of a camera: told to who may see people, live, and of the configured hosts alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from callbacks.streams import picture_of
from dashboard.security import content_policy
from data.resources.streams import Stream
from data.tables import resource
from tests.signed_in import a_viewer

HOST = "https://video.example"
CAMERA = {"street_code": "510108001", "resource_id": "camera-x", "kind": "camera", "name": "x"}


def desk(store: Any, roles=("operator",), moment=None, hosts=(HOST,)) -> Any:
    return SimpleNamespace(everything=SimpleNamespace(store=store), viewer=lambda: a_viewer(roles),
                           moment=lambda: moment, stream_hosts=hosts)


@pytest.fixture
def camera(store):
    with store.engine.begin() as connection:
        connection.execute(sa.insert(resource).values(**CAMERA, stream_url=f"{HOST}/1.mp4"))
    return store


def test_a_picture_is_told_where_it_may_be_seen(camera):
    assert picture_of(CAMERA, desk(camera)) == Stream(f"{HOST}/1.mp4", "mp4")
    assert picture_of(CAMERA, desk(camera, hosts=())) == "host"
    assert picture_of(CAMERA, desk(camera, roles=("planner",))) == "sight"
    assert picture_of(CAMERA, desk(camera, moment="then")) == "past"
    assert picture_of({**CAMERA, "resource_id": "camera-y"}, desk(camera)) == "none"
    assert picture_of({**CAMERA, "kind": "hydrant"}, desk(camera)) is None


def test_the_policy_lets_pages_play_from_the_configured_hosts_alone():
    plain, wide = content_policy([]), content_policy([], [HOST])
    assert "media-src 'self';" in plain
    assert wide == plain.replace("media-src 'self'", f"media-src 'self' {HOST}")
