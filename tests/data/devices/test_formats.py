"""JSON, GPX, OsmAnd and Traccar as plain positions; what is none of them is refused, never a failure."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.devices import formats
from data.devices.formats import FormatError
from data.devices.rows import MAX_ROWS

GPX = """<?xml version="1.0"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="1" lon="2"/>
<trk><name>a</name><trkseg>
<trkpt lat="30.665" lon="104.105"><ele>500</ele><time>2026-05-11T04:00:00Z</time></trkpt>
<trkpt lat="30.666" lon="bad"><time>2026-05-11T04:01:00</time>
<extensions><x:speed xmlns:x="urn:x">1.5</x:speed></extensions></trkpt>
</trkseg></trk></gpx>"""


@pytest.mark.parametrize("body", ['{"lon": 1}', '[{"lon": 1}]', '{"fixes": [{"lon": 1}]}'])
def test_json_in_its_three_forms(body):
    assert formats.from_json(body.encode()) == [{"lon": 1}]


@pytest.mark.parametrize("body", [b"", b"{", b"7", b'"x"', b"null", b"[]", b'{"fixes": 7}', b'{"fixes": []}',
                                  b"\xff\xfe", b"[" * 100_000, b"1" * 5_000, b"\0", b'{"a":' * 50_000])
def test_json_that_is_none(body):
    with pytest.raises(FormatError, match="must be"):
        formats.from_json(body)


def test_more_than_a_request_may_hold_is_refused():
    with pytest.raises(FormatError, match=f"1 to {MAX_ROWS} in one request, got {MAX_ROWS + 1}"):
        formats.from_json(json.dumps([1] * (MAX_ROWS + 1)).encode())
    assert len(formats.from_json(json.dumps([1] * MAX_ROWS).encode())) == MAX_ROWS


def test_gpx_gives_the_points_of_tracks_each_with_its_own_fate():
    assert formats.from_gpx(GPX.encode()) == [
        {"lon": "104.105", "lat": "30.665", "at": "2026-05-11T04:00:00Z"},
        {"lon": "bad", "lat": "30.666", "at": "2026-05-11T04:01:00Z", "speed_mps": "1.5"}]


BOMB = b'<!DOCTYPE g [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><gpx>&b;</gpx>'


@pytest.mark.parametrize("body", [
    b"", b"<gpx>", b"<kml/>", b"<gpx/>", BOMB, b"\xff\xfe\0", b"<gpx>" * 20_000,
    b'<?xml version="1.0" encoding="no-such"?><gpx/>',
    b'<!DOCTYPE g SYSTEM "file:///etc/passwd"><gpx><trkpt/></gpx>'])
def test_gpx_that_is_none(body):
    with pytest.raises(FormatError):
        formats.from_gpx(body)


def test_osmand_as_traccar_reads_it():
    found = formats.from_osmand({"id": "t", "lat": "30.665", "lon": "104.105", "timestamp": "1778472000",
                                 "speed": "10", "bearing": "90", "accuracy": "5", "batt": "80",
                                 "altitude": "500", "hdop": "1"})
    assert found == {"lon": "104.105", "lat": "30.665", "at": "1778472000",
                     "speed_mps": pytest.approx(5.1444, abs=1e-4), "heading": "90", "accuracy_m": "5",
                     "battery": "80", "valid": True, "alarm": None}


def test_osmand_s_other_words():
    found = formats.from_osmand({"location": "30.665,104.105", "timestamp": "2026-05-11 04:00:00",
                                 "heading": "90", "valid": "false", "speed": "fast"})
    assert (found["lon"], found["lat"], found["at"]) == ("104.105", "30.665", "2026-05-11 04:00:00Z")
    assert (found["heading"], found["valid"], found["speed_mps"]) == ("90", False, "fast")
    assert formats.from_osmand({})["lon"] is None


def test_the_json_of_traccar_s_clients():
    body = {"device_id": "token", "location": {
        "timestamp": "2026-05-11T04:00:00.000Z", "battery": {"level": 0.79, "is_charging": False},
        "coords": {"latitude": 30.665, "longitude": 104.105, "speed": -1, "heading": 90, "accuracy": 5}}}
    assert formats.from_traccar(json.dumps(body).encode()) == ("token", {
        "lon": 104.105, "lat": 30.665, "at": "2026-05-11T04:00:00.000Z", "speed_mps": None, "heading": 90,
        "accuracy_m": 5, "battery": 79})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"location": 7}', b'{"location": {"coords": []}}',
                                  b"[" * 100_000])
def test_traccar_that_is_none(body):
    with pytest.raises(FormatError):
        formats.from_traccar(body)


@given(st.dictionaries(st.sampled_from(["lat", "lon", "location", "timestamp", "speed", "valid", "batt"]),
                       st.text()))
def test_osmand_never_fails(fields):
    assert set(formats.from_osmand(fields)) == {
        "lon", "lat", "at", "speed_mps", "heading", "accuracy_m", "battery", "valid", "alarm"}


@given(st.binary())
def test_any_bytes_are_read_or_refused(body):
    for read in (formats.from_json, formats.from_gpx, formats.from_traccar):
        try:
            read(body)
        except FormatError as fault:
            assert str(fault)
