"""How the machine under us is: its power, heat, card, memory and clock, read from files the kernel keeps.

A kiosk that fails after two years fails by these: a supply too weak for the printer's motor, a cupboard without air, a card that is full, worn
or has turned itself read-only. Each is to be read for nothing, long before it stops anybody. What cannot be read here (there is no such file on
this machine) is `None`, which is not the same as good. `root` is where the kernel's files are, so that tests and trials give a folder of their
own; reading costs a few hundred microseconds and wakes nothing.

What flickers is held: power that dipped counts as low for `HELD_SECONDS`, and hot ends only some degrees below where it began.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

THROTTLED = (
    "sys/devices/platform/soc/soc:firmware/get_throttled",
    "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled",
)
"""Of a Raspberry Pi up to 4, and of a 5; others are found by their name's end."""
LOW_NOW, SLOWED_NOW, LOW_ONCE = 0x1, 0x2 | 0x4 | 0x8, 0x10000
HOT, COOL = 80.0, 74.0
"""Degrees: from 80 a Raspberry Pi slows itself down, at 85 it does so hard."""
HELD_SECONDS = 600.0
WORN = 0x0A
"""Of an eMMC's estimate: nine tenths of its life are used (JEDEC eMMC 5.0, DEVICE_LIFE_TIME_EST)."""
NOT_IN_STEP = 0x40
"""STA_UNSYNC of adjtimex(2)."""

Power = Literal["", "low", "was_low", "well"]
Card = Literal["", "well", "errors", "worn", "read_only"]


@dataclass(frozen=True, slots=True)
class MachineNow:
    """`power` and `card` are empty and numbers None where nothing tells. `was_low`: at some time since it was switched on."""

    power: Power = ""
    slowed: bool = False
    heat_c: int | None = None
    hot: bool = False
    card: Card = ""
    free_mb: int | None = None
    memory_percent: int | None = None
    """Of all memory, what programs could still have."""
    in_step: bool | None = None
    """Whether the clock is kept right by a time server."""
    up_seconds: int | None = None


def kept_in_step() -> bool | None:
    """What the kernel says of its clock; None where it does not."""
    try:
        timex = (
            ctypes.c_long * 32
        )()  # struct timex: modes, which is 0 for reading, lies in the first word; status in the sixth
        if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex)) < 0:
            return None
    except (OSError, AttributeError):
        return None
    status = ctypes.c_int.from_buffer(timex, 5 * ctypes.sizeof(ctypes.c_long)).value
    return not status & NOT_IN_STEP


def identity(root: Path = Path("/")) -> str:
    """Names this machine: a hash of its board's serial number, else of the system's own id; empty where there is neither.

    The board first: a card that is only read may get another id at each start, and a copied card has the same. Where a board tells no number (a PC's is for root
    alone) a disk that is copied whole is not known as a copy. What only root may read is left out for root too, or a machine had one name
    for its kiosk and another for its updater.
    """
    for path in ("proc/device-tree/serial-number", "sys/class/dmi/id/product_serial", "etc/machine-id"):
        try:
            everybodys = (root / path).stat().st_mode & stat.S_IROTH
            text = (root / path).read_text(encoding="ascii", errors="replace") if everybodys else ""
        except OSError:
            continue
        if (name := text.strip("\0 \n")).strip("0"):
            return hashlib.sha256(f"foyer\n{path}\n{name}".encode()).hexdigest()
    return ""


class Machine:
    """`folder` is where we write: its file system is the one that must not be full."""

    def __init__(
        self,
        folder: Path,
        root: Path = Path("/"),
        *,
        steady: Callable[[], float] = time.monotonic,
        in_step: Callable[[], bool | None] = kept_in_step,
        statvfs: Callable[[Path], os.statvfs_result] = os.statvfs,
    ) -> None:
        self._folder, self._root = folder, root
        self._steady, self._in_step, self._statvfs = steady, in_step, statvfs
        self._low_at: float | None = None
        self._hot = False

    def read(self) -> MachineNow:
        power, slowed = self._power()
        heat = self._heat()
        if heat is not None:
            self._hot = heat >= (COOL if self._hot else HOT)
        free, read_only = self._disk()
        return MachineNow(
            power=power,
            slowed=slowed,
            heat_c=None if heat is None else round(heat),
            hot=self._hot,
            card="read_only" if read_only else self._card(),
            free_mb=free,
            memory_percent=self._memory(),
            in_step=self._in_step(),
            up_seconds=self._up(),
        )

    def _text(self, path: str) -> str:
        try:
            return (self._root / path).read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            return ""

    def _power(self) -> tuple[Power, bool]:
        bits = self._throttled()
        alarm = self._low_alarm()
        if bits is None and alarm is None:
            return "", False
        bits = bits or 0
        now = self._steady()
        if bits & LOW_NOW or alarm:
            self._low_at = now
        if self._low_at is not None and now - self._low_at < HELD_SECONDS:
            return "low", bool(bits & SLOWED_NOW)
        once = bits & LOW_ONCE or self._low_at is not None
        return "was_low" if once else "well", bool(bits & SLOWED_NOW)

    def _throttled(self) -> int | None:
        for path in (*THROTTLED, *self._found("sys/devices/platform", "*/*:firmware/get_throttled")):
            if text := self._text(path):
                try:
                    return int(text, 16)
                except ValueError:
                    return None
        return None

    def _low_alarm(self) -> bool | None:
        """The driver for a Pi's supply tells whether the alarm rings now."""
        for path in self._found("sys/class/hwmon", "*/name"):
            if self._text(path) == "rpi_volt":
                return self._text(path.removesuffix("name") + "in0_lcrit_alarm") == "1"
        return None

    def _heat(self) -> float | None:
        degrees = []
        for path in self._found("sys/class/thermal", "thermal_zone*/temp"):
            try:
                degrees.append(int(self._text(path)) / 1000)
            except ValueError:
                continue
        return max((each for each in degrees if -40 < each < 150), default=None)

    def _disk(self) -> tuple[int | None, bool]:
        try:
            found = self._statvfs(self._folder)
        except OSError:
            return None, False
        return found.f_bavail * found.f_frsize // 2**20, bool(found.f_flag & os.ST_RDONLY)

    def _card(self) -> Card:
        counts = [self._text(path) for path in self._found("sys/fs/ext4", "*/errors_count")]
        if any(count.isdigit() and int(count) for count in counts):
            return "errors"
        lives = [self._text(path) for path in self._found("sys/block", "mmcblk*/device/life_time")]
        used = [int(each, 16) for life in lives for each in life.split() if each.startswith("0x")]
        if any(each >= WORN for each in used):
            return "worn"
        return "well" if counts or used else ""

    def _memory(self) -> int | None:
        told = {}
        for line in self._text("proc/meminfo").splitlines():
            name, _, rest = line.partition(":")
            if (words := rest.split()) and words[0].isdigit():
                told[name] = int(words[0])
        if not told.get("MemTotal") or "MemAvailable" not in told:
            return None
        return 100 * told["MemAvailable"] // told["MemTotal"]

    def _up(self) -> int | None:
        try:
            return int(float(self._text("proc/uptime").split()[0]))
        except (IndexError, ValueError):
            return None

    def _found(self, folder: str, pattern: str) -> list[str]:
        try:
            return sorted(str(each.relative_to(self._root)) for each in (self._root / folder).glob(pattern))
        except OSError:
            return []
