"""What was taken so far: how many pages, the latest large beside the count, and the ones before it, smaller, as far as there is room.

Whoever scans ten pages looks up to see that the ninth came out. Every page can be touched to be looked at. It changes in place, because a screen that
is built anew under a hand that lays papers would flicker; only what is new is made.
"""

from __future__ import annotations

from typing import Any

from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import Page
from kiosk.screens.saying import Saying
from kiosk.screens.scanning.parts import PagePress, of_page
from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look
from wire.packets import MOST_PAGES

LATEST, CELL = 0.4, 0.68
"""Of the width, for the latest page; and of the height, how wide each one before it is."""


class Strip(Box):
    def __init__(self, say: Saying, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._say = say
        self._high_mm = 16.0 if look().compact else 30.0
        self._latest = PagePress(None, high_mm=self._high_mm, text=say("scan.no_page"))
        self._before: list[PagePress] = []
        self._pages: tuple[Page, ...] = ()
        self.add_widget(self._latest)

    def natural(self, width: float) -> float:
        return self._latest.natural(width * LATEST)

    def show(self, pages: tuple[Page, ...]) -> None:
        if pages == self._pages:
            return
        self._pages = pages
        count = len(pages)
        text = self._say("scan.pages", count=count) if count else self._say("scan.no_page")
        if count >= MOST_PAGES:
            text = f"{text} / {MOST_PAGES}"
        last = pages[-1] if pages else None
        self._latest.action = a.ShowPage(last.id) if last is not None else None
        self._latest.show(_small(last) if last is not None else None, text)
        if self.width > 1:
            self.place(*self.pos, *self.size)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        gap = look().gap
        # Of a narrow panel its share may be less than its own words need.
        latest, cell = (
            min(width, max(width * LATEST, self._latest.narrowest())),
            max(height * CELL, look().target),
        )
        room = int((width - latest) // (cell + gap))
        self._show_before(min(room, max(0, len(self._pages) - 1)))
        if look().compact and not self._before:
            latest = width
        rtl = look().rtl
        self._latest.place(x + width - latest if rtl else x, y, latest, height)
        for number, press in enumerate(self._before):
            away = latest + gap + number * (cell + gap)
            press.place(x + width - away - cell if rtl else x + away, y, cell, height)

    def _show_before(self, count: int) -> None:
        """The latest of them first, next to the latest of all."""
        for press in self._before:
            self.remove_widget(press)
        total = len(self._pages)
        self._before = [
            PagePress(
                _small(page),
                high_mm=self._high_mm,
                action=a.ShowPage(page.id),
                text=str(total - 1 - number),
                role="body",
            )
            for number, page in enumerate(reversed(self._pages[total - 1 - count : total - 1]))
        ]
        for press in self._before:
            self.add_widget(press)


def _small(page: Page) -> Any:
    return of_page((page.id, page.version, "small"))
