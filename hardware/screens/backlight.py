"""A panel whose backlight the kernel holds (a Raspberry Pi's own touch display, most panels on a ribbon): two files in sysfs.

`bl_power` takes 0 (lit) or 4 (dark). Some drivers have it and do nothing with it, so brightness is set too, and put back to what it was: what
somebody dimmed by hand stays dimmed.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path("/sys/class/backlight")
LIT, DARK = "0", "4"


class Backlight:
    """`folder` is one panel's; None takes the only one there is."""

    def __init__(self, folder: Path | None = None, among: Path = FOLDER) -> None:
        self._folder, self._among = folder, among
        self._before = ""

    def light(self, lit: bool) -> bool:
        folder = self._folder or next(iter(sorted(self._among.glob("*"))), None)
        if folder is None:
            return False
        try:
            (folder / "bl_power").write_text(LIT if lit else DARK)
            self._dim(folder / "brightness", lit)
            return (folder / "bl_power").read_text().strip() == (LIT if lit else DARK)
        except (OSError, ValueError):
            return False

    def _dim(self, brightness: Path, lit: bool) -> None:
        now = brightness.read_text().strip()
        if not lit and now != "0":
            self._before = now
            brightness.write_text("0")
        elif lit and now == "0":
            brightness.write_text(self._before or (brightness.parent / "max_brightness").read_text().strip())
