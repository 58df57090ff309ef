"""Speaks a call or an announcement: recorded clips where a council has made them, else espeak-ng on this machine; kept, so each is made once.

Only what is on the board is ever spoken. Of a call nothing comes from outside the catalogue but the counter's name; an announcement is spoken as
it is shown, and where it is one of the catalogue's sentences a council may have recorded it, whole. A language nobody can speak here is not spoken at all: the board then says it in English only. Making speech takes a few
hundredths of a second in a process of its own; many boards asking for the same sentence at once start one.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.live.clips import join_clips
from wire.vocabulary import Language, Prepared, new_id
from words import Catalogue

log = logging.getLogger("foyer.speech")

VOICES: Mapping[str, str] = {
    Language.EN: "en-gb",
    Language.GU: "gu",
    Language.PA: "pa",
    Language.UR: "ur",
    Language.AR: "ar",
    Language.PL: "pl",
}
WORDS_A_MINUTE = 140
"""A little slower than espeak-ng's own 175: for a hall, and for ears that are not young."""
MOST_SECONDS = 3.0
MOST_KEPT = 400
"""Sentences kept on disk, about 150 KB each; the oldest go first."""
AT_ONCE = 2
_ENGLISH_DIGITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Said:
    """One announcement: which code is to go where. `where_key` names the counter's clip; `again` is a recall."""

    code: str
    where: str
    where_key: str
    language: str
    again: bool = False


def spoken_code(code: str, language: str) -> str:
    """How a code is read out: the letter by its name, then a number as people say it.

    `K07` is "K, oh seven", `K23` "K, 23" (the voice says twenty-three), `B104` "B, one oh four": digit by digit is how
    tickets and buses are read, and is heard better in a hall than a hundred. Other languages say their own zero.
    """
    letter, number = code[:1], code[1:]
    if len(number) == 2 and not number.startswith("0"):
        return f"{letter}, {number}"
    digits = [_ENGLISH_DIGITS[int(digit)] if language == Language.EN else digit for digit in number]
    return f"{letter}, {' '.join(digits)}"


def sentence(catalogue: Catalogue, said: Said) -> str:
    key = "speech.again" if said.again else "speech.call"
    return catalogue.say(said.language, key, code=spoken_code(said.code, said.language), where=said.where)


class Speaker:
    """Makes and keeps announcements. `data` is the server's folder: `speech/` is kept there, `clips/` is looked for."""

    def __init__(self, data: Path, catalogue: Catalogue, program: str | None = None) -> None:
        self._kept = data / "speech"
        self._clips = data / "clips"
        self._catalogue = catalogue
        self._program = program or shutil.which("espeak-ng")
        self._making: dict[Path, asyncio.Task[bytes | None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def speak(self, said: Said) -> bytes | None:
        """A WAV, or None when this cannot be spoken in this language (or not in `MOST_SECONDS`)."""
        clips = await asyncio.to_thread(
            join_clips, self._clips / said.language, said.code, said.where_key, said.again
        )
        if clips is not None:
            return clips
        return await self._spoken(said.language, sentence(self._catalogue, said))

    async def tell(self, language: str, text: str) -> bytes | None:
        """An announcement in `language`: recorded if it is a sentence that has a clip, else by the voice. None as above."""
        name = self._recorded_as(language, text)
        if name is not None:
            clip = await asyncio.to_thread(_read, self._clips / language / "announce" / f"{name}.wav")
            if clip is not None and clip.startswith(b"RIFF"):
                return clip
        return await self._spoken(language, text)

    async def leave(self, language: str) -> bytes | None:
        """That everyone must leave the building."""
        return await self.tell(language, self._catalogue.say(language, f"announce.{Prepared.EVACUATE.value}"))

    def _recorded_as(self, language: str, text: str) -> str | None:
        """The name of the catalogue's announcement that reads like this."""
        return next(
            (
                each.value
                for each in Prepared
                if self._catalogue.say(language, f"announce.{each.value}") == text
            ),
            None,
        )

    async def _spoken(self, language: str, text: str) -> bytes | None:
        voice = VOICES.get(language)
        if voice is None or self._program is None:
            return None
        return await self._made_once(voice, text)

    async def _made_once(self, voice: str, text: str) -> bytes | None:
        path = self._path_of(voice, text)
        kept = await asyncio.to_thread(_read, path)
        if kept is not None:
            return kept
        task = self._making.get(path)
        if task is None:
            task = self._making[path] = asyncio.create_task(self._make(voice, text, path))
            task.add_done_callback(lambda _: self._making.pop(path, None))
        return await asyncio.shield(task)

    def _path_of(self, voice: str, text: str) -> Path:
        mark = hashlib.sha256(f"{voice}\n{WORDS_A_MINUTE}\n{text}".encode()).hexdigest()[:32]
        return self._kept / voice / f"{mark}.wav"

    async def _make(self, voice: str, text: str, path: Path) -> bytes | None:
        draft = path.with_name(f"{new_id()}.part")
        try:
            async with asyncio.timeout(MOST_SECONDS), self._turns:
                await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
                if not await self._run(voice, text, draft):
                    return None
            return await asyncio.to_thread(self._keep, draft, path)
        except TimeoutError:
            log.warning("speech in %s took over %g s and was given up", voice, MOST_SECONDS)
        except OSError as error:
            log.warning("speech in %s could not be made: %s", voice, error.strerror)
        finally:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(draft.unlink, missing_ok=True)
        return None

    async def _run(self, voice: str, text: str, draft: Path) -> bool:
        """The text goes in by standard input, so that nothing in it can be read as an option."""
        assert self._program is not None
        process = await asyncio.create_subprocess_exec(
            self._program,
            *("-v", voice, "-s", str(WORDS_A_MINUTE), "-b", "1", "--stdin", "-w", str(draft)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await process.communicate(text.encode())
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return process.returncode == 0

    def _keep(self, draft: Path, path: Path) -> bytes | None:
        made = _read(draft)
        if made is None or len(made) <= 44:  # a WAV's head alone: the voice had nothing to say
            return None
        draft.replace(path)
        kept = sorted(self._kept.glob("*/*.wav"), key=lambda each: each.stat().st_mtime)
        for old in kept[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
        return made


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
