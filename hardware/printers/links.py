"""What a printer driver needs of the wire it hangs on: four calls, each with its own time limit.

python-escpos opens the devices (it knows USB endpoints, kernel drivers and serial lines); reading and writing
is done here, because its own waits as long as the device likes and cannot tell "nothing came" from "it is
gone".
"""

from __future__ import annotations

from typing import Protocol


class LinkError(Exception):
    """The other end is gone or was never there. `sent` bytes of the write that failed may have reached it."""

    def __init__(self, why: str, sent: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.sent = sent


class Link(Protocol):
    """One way to a printer. Calls raise `LinkError` for anything the device or the wire does."""

    @property
    def forgets(self) -> bool:
        """Whether an answer that is late can no longer arrive once the link was closed and opened again."""

    @property
    def bytes_per_second(self) -> float | None:
        """How fast the wire is, where that is slow enough to matter (serial); None where it is not."""

    @property
    def is_open(self) -> bool: ...

    def open(self, seconds: float) -> None: ...

    def write(self, data: bytes, seconds: float) -> None:
        """All of `data`, or `LinkError` with how much of it went."""

    def read(self, seconds: float) -> bytes:
        """What has come, waiting for the first byte at most so long; empty if nothing came."""

    def close(self) -> None: ...
