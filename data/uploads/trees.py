"""JSON and XML, counted before a parser builds anything of them.

Both are scanned as streams in constant memory: JSON by whole arrays of bytes, XML by a parser
that builds no tree and refuses every DTD and entity.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Final
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, ErrorHandler
from xml.sax.xmlreader import InputSource

import defusedxml.common
import defusedxml.sax
import numpy as np

from data.uploads import limits
from data.uploads.refused import UploadError

_CHUNK: Final = 1 << 20
_ESCAPED: Final = re.compile(rb"\\.", re.DOTALL)
_QUOTE, _COMMA = ord('"'), ord(",")
#: Of each byte: +1 opens, -1 closes a container; and whether it may belong to a number.
_STEP: Final = np.zeros(256, dtype=np.int64)
_STEP[[ord("["), ord("{")]], _STEP[[ord("]"), ord("}")]] = 1, -1
_OF_NUMBER: Final = np.zeros(256, dtype=bool)
_OF_NUMBER[list(b"0123456789+-.eE")] = True
_DIGIT: Final = np.zeros(256, dtype=bool)
_DIGIT[list(b"0123456789")] = True


def check_json(stream: IO[bytes], name: str, *, begins: bytes = b"[{") -> None:
    """Refuse JSON that is larger, deeper or wider than any map or table is.

    Args:
        stream: the bytes; UTF-8, a byte order mark may come first.
        name: for messages.
        begins: the signs of which one must come first.

    Raises:
        UploadError: nesting, numbers, texts, counts or the size are over their limits.
    """
    counts = _Counts(name)
    carried, begun, total = b"", False, 0
    while raw := stream.read(_CHUNK):
        total += len(raw)
        _most("size", name, "have at most {} bytes of JSON", total, limits.TREE_BYTES)
        if not begun:
            first = raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
            if first and first not in [begins[place:place + 1] for place in range(len(begins))]:
                raise UploadError("type", name, expected=f"begin with {' or '.join(begins.decode())}",
                                  got=repr(first))
            begun = bool(first)
        raw = _ESCAPED.sub(b"__", carried + raw)  # what is escaped ends no text
        carried = b"\\" if raw.endswith(b"\\") else b""
        counts.add(np.frombuffer(raw[:len(raw) - len(carried)], dtype=np.uint8))


@dataclass(slots=True)
class _Counts:
    """What was seen until here; the state goes from chunk to chunk."""

    name: str
    depth: int = 0
    in_text: bool = False
    text_run: int = 0  # bytes of the text that the last chunk ended in
    number_run: int = 0
    containers: int = 0
    values: int = 0
    numbers: int = 0

    def add(self, raw: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Count a chunk without escapes."""
        if not len(raw):
            return
        quotes = np.flatnonzero(raw == _QUOTE)
        self._texts(quotes, len(raw))
        odd = np.zeros(len(raw), dtype=bool)
        odd[quotes] = True
        outside = ~(np.logical_xor.accumulate(odd) ^ self.in_text)
        outside[quotes] = False
        self.in_text ^= bool(len(quotes) % 2)
        steps = np.where(outside, _STEP[raw], 0)
        depths = self.depth + np.cumsum(steps)
        _most("depth", self.name, "be nested at most {} levels", max(int(depths.max()), self.depth),
              limits.DEPTH)
        self.depth = int(depths[-1])
        self.containers += int(np.count_nonzero(steps == 1))
        _most("containers", self.name, "hold at most {} objects and lists", self.containers,
              limits.CONTAINERS)
        self.values += int(np.count_nonzero(outside & (raw == _COMMA)))
        _most("values", self.name, "hold at most {} values", self.values, limits.VALUES)
        self._numbers(raw, outside)

    def _texts(self, quotes: np.ndarray[Any, np.dtype[np.intp]], length: int) -> None:
        """Lengths of what stands between quotes, whichever side is text: longer ones are refused."""
        edges = np.concatenate([[-self.text_run - 1], quotes, [length]])
        gaps = np.diff(edges) - 1
        inner = gaps[(0 if self.in_text else 1)::2]  # the gaps that are texts
        if len(inner):
            _most("text", self.name, "hold texts of at most {} bytes", int(inner.max()), limits.TEXT_BYTES)
        ends_inside = self.in_text ^ bool(len(quotes) % 2)
        self.text_run = int(gaps[-1]) if ends_inside else 0

    def _numbers(self, raw: np.ndarray[Any, np.dtype[np.uint8]],
                 outside: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
        inside = np.concatenate([[False], outside & _OF_NUMBER[raw], [False]])
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        starts, lengths = edges[::2], edges[1::2] - edges[::2]
        if len(lengths):
            if starts[0] == 0:
                lengths[0] += self.number_run
            _most("number", self.name, "hold numbers of at most {} signs", int(lengths.max()),
                  limits.NUMBER_CHARS)
        ends_inside = bool(len(lengths)) and edges[-1] == len(raw)
        self.number_run = int(lengths[-1]) if ends_inside else 0
        # the e of true and false is a run as well: a number begins with a digit or its sign
        signs = raw[starts]
        self.numbers += int(np.count_nonzero(_DIGIT[signs] | (signs == ord("-"))))
        _most("numbers", self.name, "hold at most {} numbers, two a position", self.numbers, limits.NUMBERS)


class _Handler(ContentHandler):
    def __init__(self, name: str, root: str | None, see: Callable[[str, Any], None] | None) -> None:
        super().__init__()
        self._name, self._root, self._see = name, root, see
        self._depth = self._elements = self._text = 0

    def startElement(self, tag: str, attributes: Any) -> None:  # noqa: N802
        """Count an element; the first one must be the expected root."""
        local = tag.rpartition(":")[2]
        if not self._elements and self._root is not None and local.lower() != self._root:
            raise UploadError("type", self._name, expected=f"be a {self._root} document",
                              got=f"<{tag[:40]}>")
        self._depth, self._elements, self._text = self._depth + 1, self._elements + 1, 0
        _most("depth", self._name, "be nested at most {} levels", self._depth, limits.DEPTH)
        _most("containers", self._name, "hold at most {} elements", self._elements, limits.ELEMENTS)
        _most("attributes", self._name, "have at most {} attributes an element", len(attributes),
              limits.ATTRIBUTES)
        if len(attributes):
            _most("text", self._name, "hold texts of at most {} bytes",
                  max(len(value) for value in attributes.values()), limits.TEXT_BYTES)
        if self._see is not None:
            self._see(local, attributes)

    def endElement(self, tag: str) -> None:  # noqa: ARG002, N802
        """Leave an element."""
        self._depth, self._text = self._depth - 1, 0

    def characters(self, content: str) -> None:
        """Count the text of an element."""
        self._text += len(content)
        _most("text", self._name, "hold texts of at most {} bytes", self._text, limits.TEXT_BYTES)


def check_xml(stream: IO[bytes], name: str, *, root: str | None = None,
              see: Callable[[str, Any], None] | None = None) -> None:
    """Refuse XML with a DTD, entities or outside references, and what is too deep or too large.

    Args:
        stream: the document.
        name: for messages.
        root: the only name that the first element may have, in small letters; None: any.
        see: is handed the name and the attributes of each element.

    Raises:
        UploadError: as said, or it is no well-formed XML.
    """
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = parser.forbid_entities = parser.forbid_external = True
    parser.setContentHandler(_Handler(name, root, see))
    parser.setErrorHandler(ErrorHandler())
    source = InputSource()
    source.setByteStream(_Bounded(stream, name))
    try:
        parser.parse(source)
    except defusedxml.common.DefusedXmlException as error:
        raise UploadError("entities", name, expected="have no DTD, entities or outside references",
                          got=type(error).__name__) from error
    except UploadError:
        raise
    except (SAXParseException, ValueError, LookupError, OSError) as error:
        raise UploadError("unreadable", name, expected="be well-formed XML", got=error) from error


class _Bounded:
    """A stream that refuses to be longer than a tree may be."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream, self._name, self._read = stream, name, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        part = self._stream.read(min(size, _CHUNK) if size > 0 else _CHUNK)
        self._read += len(part)
        _most("size", self._name, "have at most {} bytes of XML", self._read, limits.TREE_BYTES)
        return part

    def close(self) -> None:
        """The stream belongs to the caller."""


def _most(code: str, name: str, rule: str, got: int, most: int) -> None:
    if got > most:
        raise UploadError(code, name, expected=rule.format(most), got=got)
