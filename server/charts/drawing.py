"""Drawing any chart spec."""

from __future__ import annotations

from html import escape

from server.domain.figure import Bars, Chart, Columns, Grid, Lines, Measure, Ranges
from server.domain.telling.writing import written


def draw(chart: Chart, key: str, title: str, text: str) -> str:
    """The chart for a page. `key` makes its ids its own on that page; `title` and `text` are what is read out in its place."""
    return _plain(chart, key, title, text)


def alone(chart: Chart, title: str, text: str) -> str:
    """The chart as a document of its own."""
    return _plain(chart, "chart", title, text)


def _plain(chart: Chart, key: str, title: str, text: str) -> str:
    rows = _rows(chart)
    most = max([1, *(value for _, value in rows if value is not None)])
    drawn = "".join(
        f'<text x="0" y="{n * 24 + 17}">{escape(label)}</text>'
        + (
            ""
            if value is None
            else f'<rect class="s1" x="180" y="{n * 24 + 4}" width="{400 * value / most:.1f}" height="16"/>'
            f'<text x="{186 + 400 * value / most:.1f}" y="{n * 24 + 17}">{written(value, chart_measure(chart))}</text>'
        )
        for n, (label, value) in enumerate(rows)
    )
    return (
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {24 * len(rows) + 8}" role="img" aria-labelledby="{key}-t" aria-describedby="{key}-d">'
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(text)}</desc>{drawn}</svg>'
    )


def chart_measure(chart: Chart) -> Measure:
    return Measure.MINUTES if isinstance(chart, Ranges) else chart.measure


def _rows(chart: Chart) -> list[tuple[str, float | None]]:
    match chart:
        case Bars():
            return list(zip(chart.labels, chart.values, strict=True))
        case Columns() | Lines():
            return [
                (f"{label} {series.name}", value)
                for series in chart.series
                for label, value in zip(chart.labels, series.values, strict=True)
            ]
        case Grid():
            return [
                (f"{row} {column}", value)
                for row, values in zip(chart.rows, chart.values, strict=True)
                for column, value in zip(chart.columns, values, strict=True)
            ]
        case Ranges():
            return list(zip(chart.labels, chart.median, strict=True))
