"""Fingers on a touch panel, read from the kernel's own events (evdev): for a screen without a window system.

Kivy's readers for such panels each lack one thing that a kiosk needs for years: that a panel whose plug was out comes back by itself. So this reads one panel, takes it
for itself alone (nothing else on the machine hears it, so one tap is one tap), and opens it again when it is there again. The first
panel found is taken when none is named: a device that says it is touched directly, as screens do and pads do not.

Places are parts of the width and height from the upper left of the picture as it is shown on the glass (before any turning of the picture by
who draws). `turn` is by how much the touch layer itself is mounted otherwise than the picture; `span` is what it says at its edges, where it does not say that rightly.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

log = logging.getLogger("foyer.touch")

EVENT = struct.Struct("llHHi")
MOST_EVENTS = 256
AGAIN_SECONDS = 1.0
SYN, KEY, ABS = 0, 1, 3
REPORT, DROPPED = 0, 3
X, Y, MT_SLOT, MT_X, MT_Y, MT_TRACK = 0x00, 0x01, 0x2F, 0x35, 0x36, 0x39
TOUCHED = 0x14A
GRAB, ABS_INFO = 0x40044590, 0x80184540
INPUTS = Path("/proc/bus/input/devices")

What = Literal["down", "move", "up"]


@dataclass(frozen=True, slots=True)
class Moved:
    finger: int
    what: What
    x: float
    y: float


@dataclass
class _Slot:
    finger: int | None = None
    x: int = 0
    y: int = 0
    shown: bool = False
    changed: bool = False
    another: bool = False
    """The finger that was told of is gone, and another stands there: panels that lift and touch within one report say so in this way."""
    told: tuple[float, float] = (0.0, 0.0)
    """Where it was when it was told of last."""


@dataclass
class Decoder:
    """The kernel's events of one panel, made into fingers. Pure."""

    span: tuple[int, int, int, int]
    """What it says at the left, right, upper and lower edge."""
    turn: int = 0
    several: bool = True
    """Whether it tells fingers apart; then what it says besides for old programs is passed over."""
    slots: dict[int, _Slot] = field(default_factory=dict)
    _slot: int = 0
    _numbers: int = 0
    _torn: bool = False
    """What comes until this report's end is the rest of something: half of a place would be another place."""

    def take(self, kind: int, code: int, value: int) -> list[Moved]:
        """What has happened, at the end of each report."""
        if kind == SYN:
            if code == DROPPED:
                self._torn = True
                return self.lift_all()  # the kernel lost some: whoever was there has to come down again
            torn, self._torn = self._torn, self._torn and code != REPORT
            return list(self._report()) if code == REPORT and not torn else []
        if self._torn:
            return []
        if self.several:
            if kind == ABS and code == MT_SLOT:
                self._slot = value
            elif kind == ABS and code == MT_TRACK:
                self._touch(value >= 0)
            elif kind == ABS and code in (MT_X, MT_Y):
                self._place(code == MT_X, value)
        elif kind == KEY and code == TOUCHED:
            self._touch(value != 0)
        elif kind == ABS and code in (X, Y):
            self._place(code == X, value)
        return []

    def lift_all(self) -> list[Moved]:
        for slot in self.slots.values():
            slot.finger = None
        return list(self._report())

    def _current(self) -> _Slot:
        return self.slots.setdefault(self._slot, _Slot())

    def _touch(self, there: bool) -> None:
        slot = self._current()
        if there:
            slot.another = slot.shown
            slot.finger = self._numbers = self._numbers + 1
        else:
            slot.finger = None

    def _place(self, across: bool, value: int) -> None:
        slot = self._current()
        if across:
            slot.x = value
        else:
            slot.y = value
        slot.changed = True

    def _report(self) -> Iterator[Moved]:
        for number, slot in self.slots.items():
            x, y = self._on_picture(slot)
            if slot.another:
                slot.another = slot.shown = False
                yield Moved(number, "up", *slot.told)
            if slot.finger is not None and not slot.shown:
                slot.shown = True
                yield Moved(number, "down", x, y)
            elif slot.finger is None and slot.shown:
                slot.shown = False
                yield Moved(number, "up", x, y)
            elif slot.finger is not None and slot.changed:
                yield Moved(number, "move", x, y)
            slot.changed, slot.told = False, (x, y)

    def _on_picture(self, slot: _Slot) -> tuple[float, float]:
        left, right, upper, lower = self.span
        x = min(1.0, max(0.0, (slot.x - left) / ((right - left) or 1)))
        y = min(1.0, max(0.0, (slot.y - upper) / ((lower - upper) or 1)))
        match self.turn:
            case 90:
                return 1.0 - y, x
            case 180:
                return 1.0 - x, 1.0 - y
            case 270:
                return y, 1.0 - x
            case _:
                return x, y


