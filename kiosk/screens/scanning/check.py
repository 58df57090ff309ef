"""The check: every page, small; what was left out can be added, and then it is sent. Everything else on it may be left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.flow.model import Model
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import Page, Scanning
from kiosk.screens.scanning.choosing import WITHOUT_PAPER
from kiosk.screens.scanning.parts import PagePress, ScanFoot, button, of_page, person
from kiosk.screens.screen import Screen
from kiosk.typeset import isolate
from kiosk.widgets.press import Card, Press
from kiosk.widgets.text import Words
from kiosk.widgets.tiles import Tiles


class CheckScreen(Screen):
    def fill(self) -> None:
        say, scanning = self.say, self.scanning
        self.add_widget(
            Words(text=say("scan.check_title"), role="title", bold=True, tone="main", balance=True, drop=5)
        )
        self.add_widget(Words(text=say("scan.check_lead"), tone="soft", drop=2))
        if self.model.printer in WITHOUT_PAPER and not (scanning.phone or scanning.email):
            card = Card(style="told", pad=self.now.pad, drop=3)
            card.add_widget(Words(text=say("scan.receipt_no_paper"), tone="on_told"))
            self.add_widget(card)
        tiles = Tiles(grow=1.0, most_columns=6, highest_mm=62)
        tiles.more = self._more
        self.pages: dict[str, PagePress] = {}
        for number, page in enumerate(scanning.pages, 1):
            self.pages[page.id] = self._page(number, page)
            tiles.add_widget(self.pages[page.id])
        self.add_widget(tiles)
        send = button(a.Send(), say("scan.send"), "yes", "main")
        self.add_widget(ScanFoot([*self._beside(), person(say), send], most=1 if self.now.large else 2))

    def _more(self, turn: Callable[[], None]) -> Press:
        """Without words where they would make every tile as wide as they are."""
        return Press(
            action=turn,
            icon="more",
            text="" if self.now.compact else self.say("button.more"),
            style="bar",
            align="centre",
        )

    @property
    def scanning(self) -> Scanning:
        return self.model.visitor.scanning or Scanning()

    def _page(self, number: int, page: Page) -> PagePress:
        first = next(paper[0] for paper in self.scanning.papers if page in paper)
        begins = first is page and (number > 1 or page.kind != "other")
        named = begins and page.kind != "other" and not (self.now.compact or self.now.large)
        kind = self.say(f"paper.{page.kind}") if named else ""
        return PagePress(
            of_page((page.id, page.version, "small")),
            high_mm=self._picture_mm(),
            action=a.ShowPage(page.id),
            text=f"{number} · {kind}" if kind else (f"{number} ·" if begins and number > 1 else str(number)),
            role="body",
        )

    def _picture_mm(self) -> float:
        if self.now.compact:
            return 9.0 if self.now.large else 16.0
        return 26.0 if self.now.large else 34.0

    def _beside(self) -> list[Any]:
        say, scanning = self.say, self.scanning
        also = scanning.email or scanning.phone
        receipt = say("scan.receipt_to", where=isolate(also)) if also else say("scan.receipt_also")
        colour = say("scan.to_black" if scanning.colour else "scan.to_colour")
        return [
            button(a.AddPages(), say("scan.add"), "more"),
            button(a.SwitchColour(), colour, "contrast"),
            button(a.AskReceipt(), receipt, "envelope"),
        ]

    def follow(self, model: Model) -> None:
        """Nothing of it changes but by being built anew."""
