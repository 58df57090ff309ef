"""A panel for trials and tests: it remembers what it was told, and can be told to be broken."""

from __future__ import annotations

from pathlib import Path


class SimulatedScreen:
    """With a `file` it writes `lit` or `dark` into it, for whoever looks from outside; a file that says `broken` is a panel that does nothing."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.lit = True
        self.told: list[bool] = []

    def light(self, lit: bool) -> bool:
        self.told.append(lit)
        if self._file is None:
            self.lit = lit
            return True
        try:
            if self._file.exists() and self._file.read_text().strip() == "broken":
                return False
            self._file.write_text("lit" if lit else "dark")
        except OSError:
            return False
        self.lit = lit
        return True
