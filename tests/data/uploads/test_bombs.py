"""Each bomb is refused by name, with the limit, and costs the process that asked nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.ingest.admit import admit
from data.ingest.errors import IngestError
from data.ingest.readers import read_batches
from tests.data.uploads import bombs
from tests.data.uploads.memory import Peak

#: What makes the file, and what the refusal says.
CORPUS: list[tuple[Callable[[Path], Path], str]] = [
    (bombs.nested, "not be an archive within the archive"),
    (bombs.disguised, "not be an archive within the archive, got one by its content"),
    (bombs.overlapping, "hold each file in bytes of its own"),
    (bombs.dense, "at most 100 times its size, got 50000000 bytes"),
    (bombs.lying, "unpack to the 100 bytes declared"),
    (bombs.crowded, "at most 20000 files, got 60000"),
    (bombs.named("../../a.gpx"), "plain path inside the archive"),
    (bombs.named("/etc/a.gpx"), "plain path inside the archive"),
    (bombs.named("C:/a.gpx"), "plain path inside the archive"),
    (bombs.named("..\\a.gpx"), "plain path inside the archive"),
    (bombs.named("a.gpx\0.txt"), "plain path inside the archive"),
    (bombs.named("a\u202exgp.gpx"), "plain path inside the archive"),
    (bombs.linked, "be a file, got a link or device"),
    (bombs.packed_csv, "at most 100 times its size"),
    (bombs.wide_csv, "at most 1000 columns|header line of at most"),
    (bombs.endless_header, "header line of at most"),
    (bombs.deep_geojson, "nested at most 64 levels, got 100001"),
    (bombs.long_number, "numbers of at most 64 signs, got 1000000"),
    (bombs.many_positions, "at most 10000000 numbers"),
    (bombs.many_lists, "at most 8000000 objects and lists"),
    (bombs.long_text, "texts of at most 1048576 bytes"),
    (bombs.deep_json, "nested at most 64 levels"),
    (bombs.virtual_map, "begin with {, got b'<'"),
    (bombs.laughing, "no DTD, entities or outside references"),
    (bombs.outside_dtd, "no DTD, entities or outside references"),
    (bombs.outside_entity, "no DTD, entities or outside references"),
    (bombs.deep_xml, "nested at most 64 levels, got 65"),
    (bombs.kml, "be a gpx document, got <kml>"),
    (bombs.linking_workbook, "no links to other files"),
    (bombs.sparse_workbook, "at most 20000000 cells, gaps included"),
    (bombs.laughing_workbook, "no DTD, entities or outside references"),
    (bombs.no_footer, "be a whole Parquet file"),
    (bombs.heavy_parquet, "be read within 4096 MiB of memory|bytes in 100000 rows"),
    (bombs.wide_parquet, "at most 1000 columns, got 2000"),
]


def read(path: Path) -> Iterator[object]:
    """What an import does with a file."""
    admit(path)
    yield from read_batches(path)


@pytest.mark.parametrize(("make", "says"), CORPUS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_bomb_is_refused_and_costs_nothing(make: Callable[[Path], Path], says: str, tmp_path: Path) -> None:
    path = make(tmp_path)
    began = time.perf_counter()
    with Peak() as peak, pytest.raises(IngestError, match=says) as refusal:
        list(read(path))
    assert path.name.partition(".")[0] in str(refusal.value)
    assert len(str(refusal.value)) < 500
    assert peak.grown_mib < 64
    assert time.perf_counter() - began < 60


@pytest.mark.parametrize("make", [
    lambda folder: bombs.zipped(folder / "a.zip", {"x/轨迹　1.gpx": bombs.GPX.encode()}),
    lambda folder: bombs.written(folder / "a.gpx", bombs.GPX),
    lambda folder: bombs.workbook(folder, "a.xlsx"),
    lambda folder: bombs.written(folder / "a.json", '\ufeff[{"a": "\\"[[[[\\\\", "b": [1, -2e3, true]}]'),
    lambda folder: bombs.written(folder / "a.ndjson", '{"a": 1}\n{"a": 2}\n'),
    lambda folder: bombs.written(folder / "a.geojson",
                                 '\n{"type":"Feature","properties":{},"geometry":'
                                 '{"type":"Point","coordinates":[104.1,30.6]}}'),
], ids=["zip", "gpx", "xlsx", "json", "ndjson", "geojson"])
def test_what_people_send_goes_in(make: Callable[[Path], Path], tmp_path: Path) -> None:
    batches = list(read(make(tmp_path)))
    assert sum(len(batch) for batch in batches) > 0


def test_a_formula_is_never_computed_nor_kept(tmp_path: Path) -> None:
    cells = ('<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>title</v></c></row>'
             '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>WEBSERVICE("http://x/")</f><v>shown</v></c>'
             "</row>")
    sheet = {"xl__worksheets__sheet1.xml": bombs.SHEET.format(cells)}
    path = bombs.workbook(tmp_path, "formula.xlsx", **sheet)
    admit(path)
    assert [batch.table.to_pylist() for batch in read_batches(path)] == [[{"id": "1", "title": "shown"}]]
