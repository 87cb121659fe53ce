"""Photos: what is read out of them, what is left of them, and what is no photo at all."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from data.uploads import limits
from data.uploads.images import position, taken_at
from data.uploads.refused import UploadError
from data.uploads.sandbox import PHOTO, Answer, Sandbox
from tests.data.uploads import pictures
from tests.data.uploads.memory import Peak
from tests.data.uploads.pictures import CHENGDU, parts, photo

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def drawn(content: bytes, name: str = "photo.jpg") -> Answer:
    return Sandbox().run("photo", name, bounds=PHOTO, content=content)


def with_zip(content: bytes) -> bytes:
    archive = io.BytesIO(content)
    archive.seek(0, io.SEEK_END)
    with zipfile.ZipFile(archive, "a") as appended:
        appended.writestr("SECRETFILE.txt", "SECRETTEXT")
    return archive.getvalue()


@pytest.mark.parametrize("content", [
    photo(gps=CHENGDU), photo(gps=CHENGDU, form="PNG"), photo(gps=CHENGDU, form="WEBP"),
    photo(gps=CHENGDU, mode="CMYK"), photo(gps=CHENGDU, mode="L"),
    photo(gps=CHENGDU, form="PNG", mode="RGBA"),
    pictures.iptc(photo(gps=CHENGDU)), photo(gps=CHENGDU) + HTML, with_zip(photo(gps=CHENGDU)),
], ids=["jpeg", "png", "webp", "cmyk", "grey", "rgba", "iptc", "html", "zip"])
def test_of_a_photo_only_the_pixels_are_kept(content: bytes) -> None:
    answer = drawn(content)
    assert answer.facts == {"width": 320, "height": 240, "lon": 104.1, "lat": 30.67,
                            "taken_at": "2026-11-20T09:30:00+08:00"}
    kept = answer.content
    assert not [word for word in (b"SECRET", b"Exif", b"http", b"Photoshop", b"JFXX", b"ICC_PROFILE",
                                  b"PK\x03", b"<script", b"xmp") if word in kept]
    assert segments(kept) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}  # header, tables and picture; no APP1.., no COM
    assert kept.endswith(b"\xff\xd9")
    assert kept.count(b"\xff\xd9") == 1
    assert not zipfile.is_zipfile(io.BytesIO(kept))
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (320, 240), {})
        assert set(picture.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def segments(content: bytes) -> set[int]:
    """Kinds of the segments of a JPEG before its picture."""
    found, at = set(), 2
    while content[at] == 0xFF:
        kind = content[at + 1]
        found.add(kind)
        if kind == 0xDA:
            break
        at += 2 + int.from_bytes(content[at + 2:at + 4], "big")
    return found


@pytest.mark.parametrize(("content", "name", "code", "says"), [
    (SVG, "a.jpg", "type", "be a JPEG, PNG or WebP picture"),
    (b"\xef\xbb\xbf" + SVG, "a.png", "type", "be a JPEG, PNG or WebP picture"),
    (HTML, "a.jpg", "type", "be a JPEG, PNG or WebP picture"),
    (b"", "a.jpg", "type", "got b''"),
    (b"GIF89a" + bytes(100), "a.jpg", "type", "be a JPEG, PNG or WebP picture"),
    (b"II*\x00" + bytes(100), "a.tif", "type", "be a JPEG, PNG or WebP picture"),
    (b"%PDF-1.7", "a.jpg", "type", "be a JPEG, PNG or WebP picture"),
    (pictures.huge_png(), "a.png", "pixels", "at most 60000000 pixels"),
    (pictures.huge_png(1_000_000, 1), "a.png", "pixels", "20000 a side, got 1000000 x 1"),
    (photo()[:2000], "a.jpg", "unreadable", "be a whole picture"),
    (b"\xff\xd8\xff\xe0" + bytes(200), "a.jpg", "unreadable", "be a whole picture"),
    (b"\xff\xd8\xff" + HTML, "a.jpg", "unreadable", "be a whole picture"),
    (b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(8), "a.webp", "unreadable", "be a whole picture"),
])
def test_what_is_no_photo_is_refused(content: bytes, name: str, code: str, says: str) -> None:
    with Peak() as peak, pytest.raises(UploadError, match=says) as refusal:
        drawn(content, name)
    assert refusal.value.code == code
    assert peak.grown_mib < 64


def test_a_tiff_is_refused() -> None:
    made = io.BytesIO()
    Image.new("RGB", (10, 10)).save(made, "TIFF")
    with pytest.raises(UploadError, match="be a JPEG, PNG or WebP picture"):
        drawn(made.getvalue())


def test_too_many_bytes_are_refused_before_anything_is_decoded() -> None:
    with pytest.raises(UploadError, match="at most 10000000 bytes, got 10000001"):
        drawn(photo() + bytes(limits.PHOTO_BYTES + 1 - len(photo())))


@pytest.mark.parametrize("content", [pictures.spoilt_exif(), pictures.endless_exif()])
def test_spoilt_metadata_tell_nothing_and_harm_nobody(content: bytes) -> None:
    facts = drawn(content).facts
    assert (facts["lon"], facts["lat"], facts["taken_at"]) == (None, None, None)


def test_photos_are_made_small_and_stand_upright() -> None:
    made = io.BytesIO()
    lying = Image.new("RGB", (3000, 1000), "white")
    lying.paste("black", (0, 0, 300, 1000))
    meta = Image.Exif()
    meta[0x0112] = 6  # held on its side
    lying.save(made, "JPEG", exif=meta)
    answer = drawn(made.getvalue())
    assert (answer.facts["width"], answer.facts["height"]) == (683, limits.KEPT_SIDE_PX)
    with Image.open(io.BytesIO(answer.content)) as kept:
        assert np.asarray(kept.convert("L"))[20, 300] < 30
        assert np.asarray(kept.convert("L"))[-20, 300] > 220


def test_a_photo_at_the_bound_is_drawn() -> None:
    made = io.BytesIO()
    Image.new("RGB", (10_000, 5_900), "grey").save(made, "PNG")
    assert drawn(made.getvalue()).facts["width"] == limits.KEPT_SIDE_PX


# ---- the position ----

@given(lat=st.floats(-89.999, 89.999), lon=st.floats(-179.999, 179.999))
@example(lat=-33.8688, lon=151.2093)
@example(lat=-0.0001, lon=-0.0001)
def test_a_position_comes_back_in_every_hemisphere(lat: float, lon: float) -> None:
    gps = {1: "S" if lat < 0 else "N", 2: parts(abs(lat)), 3: "W" if lon < 0 else "E", 4: parts(abs(lon))}
    found = position(gps)
    if found is None:  # what rounds to 0°, 0° is no position
        assert max(abs(lat), abs(lon)) < 1e-6
        return
    assert found[0] == pytest.approx(lon, abs=2e-7)
    assert found[1] == pytest.approx(lat, abs=2e-7)


number = st.one_of(st.floats(), st.integers(-(2**32), 2**32), st.just(IFDRational(0, 0)), st.just(b"x"),
                   st.builds(IFDRational, st.integers(0, 2**32), st.integers(0, 2**32)), st.none(), st.text())
value = st.one_of(number, st.tuples(number, number), st.tuples(number, number, number), st.binary(max_size=9))
side = st.one_of(st.sampled_from(["N", "S", "E", "W", "n", "N\x00", "", "NS", b"N", b"W\x00"]), value)


@given(gps=st.fixed_dictionaries({}, optional={1: side, 2: value, 3: side, 4: value}))
@example(gps={1: "N", 2: (IFDRational(0, 0),) * 3, 3: "E", 4: (IFDRational(1, 0),) * 3})
@example(gps={1: "N", 2: (90.0, 60.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)})
def test_rubbish_gives_a_possible_position_or_none(gps: dict[int, Any]) -> None:
    found = position(gps)
    assert found is None or (-180 <= found[0] <= 180 and -90 <= found[1] <= 90 and found != (0, 0))


@pytest.mark.parametrize("gps", [
    {1: "N", 2: (30.0, 0.0, 0.0)},
    {2: (30.0, 0.0, 0.0), 4: (104.0, 0.0, 0.0)},
    {1: "N", 2: (IFDRational(30, 0), 0.0, 0.0), 3: "E", 4: (104.0, 0.0, 0.0)},
    {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
    {1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (104.0, 0.0, 0.0)},
])
def test_half_a_position_is_none(gps: dict[int, Any]) -> None:
    assert position(gps) is None


@pytest.mark.parametrize(("detail", "expected"), [
    ({0x9003: "2026:11:20 09:30:00", 0x9011: "-03:30"}, "2026-11-20T09:30:00-03:30"),
    ({0x9003: b"2026:11:20 09:30:00\x00"}, "2026-11-20T09:30:00"),
    ({0x9003: "2026:11:20 09:30:00", 0x9011: "+99:99"}, None),
    ({0x9003: "0000:00:00 00:00:00"}, None),
    ({0x9003: 5}, None),
    ({}, None),
])
def test_when_a_photo_was_taken(detail: dict[int, Any], expected: str | None) -> None:
    assert taken_at(detail) == expected
