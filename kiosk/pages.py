"""The pages of one visitor, as pictures in memory: cut out of photographs, set upright, evened, and made the files that are sent.

Each page is made from its photograph anew whenever something about it is changed, so turning it four times costs nothing of its sharpness. The
photographs themselves are large: only those of the latest pages are kept for corners that are to be moved; an older page can still be turned, from
the page that was made of it. Nothing here touches a disk, and `wipe` lets go of all of it.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from hardware.vision.pages import black_and_white, even, flatten, jpeg, turned, upright
from kiosk.album import Album, Rgb
from kiosk.flow.scanning.acts import Shot
from kiosk.flow.scanning.shown import Corners

if TYPE_CHECKING:
    from hardware.devices import Colour

KEPT_PHOTOGRAPHS = 24
PHOTOGRAPH_QUALITY, QUALITY = 88, 88
SMALL = 260
"""Of the longer side of the picture among others."""


@dataclass
class _Page:
    coloured: bytes
    """Flat, evened and upright, in colour, before turns by hand."""
    turn: int = 0
    version: int = 1
    sent: bytes = b""
    """The file as it will be sent."""
    wide: int = 0
    high: int = 0


@dataclass
class _Photograph:
    body: bytes
    size: tuple[int, int]
    """Columns and rows."""
    corners: Corners


class Pages:
    def __init__(self, album: Album, dpi: int = 200) -> None:
        self._album, self._dpi = album, dpi
        self._pages: dict[str, _Page] = {}
        self._photographs: OrderedDict[str, _Photograph] = OrderedDict()
        self.colour = True

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def weight(self) -> int:
        """How many bytes would be sent."""
        return sum(len(page.sent) for page in self._pages.values())

    def add(self, picture: Colour, corners: Corners) -> Shot:
        """A page in a photograph of the plate, by its corners there."""
        id_ = secrets.token_hex(8)
        high, wide = picture.shape[:2]
        body = _jpeg(picture, PHOTOGRAPH_QUALITY)
        self._photographs[id_] = _Photograph(body, (wide, high), corners)
        while len(self._photographs) > KEPT_PHOTOGRAPHS:
            self._photographs.popitem(last=False)
        flat = self._cut(picture, corners)
        self._pages[id_] = _Page(jpeg(flat, self._dpi, QUALITY))
        return self._made(id_, flat)

    def turn(self, id_: str, degrees: int) -> Shot | None:
        page = self._pages.get(id_)
        if page is None:
            return None
        page.turn = (page.turn + degrees) % 360
        return self._made(id_, changed=True)

    def cut_anew(self, id_: str, corners: Corners) -> Shot | None:
        """`corners` as parts of the photograph."""
        page, photograph = self._pages.get(id_), self._photographs.get(id_)
        if page is None or photograph is None:
            return None
        picture = _opened(photograph.body)
        wide, high = photograph.size
        photograph.corners = tuple((x * wide, y * high) for x, y in _usable(corners))
        flat = self._cut(picture, photograph.corners)
        page.coloured, page.turn = jpeg(flat, self._dpi, QUALITY), 0
        return self._made(id_, flat, changed=True)

    def recolour(self, colour: bool) -> list[Shot]:
        self.colour = colour
        return [self._made(id_, changed=True) for id_ in self._pages]

    def file(self, id_: str) -> bytes | None:
        page = self._pages.get(id_)
        return page.sent if page is not None else None

    def drop(self, id_: str) -> None:
        self._pages.pop(id_, None)
        self._photographs.pop(id_, None)
        self._album.drop(id_)

    def wipe(self) -> None:
        for id_ in list(self._pages):
            self.drop(id_)

    # Making ---------------------------------------------------------------------------------------------------

    def _cut(self, photograph: Colour, corners: Corners) -> Colour:
        flat = even(flatten(photograph, np.array(corners, np.float32), self._dpi))
        return turned(flat, upright(flat))

    def _made(self, id_: str, flat: Colour | None = None, *, changed: bool = False) -> Shot:
        """`flat`: its picture, where that is at hand and need not be opened."""
        page = self._pages[id_]
        picture = turned(_opened(page.coloured) if flat is None else flat, page.turn)
        if not self.colour:
            picture = black_and_white(picture)
        as_made = self.colour and page.turn == 0  # not pressed a second time
        page.sent = page.coloured if as_made else jpeg(picture, self._dpi, QUALITY)
        page.high, page.wide = picture.shape[:2]
        page.version += changed
        self._show(id_, page, picture)
        return Shot(id_, page.wide, page.high, self._parts(id_))

    def _parts(self, id_: str) -> Corners:
        """Its corners as parts of the photograph's sides; nothing where that is gone."""
        photograph = self._photographs.get(id_)
        if photograph is None:
            return ()
        wide, high = photograph.size
        return tuple((round(x / wide, 4), round(y / high, 4)) for x, y in photograph.corners)

    def _show(self, id_: str, page: _Page, picture: Colour) -> None:
        self._album.drop(id_)
        small, body = _small(picture), page.sent
        self._album.put((id_, page.version, "small"), lambda: small)
        self._album.put((id_, page.version, "page"), lambda: _rgb(_opened(body, reduced=True)))
        photograph = self._photographs.get(id_)
        if photograph is not None:
            whole = photograph.body
            self._album.put((id_, page.version, "photograph"), lambda: _rgb(_opened(whole, reduced=True)))


def _usable(corners: Corners) -> Corners:
    return tuple((min(1.0, max(0.0, x)), min(1.0, max(0.0, y))) for x, y in corners)


def _jpeg(picture: Colour, quality: int) -> bytes:
    done, made = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
    if not done:
        raise ValueError("this is no picture")
    return made.tobytes()


def _opened(body: bytes, *, reduced: bool = False) -> Colour:
    how = cv2.IMREAD_REDUCED_COLOR_2 if reduced else cv2.IMREAD_COLOR
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), how)
    assert picture is not None, "it was made here"
    return cast("Colour", picture)


def _small(picture: Colour) -> Rgb:
    scale = min(1.0, SMALL / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return _rgb(cast("Colour", cv2.resize(picture, size, interpolation=cv2.INTER_AREA)))


def _rgb(picture: Colour) -> Rgb:
    return cast("Rgb", np.ascontiguousarray(picture[:, :, ::-1]))
