"""The camera over the plate at work: looks many times a second, says what is seen, and takes the page when it is told to.

The camera is on only while somebody can see why (`kiosk.flow.scanning.steps.wanted`), and a little after, until the plate is seen to be empty: a paper
that was left behind is told to staff, and never taken for the next visitor's. What is seen of it then is one word. Each look, its judgement and the small
copy for the screen are made in the camera's own thread. No look is kept: the next replaces it.

Whether the page that lies there was taken already is decided here, twice over: the plate must have changed since (a hand came), and the page that lies
there now must look unlike those that were taken. So a page that was only moved is not taken again by itself.

How the empty plate looks is remembered as 24 by 18 dots, too few to read a letter by: from it is told whether the camera was turned or its lamp went
out, and whether something lies there in which no page can be found.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.devices import PageCamera, Ready
from hardware.vision.pages import Found, PageFault, PlateFault, PlateHealth, PlateWatch, find_all, judge
from kiosk.album import Rgb
from kiosk.flow.scanning.shown import Corners, Hint
from kiosk.likeness import Likeness, likeness_of
from wire.vocabulary import PartState

if TYPE_CHECKING:
    from hardware.devices import Colour, Frame, Grey
    from hardware.vision.qr import QrReader

log = logging.getLogger("foyer.kiosk.plate")

RATE = 8.0
"""Looks a second, at most."""
SLOW = 0.5
"""While only a paper that was left is waited for."""
VIEW_PIXELS = 720
"""Across, of the live picture."""
GIVE_UP_SECONDS, STILL_GIVE_UP_SECONDS = 10.0, 75.0
CHANGED = 12.0
"""Levels: how much the most changed part of the plate must differ before somebody has done something there."""
BARE = (24, 18)
BLINK_SECONDS = 0.4
"""For so long a page may be lost to the finder, and still lies there."""
COVERED_PART = 0.05
"""Of the plate's places that must differ from the empty plate before something lies there."""
STILLS = 3
"""Pictures at full size, at most, of which the sharpest is taken."""
SHEETS = 3
"""Of a feeder, at once: they show as they come, and never lie in memory by the dozen."""
SHARP_ENOUGH = 0.75
MOST_AT_ONCE = 8

FAULTS = {
    PageFault.TOO_DARK: Hint.DARK,
    PageFault.SHINY: Hint.SHINY,
    PageFault.OUTSIDE: Hint.OUTSIDE,
    PageFault.BLURRED: Hint.BLURRED,
    PageFault.TOO_SMALL: Hint.SMALL,
    PageFault.COVERED: Hint.COVERED,
}
TROUBLES = {
    PlateFault.BLACK: Hint.BLACK,
    PlateFault.LAMP_OFF: Hint.BLACK,
    PlateFault.FROZEN: Hint.FROZEN,
    PlateFault.UPSIDE_DOWN: Hint.UPSIDE_DOWN,
}
STATES = {state.value: state for state in PartState}


@dataclass(frozen=True)
class Glance:
    """What came of one look. `corners`: as parts of the picture."""

    state: PartState
    trouble: Hint | None = None
    hint: Hint = Hint.CAMERA
    outlined: bool = False
    ready: bool = False
    lies: bool = False
    fresh: bool = False
    view: Rgb | None = None
    corners: Corners = ()


@dataclass(frozen=True)
class Cut:
    """One page in a photograph of the plate."""

    photograph: Colour
    corners: Corners
    likeness: Likeness | None = None


@dataclass(frozen=True)
class Picture:
    """What came of taking it. Without pages, `why`."""

    state: PartState
    pages: tuple[Cut, ...] = ()
    why: Hint = Hint.NOT_TAKEN
    more: bool = False
    """Another sheet lies in the feeder."""


