"""Whether a picture handed in is what it says it is, and nothing else besides. Works on bytes; runs in the glove box (`glovebox`).

A JPEG or PNG is walked from its first byte to its last, and only the parts that make the picture are kept: where a camera was (EXIF), comments,
colour profiles and previews go, losslessly, and a file that has none of them comes out as it went in, byte for byte. What is left over behind
the picture, or reads as a PDF or a page of HTML at its beginning, is refused: such a file is one thing to us and another to whoever opens it
later. Then it is decoded to the end, under a limit of pixels read before anything is unpacked.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image

from server.papers.unfit import Unfit

MOST_PIXELS = 50_000_000
"""A sheet of A3 at 400 dots an inch has 31 million."""
MOST_SIDE = 16_000
MOST_SCANS = 40
"""Of a progressive JPEG. Each is walked over the whole picture, so thousands of empty ones are a bomb."""
LOOKED_AT = 1024
"""How far into a file programs look for `%PDF-` and browsers for HTML."""
_TWO_THINGS = re.compile(
    rb"%pdf-|<!doctype|<html|<head|<body|<script|<svg|<iframe|<\?xml|<\?php|mz\x90\x00\x03|\x7felf",
    re.IGNORECASE,
)
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = {
    b"IHDR": 13,
    b"PLTE": 768,
    b"IDAT": 2**31 - 1,
    b"IEND": 0,
    b"tRNS": 256,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"pHYs": 9,
    b"bKGD": 6,
    b"sBIT": 4,
}
"""What makes the picture, and how long it is at most: longer, something else is in it."""


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    body: bytes
    """Without what is not the picture."""


BROKEN = "A picture is broken off, or is not a picture. Make it again."
TWO_THINGS = "A file is a picture and something else at once. Make the picture again."
TOO_BIG = "A picture is larger than can be taken. Make it again with fewer dots an inch."


def check_picture(kind: str, body: bytes) -> Picture:
    """`kind` is its MIME type. Raises Unfit."""
    kept = _jpeg(body) if kind == "image/jpeg" else _png(body)
    if _TWO_THINGS.search(kept, 0, LOOKED_AT):
        raise Unfit(TWO_THINGS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            with Image.open(io.BytesIO(kept), formats=["JPEG" if kind == "image/jpeg" else "PNG"]) as image:
                width, height = image.size
                _bound(width, height)
                image.load()
        except Unfit:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            raise Unfit(TOO_BIG) from None
        except Exception:  # whatever a decoder makes of a broken file, it is not one we take
            raise Unfit(BROKEN) from None
    return Picture(width, height, kept)


def _bound(width: int, height: int) -> None:
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE) or width * height > MOST_PIXELS:
        raise Unfit(TOO_BIG)


# JPEG (ISO/IEC 10918-1, annex B) ------------------------------------------------------------------------------------


def _jpeg(body: bytes) -> bytes:
    """Its frame, tables and scans, and nothing behind its end."""
    if body[:2] != b"\xff\xd8":
        raise Unfit("A file says it is a JPEG picture and is not. Make the picture again.")
    kept, at, frames, scans = [body[:2]], 2, 0, 0
    while True:
        marker, begins, ends = _segment(body, at)
        if marker == 0xD9:
            break
        if marker in _OTHER_FRAMES:
            raise Unfit("A picture is of a kind of JPEG that few programs can show. Make it again.")
        if marker in _FRAMES:
            frames += 1
            _jpeg_frame(body[begins:ends])
        if marker == 0xDA:
            scans += 1
            ends = _end_of_scan(body, ends)
        if (
            marker in _FRAMES
            or marker in _TABLES
            or marker == 0xDA
            or _is_of_the_picture(marker, body[begins + 2 : ends])
        ):
            kept.append(b"\xff" + bytes((marker,)) + body[begins:ends])
        at = ends
        if scans > MOST_SCANS or frames > 1:
            raise Unfit(TOO_BIG)
    if begins != len(body):
        raise Unfit(TWO_THINGS)
    if frames != 1 or scans == 0:
        raise Unfit(BROKEN)
    return b"".join((*kept, b"\xff\xd9"))


def _segment(body: bytes, at: int) -> tuple[int, int, int]:
    """The marker at `at`, where what follows it begins (its length) and ends."""
    if at >= len(body) or body[at] != 0xFF:
        raise Unfit(BROKEN)
    while at < len(body) and body[at] == 0xFF:
        at += 1
    if at >= len(body):
        raise Unfit(BROKEN)
    marker, begins = body[at], at + 1
    if marker == 0xD9:
        return marker, begins, begins
    if begins + 2 > len(body) or marker < 0xC0 or 0xD0 <= marker <= 0xD8:
        raise Unfit(BROKEN)
    length = int.from_bytes(body[begins : begins + 2], "big")
    if length < 2 or begins + length > len(body):
        raise Unfit(BROKEN)
    return marker, begins, begins + length


def _jpeg_frame(part: bytes) -> None:
    if len(part) < 8:
        raise Unfit(BROKEN)
    _bits, height, width, components = struct.unpack(">BHHB", part[2:8])
    if components not in (1, 3):
        raise Unfit("A picture's colours are made for printing, not for looking at. Make it again.")
    _bound(width, height)


def _end_of_scan(body: bytes, at: int) -> int:
    found = _MARKER.search(body, at)
    if found is None:
        raise Unfit(BROKEN)
    return found.start()


def _is_of_the_picture(marker: int, content: bytes) -> bool:
    """How many dots an inch (JFIF without a preview), and how the colours are turned (Adobe's, 12 bytes)."""
    if marker == 0xE0:
        return content[:5] == b"JFIF\x00" and len(content) == 14 and content[12:14] == b"\x00\x00"
    return marker == 0xEE and content[:5] == b"Adobe" and len(content) == 12


# PNG (ISO/IEC 15948) ------------------------------------------------------------------------------------------------


def _png(body: bytes) -> bytes:
    if body[:8] != _PNG:
        raise Unfit("A file says it is a PNG picture and is not. Make the picture again.")
    kept, at, kind = [_PNG], 8, b""
    seen: set[bytes] = set()
    while kind != b"IEND":
        if at + 12 > len(body):
            raise Unfit(BROKEN)
        length, kind = struct.unpack(">I4s", body[at : at + 8])
        ends = at + 12 + length
        if ends > len(body) or zlib.crc32(body[at + 4 : ends - 4]) != int.from_bytes(
            body[ends - 4 : ends], "big"
        ):
            raise Unfit(BROKEN)
        if at == 8:
            if kind != b"IHDR" or length != 13:
                raise Unfit(BROKEN)
            _bound(*struct.unpack(">II", body[16:24]))
        if kind in _PNG_PARTS:
            if length > _PNG_PARTS[kind] or (kind != b"IDAT" and kind in seen):
                raise Unfit(TWO_THINGS)
            seen.add(kind)
            kept.append(body[at:ends])
        elif not kind[0] & 0x20:
            raise Unfit(BROKEN)  # a part that must be understood, and by no standard can be
        at = ends
    if at != len(body):
        raise Unfit(TWO_THINGS)
    return b"".join(kept)
