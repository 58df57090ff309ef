"""Reads what a printer sends back, and takes nothing for an answer that cannot be one.

Printer answers are single bytes without a name, told apart only by bits that are always 0 or always 1. So
each byte is sorted by those bits: real-time status, sensor byte (`GS r`), "done" block (`GS ( H`), unasked
report (four bytes, dropped), flow control (dropped). Whatever fits none of them is counted as garbage, and
who meets garbage believes nothing of that exchange: a clone that sends nonsense must read as silent, not as
fine.

Sources: Epson's ESC/POS reference for DLE EOT, GS r, GS a and GS ( H; the sets of bits are checked in its
tables.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto

FIXED_BITS = 0x93
REAL_TIME = 0x12
UNASKED = 0x10
_FLOW_CONTROL = frozenset(b"\x11\x13")
_SENSOR_BYTES = frozenset(b"\x00\x03\x0c\x0f")
"""`GS r 1`: the two bits of each sensor are always alike, the others always 0."""
_DONE_LENGTH = 7


class Kind(Enum):
    REAL_TIME = auto()
    SENSOR = auto()
    DONE = auto()


class Answers:
    """Sorts a stream of bytes, cut anywhere, into answers by kind."""

    def __init__(self) -> None:
        self._queues: dict[Kind, deque[bytes]] = {kind: deque() for kind in Kind}
        self._partial = b""
        self.garbage = 0

    def feed(self, data: bytes) -> None:
        self._partial += data
        while self._partial and (taken := self._take(self._partial)):
            self._partial = self._partial[taken:]

    def pop(self, kind: Kind) -> bytes | None:
        queue = self._queues[kind]
        return queue.popleft() if queue else None

    def forget(self) -> None:
        """Whatever is here is older than the next question."""
        for queue in self._queues.values():
            queue.clear()
        self._partial, self.garbage = b"", 0

    def _take(self, data: bytes) -> int:
        """How many bytes from the front make one thing; 0 when the rest of it has yet to come."""
        first = data[0]
        if first & FIXED_BITS == REAL_TIME:
            return self._keep(Kind.REAL_TIME, data[:1])
        if first in _FLOW_CONTROL:
            return 1
        if data[:1] == b"7":
            return self._take_done(data)
        if first & FIXED_BITS == UNASKED:
            return self._take_unasked(data)
        if first in _SENSOR_BYTES:
            return self._keep(Kind.SENSOR, data[:1])
        self.garbage += 1
        return 1

    def _keep(self, kind: Kind, answer: bytes) -> int:
        self._queues[kind].append(answer)
        return len(answer)

    def _take_done(self, data: bytes) -> int:
        if not b'7"'.startswith(data[:2]) and data[:2] != b'7"':
            self.garbage += 1
            return 1
        if len(data) < _DONE_LENGTH:
            return 0
        if data[6] != 0:
            self.garbage += 1
            return 1
        self._queues[Kind.DONE].append(data[2:6])
        return _DONE_LENGTH

    def _take_unasked(self, data: bytes) -> int:
        if any(byte & 0x90 for byte in data[1:4]):
            self.garbage += 1
            return 1
        return 4 if len(data) >= 4 else 0
