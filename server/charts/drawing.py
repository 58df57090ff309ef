"""Drawing any chart spec, for a page or by itself."""

from __future__ import annotations

from html import escape

from server.charts.grids import draw_grid
from server.charts.look import STYLE
from server.charts.lying import draw_bars, draw_ranges
from server.charts.sheet import Sheet
from server.charts.standing import draw_columns, draw_lines
from server.domain.figure import Bars, Chart, Columns, Grid, Lines, Ranges

WIDE, NARROW = 600.0, 264.0
"""In units of a sixteenth of a rem: at 16 px a rem, a wide chart is drawn for a column of 600 px."""


def draw(chart: Chart, key: str, title: str, text: str) -> str:
    """The chart for a page, in both widths. `key` makes its ids its own on that page; `title` and `text` are read out in its place."""
    if is_empty(chart):
        return ""
    return "".join(
        _svg(_sheet(chart, width), f"{key}-{size}", f"chart chart-{size}", title, text)
        for size, width in (("wide", WIDE), ("narrow", NARROW))
    )


def alone(chart: Chart, title: str, text: str, width: float = WIDE) -> str:
    """The chart as a document of its own, with its looks inside; empty when there is nothing to draw."""
    if is_empty(chart):
        return ""
    return _svg(_sheet(chart, width), "chart", "", title, text, f"<style>{STYLE}</style>")


def is_empty(chart: Chart) -> bool:
    """Whether there is no label to draw anything at."""
    return not (chart.rows and chart.columns if isinstance(chart, Grid) else chart.labels)


def _sheet(chart: Chart, width: float) -> Sheet:
    match chart:
        case Bars():
            return draw_bars(chart, width)
        case Columns():
            return draw_columns(chart, width)
        case Lines():
            return draw_lines(chart, width)
        case Grid():
            return draw_grid(chart, width)
        case Ranges():
            return draw_ranges(chart, width)


def _svg(sheet: Sheet, key: str, look: str, title: str, text: str, style: str = "") -> str:
    wide, tall = f"{sheet.width:.0f}", f"{sheet.height + 2:.0f}"
    size = f' width="{wide}" height="{tall}"' if style else f' class="{look}"'
    name = escape(key)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{size} viewBox="0 0 {wide} {tall}" role="img" aria-labelledby="{name}-t" aria-describedby="{name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(text)}</desc>{style}{sheet.drawn()}</svg>'
    )
