"""The documents name everything that the import knows."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.ingest import mapping
from data.ingest.mapping_model import FIELDS, KINDS, Mapping

ROOT = Path(__file__).parents[1]
IMPORT = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = (*sorted((ROOT / "data" / "ingest").glob("*.py")), ROOT / "data" / "areas" / "validate.py")
#: Calls whose reason is a positional argument, and its place.
PLACED = {"Unreadable": 2, "Finding": 1, "_flag": 2}


def texts(node: ast.expr) -> Iterator[str]:
    """The words that an argument may be; a name or an unknown part gives none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\w+", node.value):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values[:-1]):
        head = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        if head == "sum_":
            yield from ("sum_households", "sum_residents")


def reasons() -> set[str]:
    """Every reason code that a call in the import or in the check of areas gives."""
    found: set[str] = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            for keyword in node.keywords:
                if keyword.arg == "reason":
                    found.update(texts(keyword.value))
            if name in PLACED and len(node.args) > PLACED[name]:
                found.update(texts(node.args[PLACED[name]]))
            if name == "code" and len(node.args) > 3:  # words of an enumeration: unknown_<field>
                found.update(f"unknown_{field}" for field in texts(node.args[2]))
    return found


def test_the_reasons_are_found() -> None:
    known = {"null_island", "unprojected_zero", "wrong_cell_count", "unreadable_file", "jump", "gap",
             "sum_residents", "unknown_role", "older_state", "outside_grids"}
    assert known <= reasons()


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_every_reason_is_explained(reason: str) -> None:
    assert any(f"`{reason}`" in line for line in IMPORT.splitlines() if line.startswith("|"))


@pytest.mark.parametrize("key", sorted(set(Mapping.__dataclass_fields__) - {"name", "formats_of"}))
def test_every_key_of_a_mapping_is_shown(key: str) -> None:
    assert re.search(rf"^(\[{key}(\.[^\]]+)?\]|{key} = )", IMPORT, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("table", "keys"),
    [("district", mapping._DISTRICT_KEYS), ('categories."占道经营"', mapping._CATEGORY_KEYS),
     ('channels."热线"', mapping._CHANNEL_KEYS)],
)
def test_every_key_of_a_table_is_shown(table: str, keys: frozenset[str]) -> None:
    part = IMPORT.split(f"[{table}]", 1)[1].split("\n\n", 1)[0]
    assert keys == {line.split(" = ")[0] for line in part.splitlines() if re.match(r"\w+ = ", line)}


def test_the_shown_mapping_is_a_right_one() -> None:
    example = IMPORT.split("```toml\n", 1)[1].split("```", 1)[0]
    made = mapping.parse_mapping(tomllib.loads(example), name="example")
    assert (made.kind, made.district.code, made.states["已结案"]) == ("cases", "510108", "closed")


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_kind_is_listed(kind: str) -> None:
    listed = re.search(rf"^\* `{kind}`: (.*?)(?=^\* |^$)", IMPORT, flags=re.MULTILINE | re.DOTALL)
    assert listed
    assert set(re.findall(r"`(\w+)`", listed[1])) == FIELDS[kind]


@pytest.mark.parametrize("name", [*mapping.shipped(), *KINDS])
def test_the_readme_names_mappings_and_kinds(name: str) -> None:
    assert f"`{name}`" in README
    assert f"`{name}`" in IMPORT


@pytest.mark.parametrize("document", ["README.md", "docs/architecture.md"])
def test_files_named_in_the_documents_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    rooms = "data|layers|dashboard|callbacks|assets|tests|benchmarks|docs"
    named = set(re.findall(rf"`((?:{rooms})/[\w./-]+\.\w+)`", text))
    assert named
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
