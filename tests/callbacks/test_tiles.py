"""Tiles are handed through, and what the source does wrong becomes a clear answer without its key."""

import pytest
from dash import Dash

from callbacks import tiles
from data.settings import TileLayer
from tests.fake_readers import desk
from tests.tile_source import KEY, PICTURES, tile_source


@pytest.fixture(scope="module")
def source():
    with tile_source() as found:
        yield found


@pytest.fixture(scope="module")
def client(source):
    silent = TileLayer(key="silent", name="silent", url=f"http://127.0.0.1:9/{KEY}/{{z}}/{{x}}/{{y}}")
    layers = [
        source.layer("xyz"),
        source.layer("wmts"),
        source.layer("page", url="/page/{z}/{x}/{y}"),
        source.layer("broken", url=f"/broken/{{z}}/{{x}}/{{y}}?tk={KEY}"),
        silent,
    ]
    app = Dash(__name__)
    app.layout = []
    tiles.register(app, desk=desk(tiles=layers))
    return app.server.test_client()


@pytest.mark.parametrize("door", ["xyz", "wmts"])
def test_a_tile_of_either_kind_comes_through_our_own_address(client, source, door):
    answer = client.get(f"/tiles/{door}/12/3413/1580")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data == PICTURES[f"/{door}"]
    assert source.asked[-1] == (door, 12, 3413, 1580)


def test_where_the_source_has_no_picture_there_is_none(client):
    answer = client.get("/tiles/xyz/1/0/0")
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("nobody/3/1/1", 404, "no such tile: nobody/3/1/1"),
        ("xyz/3/8/1", 404, "no such tile"),
        ("xyz/99/1/1", 404, "no such tile"),
        ("page/0/0/0", 502, "the source answered text/html of 14 bytes"),
        ("broken/3/1/1", 502, "the source of tiles 'broken' did not answer"),
        ("silent/3/1/1", 502, "the source of tiles 'silent' did not answer"),
    ],
)
def test_every_fault_is_named_and_no_key_is_told(client, caplog, path, status, message):
    answer = client.get(f"/tiles/{path}")
    assert answer.status_code == status
    assert message in answer.json["error"]
    assert KEY not in answer.get_data(as_text=True) + caplog.text


def test_the_legend_names_whose_pictures_they_are(source):
    layers = [source.layer("xyz"), source.layer("wmts")]
    spec = tiles.raster_spec(layers, "en")
    assert spec["legend"]["title"] == "Raster tiles"
    assert spec["legend"]["unit"] == "© xyz · © wmts"
    assert [layer["data"][0]["url"] for layer in spec["layer"]] == [
        "/tiles/xyz/{z}/{x}/{y}",
        "/tiles/wmts/{z}/{x}/{y}",
    ]
    assert tiles.raster_spec((), "en")["layer"] == []
