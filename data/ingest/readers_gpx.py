"""GPX files, one or a zip of them, as rows of one track each."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import gpxpy
import gpxpy.gpx
import pyarrow as pa

from data.ingest.errors import IngestError
from data.ingest.readers_csv import Unreadable

COLUMNS = ("track_id", "time", "lon", "lat", "speed", "accuracy")
_FAULTS = (gpxpy.gpx.GPXException, ExpatError, ValueError, KeyError, TypeError, AttributeError)


def read(path: Path) -> tuple[pa.Table, list[Unreadable]]:
    """All track points, and the files that are no GPX (each counts as one row).

    Returns:
        ``track_id`` is the file's stem and, where a file has several tracks, their
        number; ``time`` is ISO text, null where the point has none; waypoints and
        routes are no positions of an officer and stay out.
    """
    rows: list[tuple[str | None, ...]] = []
    broken: list[tuple[str, str]] = []
    for name, content in _files(path):
        try:
            rows.extend(_points(Path(name).stem, content))
        except _FAULTS as error:
            broken.append((name, f"{name}: {error}"))
    table = pa.table(
        {
            column: pa.array([row[position] for row in rows], pa.string())
            for position, column in enumerate(COLUMNS)
        }
    )
    unreadable = [
        Unreadable(len(rows) + place, "file", "unreadable_file", text, "a GPX 1.0 or 1.1 document")
        for place, (_, text) in enumerate(broken, start=1)
    ]
    return table, unreadable


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.suffix.lower() != ".zip":
        yield path.name, path.read_bytes()
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.lower().endswith(".gpx"):
                    yield name, archive.read(name)
    except zipfile.BadZipFile as error:
        raise IngestError(f"{path.name} is not a zip archive: {error}") from error


def _points(stem: str, content: bytes) -> Iterator[tuple[str | None, ...]]:
    document = gpxpy.parse(content)
    for number, track in enumerate(document.tracks, start=1):
        track_id = stem if len(document.tracks) == 1 else f"{stem}-{number}"
        for segment in track.segments:
            for point in segment.points:
                yield (
                    track_id,
                    point.time.isoformat() if point.time else None,
                    repr(point.longitude),
                    repr(point.latitude),
                    _number(point.speed),
                    _number(point.horizontal_dilution),
                )


def _number(value: Any) -> str | None:
    return None if value is None else repr(value)
