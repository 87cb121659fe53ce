"""How large what comes from outside may be, and why: each bounds memory or time."""

from __future__ import annotations

from typing import Final

KIB: Final = 1 << 10
MIB: Final = 1 << 20
GIB: Final = 1 << 30

# ---- what the browser sends ----
#: A photo of a phone has 2..8 MB; larger ones are raw pictures that nobody looks at here.
PHOTO_BYTES: Final = 10_000_000
#: Enough to show a place from all sides; a case is no album.
PHOTOS_OF_A_CASE: Final = 20
#: A year of cases of a large district as CSV; larger files go in by the command line.
FILE_BYTES: Final = 200_000_000
#: Room for the fields and borders of a form around its file.
FORM_BYTES: Final = 200_000
#: A mapping of columns in TOML; the largest shipped one has 12 kB.
MAPPING_BYTES: Final = 100_000

# ---- pictures ----
#: Width × height before anything is decoded: 4 bytes a pixel are 240 MB at most, cameras have up to 50.
PIXELS: Final = 60_000_000
#: Longest side as it comes, and as it is kept: a wall's card and a full screen need no more.
SIDE_PX: Final = 20_000
KEPT_SIDE_PX: Final = 2048
#: Quality of the kept JPEG; below it blocks show, above it files grow without a visible gain.
QUALITY: Final = 85

# ---- archives ----
#: Text packs 5..20 times, sheets with many equal cells 50; deflate's bound is 1032.
RATIO: Final = 100
#: Below this the ratio says nothing: an empty sheet packs 200 times and harms nobody.
RATIO_FROM: Final = MIB
#: A year of single tracks has 18,670 files; each member costs some 500 bytes of directory in memory.
MEMBERS: Final = 20_000
#: The directory of so many members, with long names.
DIRECTORY_BYTES: Final = 16 * MIB
#: All members unpacked; also the limit of a packed CSV, which is read as a stream.
UNPACKED_BYTES: Final = 4 * GIB
STREAM_BYTES: Final = 64 * GIB
#: File systems take 255 bytes a name; deeper paths than this are no export of a program.
NAME_BYTES: Final = 240

# ---- JSON and XML: read as a whole, an element costs 20..60 times its bytes ----
TREE_BYTES: Final = 512 * MIB
#: A collection of multi-polygons has 8 levels; parsers recurse.
DEPTH: Final = 64
#: Digits of a number: a double has 17, an id 30; reading n digits as a whole number costs n².
NUMBER_CHARS: Final = 64
#: Longest text of one property: a description, not a file in disguise.
TEXT_BYTES: Final = MIB
#: 5 million positions: borders of a whole city at every metre.
NUMBERS: Final = 10_000_000
#: Objects and lists, and values of any kind.
CONTAINERS: Final = 8_000_000
VALUES: Final = 30_000_000
#: Vertices of shapes in a binary map file; the same bound as that of GeoJSON.
VERTICES: Final = 5_000_000
#: Elements of one XML document and attributes of one element.
ELEMENTS: Final = 8_000_000
ATTRIBUTES: Final = 256
#: Cells of a sheet, its gaps included: rows are padded to the widest when they are read.
CELLS: Final = 20_000_000

# ---- tables ----
#: Columns; the widest open data set of cases has 40, the widest census table 400.
COLUMNS: Final = 1000
#: Header line of a CSV: 1,000 names of 100 characters in Chinese.
HEADER_BYTES: Final = 512 * KIB
#: Rows of a Parquet file, and bytes of 100,000 of them decoded: equal values cost nothing in the file.
ROWS: Final = 200_000_000
BATCH_BYTES: Final = 512 * MIB

# ---- the process apart ----
#: Address space: decoders and the libraries' own mappings; a picture of `PIXELS` needs 900 MB of it.
PHOTO_MEMORY: Final = 1536 * MIB
FILE_MEMORY: Final = 4 * GIB
#: Of an import that the browser began: the largest admitted tree, taken to pieces.
IMPORT_MEMORY: Final = 8 * GIB
#: Seconds of processor and of wall clock.
PHOTO_CPU_S: Final = 20
PHOTO_WALL_S: Final = 30
FILE_CPU_S: Final = 300
FILE_WALL_S: Final = 600
#: What it may write, its answer included: a kept photo has 1 MB.
ANSWER_BYTES: Final = 16 * MIB
OPEN_FILES: Final = 64
#: Photos that are decoded at the same time; the others wait, `WAIT_S` seconds at most.
AT_ONCE: Final = 2
WAIT_S: Final = 20
