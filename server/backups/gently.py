"""What a backup writes is brought to the disk a little at a time, so that no visitor's ticket waits behind it.

A commit of the server's is on the disk before it is answered, and on most file systems that waits for whatever else lies in memory to be written: hundreds of
megabytes at once are seconds on a card. So each few megabytes are waited for as they are written, which costs the backup little, and are let go of from memory,
where the database's own pages are wanted more. The same for the processor: a process of the idle class gives way within a tick wherever anybody else has work.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import BinaryIO

STEP = 8 * 1024 * 1024
NICE = 19
_IDLE = 3 << 13
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}


class Steps:
    """Counts what is written to a file, and has the disk follow."""

    def __init__(self, file: int, step: int = STEP) -> None:
        self._file, self._step, self._since = file, step, 0
        self.taken = 0

    def wrote(self, size: int) -> None:
        self._since += size
        if self._since >= self._step:
            self.take()

    def take(self) -> None:
        self._since = 0
        self.taken += 1
        os.fdatasync(self._file)
        with contextlib.suppress(OSError):
            os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)


class InSteps:
    """A file that is written so."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._steps = file, Steps(file.fileno())

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self._steps.wrote(len(data))
        return len(data)

    def flush(self) -> None:
        self._file.flush()


def give_way() -> None:
    """This process and those it starts: the processor and the disk only when nobody else wants them. Not every disk knows that, and none needs to."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    if (number := _IOPRIO_SET.get(os.uname().machine)) is not None:
        ctypes.CDLL(None).syscall(number, 1, 0, _IDLE)
