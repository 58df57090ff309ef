"""What the C library does with memory that was given back: by its own habits it keeps most of it, and a server that runs for a year is as large as its busiest minute.

It gives each thread a heap of its own (eight for each core), so that a page of the database that is read by another thread than last time is room that cannot be used again. In a
simulated month that made the server grow by megabytes a night, while what it held did not: of 11 MB in one night 10 lay free in sixteen heaps. Two heaps are enough for a program whose
threads wait for one interpreter, and what lies free is given back to the system now and then.

Nothing happens where the library is another than GNU's.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

HEAPS = 2
_M_ARENA_MAX = -8
"""As `malloc.h` has it."""


@cache
def _library() -> Any:
    return ctypes.CDLL(None)


def few_heaps() -> bool:
    """Whether the threads begun from now on share heaps. For the beginning of a program: those there are stay."""
    try:
        return bool(_library().mallopt(_M_ARENA_MAX, HEAPS))
    except (AttributeError, OSError):
        return False


def give_back() -> bool:
    """Whether anything could be given back to the system. It takes milliseconds, and other threads go on meanwhile."""
    try:
        return bool(_library().malloc_trim(0))
    except (AttributeError, OSError):
        return False
