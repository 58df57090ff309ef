"""Reads a page aloud, by espeak-ng on this machine: where it is installed, in the languages it speaks, and only after somebody asked for it.

One voice at a time; a new text and `hush` end the one before at once. The text goes in by a pipe, so that it stands in no list of processes. Where the
machine has no sound the program ends with an error and nothing else happens: whoever reads along loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Mapping

from wire.vocabulary import Language

log = logging.getLogger("foyer.kiosk.speaking")

VOICES: Mapping[Language, str] = {
    Language.EN: "en-gb",
    Language.GU: "gu",
    Language.PA: "pa",
    Language.UR: "ur",
    Language.AR: "ar",
    Language.PL: "pl",
}
WORDS_A_MINUTE = 140
"""A little slower than espeak-ng's own 175: for ears that are not young, in a room with others."""
TRY_SECONDS = 5.0
MOST_SECONDS = 180.0


class Speaking:
    def __init__(self, program: str | None = None, output: str = "") -> None:
        """`output`: a file instead of the loudspeaker."""
        self._program = program if program is not None else shutil.which("espeak-ng")
        self._output = output
        self._process: asyncio.subprocess.Process | None = None

    async def languages(self) -> frozenset[Language]:
        """Those it has a voice for, by trying each without a sound."""
        if not self._program:
            return frozenset()
        return frozenset([language for language in VOICES if await self._has(VOICES[language])])

    async def _has(self, voice: str) -> bool:
        try:
            process = await asyncio.create_subprocess_exec(
                self._program or "", "-q", "-v", voice, "a",
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            return False
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await process.wait() == 0
        except TimeoutError:
            await _end(process)
            return False

    async def speak(self, language: Language, text: str) -> bool:
        """Returns when it has been said, or something else was asked for. False: it could not be said."""
        await self.hush()
        voice = VOICES.get(language)
        if not self._program or voice is None or not text.strip():
            return False
        where = ("-w", self._output) if self._output else ()
        try:
            process = await asyncio.create_subprocess_exec(
                self._program, "-v", voice, "-s", str(WORDS_A_MINUTE), "--stdin", *where,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            log.warning("nothing can be read aloud: %s", error.strerror)
            return False
        self._process = process
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await process.communicate(text.encode())
            return process.returncode == 0
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            return False
        finally:
            await _end(process)
            if self._process is process:
                self._process = None

    async def hush(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
