"""How far the memory of this process grew while something was done."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _kib(word: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{word}:"))
    return int(line.split()[1])


class Peak:
    """Measures the highest resident memory inside the block over that at its beginning."""

    grown_mib: float

    def __enter__(self) -> Peak:
        _CLEAR.write_text("5")  # the peak begins anew
        self._before = _kib("VmRSS")
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.grown_mib = (_kib("VmHWM") - self._before) / 1024
