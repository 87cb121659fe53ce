"""Pictures of every kind, made here: `photo` is what a phone sends."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

CHENGDU = {1: "N", 2: (30.0, 40.0, 12.0), 3: "E", 4: (104.0, 6.0, 0.0)}


def exif(gps: Mapping[int, Any] | None = None, taken: str = "2026:11:20 09:30:00",
         offset: str = "+08:00") -> Image.Exif:
    """Metadata of a camera."""
    made = Image.Exif()
    made[0x010F] = "SECRETMAKER"
    made[0x8769] = {0x9003: taken, 0x9011: offset}
    if gps is not None:
        made[0x8825] = dict(gps)
    return made


def photo(width: int = 320, height: int = 240, gps: Mapping[int, Any] | None = None, *, form: str = "JPEG",
          mode: str = "RGB", **options: Any) -> bytes:
    """A picture with metadata of every kind that a format takes."""
    made = io.BytesIO()
    extra: dict[str, Any] = {"exif": exif(gps), "xmp": b"<x:xmpmeta>SECRETXMP</x:xmpmeta>"}
    if form == "JPEG":
        extra |= {"comment": b"SECRETCOMMENT", "icc_profile": b"SECRETICC" * 20}
    picture = Image.linear_gradient("L").resize((width, height)).convert(mode)
    picture.save(made, form, **extra, **options)
    return made.getvalue()


def iptc(content: bytes) -> bytes:
    """A JPEG with an IPTC segment and a thumbnail beside its metadata."""
    block = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x10\x1c\x02\x05\x00\x0aSECRETIPTC\x00"
    segment = b"\xff\xed" + struct.pack(">H", len(block) + 2) + block
    thumb = b"JFXX\x00\x10SECRETTHUMB"
    return content[:2] + segment + b"\xff\xe0" + struct.pack(">H", len(thumb) + 2) + thumb + content[2:]


def huge_png(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG that declares 2.5 thousand million pixels in a few bytes."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000)))
            + chunk(b"IEND", b""))


def spoilt_exif() -> bytes:
    """A JPEG whose metadata point outside of themselves."""
    block = (b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", 2)
             + struct.pack("<HHLL", 0x8825, 4, 1, 0xFFFFFFF0) + struct.pack("<HHLL", 0x8769, 4, 1, 0x7FFFFFFF)
             + struct.pack("<L", 0xFFFFFF00))
    plain = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(plain, "JPEG")
    content = plain.getvalue()
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + content[2:]


def endless_exif() -> bytes:
    """A JPEG whose directory follows itself and claims 4 thousand million values."""
    block = (b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", 1)
             + struct.pack("<HHLL", 0x8825, 5, 0xFFFFFFFF, 8) + struct.pack("<L", 8))
    content = spoilt_exif()
    length = struct.unpack(">H", content[4:6])[0]
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + content[4 + length:]


def rational(value: float) -> IFDRational:
    """A fraction as cameras write it."""
    return IFDRational(round(value * 1_000_000), 1_000_000)


def parts(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds of a side of the globe."""
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return rational(whole), rational(minutes), rational((degrees - whole - minutes / 60) * 3600)
