"""The camera and the scanner at work: what they read becomes an event, what they are becomes a status.

The camera is on only while the screen shows its picture (`Model.watching`): from the moment the visitor is asked for a code until one is
being looked for. Each look, its decoding and the small mirrored copy for the screen are made in the camera's own thread, at most
`RATE` times a second, so the screen never waits for them. No picture is kept: the next replaces it, and the last goes with the
screen. The scanner, which sees nothing but codes, is heard all the time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hardware.cameras.absent import AbsentCamera
from hardware.devices import Camera, NoDevice, Scanner, Silent
from kiosk.flow import opening
from kiosk.flow.events import Scanned, SensesChanged
from kiosk.flow.model import Model
from wire.vocabulary import PartState

if TYPE_CHECKING:
    from hardware.devices import Grey
    from hardware.vision.qr import QrReader

log = logging.getLogger("foyer.kiosk.senses")

RATE = 8.0
"""Looks a second, at most."""
PREVIEW_PIXELS = 420
"""Across. Enough to aim by."""
SAME_SECONDS = 3.0
"""A code that is still held up is told again only after so long without it."""
SCAN_SECONDS = 5.0
GIVE_UP_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 60.0
"""How often a camera with which something was wrong is tried again, while nobody is at the kiosk: staff are told of it meanwhile."""

Preview = Callable[["Grey | None"], None]


@dataclass(frozen=True)
class Glance:
    """What came of one look."""

    status: PartState
    text: str | None
    seen: bool
    small: Grey | None


class Senses:
    def __init__(
        self,
        camera: Camera,
        scanner: Scanner,
        send: Callable[[Scanned | SensesChanged], None],
        preview: Preview,
    ) -> None:
        self.camera, self.scanner = camera, scanner
        self._send, self._preview = send, preview
        self._reader: QrReader | None = None
        self._eye = ThreadPoolExecutor(1, thread_name_prefix="camera")
        self._ear = ThreadPoolExecutor(1, thread_name_prefix="scanner")
        self._wanted = asyncio.Event()
        self._model = Model()
        self._same: tuple[int, float] = (0, -1e9)
        """The hash of the last text the camera read (this process's own: it tells nobody anything) and when it was last seen."""
        self._told = SensesChanged(PartState.NONE, PartState.NONE)

    def watch(self, model: Model) -> None:
        """Give it each model (`Runner.watch`)."""
        self._model = model
        if model.watching:
            self._wanted.set()
        else:
            self._wanted.clear()

    async def run(self) -> None:
        """Until cancelled."""
        camera = PartState.NONE if isinstance(self.camera, AbsentCamera) else PartState.SILENT
        self._are(camera, PartState(self.scanner.status().word))
        parts = [self._listen()] if not isinstance(self.scanner.status(), NoDevice) else []
        if camera is not PartState.NONE:
            parts += [self._see(), self._look_for_it()]
        try:
            await asyncio.gather(*parts)
            await asyncio.Event().wait()
        finally:
            self._preview(None)

    def close(self) -> None:
        """At the end; the threads are not waited for."""
        self.scanner.close()
        self._eye.submit(self.camera.close)
        for thread in (self._eye, self._ear):
            thread.shutdown(wait=False)

    async def look(self) -> PartState:
        """How the camera is, by a look through it; for the self-test. Off again afterwards, unless a visitor uses it."""
        glance = await self._glance()
        if not self._wanted.is_set():
            await self._off()
        self._are(glance.status, self._told.scanner)
        return glance.status

    # The scanner ------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            text = await loop.run_in_executor(self._ear, self.scanner.read, SCAN_SECONDS)
            self._are(self._told.camera, PartState(self.scanner.status().word))
            if text is not None:
                self._send(Scanned(text, time.monotonic()))

    # The camera -------------------------------------------------------------------------------------------------

    async def _see(self) -> None:
        while True:
            await self._wanted.wait()
            begun = time.monotonic()
            glance = await self._glance()
            self._are(glance.status, self._told.scanner)
            if self._wanted.is_set():
                self._preview(glance.small)
                self._tell(glance)
                await asyncio.sleep(max(0.0, 1 / RATE - (time.monotonic() - begun)))
            if not self._wanted.is_set():
                self._preview(None)
                await self._off()

    def _tell(self, glance: Glance) -> None:
        now = time.monotonic()
        if glance.text is None:
            if glance.seen:
                self._send(Scanned(None, now))
            return
        last, at = self._same
        self._same = (hash(glance.text), now)
        if hash(glance.text) != last or now - at > SAME_SECONDS:
            self._send(Scanned(glance.text, now))

    async def _look_for_it(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            if self._in_doubt() and not self._model.personal:
                await self.look()

    def _in_doubt(self) -> bool:
        """A dark one is tried by day only: at night it is right, and its light would blink."""
        if self._told.camera is PartState.DARK:
            return opening.centre_open(self._model)
        return self._told.camera in (PartState.MISSING, PartState.SILENT)

    async def _glance(self) -> Glance:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                return await loop.run_in_executor(self._eye, self._look)
        except TimeoutError:
            log.error("the camera's driver hangs; leaving its thread behind")
            self._eye = ThreadPoolExecutor(1, thread_name_prefix="camera")
        except Exception:
            log.exception("the camera's driver failed")
            await asyncio.sleep(1.0)
        return Glance(PartState(Silent.word), None, False, None)

    async def _off(self) -> None:
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                await asyncio.get_running_loop().run_in_executor(self._eye, self.camera.close)
        except TimeoutError:
            log.error("the camera cannot be switched off")

    def _look(self) -> Glance:
        """In the camera's thread."""
        look = self.camera.look()
        status = PartState(look.status.word)
        if look.picture is None:
            time.sleep(0.2)
            return Glance(status, None, False, None)
        if self._reader is None:
            from hardware.vision.qr import QrReader

            self._reader = QrReader()
        reading = self._reader.read(look.picture)
        return Glance(status, reading.text, reading.seen, _mirrored(look.picture))

    def _are(self, camera: PartState, scanner: PartState) -> None:
        changed = SensesChanged(camera, scanner)
        if changed != self._told:
            self._told = changed
            self._send(changed)


def _mirrored(picture: Grey) -> Any:
    """Small, and as in a mirror: people move the right way by it."""
    step = max(1, -(-picture.shape[1] // PREVIEW_PIXELS))
    return picture[::step, ::-step].copy()
