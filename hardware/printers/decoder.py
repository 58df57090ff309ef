"""Reads ESC/POS as a printer does: a stream of bytes, cut anywhere, into steps for the mechanism.

It is the stand-in's ear, and strict: it knows how long each command is, so that a wrong length, a stray byte
or a raster that is short of a row shows in a test as `Stray` or as a paper that differs, instead of being
forgiven. Raster rows come out one by one, as they arrive, because a real head prints them so and may stop
between any two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of dots, eight to a byte, 1 is ink."""

    dots: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    pass


@dataclass(frozen=True, slots=True)
class AskSensor:
    """`GS r`, in its turn."""

    which: int


@dataclass(frozen=True, slots=True)
class AskDone:
    """`GS ( H` function 48, in its turn."""

    identifier: bytes


@dataclass(frozen=True, slots=True)
class Stray:
    """Bytes that are no command of ours: a real printer would print them as letters, or obey something
    else."""

    data: bytes


Step = Row | Feed | Cut | AskSensor | AskDone | Stray

LINE_DOTS = 30
MAX_ROW_BYTES = 255

_ESC_LENGTHS = {b"@": 0, b"2": 0, b"p": 3, b"c": 2} | {bytes([c]): 1 for c in b"!-3EGJMRTUVat{=d"}
_GS_LENGTHS = {b"a": 1, b"L": 2, b"W": 2, b"P": 2} | {bytes([c]): 1 for c in b"!BHIfhrw"}
_CUTS = {0: 3, 1: 3, 48: 3, 49: 3, 65: 4, 66: 4, 97: 4, 98: 4}
"""`GS V m`: how long the command is, by m; the longer ones feed n dots first."""


class Decoder:
    def __init__(self) -> None:
        self._data = bytearray()
        self._row_bytes = 0
        self._rows_left = 0
        self._stored: list[Row] = []

    def feed(self, data: bytes) -> None:
        self._data += data

    def steps(self) -> Iterator[Step]:
        """The steps that are complete. Stops where the rest of a command has yet to come."""
        while self._data:
            if self._rows_left:
                if len(self._data) < self._row_bytes:
                    return
                self._rows_left -= 1
                yield Row(self._cut_off(self._row_bytes))
                continue
            length, steps = self._command(bytes(self._data[:16]))
            if length == 0 or len(self._data) < length:
                return
            command = self._cut_off(length)
            yield from self._stored_graphics(command) if steps is None else steps

    def _cut_off(self, length: int) -> bytes:
        taken = bytes(self._data[:length])
        del self._data[:length]
        return taken

    def _command(self, head: bytes) -> tuple[int, list[Step] | None]:
        """Length of the command at the front (0: cannot be told yet) and what it means.

        None as meaning: it needs its whole body, see `_stored_graphics`.
        """
        if head[0] == 0x1B:
            return self._escape(head)
        if head[0] == 0x1D:
            return self._group(head)
        if head[0] == 0x10:
            return _real_time(head)
        if head[:1] == b"\n":
            return 1, [Feed(LINE_DOTS)]
        return 1, ([] if head[:1] == b"\r" else [Stray(head[:1])])

    def _escape(self, head: bytes) -> tuple[int, list[Step] | None]:
        if len(head) < 2:
            return 0, []
        name = head[1:2]
        if name not in _ESC_LENGTHS:
            return 2, [Stray(head[:2])]
        length = 2 + _ESC_LENGTHS[name]
        if len(head) < length:
            return 0, []
        if name == b"d":
            return length, [Feed(head[2] * LINE_DOTS)]
        return length, [Feed(head[2])] if name == b"J" else []

    def _group(self, head: bytes) -> tuple[int, list[Step] | None]:
        if len(head) < 3:
            return 0, []
        name = head[1:2]
        if name == b"v":
            return self._raster(head)
        if name == b"V":
            return _cut(head)
        if name == b"(":
            return (0, []) if len(head) < 5 else (5 + int.from_bytes(head[3:5], "little"), None)
        if name not in _GS_LENGTHS:
            return 2, [Stray(head[:2])]
        length = 2 + _GS_LENGTHS[name]
        return (length if len(head) >= length else 0), ([AskSensor(head[2])] if name == b"r" else [])

    def _raster(self, head: bytes) -> tuple[int, list[Step] | None]:
        if head[2:3] != b"0":
            return 3, [Stray(head[:3])]
        if len(head) < 8:
            return 0, []
        across, rows = int.from_bytes(head[4:6], "little"), int.from_bytes(head[6:8], "little")
        if head[3] != 0 or not 0 < across <= MAX_ROW_BYTES or not rows:
            return 8, [Stray(head[:8])]
        self._row_bytes, self._rows_left = across, rows
        return 8, []

    def _stored_graphics(self, command: bytes) -> list[Step]:
        """`GS ( x`: graphics are stored (function 112) and then printed (50 or 2); function 48 of H asks."""
        name, body = command[2:3], command[5:]
        if name == b"H" and body[:2] == b"00" and len(body) == 6:
            return [AskDone(body[2:])]
        if name != b"L" or len(body) < 2:
            return []
        if body[1] in (2, 50):
            printed, self._stored = self._stored, []
            return list(printed)
        if body[1] != 112 or len(body) < 10:
            return []
        width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        across, dots = (width + 7) // 8, body[10:]
        if not across or len(dots) != across * height:
            return [Stray(command[:16])]
        self._stored = [Row(dots[at : at + across]) for at in range(0, len(dots), across)]
        return []


def _cut(head: bytes) -> tuple[int, list[Step] | None]:
    length = _CUTS.get(head[2], 0)
    if not length:
        return 3, [Stray(head[:3])]
    if len(head) < length:
        return 0, []
    return length, [Feed(head[3]), Cut()] if length == 4 else [Cut()]


def _real_time(head: bytes) -> tuple[int, list[Step] | None]:
    """Answered when it was received; here it is only stepped over."""
    if len(head) < 2:
        return 0, []
    length = {0x04: 3, 0x05: 3, 0x14: 5}.get(head[1], 0)
    if not length:
        return 1, [Stray(head[:1])]
    if head[1] == 0x14 and len(head) > 2 and head[2] == 8:
        length = 10
    return (length if len(head) >= length else 0), []
