"""Files that nobody sends by accident, made here."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

GPX = ('<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
       '<trkpt lat="30.6" lon="104.1"/></trkseg></trk></gpx>')


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of some members."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return path


def written(path: Path, content: str | bytes) -> Path:
    """A file with a content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def nested(folder: Path) -> Path:
    """Five levels of zips, each with sixteen of the next: the form of 42.zip."""
    inner = b"\0" * 1_000_000
    name = "0.gpx"
    for level in range(5):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.gpx", GPX)
            for place in range(16):
                archive.writestr(f"{place}-{name}", inner)
        inner, name = made.getvalue(), f"{level}.zip"
    return written(folder / "nested.zip", inner)


def disguised(folder: Path) -> Path:
    """An archive that calls itself a track."""
    return zipped(folder / "disguised.zip", {"a.gpx": zipped(folder / "x.bin", {"b": b"1"}).read_bytes()})


def overlapping(folder: Path) -> Path:
    """One stream of bytes under 200 names."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = np.random.default_rng(2).bytes(30_000).hex().encode()
    packed = packer.compress(plain) + packer.flush()
    crc = zlib.crc32(plain)
    begin = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(packed), len(plain), 5, 0)
    body = begin + b"0.gpx" + packed
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(packed), len(plain),
                    len(name), 0, 0, 0, 0, 0, 0) + name
        for name in (f"{place}.gpx".encode() for place in range(200)))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 200, 200, len(directory), len(body), 0)
    return written(folder / "overlapping.zip", body + directory + end)


def dense(folder: Path) -> Path:
    """50 MB of one sign."""
    return zipped(folder / "dense.zip", {"a.gpx": b" " * 50_000_000})


def lying(folder: Path) -> Path:
    """Declares 100 bytes, holds 50 million."""
    path = dense(folder)
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, at + 24, 100)
    struct.pack_into("<L", content, 22, 100)
    return written(folder / "lying.zip", bytes(content))


def crowded(folder: Path) -> Path:
    """An end record that speaks of 60,000 members."""
    path = zipped(folder / "crowded.zip", {"a.gpx": GPX.encode()})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x05\x06")
    struct.pack_into("<2H", content, at + 8, 60_000, 60_000)
    return written(path, bytes(content))


def named(name: str) -> Callable[[Path], Path]:
    """A zip with a member of that name."""
    def make(folder: Path) -> Path:
        if "\0" not in name:
            return zipped(folder / "named.zip", {name: GPX.encode(), "a.gpx": GPX.encode()})
        marker = "n" * len(name)  # a writer cuts a name at its NUL
        path = zipped(folder / "named.zip", {marker: GPX.encode(), "a.gpx": GPX.encode()})
        return written(path, path.read_bytes().replace(marker.encode(), name.encode()))
    return make


def linked(folder: Path) -> Path:
    """A member that is a symbolic link."""
    path = folder / "linked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("a.gpx")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return path


def packed_csv(folder: Path) -> Path:
    """A CSV of 100 MB that packs a thousand times."""
    path = folder / "packed.csv.gz"
    with gzip.open(path, "wb", 9) as out:
        out.write(b"id,lon,lat\n")
        for _ in range(100):
            out.write(b"0" * 1_000_000)
    return path


def wide_csv(folder: Path) -> Path:
    """A million columns."""
    return written(folder / "wide.csv", ",".join(f"c{place}" for place in range(1_000_000)) + "\n1\n")


def endless_header(folder: Path) -> Path:
    """Packed 50 times, no end of line in 60 MB."""
    noise = np.random.default_rng(1).integers(97, 123, 60_000, dtype=np.uint8).tobytes()
    return written(folder / "header.csv.gz", gzip.compress(noise * 1000, 1))


def deep_geojson(folder: Path) -> Path:
    """100,000 nested lists."""
    return written(folder / "deep.geojson",
                   '{"type":"Polygon","coordinates":' + "[" * 100_000 + "]" * 100_000 + "}")


def long_number(folder: Path) -> Path:
    """A number of a million digits."""
    return written(folder / "number.geojson", '{"type":"Point","coordinates":[' + "1" * 1_000_000 + ",2]}")


def many_positions(folder: Path) -> Path:
    """Ten million positions."""
    return written(folder / "positions.geojson",
                   b'{"type":"MultiPoint","coordinates":[' + b"[1,2]," * 9_999_999 + b"[1,2]]}")


def many_lists(folder: Path) -> Path:
    """Nine million empty lists: 3 bytes each in the file, 64 in memory."""
    return written(folder / "lists.json", b"[" + b"[]," * 9_000_000 + b"[]]")


def long_text(folder: Path) -> Path:
    """A property of 20 MB."""
    return written(folder / "text.geojson",
                   '{"type":"Feature","properties":{"a":"' + "x\\n" * 7_000_000 + '"},"geometry":null}')


def deep_json(folder: Path) -> Path:
    """100,000 nested objects."""
    return written(folder / "deep.json", '{"a":' * 100_000 + "1" + "}" * 100_000)


def virtual_map(folder: Path) -> Path:
    """A virtual map that names another file, as GeoJSON."""
    return written(folder / "virtual.geojson", '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>'
                   "/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")


def laughing(folder: Path) -> Path:
    """Billion laughs."""
    entities = "".join(f'<!ENTITY l{place} "{f"&l{place - 1};" * 10}">' for place in range(1, 10))
    return written(folder / "laughing.gpx",
                   f'<!DOCTYPE gpx [<!ENTITY l0 "lol">{entities}]><gpx><name>&l9;</name></gpx>')


def outside_dtd(folder: Path) -> Path:
    """A DTD elsewhere."""
    return written(folder / "dtd.gpx", '<!DOCTYPE gpx SYSTEM "file:///etc/passwd"><gpx/>')


def outside_entity(folder: Path) -> Path:
    """A file of the machine as an entity, in a zip."""
    return zipped(folder / "entity.zip", {
        "a.gpx": b'<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx><name>&a;</name></gpx>'})


def deep_xml(folder: Path) -> Path:
    """100,000 nested elements."""
    return written(folder / "deep.gpx", "<gpx>" + "<a>" * 100_000 + "</a>" * 100_000 + "</gpx>")


def kml(folder: Path) -> Path:
    """Another kind of XML."""
    return written(folder / "kml.gpx", "<kml><Document/></kml>")


def workbook(folder: Path, name: str, **parts: str) -> Path:
    """A small workbook whose parts are replaced or added (``__`` for '/')."""
    import openpyxl

    path = folder / name
    book = openpyxl.Workbook()
    book.active.append(["id", "lon", "lat"])
    book.active.append(["1", 104.1, 30.6])
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {entry: archive.read(entry) for entry in archive.namelist()}
    return zipped(path, {**members, **{key.replace("__", "/"): text.encode() for key, text in parts.items()}})


def linking_workbook(folder: Path) -> Path:
    """A workbook that links to another."""
    return workbook(folder, "linking.xlsx", **{"xl__externalLinks__externalLink1.xml": "<externalLink/>"})


SHEET = ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}'
         "</sheetData></worksheet>")


def sparse_workbook(folder: Path) -> Path:
    """Two cells, one in the last row, one in the last column."""
    cells = ('<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>')
    return workbook(folder, "sparse.xlsx", **{"xl__worksheets__sheet1.xml": SHEET.format(cells)})


def laughing_workbook(folder: Path) -> Path:
    """Entities in a sheet."""
    text = '<!DOCTYPE a [<!ENTITY a "1">]>' + SHEET.format("<row/>")
    return workbook(folder, "laughing.xlsx", **{"xl__worksheets__sheet1.xml": text})


def no_footer(folder: Path) -> Path:
    """Parquet whose footer is not where it says."""
    path = folder / "footer.parquet"
    pq.write_table(pa.table({"a": [1, 2]}), path)
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, len(content) - 8, 0x7FFFFFFF)
    return written(path, bytes(content))


def heavy_parquet(folder: Path) -> Path:
    """100,000 times the same 100 kB: a small file, 10 GB in memory."""
    path = folder / "heavy.parquet"
    value = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, dtype=np.int32)), ["x" * 100_000])
    pq.write_table(pa.table({"a": value}), path, store_schema=False)
    return path


def wide_parquet(folder: Path) -> Path:
    """2,000 columns."""
    path = folder / "wide.parquet"
    pq.write_table(pa.table({f"c{place}": [1] for place in range(2000)}), path)
    return path
