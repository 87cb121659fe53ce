"""Zip and gzip: what they say of themselves, and what really comes out of them."""

from __future__ import annotations

import gzip
import io
import itertools
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from data.uploads import limits
from data.uploads.refused import UploadError

_CHUNK: Final = 1 << 18
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_ARCHIVES: Final = frozenset({".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".zst", ".jar",
                              ".kmz", ".xlsx", ".xlsm", ".docx", ".lz4", ".cab", ".iso", ".z", ".lzma"})
_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c",
                 b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd")
_METHODS: Final = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def open_zip(path: Path) -> zipfile.ZipFile:
    """A zip whose directory is small enough to be read into memory; nothing else is checked yet.

    Raises:
        UploadError: no zip, or a directory over its limits.
    """
    try:
        with path.open("rb") as raw:
            entries, size = _directory(raw)
    except (OSError, struct.error) as error:
        raise UploadError("unreadable", path.name, expected="be a zip archive", got=error) from error
    if entries is None:
        raise UploadError("not_zip", path.name, expected="be a zip archive", got="none")
    if entries > limits.MEMBERS:
        raise UploadError("members", path.name, expected=f"hold at most {limits.MEMBERS} files", got=entries)
    if size > limits.DIRECTORY_BYTES:
        raise UploadError("directory", path.name, got=f"{size} bytes",
                          expected=f"have a directory of at most {limits.DIRECTORY_BYTES} bytes")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
        raise UploadError("unreadable", path.name, expected="be a whole zip archive", got=error) from error


def _directory(raw: IO[bytes]) -> tuple[int | None, int]:
    """(entries, bytes) as the last record of a zip says; (None, 0) where it has none."""
    size = raw.seek(0, io.SEEK_END)
    raw.seek(max(size - _END.size - 0xFFFF, 0))
    tail = raw.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return None, 0
    found = _END.unpack_from(tail, at)
    entries, length = found[4], found[5]
    at_64 = tail.rfind(b"PK\x06\x06", 0, at)
    if at_64 >= 0 and len(tail) - at_64 >= _END_64.size:
        wide = _END_64.unpack_from(tail, at_64)
        entries, length = max(entries, wide[7]), max(length, wide[8])
    return entries, length


def check_zip(path: Path, *, see: Callable[[zipfile.ZipInfo, Any], None] | None = None) -> list[str]:
    """Look at every member of a zip, unpacked, without writing any; the names of its files.

    Args:
        path: the archive.
        see: is handed each file as a stream of what is really in it; reads of it what it likes.

    Raises:
        UploadError: names, links, sizes, ratios, methods, overlaps or nested archives that must not be.
    """
    with open_zip(path) as archive, path.open("rb") as raw:
        entries = archive.infolist()
        _declared(path.name, entries)
        _apart(path.name, raw, entries)
        budget = limits.UNPACKED_BYTES
        for entry in entries:
            if entry.is_dir():
                continue
            stream = Unpacked(raw, entry, f"{path.name}/{entry.filename}", min(budget, entry.file_size))
            begin = stream.peek()
            if begin.startswith(_MAGIC) or begin[257:262] == b"ustar":
                raise UploadError("nested", stream.name, expected="not be an archive within the archive",
                                  got="one by its content")
            if see is not None:
                see(entry, stream)
            budget -= stream.finish()
        return [entry.filename for entry in entries if not entry.is_dir()]


def _declared(name: str, entries: list[zipfile.ZipInfo]) -> None:
    """What the directory says: names, kinds, methods, sizes and ratios."""
    if len(entries) > limits.MEMBERS:
        raise UploadError("members", name, expected=f"hold at most {limits.MEMBERS} files", got=len(entries))
    seen: set[str] = set()
    for entry in entries:
        _name(name, entry)
        if entry.filename in seen:
            raise UploadError("twice", f"{name}/{entry.filename}", expected="be in the archive once",
                              got="twice")
        seen.add(entry.filename)
        _ratio(f"{name}/{entry.filename}", entry.file_size, entry.compress_size)
    total = sum(entry.file_size for entry in entries)
    if total > limits.UNPACKED_BYTES:
        raise UploadError("unpacked", name, got=f"{total} bytes",
                          expected=f"unpack to at most {limits.UNPACKED_BYTES} bytes")
    _ratio(name, total, sum(entry.compress_size for entry in entries))


def _name(archive: str, entry: zipfile.ZipInfo) -> None:
    name = getattr(entry, "orig_filename", entry.filename)
    where = f"{archive}/{name}"
    parts = PurePosixPath(name).parts
    bad = ("\\" in name or name.startswith("/") or ".." in parts or _DRIVE.match(name)
           or any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in name) or not name)
    if bad or len(name.encode("utf-8", "surrogatepass")) > limits.NAME_BYTES:
        raise UploadError("name", where, got="another",
                          expected="be named by a plain path inside the archive (no '..', no root, no"
                                   f" control signs, at most {limits.NAME_BYTES} bytes)")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UploadError("link", where, expected="be a file", got="a link or device")
    if entry.flag_bits & 0x41:
        raise UploadError("encrypted", where, expected="not be encrypted", got="an encrypted file")
    if entry.compress_type not in _METHODS:
        raise UploadError("method", where, expected="be stored or deflated",
                          got=f"method {entry.compress_type}")
    if PurePosixPath(name).suffix.lower() in _ARCHIVES:
        raise UploadError("nested", where, expected="not be an archive within the archive", got="one")


