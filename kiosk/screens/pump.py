"""Draws when there is something to draw, and lets the processor rest when there is not.

Kivy's own loop draws on a clock and sleeps on the thread it runs on. Here it is one task of the kiosk's asyncio loop: a frame
when the face has changed or somebody is touching, else a look at the input often enough that nobody feels it. Off screen
there is no input to look for, so it waits until it is woken.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.graphics import opengl
from kivy.lang import Builder

from hardware.devices import TypedScanner
from kiosk.screens.face import Face

ACTIVE_HZ = 60.0
REST_HZ = 12.0
"""How often to look for a finger when nobody has been here for a while: 80 ms more at most before the first touch counts."""
ACTIVE_SECONDS = 20.0
WARM_AFTER_SECONDS = 1.0
TICKET_SECONDS = 0.03
"""How long a frame waits for the ticket that was just asked for."""
BLIND_SECONDS = 5.0
"""Off screen: how long to wait for a wake at most."""

_KEYS = {
    9: "next",
    273: "previous",
    274: "next",
    275: "next",
    276: "previous",
    13: "press",
    271: "press",
    32: "press",
}
ENTER = (13, 271)
_BEYOND = frozenset({"ctrl", "alt", "meta"})
SHIFT_TAB = ("shift", 9)


class Pump:
    """Owns the window. `drawn` are called after each frame, with what was drawn still in the buffer."""

    def __init__(self, face: Face, *, offscreen: bool = False) -> None:
        from kivy.base import EventLoop, _runTouchApp_prepare
        from kivy.core.window import Window

        self.face = face
        self.window = Window
        self.drawn: list[Callable[[], None]] = []
        self._loop = EventLoop
        self.offscreen = offscreen
        self.scanner: TypedScanner | None = None
        """One that acts as a keyboard; it hears every key first."""
        self.first: Callable[..., bool] = lambda *what: False
        """Hears each finger and key before anybody; True keeps it from all others."""
        self._wake = asyncio.Event()
        self._last_active = 0.0
        self.frames = 0
        """Pictures that went to the screen."""
        self.flowing = asyncio.Event()
        """A demonstration's lever: while not set, nothing is heard or drawn any more, as when a driver hangs."""
        self.flowing.set()
        Window.clearcolor = (0, 0, 0, 1)
        _runTouchApp_prepare(face)
        Window.bind(on_key_down=self._key, on_flip=self._flipping, on_request_close=_never)
        Window.bind(on_touch_down=lambda _window, touch: self.first(touch))
        face.woken = self.wake

    @property
    def size(self) -> tuple[int, int]:
        """The window's, in dots of the screen."""
        wide, high = self.window.system_size
        return int(wide), int(high)

    def wake(self) -> None:
        """A frame is due. From the loop's own thread only."""
        self._last_active = time.monotonic()
        self._wake.set()

    def prove(self) -> None:
        """Draw one more picture soon, though nothing changed: whoever asked counts `frames`."""
        self.window.canvas.ask_update()
        self._wake.set()

    def _key(self, _window: Any, code: int, _scan: int, text: str | None, modifiers: list[str]) -> bool:
        if self.first(code) or not _BEYOND.isdisjoint(modifiers):
            return True  # a combination is meant for some other program, and there is none
        sign = "\n" if code in ENTER else "\t" if code == SHIFT_TAB[1] else text
        if self.scanner is not None and sign and self.scanner.key(sign, time.monotonic()):
            return True
        name = _KEYS.get(code)
        if code == SHIFT_TAB[1] and SHIFT_TAB[0] in modifiers:
            name = "previous"
        return self.face.key(name) if name else False

    def _flipping(self, _window: Any) -> None:
        """Kivy has drawn and is about to show it.

        Without a graphics card nothing else waits for the drawing to be done, and Mesa keeps every frame under way in memory.
        """
        if self.offscreen:
            opengl.glFinish()
        self.frames += 1
        for heard in self.drawn:
            heard()
        if self.offscreen:
            _let_go_of_the_frame()

    def frame(self) -> None:
        """Hear the fingers, and draw if anything changed."""
        self.hear()
        self.draw()

    def hear(self) -> None:
        """The first half of what Kivy's own loop does in a round: its clock, the fingers, what follows from them."""
        self._wake.clear()
        Clock.tick()
        self._loop.dispatch_input()
        Builder.sync()
        Clock.tick_draw()
        Builder.sync()
        if not self.offscreen:
            self.window.mainloop()

    def draw(self) -> None:
        """The second half: a picture, if anything is to be drawn anew."""
        if self.window.canvas.needs_redraw and not self._loop.quit:
            self.window.dispatch("on_draw")
            self.window.dispatch("on_flip")

    def _ordered(self) -> bool:
        return self.face.model is not None and self.face.model.ordered

    async def _ticket_on_its_way(self) -> None:
        """A ticket is in the journal within milliseconds: its screen is worth more than a picture of the pressed button first."""
        until = time.monotonic() + TICKET_SECONDS
        while self._ordered() and (left := until - time.monotonic()) > 0:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._wake.wait()
        self.hear()

    async def run(self) -> None:
        """Until cancelled, or the window is closed."""
        asyncio.get_running_loop().call_later(WARM_AFTER_SECONDS, self.face.warm)
        try:
            while not self._loop.quit:
                await self.flowing.wait()
                self.hear()
                if self._ordered():
                    await self._ticket_on_its_way()
                self.draw()
                await self._rest()
        finally:
            self._loop.close()

    async def _rest(self) -> None:
        if self.window.canvas.needs_redraw:
            await asyncio.sleep(0)
            return
        active = time.monotonic() - self._last_active < ACTIVE_SECONDS
        longest = BLIND_SECONDS if self.offscreen else 1 / (ACTIVE_HZ if active else REST_HZ)
        with contextlib.suppress(TimeoutError):
            # Not wait_for: on Python 3.11 it loses a cancellation that comes together with a wake, and the kiosk never ends.
            async with asyncio.timeout(longest):
                await self._wake.wait()


def _never(*_asked: Any, **_more: Any) -> bool:
    """Nobody closes a kiosk's window: not by Alt+F4, not by a window manager. The supervisor ends it by a signal."""
    return True


def _let_go_of_the_frame() -> None:
    """Mesa's software renderer keeps what it took to draw a frame (64 KB for each of some 200 pieces) until it draws
    again: one point cleared in a buffer that nobody sees makes it give that back now.
    """
    opengl.glEnable(opengl.GL_SCISSOR_TEST)
    opengl.glScissor(0, 0, 1, 1)
    opengl.glClear(opengl.GL_STENCIL_BUFFER_BIT)
    opengl.glDisable(opengl.GL_SCISSOR_TEST)
    opengl.glFinish()