class Plate:
    """All of it is called from the camera's thread, `thread`, and nowhere else."""

    def __init__(
        self, camera: PageCamera, memory: Path, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self.camera, self._memory, self._steady = camera, memory, steady
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="plate")
        self._watch = PlateWatch()
        self._bare = _remembered(memory)
        self._health = PlateHealth(self._bare)
        self._taken: tuple[Likeness, ...] = ()
        self._lay: NDArray[np.float32] | None = None
        """The plate as it was when it was last taken, until something is done there."""
        self._foreign = False
        self._same: bool | None = None
        self._seen_at = -1e9
        self._reader: QrReader | None = None

    def begin(self, *, foreign: bool) -> None:
        """For a new visitor. `foreign`: what may lie there is somebody else's."""
        self._watch.reset()
        self._health = PlateHealth(self._bare)
        self._taken, self._lay, self._same = (), None, None
        self._foreign = foreign

    def know(self, pages: Sequence[Likeness]) -> None:
        """What was taken so far, and is not to be taken again by itself."""
        self._taken, self._same = tuple(pages), None

    def off(self) -> None:
        self.camera.close()
        self._watch.reset()

    # Looking ------------------------------------------------------------------------------------------------

    def look(self, *, shown: bool) -> Glance:
        """`shown`: with a picture for the screen."""
        frame = self.camera.look()
        state = STATES.get(frame.status.word, PartState.SILENT)
        if frame.picture is None:
            trouble = None if state is PartState.READY else Hint.CAMERA
            hint = trouble or (Hint.NO_SHEET if self.camera.feeds else Hint.LAY_FLAT)
            return Glance(state, trouble, hint)
        at = self._steady()
        fault = self._health.see(frame.picture, at)
        trouble = TROUBLES[fault] if fault is not None else None
        if fault in (PlateFault.BLACK, PlateFault.LAMP_OFF):
            state = PartState.DARK
        view = _view(frame.picture) if shown else None
        if trouble is not None:
            return Glance(state, trouble, trouble, view=view)
        return self._judged(frame.picture, state, at, view)

    def read_code(self) -> tuple[PartState, str | None]:
        """The square on what lies there, if it can be read."""
        frame = self.camera.look()
        state = STATES.get(frame.status.word, PartState.SILENT)
        if frame.picture is None:
            return state, None
        if self._reader is None:
            from hardware.vision.qr import QrReader

            self._reader = QrReader()
        grey = cv2.cvtColor(frame.picture, cv2.COLOR_BGR2GRAY)
        return state, self._reader.read(cast("Grey", grey)).text

    def _judged(self, picture: Colour, state: PartState, at: float, view: Rgb | None) -> Glance:
        seen = self._watch.see(picture, at)
        small = _few(picture)
        if self._lay is not None and float(np.percentile(np.abs(small - self._lay), 98)) > CHANGED:
            self._lay, self._same = None, None
        found = seen.found
        if found is None:
            self._same = None
            covered = self._covered(picture)
            lies = covered or at - self._seen_at < BLINK_SECONDS
            if not lies:
                self._foreign = False
                self._learn(picture)
            hint = (Hint.NOT_FOUND if covered and seen.empty else Hint.HOLD) if lies else Hint.LAY
            return Glance(state, None, hint, lies=lies, fresh=False, view=view)
        self._seen_at = at
        if not seen.ready:
            self._same = None
        if self._foreign:
            return Glance(state, None, Hint.FOREIGN, lies=True, view=view)
        corners = _parts(found, picture)
        if seen.fault is not None:
            return Glance(state, None, FAULTS[seen.fault], lies=True, fresh=True, view=view, corners=corners)
        if self._lay is not None:
            return Glance(state, None, Hint.NEXT, True, lies=True, view=view, corners=corners)
        if seen.ready and self._same is None:
            self._same = likeness_of(picture, found.corners).among(self._taken)
        if seen.ready and self._same:
            return Glance(state, None, Hint.SAME, True, lies=True, view=view, corners=corners)
        return Glance(state, None, Hint.HOLD, True, seen.ready, True, True, view, corners)

    def _covered(self, picture: Colour) -> bool:
        """Something lies there, as far as can be told from the empty plate."""
        if self._bare is None:
            return False
        now, then = (_dots(each).astype(np.float32).mean(axis=2) for each in (picture, self._bare))
        light = float(np.median(now / np.maximum(then, 1.0)))  # the day's light comes and goes
        return float((np.abs(now - then * light) > 28).mean()) > COVERED_PART

    def _learn(self, picture: Colour) -> None:
        """How the empty plate looks, once."""
        if self._bare is not None or float(picture[::16, ::16].std()) > 40:
            return
        self._bare = _dots(picture)
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            self._memory.write_bytes(cv2.imencode(".png", self._bare)[1].tobytes())
        except OSError as error:
            log.warning("how the empty plate looks could not be remembered: %s", error)

    # Taking -------------------------------------------------------------------------------------------------

    def take(self, awaited: Callable[[], bool] = lambda: True) -> Picture:
        """What lies there now, at full size, the sharpest of a few; each paper by itself. No further sheet is drawn in once nobody waits: it may be the next visitor's."""
        if not self.camera.live:
            return self._scanned(awaited)
        best = self._watch.best()
        looked = self.camera.look().picture
        frame, found = self._sharpest(best)
        if frame is None:
            return Picture(STATES.get(self._last.status.word, PartState.SILENT), why=Hint.CAMERA)
        if looked is not None:
            self._lay = _few(looked)
        if not found:
            if looked is not None and self._bare is not None and not self._covered(looked):
                return Picture(PartState.READY, why=Hint.LAY)
            return Picture(PartState.READY, (Cut(frame, _whole(frame, 0.02)),))
        self._same = None
        cuts = (Cut(frame, _points(each), likeness_of(frame, each.corners)) for each in found)
        return Picture(PartState.READY, tuple(cuts))

    def _sharpest(self, best: Colour | None) -> tuple[Colour | None, list[Found]]:
        """Of the stills, and of the looks where those are as large."""
        chosen: tuple[float, Colour, list[Found]] | None = None
        for number in range(STILLS):
            self._last: Frame = self.camera.still()
            picture = self._last.picture
            if picture is None:
                break
            candidates = [picture]
            if number == 0 and best is not None and best.shape == picture.shape:
                candidates.append(best)
            for each in candidates:
                found = apart(find_all(each, MOST_AT_ONCE))
                sharp = judge(each, found[0]).sharpness if found else 0.0
                if chosen is None or sharp > chosen[0]:
                    chosen = (sharp, each, found)
            if chosen is not None and (chosen[0] > SHARP_ENOUGH or not chosen[2]):
                break
        return (None, []) if chosen is None else (chosen[1], chosen[2])

    def _scanned(self, awaited: Callable[[], bool]) -> Picture:
        """A scanner's glass holds papers like a plate; what goes through a feeder is a page each, to its edges."""
        cuts: list[Cut] = []
        for _ in range(SHEETS):
            frame = self.camera.still()
            if frame.picture is None:
                break
            found = [] if self.camera.feeds else apart(find_all(frame.picture, MOST_AT_ONCE))
            cuts += [Cut(frame.picture, _points(each)) for each in found] or [
                Cut(frame.picture, _whole(frame.picture, 0.0))
            ]
            if not (frame.more and awaited()):
                break
        state = STATES.get(frame.status.word, PartState.SILENT)
        nothing = Hint.NO_SHEET if isinstance(frame.status, Ready) else Hint.CAMERA
        return Picture(
            state, tuple(cuts), Hint.NOT_TAKEN if cuts else nothing, more=bool(cuts) and frame.more
        )


