"""Announcements out of recorded clips: a human voice instead of the machine's, where a council has recorded one.

A language's folder holds short WAV files: `letters/K.wav`, `numbers/07.wav` (or the single digits `numbers/0.wav` to `9.wav`),
`counters/desk-4.wav` by the counter's short name, and the sentence's frame: `go-to.wav` said before the counter, `after.wav` after
it (one of the two is needed: some languages put it last), and if wanted `before.wav` and `again.wav` at the start. A call is
spoken from clips whole or not at all: half a person and half a machine is harder to follow than either.
"""

from __future__ import annotations

import io
import logging
import wave
from pathlib import Path

log = logging.getLogger("foyer.speech")

PAUSE_SECONDS = 0.12


def clips_for(folder: Path, code: str, where_key: str, again: bool) -> list[Path] | None:
    """The clips that say this, in order; None when one is missing."""
    letter, number = code[:1], code[1:]
    whole = folder / "numbers" / f"{number}.wav"
    numbers = [whole] if whole.is_file() else [folder / "numbers" / f"{digit}.wav" for digit in number]
    start = [folder / name for name in ("again.wav" if again else "before.wav",) if (folder / name).is_file()]
    go_to, after = folder / "go-to.wav", folder / "after.wav"
    counter = folder / "counters" / f"{where_key}.wav"
    frame = [each for each in (go_to, counter, after) if each is counter or each.is_file()]
    clips = [*start, folder / "letters" / f"{letter}.wav", *numbers, *frame]
    return clips if len(frame) > 1 and all(clip.is_file() for clip in clips) else None


def join_clips(folder: Path, code: str, where_key: str, again: bool) -> bytes | None:
    """One WAV of all the clips; None when one is missing or they do not go together (rate, channels, sample size)."""
    clips = clips_for(folder, code, where_key, again) if folder.is_dir() else None
    if clips is None:
        return None
    try:
        return _join(clips)
    except (OSError, EOFError, wave.Error) as error:
        log.warning("the recorded clips in %s cannot be used: %s", folder, type(error).__name__)
        return None


def _join(clips: list[Path]) -> bytes:
    made = io.BytesIO()
    shape: tuple[int, int, int] | None = None
    with wave.open(made, "wb") as out:
        for clip in clips:
            with wave.open(str(clip), "rb") as part:
                own = (part.getnchannels(), part.getsampwidth(), part.getframerate())
                if shape is None:
                    shape = own
                    out.setnchannels(own[0])
                    out.setsampwidth(own[1])
                    out.setframerate(own[2])
                if own != shape:
                    raise wave.Error(f"{clip.name} was recorded at {own}, the others at {shape}")
                out.writeframes(part.readframes(part.getnframes()))
                out.writeframes(bytes(own[0] * own[1] * round(own[2] * PAUSE_SECONDS)))
    return made.getvalue()
