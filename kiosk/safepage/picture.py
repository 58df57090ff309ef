"""A grey picture in a file, and on a screen of another size, with the standard library alone.

The file is one line of text (what it is, width, height) and the brightness of every dot, packed by zlib: a PNG would need its filters undone dot
by dot, some ten seconds on a small machine. Grey is enough for a sentence, and a grey dot is the same in every order of colours.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path

KIND = b"foyer-safe-1"
MOST_DOTS = 7680 * 7680
WHITE = 255


class NotOne(ValueError):
    """The file is no such picture."""


@dataclass(frozen=True)
class Picture:
    """`dots` row by row from the upper left, one byte each, 255 is white."""

    width: int
    height: int
    dots: bytes

    def row(self, y: int) -> bytes:
        return self.dots[y * self.width : (y + 1) * self.width]

    def fitted(self, width: int, height: int) -> Picture:
        """As large as fits into `width` by `height`, in the middle of white."""
        if (self.width, self.height) == (width, height):
            return self
        wide = min(width, self.width * height // self.height)
        high = min(height, self.height * width // self.width)
        columns = [x * self.width // wide for x in range(wide)]
        left = bytes([WHITE]) * ((width - wide) // 2)
        right = bytes([WHITE]) * (width - wide - len(left))
        top = (height - high) // 2
        rows = [bytes([WHITE]) * width] * top
        made: dict[int, bytes] = {}
        for y in range(high):
            source = y * self.height // high
            if source not in made:
                made = {source: left + bytes(map(self.row(source).__getitem__, columns)) + right}
            rows.append(made[source])
        rows.extend([bytes([WHITE]) * width] * (height - high - top))
        return Picture(width, height, b"".join(rows))


def packed(picture: Picture, made_of: str = "-") -> bytes:
    """`made_of` is a word that tells what was drawn, to know without drawing it whether it is still right."""
    head = f"{picture.width} {picture.height} {made_of}\n"
    return KIND + b" " + head.encode("ascii") + zlib.compress(picture.dots, 9)


def unpacked(data: bytes) -> Picture:
    """Raises `NotOne`."""
    line, _, body = data.partition(b"\n")
    try:
        kind, width, height, _made_of = line.split()
        wide, high = int(width), int(height)
        if kind != KIND or not 0 < wide * high <= MOST_DOTS:
            raise NotOne("this is no picture of ours")
        unpack = zlib.decompressobj()
        dots = unpack.decompress(body, wide * high + 1)
        if len(dots) != wide * high or not unpack.eof:
            raise NotOne("the picture is not whole")
    except (ValueError, zlib.error) as error:
        raise NotOne(str(error)) from error
    return Picture(wide, high, dots)


def made_of(file: Path) -> str:
    """What the picture in `file` says it was made of; empty when there is none."""
    try:
        with file.open("rb") as packed_one:
            words = packed_one.readline(200).split()
    except OSError:
        return ""
    return words[3].decode("ascii", "replace") if len(words) == 4 and words[0] == KIND else ""


def write(file: Path, picture: Picture, made: str = "-") -> None:
    """Put it there whole or not at all."""
    fresh = file.with_name(file.name + ".new")
    with fresh.open("wb") as out:
        out.write(packed(picture, made))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
