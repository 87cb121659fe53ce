"""The whole application: every id that is asked for exists, nothing is written twice."""

import json

from app import create_app, desk_of, utc_now
from callbacks.page import drawn, first_data, opening
from callbacks.viewer import as_viewer
from dashboard.components.kpis import KPIS
from data.readers import build_readers
from data.settings import Settings
from tests.callbacks.conftest import Page
from tests.signed_in import a_viewer, client_of, fake_access


def test_every_input_and_state_stands_in_the_layout(client, wall):
    page = Page(wall, client)
    known = {key for key, _ in page.values}
    for item in client.get("/_dash-dependencies").get_json():
        for value in [*item["inputs"], *item["state"]]:
            assert value["id"] in known, value


def test_no_output_is_written_by_two(client):
    outputs = [
        part
        for item in client.get("/_dash-dependencies").get_json()
        for part in item["output"].strip(".").split("...")
        if part
    ]
    assert len(outputs) == len(set(outputs))


def test_no_style_is_written_in_the_layout(client):
    assert '"style"' not in client.get("/_dash-layout").get_data(as_text=True)


def test_the_figures_of_the_source_stand_on_the_wall(wall, client):
    """13,870 accepted and 13,385 handled between 1 January and 12 May 2019: 96.5 %."""
    page = Page(
        wall,
        client,
        "http://localhost/?preset=custom&since=2019-01-01T00:00:00%2B08:00&until=2019-05-12T00:00:00%2B08:00",
    )
    text = json.dumps(page.ask("wall-kpis.tree").get_json(), ensure_ascii=False)
    assert "13,870" in text
    assert "96.5%" in text
    assert all(f'"{kpi.key}"' in text for kpi in KPIS)


def test_the_page_speaks_english_by_its_address(wall, client):
    page = Page(wall, client, "http://localhost/?lang=en")
    text = json.dumps(page.ask("wall-kpis.tree").get_json(), ensure_ascii=False)
    assert "Accepted" in text
    assert "受理" not in text


def test_a_filter_changes_what_the_panels_count(wall, client):
    whole = Page(wall, client, "http://localhost/?preset=all").ask("wall-kpis.tree").get_json()
    part = (
        Page(wall, client, "http://localhost/?preset=all&area=210202001")
        .ask("wall-kpis.tree")
        .get_json()
    )
    assert whole != part


def test_the_first_picture_is_rehearsed(demo_store):
    settings = Settings()
    readers = build_readers(demo_store, settings)
    readers.snapshot.refresh()
    desk = desk_of(readers, settings, utc_now)
    with as_viewer(a_viewer()):
        asked = first_data(drawn(opening({}, desk), desk))
    assert [address.split("?")[0] for address in asked if "level=grid" in address] == ["/columns/areas"]
    assert not [address for address in asked if "heat" in address or "buildings" in address], "not shown"
    client = client_of(create_app(settings, readers=readers, access=fake_access(), rehearsed=True))
    assert {address: client.get(address).status_code for address in asked} == dict.fromkeys(asked, 200)
