"""Reads the QR code that somebody holds before a camera: on a phone, on paper, small, blurred, turned, in bad light.

zxing-cpp reads a clean picture in a few milliseconds; what it cannot read is tried again as one of several improved copies, one more with
each picture that comes, so that the cost of a look stays the same however hard the code: a visitor holds it up for seconds, and
there are several looks in each. A code that is found and cannot be read is told too ("hold it still, a little closer"). Nothing of a picture or a
code is kept or logged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import zxingcpp

if TYPE_CHECKING:
    from hardware.devices import Grey

QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
MOST_ACROSS = 1600
"""Pixels. A copy is never made larger."""
MOST_SIGNS = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` of a code that was read; `seen`: there is one, though it may not have been read."""

    text: str | None = None
    seen: bool = False


NOTHING = Reading()


class QrReader:
    """One for one camera. `read` is called with picture after picture."""

    def __init__(self) -> None:
        self._turn = 0

    def read(self, picture: Grey) -> Reading:
        """The code in this picture, if it can be read as it is or as the copy whose turn it is."""
        first = _decode(picture)
        if first.text is not None:
            return first
        copy = COPIES[self._turn % len(COPIES)]
        self._turn += 1
        second = _decode(copy(picture))
        return second if second.text is not None else Reading(None, first.seen or second.seen)

    def read_hard(self, picture: Grey) -> Reading:
        """The same with every copy at once: for one picture that will not come again."""
        reading = _decode(picture)
        for copy in COPIES:
            if reading.text is not None:
                return reading
            again = _decode(copy(picture))
            reading = again if again.text is not None else Reading(None, reading.seen or again.seen)
        return reading


def _decode(picture: Grey) -> Reading:
    found = zxingcpp.read_barcodes(picture, formats=QR, return_errors=True)
    for code in found:
        if code.valid and code.text:
            return Reading(code.text[:MOST_SIGNS], seen=True)
    return Reading(None, seen=bool(found))


# Copies -----------------------------------------------------------------------------------------------------


def _evened(picture: Grey) -> Grey:
    """For dim light, and for a lamp that glares on one corner of a phone: contrast made the same everywhere."""
    return cast("Grey", cv2.createCLAHE(4.0, (8, 8)).apply(picture))


def _larger(picture: Grey) -> Grey:
    """For small print: modules under two pixels across."""
    factor = min(2.0, MOST_ACROSS / max(picture.shape))
    if factor <= 1.05:
        high, wide = picture.shape
        picture = picture[
            high // 4 : high * 3 // 4, wide // 4 : wide * 3 // 4
        ]  # the middle, where people hold it
        factor = 2.0
    return cast("Grey", cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC))


def _sharper(picture: Grey) -> Grey:
    """For a code held too close to be in focus."""
    soft = cv2.GaussianBlur(picture, (0, 0), 3.0)
    return cast("Grey", cv2.addWeighted(picture, 2.8, soft, -1.8, 0))


def _calmer(picture: Grey) -> Grey:
    """For noise in low light, and for the dots of a phone's screen."""
    return cast("Grey", cv2.GaussianBlur(picture, (0, 0), 1.2))


COPIES: tuple[Callable[[Grey], Grey], ...] = (
    _evened,
    _larger,
    _sharper,
    _calmer,
    lambda picture: _sharper(_larger(picture)),
    lambda picture: _evened(_calmer(picture)),
)
