"""One real Kivy window without a screen, for all the tests that draw: Kivy can only ever be set up once in a process."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import Image

from kiosk.flow.events import Touched
from kiosk.flow.model import Model
from kiosk.kivysetup import prepare
from kiosk.widgets.panel import LANDSCAPE, PORTRAIT, Panel

BOTH = Panel(1280, 1920, 1280 / PORTRAIT.dots_per_mm, 476.0)
"""A window either panel fits into."""
_BEFORE = dict(os.environ)
prepare(BOTH, offscreen=True)  # here, because it must come before any test module imports Kivy
PANELS = {
    "portrait": PORTRAIT,
    "landscape": LANDSCAPE,
    "small": Panel(1080, 1920, 193.6, 344.2),
    "wide": Panel(1280, 720, 476.0, 268.0),
}


@dataclass
class Stage:
    """A window with one face in it."""

    pump: Any
    faces: dict[str, Any]
    heard: list[Touched] = field(default_factory=list)
    face: Any = None
    steady: float = 100.0
    pixels: bytes = b""
    reading: bool = False

    def set(self, panel: str) -> Any:
        """Put the face of `panel` into the window, fresh."""
        from kiosk.screens.face import Face
        from words import Catalogue

        if self.face is not None:
            self.pump.window.remove_widget(self.face)
        self.face = Face(
            PANELS[panel],
            self.faces.setdefault("words", Catalogue(strict=True)),
            self.heard.append,
            lambda: self.steady,
        )
        self.pump.window.add_widget(self.face)
        self.heard.clear()
        return self.face

    def frame(self, model: Model | None = None) -> Image.Image:
        """Draw, and read what was drawn."""
        if model is not None:
            self.face.render(model)
        self.face.canvas.ask_update()
        self.reading = True
        self.pump.frame()
        self.reading = False
        panel = self.face.panel
        picture = Image.frombytes("RGB", (BOTH.wide, BOTH.high), self.pixels).transpose(
            Image.Transpose.FLIP_TOP_BOTTOM
        )
        return picture.crop((0, BOTH.high - panel.high, panel.wide, BOTH.high))

    def place(self, press: Any) -> tuple[float, float]:
        """The middle of a button, as a finger gives it."""
        return press.center_x / BOTH.wide, press.center_y / BOTH.high

    def press(self, icon: str) -> Any:
        return next(press for press in self.face.presses() if press.icon == icon)


@pytest.fixture(scope="session")
def _stage() -> Stage:
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    from kiosk.screens.face import Face
    from kiosk.screens.pump import Pump
    from words import Catalogue

    words = Catalogue(strict=True)
    first = Face(PORTRAIT, words, lambda touched: None)
    stage = Stage(Pump(first, offscreen=True), {"words": words})
    stage.pump.window.remove_widget(first)
    for name in set(os.environ) - set(_BEFORE):  # what other tests start must not be without a screen too
        if name.startswith(("KIVY_", "SDL_", "LIBGL_")):
            del os.environ[name]

    def read() -> None:
        if stage.reading:
            stage.pixels = bytes(glReadPixels(0, 0, BOTH.wide, BOTH.high, GL_RGB, GL_UNSIGNED_BYTE))

    stage.pump.drawn.append(read)
    return stage


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    _stage.steady = 100.0
    return _stage
