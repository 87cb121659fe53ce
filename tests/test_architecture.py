"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("data", "layers", "dashboard", "callbacks")
SOURCES = [
    *sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")
            if "migrations" not in path.parts),
    ROOT / "app.py",
]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_arrows_of_import_hold() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_knows_the_composition_root() -> None:
    asks = re.compile(r"^\s*(from app import|import app\b)", re.M)
    assert [_name(path) for path in SOURCES if asks.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_rooms_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_time_is_handed_in(path: Path) -> None:
    if path.name == "app.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        f"{_name(path)}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}
        and isinstance(node.func.value, ast.Name) and node.func.value.id in {"datetime", "date"}
    ]
    assert calls == []


SCREENS = [path for path in SOURCES if {"dashboard", "callbacks"} & set(path.parts)]


@pytest.mark.parametrize("path", SCREENS, ids=_name)
def test_look_stays_in_assets(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    styled = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "style"]
    assert styled == []


def test_no_error_is_swallowed() -> None:
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                only_pass = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
                if node.type is None or only_pass:
                    found.append(f"{_name(path)}:{node.lineno}")
    assert found == []


def test_every_setting_is_in_the_readme() -> None:
    from data.settings import SETTINGS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [setting.name for setting in SETTINGS if f"`{setting.name}`" not in readme] == []


def test_identifiers_carry_no_chinese() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "name", None) or getattr(node, "id", None) or getattr(node, "attr", None)
            if isinstance(name, str) and han.search(name):
                found.append(f"{_name(path)}: {name}")
    assert found == []


def test_direct_dependencies_are_pinned() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        loose = [line for line in lines if line and not line.startswith(("#", "-r ")) and "==" not in line]
        assert loose == []


def _canonical(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _imported() -> set[str]:
    """Top-level modules from outside that the product imports, anywhere in a module."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - set(PACKAGES) - {"assets", "benchmarks"}


def test_what_is_imported_is_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {_canonical(re.split(r"==|\[", line)[0]) for line in lines if "==" in line}
    homes = packages_distributions()
    loose = [module for module in _imported()
             if not pinned & {_canonical(home) for home in homes.get(module, [])}]
    assert sorted(loose) == []


def test_no_host_outside_is_named() -> None:
    outside = re.compile(r"https?://[a-z0-9.\-]*(cdn|unpkg|jsdelivr|mapbox|carto|googleapis)", re.I)
    files = [*SOURCES, *(ROOT / "assets").rglob("*.js"), *(ROOT / "assets").rglob("*.css")]
    assert [_name(path) for path in files if outside.search(path.read_text(encoding="utf-8"))] == []