def apart(found: Sequence[Found]) -> list[Found]:
    """The largest first, without what lies within another: a photograph printed on a letter is no paper of its own."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: -float(cv2.contourArea(one.corners))):
        middle = tuple(float(value) for value in each.corners.mean(axis=0))
        if all(cv2.pointPolygonTest(other.corners, middle, False) < 0 for other in kept):
            kept.append(each)
    return kept


def _view(picture: Colour) -> Rgb:
    step = max(1, -(-picture.shape[1] // VIEW_PIXELS))
    return cast("Rgb", np.ascontiguousarray(picture[::step, ::step, ::-1]))


def _few(picture: Colour) -> NDArray[np.float32]:
    grey = cv2.cvtColor(cv2.resize(picture, (96, 72), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, np.float32)


def _dots(picture: Colour) -> Colour:
    return cast("Colour", cv2.resize(picture, BARE, interpolation=cv2.INTER_AREA))


def _remembered(memory: Path) -> Colour | None:
    try:
        body = memory.read_bytes()
    except OSError:
        return None
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR) if body else None
    return cast("Colour", picture) if picture is not None and picture.shape[:2] == BARE[::-1] else None


def _points(found: Found) -> Corners:
    return tuple((float(x), float(y)) for x, y in found.corners)


def _parts(found: Found, picture: Colour) -> Corners:
    high, wide = picture.shape[:2]
    return tuple((float(x) / wide, float(y) / high) for x, y in found.corners)


def _whole(picture: Colour, inset: float) -> Corners:
    high, wide = picture.shape[:2]
    left, top, right, low = wide * inset, high * inset, wide * (1 - inset), high * (1 - inset)
    return ((left, top), (right, top), (right, low), (left, low))