def find(inputs: Path = INPUTS, folder: Path = Path("/dev/input")) -> Path | None:
    """The first device that is touched directly."""
    try:
        told = inputs.read_text(errors="replace")
    except OSError:
        return None
    for part in told.split("\n\n"):
        bits = re.search(r"^B: PROP=([0-9a-f]+)$", part, re.MULTILINE)
        event = re.search(r"^H: Handlers=.*\b(event\d+)", part, re.MULTILINE)
        if bits and event and int(bits[1], 16) & 2:
            return folder / event[1]
    return None


class TouchPanel:
    """`read` gives what happened since it was last called, and never waits. `device` None: whichever is found."""

    def __init__(
        self,
        device: Path | None = None,
        *,
        turn: int = 0,
        span: tuple[int, int, int, int] | None = None,
        find: Callable[[], Path | None] = find,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._device, self._turn, self._span = device, turn, span
        self._find, self._steady = find, steady
        self._file: int | None = None
        self._decoder: Decoder | None = None
        self._again_at = -1e9
        self._rest = b""

    @property
    def there(self) -> bool:
        return self._file is not None

    def fileno(self) -> int | None:
        return self._file

    def read(self) -> list[Moved]:
        if self._file is None and not self._open():
            return []
        assert self._file is not None
        assert self._decoder is not None
        happened: list[Moved] = []
        try:
            while data := os.read(self._file, EVENT.size * MOST_EVENTS):
                data = self._rest + data
                whole = len(data) - len(data) % EVENT.size
                self._rest = data[whole:]
                for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
                    happened.extend(self._decoder.take(kind, code, value))
            raise OSError("it has ended")
        except BlockingIOError:
            return happened
        except OSError as error:
            log.warning("the touch panel is gone: %s", error)
            happened.extend(self._decoder.lift_all())
            self.close()
            return happened

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file, self._rest = None, b""

    def _open(self) -> bool:
        now = self._steady()
        if now - self._again_at < AGAIN_SECONDS:
            return False
        self._again_at = now
        path = self._device or self._find()
        if path is None:
            return False
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        several = self._edges(MT_X)
        span = self._span or _joined(several, self._edges(MT_Y)) or _joined(self._edges(X), self._edges(Y))
        try:
            fcntl.ioctl(self._file, GRAB, 1)
        except OSError as error:
            log.info("the touch panel is not ours alone: %s", error)
        self._decoder = Decoder(
            span or (0, 4095, 0, 4095), self._turn, several is not None or self._span is not None
        )
        log.info("the touch panel is %s", path)
        return True

    def _edges(self, axis: int) -> tuple[int, int] | None:
        """What this axis says at its ends; None when there is no such axis."""
        assert self._file is not None
        try:
            told = fcntl.ioctl(self._file, ABS_INFO + axis, bytes(24))
        except OSError:
            return None
        _, least, most, *_ = struct.unpack("6i", told)
        return (least, most) if most > least else None


def _joined(across: tuple[int, int] | None, down: tuple[int, int] | None) -> tuple[int, int, int, int] | None:
    return (*across, *down) if across is not None and down is not None else None
