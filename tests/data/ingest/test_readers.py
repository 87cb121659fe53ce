"""Every format, written small, read back; broken files say what is broken."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from data.engine import Store
from data.ingest.admit import admit
from data.ingest.errors import IngestError
from data.ingest.readers import read_batches
from tests.data.ingest.samples import ROW, rows_of

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="30.665" lon="104.105"><time>2025-03-01T00:00:00Z</time></trkpt>
<trkpt lat="30.666" lon="104.106"/></trkseg><trkseg/></trk></gpx>"""


def everything(path: Path, **options: Any) -> tuple[list[dict[str, Any]], list[Any], list[int]]:
    batches = list(read_batches(path, **options))
    return (
        [row for batch in batches for row in batch.table.to_pylist()],
        [row for batch in batches for row in batch.unreadable],
        [n for batch in batches for n in batch.row_no.tolist()],
    )


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


CSV = ",".join(ROW) + "\n" + ",".join(ROW.values()) + "\n"


def make(tmp_path: Path, form: str) -> Path:
    path = tmp_path / f"cases.{form}"
    if form == "csv":
        return write(path, CSV)
    if form == "csv.gz":
        return write(path, gzip.compress(CSV.encode()))
    if form == "tsv":
        return write(path, CSV.replace(",", "\t"))
    if form == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(list(ROW))
        book.active.append(list(ROW.values()))
        book.save(path)
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist([{**ROW, "lon": 104.105, "lat": 30.665}]), path)
    if form in {"json", "ndjson"}:
        write(path, json.dumps([ROW]) if form == "json" else json.dumps(ROW) + "\n")
    if form in {"geojson", "gpkg", "shp"}:
        about = {name: [value] for name, value in ROW.items() if name not in {"lon", "lat"}}
        frame = gpd.GeoDataFrame(about, geometry=[shapely.Point(104.105, 30.665)], crs="EPSG:4326")
        frame.rename(columns={"category": "category"}).to_file(path)
    return path


@pytest.mark.parametrize(
    "form", ["csv", "csv.gz", "tsv", "xlsx", "parquet", "json", "ndjson", "geojson", "gpkg", "shp"]
)
def test_a_case_arrives_from_every_format(form: str, tmp_path: Path, load: Any, placed_store: Store) -> None:
    result = load(make(tmp_path, form))
    assert (result["inserted"], result["rejected_by_reason"]) == (1, {})
    case = rows_of(placed_store, 'select lon, lat, address, source_id from "case"')[0]
    assert case == {"lon": 104.105, "lat": 30.665, "address": "road 1", "source_id": "1"}


def test_all_formats_give_the_same_content(tmp_path: Path, load: Any) -> None:
    load(make(tmp_path, "csv"))
    for form in ("xlsx", "parquet", "json", "geojson"):
        assert load(make(tmp_path, form))["unchanged"] == 1, form


def test_chinese_encodings_and_marks(tmp_path: Path) -> None:
    text = "编号,地址\n1,人民路\n"
    for name, content in (
        ("a.csv", text.encode("gb18030")),
        ("b.csv", text.encode("utf-8-sig")),
        ("c.csv", text.encode()),
    ):
        assert everything(write(tmp_path / name, content))[0] == [{"编号": "1", "地址": "人民路"}]


def test_lines_with_a_wrong_number_of_cells_are_kept_for_the_account(tmp_path: Path) -> None:
    rows, broken, numbers = everything(write(tmp_path / "a.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n"))
    assert [row["a"] for row in rows] == ["1", "7"]
    assert numbers == [1, 4]
    assert [(row.row_no, row.reason) for row in broken] == [(2, "wrong_cell_count"), (3, "wrong_cell_count")]


def test_quotes_may_hold_separators_and_lines(tmp_path: Path) -> None:
    assert everything(write(tmp_path / "a.csv", 'a,b\n"1,\n2",3\n'))[0] == [{"a": "1,\n2", "b": "3"}]


def test_gpx_and_a_zip_of_it(tmp_path: Path) -> None:
    rows, _, _ = everything(write(tmp_path / "walk.gpx", GPX))
    assert [(row["track_id"], row["time"]) for row in rows] == [
        ("walk", "2025-03-01T00:00:00+00:00"),
        ("walk", None),
    ]
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        archive.writestr("one.gpx", GPX)
        archive.writestr("broken.gpx", "<gpx")
    rows, broken, _ = everything(tmp_path / "many.zip")
    assert len(rows) == 2
    assert [row.reason for row in broken] == ["unreadable_file"]


def test_a_map_file_in_another_system_is_turned_into_degrees(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.Point(104.105, 30.665)], crs="EPSG:4326")
    frame.to_crs("EPSG:3857").to_file(tmp_path / "a.gpkg")
    row = everything(tmp_path / "a.gpkg")[0][0]
    assert (row["lon"], row["lat"]) == (pytest.approx(104.105), pytest.approx(30.665))
    frame.to_file(tmp_path / "b.geojson")
    shifted = everything(tmp_path / "b.geojson", crs="gcj02")[0][0]
    assert 0.001 < abs(shifted["lon"] - 104.105) < 0.01


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"a,a\n1,2\n", r"column names must differ, got \['a'\]"),
        ("a.csv", b",,\n1,2,3\n", "must name the columns"),
        ("a.csv.gz", b"not gzip", "cannot be unpacked"),
        ("a.parquet", b"PAR1", "is not a Parquet file"),
        ("a.xlsx", b"PK", "is not an Excel workbook"),
        ("a.json", b"{", "neither JSON nor one object per line"),
        ("a.json", b"3", "must hold a list of objects, got int"),
        ("a.geojson", b"{}", "is not a readable map file"),
        ("a.zip", b"PK", "must be a zip archive, got none"),
        ("a.doc", b"", "file must end in"),
    ],
)
def test_files_that_are_no_files_say_so(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=message):
        everything(write(tmp_path / name, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="file must exist"):
        everything(tmp_path / "none.csv")


def test_a_geopackage_in_a_zip_is_read_and_nothing_beside_it(tmp_path: Path) -> None:
    packed = tmp_path / "cases.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(make(tmp_path, "gpkg"), "in/cases.gpkg")
        archive.writestr("in/other.vrt", "<OGRVRTDataSource/>")
    admit(packed)
    rows, unreadable, _ = everything(packed)
    assert (len(rows), unreadable) == (1, [])
