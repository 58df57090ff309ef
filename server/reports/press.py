"""Makes a file in a process of its own, at the lowest priority and with a limit of memory and time, and can be stopped in the middle.

Setting a year's pages takes a processor for seconds; inside the server every call would wait for it. The booklet goes over a pipe to a fresh Python (`python -m server.reports.press pdf`), how far
it is comes back line by line, then the file. The process is started while the figures are still being read (`starting`), because loading the typesetter takes a second. Whatever ends the wait (it was stopped, the server ends, it took too long) ends the process too, and nothing of it is left on any disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import pickle
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

from server.reports.booklet import Booklet, Form, Made
from server.reports.making import load, make

SECONDS = 180.0
MOST_MEMORY = 2 * 1024 * 1024 * 1024
LOWEST = 19
LONGEST_LINE = 1024 * 1024
Progress = Callable[[int, str], Awaitable[None]]


class PressFailed(Exception):
    """It could not be made; `str()` says why, to a person."""


TOO_LONG = "It took longer than three minutes. Ask for a shorter time or fewer centres."
TOO_MUCH = "It could not be made into a file. Ask for a shorter time or fewer centres, or for a spreadsheet."


@contextlib.asynccontextmanager
async def starting(form: Form) -> AsyncIterator[Press]:
    """A press that makes itself ready; it is ended with the block, whatever it does then."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", __name__, form.value),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        limit=LONGEST_LINE,
    )
    try:
        yield Press(process, form)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Press:
    """One process, for one file."""

    def __init__(self, process: asyncio.subprocess.Process, form: Form) -> None:
        self._process, self._form = process, form

    async def make(self, booklet: Booklet, progress: Progress) -> Made:
        """The file. Raises `PressFailed` with a sentence."""
        try:
            async with asyncio.timeout(SECONDS):
                return await _talk(self._process, pickle.dumps((booklet, self._form)), progress)
        except TimeoutError:
            raise PressFailed(TOO_LONG) from None


async def press(booklet: Booklet, form: Form, progress: Progress) -> Made:
    """The file, of a booklet that is there. Raises `PressFailed` with a sentence; when cancelled, the process is ended first."""
    async with starting(form) as ready:
        return await ready.make(booklet, progress)


async def _talk(process: asyncio.subprocess.Process, order: bytes, progress: Progress) -> Made:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(order)
        await process.stdin.drain()
        process.stdin.close()
    while line := await process.stdout.readline():
        what, _, rest = line.decode().rstrip("\n").partition(" ")
        if what == "at":
            percent, _, say = rest.partition(" ")
            await progress(int(percent), say)
        elif what == "done":
            with contextlib.suppress(asyncio.IncompleteReadError):  # it was ended in the middle of a word
                made: Made = pickle.loads(await process.stdout.readexactly(int(rest)))
                return made
    raise PressFailed(TOO_MUCH)


def _environment() -> dict[str, str]:
    """What the process needs and no more: no key or password of the server's."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "HOME", "FONTCONFIG_PATH") if name in os.environ
    }
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _work() -> None:
    os.nice(LOWEST)
    gc.disable()  # it ends in seconds; looking for garbage among a million boxes takes a third of them
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    out = sys.stdout.buffer

    def tell(percent: int, say: str) -> None:
        out.write(f"at {percent} {say}\n".encode())
        out.flush()

    load(Form(sys.argv[1]))
    booklet, form = pickle.loads(sys.stdin.buffer.read())
    made = pickle.dumps(make(booklet, form, tell))
    out.write(f"done {len(made)}\n".encode())
    out.write(made)
    out.flush()


if __name__ == "__main__":
    _work()
