"""Cells that are darker where there is more, with the number in each (`Grid`). What there is more of runs down: hours below each other, weekdays beside each other, so that
numbers keep their size on a phone."""

from __future__ import annotations

from server.charts.sheet import LINE, Sheet, width_of, wrapped
from server.domain.figure import Grid
from server.domain.telling.writing import DASH, written

SHADES = 6
TALL = 23.0
SMALL = 11.5


def draw_grid(chart: Grid, width: float) -> Sheet:
    sheet = Sheet(width)
    turned = len(chart.columns) > len(chart.rows)
    across, down = (chart.rows, chart.columns) if turned else (chart.columns, chart.rows)
    left = min(max((width_of(label) for label in down), default=0.0) + 8, width * 0.36)
    wide = (width - left) / max(1, len(across))
    most = max((value for row in chart.values for value in row if value is not None), default=0.0)
    heads = [wrapped(label, wide - 4) for label in across]
    for column, lines in enumerate(heads):
        for line, words in enumerate(lines):
            sheet.words("t", left + (column + 0.5) * wide, 13 + line * LINE, words, "middle")
    y = LINE * max((len(lines) for lines in heads), default=1) + 4
    for row, label in enumerate(down):
        lines = wrapped(label, left - 8)
        tall = max(TALL, len(lines) * LINE + 5)
        for line, words in enumerate(lines):
            sheet.words("t", left - 8, y + 15.5 + line * LINE, words, "end")
        for column in range(len(across)):
            value = chart.values[column][row] if turned else chart.values[row][column]
            words = DASH if value is None else written(value, chart.measure)
            _cell(sheet, value, words, most, (left + column * wide, y, wide, tall))
        y += tall
    return sheet


def _cell(
    sheet: Sheet, value: float | None, words: str, most: float, place: tuple[float, float, float, float]
) -> None:
    x, y, wide, tall = place
    shade = shade_of(value, most)
    sheet.rect(
        f"cell g{shade}" if value is not None else "cell none", x + 0.75, y + 0.75, wide - 1.5, tall - 1.5
    )
    if width_of(words, SMALL) <= wide - 2:
        sheet.words(
            f"t small{' on-dark' if shade >= 4 else ''}", x + wide / 2, y + tall / 2 + 4, words, "middle"
        )


def shade_of(value: float | None, most: float) -> int:
    """0 for nothing, then 1 to 5, a fifth of the most each."""
    if not value or value < 0 or most <= 0:
        return 0
    return min(SHADES - 1, 1 + int(value / most * (SHADES - 1) - 1e-9))
