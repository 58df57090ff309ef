"""Keeps the kiosk small: what is freed goes back to the system, and what is left behind is freed soon.

A kiosk runs for months on a machine with little memory, and three things would have it grow to what its busiest moment
took: the C library keeps freed pictures for later, Python finds a screen left behind (each a knot of references) only
after a few hundred more, and it holds on to the pages of both. None of it is the visitor's time: it is done in the half
second after a change of screen in which no touch counts, once the frame is drawn.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
from collections.abc import Callable

from kiosk.flow.model import Model, Screen

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
OWN_PAGES_FROM = 64 * 1024
"""Bytes: what is this large goes back to the system when it is freed and leaves no hole among what stays."""
SETTLED_SECONDS = 2.0
"""After the start: what stays for good is there by then."""
SWEEP_SECONDS = 0.25
"""After a change of screen; its frame is drawn by then."""
TRIM_SECONDS = 1.0


def begin() -> None:
    """Before anything large is there."""
    # Where there is no graphics card, Mesa draws with a thread for each processor, each with buffers of its
    # own: 70 MB more and no frame sooner, since we draw a few still pictures a minute.
    os.environ.setdefault("LP_NUM_THREADS", "0")
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 1)  # else one for each thread
        libc.mallopt(M_MMAP_THRESHOLD, OWN_PAGES_FROM)


def trim() -> None:
    """Give back what the C library holds free (glibc; elsewhere nothing happens)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class Broom:
    """Give it each model that is shown (`Runner.watch`), and tell it when a visitor has gone. On the asyncio loop."""

    def __init__(self) -> None:
        self._seen: Screen | None = None
        self._due: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """What the start has made stays: from `SETTLED_SECONDS` on the collector need not look at it, which makes each
        sweep a matter of milliseconds."""
        asyncio.get_running_loop().call_later(SETTLED_SECONDS, _settle)

    def watch(self, model: Model) -> None:
        if model.screen is not self._seen:
            self._seen = model.screen
            self._later(SWEEP_SECONDS, _sweep)

    def visitor_gone(self) -> None:
        self._later(TRIM_SECONDS, _sweep_and_trim)

    def _later(self, seconds: float, do: Callable[[], object]) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = asyncio.get_running_loop().call_later(seconds, do)


def _settle() -> None:
    gc.collect()
    gc.freeze()
    trim()


def _sweep() -> None:
    gc.collect()


def _sweep_and_trim() -> None:
    gc.collect()
    trim()
