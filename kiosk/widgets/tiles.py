"""Choices in a grid: as many columns as suit, all the same size, and pages when there is no room for all.

Pages rather than scrolling: a list that scrolls hides that there is more, and asks for a movement some hands cannot make.
"More choices" stands where the last tile would.
"""

from __future__ import annotations

import math
from typing import Any

from kivy.properties import NumericProperty, ObjectProperty

from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look
from kiosk.widgets.press import Press


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

    def _tiles(self) -> list[Press]:
        return [box for box in reversed(self.children) if isinstance(box, Press) and box is not self._more]

    def _row(self, columns: int, width: float) -> float:
        wide = (width - look().gap * (columns - 1)) / columns
        return max((tile.natural(wide) for tile in self._tiles()), default=0.0)

    def _fits(self, columns: int, width: float) -> bool:
        wide = (width - look().gap * (columns - 1)) / columns
        return not any(tile.breaks_word(wide) for tile in self._tiles())

    def natural(self, width: float) -> float:
        """The least it can do with: one row (two when they hold everything)."""
        return min(self._row(columns, width) for columns in self._columns(width)) if self._tiles() else 0.0

    def whole(self, width: float) -> float:
        """The height at which everything shows at once."""
        count = len(self._tiles())
        return min(
            (
                math.ceil(count / columns) * (self._row(columns, width) + look().gap) - look().gap
                for columns in self._columns(width)
            ),
            default=0.0,
        )

    def _columns(self, width: float) -> list[int]:
        most = min(int(self.most_columns), max(1, len(self._tiles())))
        return [columns for columns in range(1, most + 1) if columns == 1 or self._fits(columns, width)]

    def _arrangement(self, width: float, height: float) -> tuple[int, int, int]:
        """Columns, rows and tiles a page: the fewest pages, then the fewest columns that are not a long list."""
        gap, count = look().gap, len(self._tiles())
        best: tuple[tuple[float, ...], tuple[int, int, int]] | None = None
        for columns in self._columns(width):
            rows = max(1, int((height + gap + 0.5) // (self._row(columns, width) + gap)))
            per_page = count if rows * columns >= count else max(1, rows * columns - 1)
            pages = math.ceil(count / per_page)
            used = min(rows, math.ceil(count / columns))
            lonely = columns == 1 and count > 3
            rank = (pages, lonely, columns * used - count, columns)
            if best is None or rank < best[0]:
                best = (rank, (columns, used, per_page))
        assert best is not None
        return best[1]

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        tiles = self._tiles()
        if not tiles:
            return
        gap, rtl = look().gap, look().rtl
        columns, rows, per_page = self._arrangement(width, height)
        shown = tiles
        if per_page < len(tiles):
            first = int(self.page) % math.ceil(len(tiles) / per_page) * per_page
            shown = [*tiles[first : first + per_page], self._more_button()]
        for tile in tiles:
            tile.leave_out(tile not in shown)
        wide = (width - gap * (columns - 1)) / columns
        most = max(look().mm(float(self.highest_mm) * look().room), self._row(columns, width))
        high = min((height - gap * (rows - 1)) / rows, most)
        for at, tile in enumerate(shown):
            row, column = divmod(at, columns)
            if rtl:
                column = columns - 1 - column
            tile.place(x + column * (wide + gap), y + height - (row + 1) * high - row * gap, wide, high)

    def _more_button(self) -> Press:
        if self._more is None:
            self._more = self.more(self._next_page)
            self.add_widget(self._more)
        return self._more

    def _next_page(self) -> None:
        self.page += 1
        self.place(*self.pos, *self.size)
