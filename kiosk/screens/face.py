"""The one widget in the kiosk's window: shows a `Model`, and turns fingers into `Touched`.

It keeps no state of its own about the visit: what it shows follows from the model, and when the part of the model that can be
seen changes, that part is built anew. One finger counts at a time. A finger presses what it came down on, and only if
it is lifted there; the button answers while the finger is still down. A hand that rests on the glass must not lock
the kiosk, so a finger that stays too long, or rests on nothing, gives way to the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.flow import events as e
from kiosk.flow.model import Model, Screen
from kiosk.flow.parts import PART_SCREENS, built
from kiosk.screens.chrome import TYPED_ON, Bar, Header
from kiosk.screens.roster import screen_class
from kiosk.screens.saying import Saying
from kiosk.widgets import look as looks
from kiosk.widgets import text
from kiosk.widgets.boxes import Box
from kiosk.widgets.look import Look
from kiosk.widgets.panel import Panel
from kiosk.widgets.press import Press
from words import Catalogue

REACH = 0.58
"""What part of the height everything fits into when it was moved lower."""
RESTING_SECONDS = 1.5
"""A finger down for longer is a hand that rests."""
FOLLOWING = frozenset({Screen.CHECK_IN, Screen.REFERENCE}) | PART_SCREENS
"""Screens that change in place."""
FOR_STAFF = frozenset({Screen.CLOSED, Screen.OUT_OF_ORDER, Screen.SETUP})
"""Screens that say besides why the server is not reached."""
BARE = frozenset({Screen.STARTING, Screen.SETUP, Screen.EVACUATED})
"""Screens no visitor can do anything on."""

LAID_APART = BARE | TYPED_ON
"""Screens whose header and bar are not those of all others."""


class Face(Widget):  # type: ignore[misc]  # Kivy has no types
    """`emit` is called with each touch that pressed something; `steady` is the flow's steady clock."""

    def __init__(
        self,
        panel: Panel,
        catalogue: Catalogue,
        emit: Callable[[e.Touched], None],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(size=(panel.wide, panel.high), size_hint=(None, None), pos=(0, 0))
        self.panel = panel
        self.model: Model | None = None
        self.woken: Callable[[], None] = lambda: None
        """Called when a frame is due."""
        self._catalogue, self._emit, self._steady = catalogue, emit, steady
        self._shown: Hashable = None
        self._laid: Hashable = None
        self._over: Hashable = None
        self._look = Look(panel)
        self._header: Header | None = None
        self._bar: Bar | None = None
        self._body: Box | None = None
        self._overlay: Box | None = None
        self._finger: tuple[int, Press | None, float] | None = None
        self._focused: Press | None = None
        with self.canvas.before:
            self._ground = Color(*self._look.palette.back)
            Rectangle(pos=(0, 0), size=(panel.wide, panel.high))
            self._band_colour = Color(0, 0, 0, 0)
            self._band = Rectangle(size=(0, 0))
            self._rule_colour = Color(0, 0, 0, 0)
            self._rule = Rectangle(size=(0, 0))
        with self.canvas.after:
            self._scrim_colour = Color(0, 0, 0, 0)
            self._scrim = Rectangle(size=(0, 0))

    # Showing ----------------------------------------------------------------------------------------------------

    def render(self, model: Model) -> None:
        """Show `model`. Cheap when nothing that can be seen has changed."""
        self.model = model
        self._look = Look(
            self.panel,
            model.language.value,
            model.large,
            model.contrast,
            model.reach_down and model.screen not in BARE and not self.panel.short,
        )
        looks.use(self._look)
        apart = model.screen if model.screen in LAID_APART else None
        laid = (self._look, model.centre_name, apart, model.at_exit)
        shown = (laid, _seen(model))
        over = (laid, model.help_lines, model.idle_left)
        if shown == self._shown and model.screen in FOLLOWING:
            self._follow(model)
        if (laid, shown, over) == (self._laid, self._shown, self._over):
            return
        say = Saying(self._catalogue, model.language.value, _today(model))
        if laid != self._laid:
            self._lay(model, say)
        if shown != self._shown:
            self._fill(model, say)
        if over != self._over or shown != self._shown:
            self._cover(model, say)
        self._laid, self._shown, self._over = laid, shown, over
        self._focused = None
        self.woken()

    def warm(self) -> None:
        """Load what the screens after the first need, while nobody is waiting for them."""
        import qrcode  # noqa: F401  # the ticket's square needs it

        from kiosk.screens import checkin, needs, overlay, standing, ticket  # noqa: F401  # loading is the purpose

    def preview(self, picture: Any | None) -> None:
        """What the camera sees, small and mirrored, for the screen that asks for a code; None: nothing any more."""
        view = getattr(self._body, "view", None)
        if view is not None:
            view.show(picture)
            self.woken()

    def view(self, view: Any | None) -> None:
        """What the camera over the plate sees, with the page in it (`kiosk.scanning.View`); None: nothing any more."""
        plate = getattr(self._body, "plate", None)
        if plate is not None:
            plate.show(view)
            self.woken()

    def _follow(self, model: Model) -> None:
        """What changes on a screen without its being built anew."""
        follow = getattr(self._body, "follow", None)
        if follow is not None:
            follow(model)
            self.woken()

    def forget(self) -> None:
        """The visitor has gone: let go of every text that was drawn."""
        text.forget()
        self._shown = self._laid = self._over = None
        if self.model is not None:
            self.render(self.model)

    def _lay(self, model: Model, say: Saying) -> None:
        """The parts that stay: header and bar."""
        palette = self._look.palette
        self._ground.rgba = palette.alarm if model.screen is Screen.EVACUATED else palette.back
        for box in (self._header, self._bar):
            if box is not None:
                self.remove_widget(box)
        self._header = self._bar = None
        self._band.size = self._rule.size = (0, 0)
        if model.screen in BARE:
            return
        self._header, self._bar = Header(model, say), Bar(model, say)
        x, y, width, height = self._area
        bar = self._bar.natural(width)
        header = self._header.natural(width)
        self._bar.place(x, y, width, bar)
        self._header.place(x, y + height - header, width, header)
        self._strip(self._header.y - self._look.mm(1.2 if self._look.compact else 3))
        self.add_widget(self._header)
        self.add_widget(self._bar)

    def _strip(self, bottom: float) -> None:
        """The band behind the centre's name; with everything moved lower, up to where it begins."""
        _x, y, _width, height = self._area
        top = self.panel.high if not self._look.reach_down else y + height + self._look.mm(2)
        palette = self._look.palette
        self._band_colour.rgba, self._rule_colour.rgba = palette.band, palette.edge
        self._band.pos, self._band.size = (0, bottom), (self.panel.wide, top - bottom)
        self._rule.pos = (0, bottom)
        self._rule.size = (self.panel.wide, 2 * self._look.rule if self._look.contrast else 0)

    @property
    def _area(self) -> tuple[float, float, float, float]:
        now = self._look
        margin = now.margin
        high = self.panel.high
        if now.reach_down:
            high = round(high * REACH)
        edge = margin if not now.compact else now.mm(3.5)
        return margin, edge, self.panel.wide - 2 * margin, high - 2 * edge

    @property
    def _room(self) -> tuple[float, float, float, float]:
        """Between header and bar."""
        x, y, width, height = self._area
        if self._bar is None or self._header is None:
            return x, y, width, height
        gap = self._look.gap * (1.0 if self._look.compact else 1.6)
        bottom = self._bar.top + gap
        return x, bottom, width, self._band.pos[1] - gap - bottom

    def _fill(self, model: Model, say: Saying) -> None:
        if self._body is not None:
            self.remove_widget(self._body)
        self._body = screen_class(model)(model, say)
        self._body.place(*self._room)
        self.add_widget(self._body)

    def _cover(self, model: Model, say: Saying) -> None:
        if self._overlay is not None:
            self.canvas.after.remove(self._overlay.canvas)
            self._overlay = None
        self._scrim.size = (0, 0)
        made = screen_class(model, over=True)
        if made is None:
            return
        overlay = made(model, say)
        x, y, width, height = self._room
        if self._look.compact and self._look.large:  # the scrim covers the name anyway
            height = self._area[1] + self._area[3] - y
        inner = width if self._look.compact else width * 0.88
        high = min(height, overlay.natural(inner))
        self._scrim_colour.rgba = self._look.palette.scrim
        bottom = self._bar.top + self._look.gap / 2 if self._bar else 0
        self._scrim.pos = (0, bottom)
        covered = self._band.pos[1] if y + height <= self._band.pos[1] else self.panel.high
        self._scrim.size = (self.panel.wide, covered - bottom)
        overlay.place(x + (width - inner) / 2, y + (height - high) / 2, inner, high)
        self.canvas.after.add(overlay.canvas)
        self._overlay = overlay

    # What can be pressed ------------------------------------------------------------------------------------------

    def presses(self) -> list[Press]:
        """What can be pressed now, in reading order: the overlay or the screen, then the bar, then the header."""
        first = self._overlay or self._body
        free = self._overlay is None or self._header is None or self._overlay.top <= self._header.y
        beside = [self._bar, self._header] if free else [self._bar]
        return [press for part in (first, *beside) if part is not None for press in _presses(part)]

    def _under(self, x: float, y: float) -> Press | None:
        return next((press for press in self.presses() if press.enabled and press.collide_point(x, y)), None)

    def on_touch_down(self, touch: Any) -> bool:
        now = self._steady()
        if "button" in touch.profile and touch.button not in ("left", None):
            return True
        if self._finger is not None:
            _, held, since = self._finger
            if held is not None and now - since < RESTING_SECONDS:
                return True
            self._let_go()
        pressed = self._under(*touch.pos)
        self._finger = (touch.uid, pressed, now)
        if pressed is not None:
            pressed.press(True)
            self._drag(pressed, touch.pos, now, begins=True)
            self.woken()
        return True

    def on_touch_move(self, touch: Any) -> bool:
        if self._finger is not None and self._finger[0] == touch.uid and self._finger[1] is not None:
            self._drag(self._finger[1], touch.pos, self._steady(), begins=False)
        return True

    def _drag(self, pressed: Press, at: tuple[float, float], now: float, *, begins: bool) -> None:
        """For what is drawn on or moved with a finger: `drag(x, y, begins)`. Such a finger does not rest, however long it takes."""
        drag = getattr(pressed, "drag", None)
        if drag is not None and self._finger is not None:
            drag(*at, begins=begins)
            self._finger = (self._finger[0], pressed, now)
            self.woken()

    def on_touch_up(self, touch: Any) -> bool:
        if self._finger is None or self._finger[0] != touch.uid:
            return True
        _, pressed, since = self._finger
        self._let_go()
        if pressed is None or pressed not in self.presses():
            return True
        dragged = hasattr(pressed, "drag")  # a line may end outside the field it was begun in
        if dragged or _near(pressed, touch.pos, self._look.mm(4)):
            self._do(pressed, since)
        return True

    def _let_go(self) -> None:
        if self._finger is not None and self._finger[1] is not None:
            self._finger[1].press(False)
            self.woken()
        self._finger = None

    def _do(self, press: Press, at: float) -> None:
        if callable(press.action):
            press.action()
            self.woken()
        elif self.model is not None and press.enabled:
            self._emit(e.Touched(press.action, self.model.generation, at))

    # Keys: for a keypad beside the screen -------------------------------------------------------------------------

    def key(self, name: str) -> bool:
        """`next` and `previous` move a ring through the buttons, `press` presses."""
        presses = [press for press in self.presses() if press.enabled]
        if not presses:
            return False
        at = presses.index(self._focused) if self._focused in presses else None
        if name == "press":
            if at is not None:
                self._do(presses[at], self._steady())
            return at is not None
        if self._focused is not None:
            self._focused.focus(False)
        first = 0 if name == "next" else -1
        step = 1 if name == "next" else -1
        self._focused = presses[first if at is None else (at + step) % len(presses)]
        self._focused.focus(True)
        self.woken()
        return True


def _presses(part: Widget) -> list[Press]:
    """Depth first, in the order they were added; nothing that was left out."""
    if isinstance(part, Box) and part.left_out:
        return []
    if isinstance(part, Press):
        return [part]
    return [press for child in reversed(part.children) for press in _presses(child)]


def _near(press: Press, at: tuple[float, float], slack: float) -> bool:
    x, y = at
    return bool(press.x - slack <= x <= press.right + slack and press.y - slack <= y <= press.top + slack)


def _today(model: Model) -> date:
    zone = ZoneInfo(model.offer.centre.timezone) if model.offer.centre else UTC
    return datetime.fromtimestamp(model.now / 1000, zone).date()


def _seen(model: Model) -> Hashable:
    """Everything a screen's body shows; two models with the same of it look the same."""
    tiles = {Screen.NEEDS: model.choices, Screen.SERVICES: model.services}.get(model.screen, ())
    ticket = model.ticket if model.screen is Screen.TICKET else None
    return _frozen((
        model.screen, model.languages, model.notice, model.banner, tiles, [model.tile_line(tile) for tile in tiles],
        model.chosen, ticket, model.asks_paper, model.prints_again, model.paper_line, model.wait_line, model.wait_here, model.closed_reason,
        model.closed_line if model.screen is Screen.CLOSED else None, model.staff_says, model.setup,
        model.line_says if model.screen in FOR_STAFF else None,
        model.locked, model.announced, model.checking.told, model.camera_there, model.scanner_there, model.appointment_line,
        built(model),
    ))  # fmt: skip


def _frozen(value: Any) -> Hashable:
    """For comparing: reprs of the frozen dataclasses and mappings that a model is made of."""
    return repr(value)
