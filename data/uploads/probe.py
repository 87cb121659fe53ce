"""A file looked through before it is imported, in the process apart."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

from data.uploads import limits
from data.uploads.archives import check_zip, open_zip
from data.uploads.refused import UploadError
from data.uploads.trees import check_json, check_xml

_JSON_LINES: Final = (".ndjson", ".jsonl")
_SQLITE: Final = b"SQLite format 3\x00"
_SHAPE: Final = b"\x00\x00\x27\x0a"
#: What a GeoJSON calls itself at its top; other JSON that GDAL knows may name files and addresses.
_GEO_TYPES: Final = frozenset({"FeatureCollection", "Feature", "GeometryCollection", "Point", "LineString",
                               "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"})
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_OUTSIDE: Final = ("xl/externalLinks/", "xl/embeddings/", "xl/activeX/", "xl/connections")
_BATCH_ROWS: Final = 100_000


def looked_through(facts: Mapping[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    """The task ``file``: ``path`` and ``form`` of `data.ingest.readers.format_of`; gives nothing back.

    Raises:
        UploadError: the file must not be imported.
    """
    path, form = Path(facts["path"]), str(facts["form"])
    if path.suffix.lower() == ".zip":
        _archive(path)
    elif form == "json":
        with path.open("rb") as raw:
            check_json(raw, path.name)
    elif form == "gpx":
        with path.open("rb") as raw:
            check_xml(raw, path.name, root="gpx")
    elif form == "excel":
        _workbook(path)
    elif form == "parquet":
        _parquet(path)
    elif form == "geo":
        _map(path)
    return {}, b""


def _map(path: Path) -> None:
    """A single map file: its content must be what its name says, for readers choose by content."""
    with path.open("rb") as raw:
        begin = raw.read(16)
        raw.seek(0)
        if path.suffix.lower() == ".geojson":
            check_json(raw, path.name, begins=b"{")
            raw.seek(0)
            _geojson(path.name, raw)
            return
    _signed(path.name, path.suffix.lower(), begin)
    _shapes(path.name, path)


def _geojson(name: str, raw: IO[bytes]) -> None:
    try:
        parsed = json.load(raw)
    except (ValueError, RecursionError) as error:
        raise UploadError("unreadable", name, expected="be GeoJSON", got=error) from error
    kind = parsed.get("type") if isinstance(parsed, dict) else None
    if not isinstance(kind, str) or kind not in _GEO_TYPES:
        raise UploadError("type", name, expected="be a FeatureCollection, a Feature or a geometry",
                          got=repr(kind))


def _signed(name: str, suffix: str, begin: bytes) -> None:
    wanted = {".shp": _SHAPE, ".gpkg": _SQLITE}[suffix]
    if not begin.startswith(wanted):
        raise UploadError("type", name, expected=f"be a {suffix} file by its content", got=repr(begin[:8]))


def _shapes(name: str, source: Any) -> None:
    """Read as the import will, in here, and count the vertices."""
    import pyogrio  # noqa: PLC0415 - a second to load, for map files only
    import shapely  # noqa: PLC0415

    try:
        _, _, shapes, fields = pyogrio.raw.read(source)
        vertices = int(shapely.get_num_coordinates(shapely.from_wkb(shapes)).sum()) if shapes is not None \
            else 0
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.GEOSException,
            ValueError, OSError) as error:
        raise UploadError("unreadable", name, expected="be a readable map file", got=error) from error
    if vertices > limits.VERTICES:
        raise UploadError("numbers", name, expected=f"hold at most {limits.VERTICES} vertices", got=vertices)
    _columns(name, len(fields))


def _archive(path: Path) -> None:
    names = check_zip(path, see=_member(path.name))
    lower = [name.lower() for name in names]
    maps = [name for name in names if name.lower().endswith((".shp", ".gpkg"))]
    if maps:
        if len(maps) > 1:
            raise UploadError("several", path.name, expected="hold one shapefile or one GeoPackage",
                              got=len(maps))
        _shapes(path.name, f"/vsizip/{path.resolve()}/{maps[0]}")
    elif not any(name.endswith(".gpx") for name in lower):
        raise UploadError("type", path.name, expected="hold .gpx files, one shapefile or one GeoPackage",
                          got=sorted({Path(name).suffix for name in lower})[:8])


def _member(archive: str) -> Any:
    def see(entry: zipfile.ZipInfo, stream: Any) -> None:
        suffix = Path(entry.filename).suffix.lower()
        name = f"{archive}/{entry.filename}"
        if suffix in {".shp", ".gpkg"}:
            _signed(name, suffix, stream.peek()[:16])
        elif suffix == ".gpx":
            check_xml(stream, name, root="gpx")

    return see


def _workbook(path: Path) -> None:
    """An Excel file: no links to the outside, no DTD, and no more cells than it can hold in memory."""
    def see(entry: zipfile.ZipInfo, stream: Any) -> None:
        name = f"{path.name}/{entry.filename}"
        if entry.filename.startswith(_OUTSIDE):
            raise UploadError("outside", name, got=entry.filename,
                              expected="hold no links to other files, no connections, no embedded objects")
        if entry.filename.lower().endswith((".xml", ".rels")):
            sheet = _Sheet(name) if _SHEET.fullmatch(entry.filename) else None
            check_xml(stream, name, see=sheet)

    with open_zip(path) as archive:
        if "[Content_Types].xml" not in archive.namelist():
            raise UploadError("type", path.name, expected="be an Excel workbook", got="another zip")
    check_zip(path, see=see)


class _Sheet:
    """Counts the cells of a sheet as a reader lays them out: all rows as wide as the widest."""

    def __init__(self, name: str) -> None:
        self._name, self._rows, self._across, self._place = name, 0, 0, 0

    def __call__(self, tag: str, attributes: Any) -> None:
        """See an element of the sheet."""
        if tag == "row":
            given = str(attributes.get("r", ""))
            self._rows = max(self._rows + 1, int(given) if given.isdigit() and len(given) < 9 else 0)
            self._place = 0
        elif tag == "c":
            self._place += 1
            if place := _CELL.fullmatch(str(attributes.get("r", ""))):
                self._place = _number(place[1])
            self._across = max(self._across, self._place)
        elif tag == "dimension":
            corner = _CELL.fullmatch(str(attributes.get("ref", "")).rpartition(":")[2])
            if corner and _number(corner[1]) > 1:
                self._across = max(self._across, _number(corner[1]))
        else:
            return
        if self._rows * self._across > limits.CELLS:
            raise UploadError("cells", self._name, got=f"{self._rows} rows of {self._across}",
                              expected=f"hold at most {limits.CELLS} cells, gaps included")


def _number(letters: str) -> int:
    """A = 1, Z = 26, AA = 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _parquet(path: Path) -> None:
    """Read the file as the import will, in here, part by part."""
    import pyarrow as pa  # noqa: PLC0415 - half a second to load, for Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path, thrift_string_size_limit=limits.DIRECTORY_BYTES,
                            thrift_container_size_limit=limits.MEMBERS * 50) as file:
            _columns(path.name, file.metadata.num_columns)
            if file.metadata.num_rows > limits.ROWS:
                raise UploadError("rows", path.name, expected=f"hold at most {limits.ROWS} rows",
                                  got=file.metadata.num_rows)
            for part in file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                if part.nbytes > limits.BATCH_BYTES:
                    raise UploadError("rows", path.name, got=f"{part.nbytes} bytes",
                                      expected=f"hold at most {limits.BATCH_BYTES} bytes in"
                                               f" {_BATCH_ROWS} rows")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError) as error:
        if isinstance(error, UploadError):
            raise
        raise UploadError("unreadable", path.name, expected="be a whole Parquet file", got=error) from error


def _columns(name: str, count: int) -> None:
    if count > limits.COLUMNS:
        raise UploadError("columns", name, expected=f"have at most {limits.COLUMNS} columns", got=count)
