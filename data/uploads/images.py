"""Photos: opened by content, the position read, the picture drawn anew, everything else dropped.

Runs in the process apart (`data.uploads.sandbox`), for decoders are where pictures bite.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from data.uploads import limits
from data.uploads.refused import UploadError

FORMATS: Final = ("JPEG", "PNG", "WEBP")
_BEGINS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_GPS, _EXIF = 0x8825, 0x8769
_TAKEN, _OFFSET = 0x9003, 0x9011
_WHEN: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_ZONE: Final = re.compile(r"([+-])(\d\d):(\d\d)")


def drawn_anew(facts: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """The task ``photo``.

    Args:
        facts: ``name`` of the file.
        content: its bytes.

    Returns:
        ``width, height`` (pixels as kept), ``lon, lat`` (WGS-84 degrees or None), ``taken_at``
        (ISO, with an offset where the camera told one, or None); and a JPEG without any metadata.

    Raises:
        UploadError: no JPEG, PNG or WebP by content, too large, or damaged.
    """
    name = str(facts["name"])
    if len(content) > limits.PHOTO_BYTES:
        raise UploadError("size", name, expected=f"have at most {limits.PHOTO_BYTES} bytes", got=len(content))
    if not content.startswith(_BEGINS) and not (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        raise UploadError("type", name, expected="be a JPEG, PNG or WebP picture", got=repr(content[:8]))
    Image.MAX_IMAGE_PIXELS = limits.PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _size(name, picture.size)
            told = exif_facts(picture)
            kept = _kept(picture)
    except UploadError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many(name, "more") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError,
            OverflowError, ZeroDivisionError, EOFError, AttributeError) as error:
        raise UploadError("unreadable", name, expected="be a whole picture", got=error) from error
    made = io.BytesIO()
    kept.save(made, "JPEG", quality=limits.QUALITY, optimize=True)
    return {"width": kept.width, "height": kept.height, **told}, made.getvalue()


def _size(name: str, size: tuple[int, int]) -> None:
    width, height = size
    if max(size) > limits.SIDE_PX or width * height > limits.PIXELS or min(size) < 1:
        raise _too_many(name, f"{width} x {height}")


def _too_many(name: str, got: str) -> UploadError:
    return UploadError("pixels", name, got=got,
                       expected=f"have at most {limits.PIXELS} pixels and {limits.SIDE_PX} a side")


def _kept(picture: Image.Image) -> Image.Image:
    """The pixels alone, upright, on white, at most `KEPT_SIDE_PX` a side."""
    if picture.format == "JPEG":
        picture.draft("RGB", (limits.KEPT_SIDE_PX, limits.KEPT_SIDE_PX))
    picture.load()
    upright = _upright(picture)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        upright = Image.new("RGB", clear.size, "white")
        upright.paste(clear, mask=clear.getchannel("A"))
    upright = upright.convert("RGB")
    upright.thumbnail((limits.KEPT_SIDE_PX, limits.KEPT_SIDE_PX), Image.Resampling.LANCZOS)
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    return bare


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as the camera was held; as it is where its metadata are spoilt."""
    try:
        return ImageOps.exif_transpose(picture)
    except (SyntaxError, ValueError, KeyError, TypeError, IndexError, OSError, OverflowError,
            ZeroDivisionError, AttributeError):
        return picture


def exif_facts(picture: Image.Image) -> dict[str, Any]:
    """``lon, lat, taken_at`` of a picture; None for what is absent, spoilt or impossible."""
    try:
        exif = picture.getexif()
        gps, detail = dict(exif.get_ifd(_GPS)), dict(exif.get_ifd(_EXIF))
    except (SyntaxError, ValueError, KeyError, TypeError, IndexError, OSError, OverflowError,
            ZeroDivisionError, AttributeError, EOFError):
        return {"lon": None, "lat": None, "taken_at": None}  # pointers that lead nowhere: no position
    lon, lat = position(gps) or (None, None)
    return {"lon": lon, "lat": lat, "taken_at": taken_at(detail)}


def position(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    """WGS-84 lon and lat in degrees of a GPS directory; None where it has none or an impossible one.

    A camera without a fix writes zeros: 0°, 0° exactly is no position.
    """
    lat = _degrees(gps.get(2), gps.get(1), "NS", 90)
    lon = _degrees(gps.get(4), gps.get(3), "EW", 180)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    return lon, lat


def _degrees(value: Any, side: Any, sides: str, most: int) -> float | None:
    if isinstance(side, bytes):
        side = side.decode("ascii", "replace")
    letter = side.strip("\x00 ").upper() if isinstance(side, str) else ""
    if letter not in sides or len(letter) != 1 or not isinstance(value, (tuple, list)) or len(value) != 3:
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not all(math.isfinite(part) and part >= 0 for part in (degrees, minutes, seconds)):
        return None
    found = degrees + minutes / 60 + seconds / 3600
    if minutes > 60 or seconds > 60 or found > most:
        return None
    return round(-found if letter == sides[1] else found, 7)


def taken_at(detail: Mapping[int, Any]) -> str | None:
    """When the picture was taken, as ISO text; without an offset where the camera told none."""
    found = _WHEN.fullmatch(_text(detail.get(_TAKEN)))
    if not found:
        return None
    zone = _ZONE.fullmatch(_text(detail.get(_OFFSET)))
    try:
        when = datetime(*(int(part) for part in found.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
        if not zone:
            return when.replace(tzinfo=None).isoformat()
        away = timedelta(hours=int(zone[2]), minutes=int(zone[3]))
        return when.replace(tzinfo=timezone(-away if zone[1] == "-" else away)).isoformat()
    except (ValueError, OverflowError):
        return None


def _text(value: Any) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    return text.strip("\x00 ") if isinstance(text, str) else ""
