"""Waiting for something to become true, with a deadline: the only way a test waits. It asks often and
gives up loudly.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeVar, overload

T = TypeVar("T")
PAUSE_SECONDS = 0.01


def until(answer: Callable[[], T], seconds: float = 5.0, what: str = "") -> T:
    """The first true answer; AssertionError with the last one when none came in time."""
    deadline = time.monotonic() + seconds
    while not (last := answer()):
        if time.monotonic() > deadline:
            raise AssertionError(_too_late(seconds, what, last))
        time.sleep(PAUSE_SECONDS)
    return last


@overload
async def until_async(answer: Callable[[], Awaitable[T]], seconds: float = 5.0, what: str = "") -> T: ...
@overload
async def until_async(answer: Callable[[], T], seconds: float = 5.0, what: str = "") -> T: ...
async def until_async(answer: Callable[[], Any], seconds: float = 5.0, what: str = "") -> Any:
    """The same on an event loop; `answer` may be plain or a coroutine function."""
    deadline = time.monotonic() + seconds
    while True:
        last = answer()
        if isawaitable(last):
            last = await last
        if last:
            return last
        if time.monotonic() > deadline:
            raise AssertionError(_too_late(seconds, what, last))
        await asyncio.sleep(PAUSE_SECONDS)


def _too_late(seconds: float, what: str, last: object) -> str:
    return f"{what or 'it'} did not come true within {seconds:g} s; the last answer was {last!r}"
