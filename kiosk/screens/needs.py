"""Both levels of choosing: what do you need today, and which of these is it. At most eight first choices, with icons.

A choice that is closed stays where it always is and says when it opens; touching it says so again.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.flow import events as e
from kiosk.flow.model import Screen as Screen_
from kiosk.flow.model import Tile
from kiosk.flow.scanning.entry import TILE
from kiosk.screens import notices
from kiosk.screens.chrome import more_button
from kiosk.screens.screen import Screen, rules
from kiosk.typeset import isolate
from kiosk.widgets import tiles
from kiosk.widgets.press import Press

SCAN_TILE = TILE.id


class NeedsScreen(Screen):
    """The first level."""

    @property
    def title(self) -> str:
        return self.say("needs.title")

    @property
    def lead(self) -> str:
        return self.say("needs.lead")

    def fill(self) -> None:
        self.ids.announced.announce(self.model, self.say)
        self.ids.notices.show(self.model, self.say)
        self.ids.tiles.more = more_button(self.say)
        for tile in self._tiles():
            holder = self.ids.first if self._is_first(tile) else self.ids.tiles
            holder.add_widget(self._press(tile))

    def _is_first(self, tile: Tile) -> bool:
        """At a scan station papers come first, and larger than anything else."""
        return tile.id == SCAN_TILE and self.model.station.first and self.model.screen is Screen_.NEEDS

    def _tiles(self) -> tuple[Tile, ...]:
        return self.model.choices

    def _act(self) -> Callable[[str], e.Action]:
        return e.ChooseNeed

    def _press(self, tile: Tile) -> Press:
        return Press(
            action=self._act()(tile.id),
            icon=tile.icon or "info",
            chip=True,
            style="main" if self._is_first(tile) else "card" if tile.open else "resting",
            role="title" if self._is_first(tile) and not self.now.compact else "strong",
            text=self.say.line(tile.line) or self.say.name(tile.names),
            more=self._more(tile),
            status=self._status(tile),
        )

    def _more(self, tile: Tile) -> str:
        if self.now.compact or self.now.large or not tile.open:
            return ""
        return self.say.line(tile.help_line) or self.say.name(tile.help)

    def _status(self, tile: Tile) -> str:
        """Only what is not as usual: when a closed one opens. Where there is no room, touching it says so."""
        if self.now.compact and self.now.large:
            return ""
        return self.say.line(self.model.tile_line(tile))


class ServicesScreen(NeedsScreen):
    """The second level, under the heading chosen; on the private way one tile only.

    A heading is read from across the room: on the private way it says no more than that there is a ticket to be had.
    """

    @property
    def title(self) -> str:
        return self.say.name(self.model.chosen) or self.say("private.heading")

    @property
    def lead(self) -> str:
        return self.say("services.title") if self.model.chosen else ""

    def _tiles(self) -> tuple[Tile, ...]:
        return self.model.services

    def _act(self) -> Callable[[str], e.Action]:
        return e.ChooseService

    def _more(self, tile: Tile) -> str:
        if self.now.large and self.now.compact:
            return ""
        return self.say.line(tile.help_line) or self.say.name(tile.help)

    def _status(self, tile: Tile) -> str:
        if not tile.open:
            return super()._status(tile)
        hours = (
            self.say("service.open_today", **{"from": isolate(a), "to": isolate(b)}) for a, b in tile.hours
        )
        return " · ".join(hours) if not self.now.compact else ""


NAMED_IN_KV = (notices, tiles)
"""Imported for the kv file, which names their classes."""
rules(__file__)
