"""The fingerprint of what is served."""

from __future__ import annotations

from pathlib import Path

from dashboard.release import fingerprint


def test_it_changes_with_any_file_and_only_then(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    script = tmp_path / "a" / "x.js"
    script.write_text("1")
    first = fingerprint([tmp_path])
    (tmp_path / "a" / "x.pyc").write_text("compiled")
    assert fingerprint([tmp_path]) == first
    script.write_text("2")
    second = fingerprint([tmp_path])
    script.rename(tmp_path / "a" / "y.js")
    assert len({first, second, fingerprint([tmp_path])}) == 3
