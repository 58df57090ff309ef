"""Choices in a grid: as many columns as suit, all the same size, and pages when there is no room for all.

Pages rather than scrolling: a list that scrolls hides that there is more, and asks for a movement some hands cannot make.
"More choices" stands where the last tile would.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from kivy.properties import NumericProperty, ObjectProperty

from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look
from kiosk.widgets.press import Press


class Arrangement(NamedTuple):
    columns: int
    rows: int
    per_page: int
    whole: bool
    """Everything shows at once."""


class Tiles(Box):
    """Its children are the tiles. `more(text)` makes the button for the next page."""

    page = NumericProperty(0)
    most_columns = NumericProperty(3)
    highest_mm = NumericProperty(36.0)
    more = ObjectProperty(None, allownone=True)
    """Makes the "More choices" button; called once, when it is needed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._more: Press | None = None
        self._paged = False

    def _tiles(self) -> list[Press]:
        return [box for box in reversed(self.children) if isinstance(box, Press) and box is not self._more]

    def _row(self, columns: int, width: float) -> float:
        wide = (width - look().gap * (columns - 1)) / columns
        return max((tile.natural(wide) for tile in self._measured()), default=0.0)

    def _fits(self, columns: int, width: float) -> bool:
        wide = (width - look().gap * (columns - 1)) / columns
        return not any(tile.breaks_word(wide) for tile in self._measured())

    def _measured(self) -> list[Press]:
        """What must fit into a place: with pages, the way to the next too."""
        return [*self._tiles(), self._more_button()] if self._paged else self._tiles()

    def natural(self, width: float) -> float:
        """The height at which everything shows at once, in short."""
        count = len(self._tiles())
        if not count:
            return 0.0
        self._shorten(2)
        self._paged = False
        return min(self._high(columns, math.ceil(count / columns), width) for columns in self._columns(width))

    def least(self, width: float) -> float:
        """Two places: a tile, and the way to the next."""
        if len(self._tiles()) < 2:
            return self.natural(width)
        self._shorten(2)
        self._paged = True
        return min(self._high(columns, 1 if columns > 1 else 2, width) for columns in self._columns(width))

    def _high(self, columns: int, rows: int, width: float) -> float:
        return rows * (self._row(columns, width) + look().gap) - look().gap

    def _shorten(self, brief: int) -> None:
        for tile in self._tiles():
            tile.shorten(brief)

    def _columns(self, width: float) -> list[int]:
        most = min(int(self.most_columns), max(1, len(self._tiles())))
        return [columns for columns in range(1, most + 1) if columns == 1 or self._fits(columns, width)]

    def _arrangement(self, width: float, height: float) -> Arrangement:
        """The fewest pages, then a grid without holes, then the fewest columns that are not a long list."""
        gap, count = look().gap, len(self._tiles())
        found: list[tuple[tuple[float, ...], Arrangement]] = []
        for columns in self._columns(width):
            row = self._row(columns, width)
            rows = int((height + gap + 0.5) // (row + gap))
            places = max(1, rows) * columns
            per_page = count if places >= count else max(1, places - 1)
            pages = math.ceil(count / per_page)
            used = min(max(1, rows), math.ceil((count if pages == 1 else per_page + 1) / columns))
            lonely = columns == 1 and count > 4
            clipped = rows < 1 or (pages > 1 and places < 2)
            rank = (clipped, pages, lonely, columns * used - count if pages == 1 else 0, columns)
            found.append((rank, Arrangement(columns, used, per_page, whole=not clipped and pages == 1)))
        return min(found)[1]

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        tiles = self._tiles()
        if not tiles:
            return
        for brief, self._paged in ((0, False), (1, False), (2, False), (2, True)):
            self._shorten(brief)
            plan = self._arrangement(width, height)
            if plan.whole:
                break
        shown = tiles
        if self._more is not None:
            self._more.leave_out(plan.per_page >= len(tiles))
        if plan.per_page < len(tiles):
            first = int(self.page) % math.ceil(len(tiles) / plan.per_page) * plan.per_page
            shown = [*tiles[first : first + plan.per_page], self._more_button()]
        for tile in tiles:
            tile.leave_out(tile not in shown)
        self._set(shown, plan)

    def _set(self, shown: list[Press], plan: Arrangement) -> None:
        gap, rtl = look().gap, look().rtl
        wide = (self.width - gap * (plan.columns - 1)) / plan.columns
        most = max(look().mm(float(self.highest_mm) * look().room), self._row(plan.columns, self.width))
        high = min((self.height - gap * (plan.rows - 1)) / plan.rows, most)
        for at, tile in enumerate(shown):
            row, column = divmod(at, plan.columns)
            if rtl:
                column = plan.columns - 1 - column
            tile.place(self.x + column * (wide + gap), self.top - (row + 1) * high - row * gap, wide, high)

    def _more_button(self) -> Press:
        if self._more is None:
            self._more = self.more(self._next_page)
            self.add_widget(self._more)
        return self._more

    def _next_page(self) -> None:
        self.page += 1
        self.place(*self.pos, *self.size)