def _ratio(name: str, unpacked: int, packed: int) -> None:
    if unpacked > limits.RATIO_FROM and unpacked > limits.RATIO * max(packed, 1):
        raise UploadError("ratio", name, expected=f"unpack to at most {limits.RATIO} times its size",
                          got=f"{unpacked} bytes from {packed}")


def _apart(name: str, raw: IO[bytes], entries: list[zipfile.ZipInfo]) -> None:
    """No two members share bytes: one stream under many names is how small archives grow huge."""
    spans = sorted((entry.header_offset, _start(name, raw, entry) + entry.compress_size) for entry in entries)
    for (_, end), (begin, _) in itertools.pairwise(spans):
        if begin < end:
            raise UploadError("overlap", name, expected="hold each file in bytes of its own",
                              got="files that overlap")


def _start(name: str, raw: IO[bytes], entry: zipfile.ZipInfo) -> int:
    """Where the data of a member begins."""
    raw.seek(entry.header_offset)
    head = raw.read(_LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
        raise UploadError("unreadable", f"{name}/{entry.filename}", expected="have a header", got="none")
    fields = _LOCAL.unpack(head)
    return entry.header_offset + _LOCAL.size + int(fields[9]) + int(fields[10])


class Unpacked(io.RawIOBase):
    """A member of a zip as it really unpacks; refuses as soon as there is more than was declared."""

    def __init__(self, raw: IO[bytes], entry: zipfile.ZipInfo, name: str, most: int) -> None:
        super().__init__()
        self.name = name
        self._raw, self._entry, self._most = raw, entry, most
        self._at, self._left = _start(name, raw, entry), entry.compress_size
        self._inflate: Any = None if entry.compress_type == zipfile.ZIP_STORED else zlib.decompressobj(-15)
        self._pending, self._given, self._crc = b"", 0, 0
        self._kept = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def peek(self) -> bytes:
        """The first bytes, which stay to be read."""
        while len(self._kept) < 512 and (more := self._more()):
            self._kept += more
        return self._kept[:512]

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes; all that is left where none is given."""
        parts, wanted = [], size if size >= 0 else self._most + 1
        while wanted > 0:
            part = self._kept or self._more()
            if not part:
                break
            parts.append(part[:wanted])
            self._kept = part[wanted:]
            wanted -= len(parts[-1])
        return b"".join(parts)

    def finish(self) -> int:
        """Unpack the rest; how many bytes there were.

        Raises:
            UploadError: more or fewer than declared, or others.
        """
        self._kept = b""
        while self._more():
            continue
        if self._given != self._entry.file_size or self._crc != self._entry.CRC:
            raise UploadError("unreadable", self.name, got=f"{self._given} others",
                              expected=f"unpack to the {self._entry.file_size} bytes that it declares")
        return self._given

    def _more(self) -> bytes:
        """The next piece, at most `_CHUNK` long; empty at the end."""
        while True:
            if not self._pending and self._left:
                self._raw.seek(self._at)
                self._pending = self._raw.read(min(_CHUNK, self._left))
                if not self._pending:
                    raise UploadError("unreadable", self.name, expected="be whole", got="a cut file")
                self._at, self._left = self._at + len(self._pending), self._left - len(self._pending)
            piece = self._unpack()
            if piece or not (self._pending or self._left):
                break
        self._given, self._crc = self._given + len(piece), zlib.crc32(piece, self._crc)
        if self._given > self._most:
            raise UploadError("unpacked", self.name, expected=f"unpack to the {self._most} bytes declared",
                              got="more")
        return piece

    def _unpack(self) -> bytes:
        if self._inflate is None:
            piece, self._pending = self._pending, b""
            return piece
        if self._inflate.eof:
            self._pending, self._left = b"", 0
            return b""
        try:
            piece = self._inflate.decompress(self._pending, _CHUNK)
        except zlib.error as error:
            raise UploadError("unreadable", self.name, expected="be deflated data", got=error) from error
        self._pending = self._inflate.unconsumed_tail
        return bytes(piece)


class Gunzipped(io.RawIOBase):
    """A gzip file as a stream that ends with a refusal where it grows beyond its limits."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._name, self._raw = path.name, path.open("rb")
        self._file = gzip.GzipFile(fileobj=self._raw)
        self._given = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        try:
            count = self._file.readinto(buffer)
        except zlib.error as error:
            raise UploadError("unreadable", self._name, expected="be whole gzip data", got=error) from error
        self._given += count
        if self._given > limits.STREAM_BYTES:
            raise UploadError("unpacked", self._name, got="more",
                              expected=f"unpack to at most {limits.STREAM_BYTES} bytes")
        _ratio(self._name, self._given, self._raw.tell())
        return count

    def close(self) -> None:
        """Close the file as well."""
        self._file.close()
        self._raw.close()
        super().close()


def open_gz(path: Path) -> IO[bytes]:
    """A gzip file as a bounded stream of what it holds."""
    return io.BufferedReader(Gunzipped(path), _CHUNK)
