"""Charts as SVG, from the chart specs of `server.domain.figure`. Pure: numbers and words in, text out; no script, no file, no clock.

`draw` makes one that a page holds: its looks come from the page's stylesheet by classes. `alone` makes one that stands by itself, for a printed document.
"""

from server.charts.drawing import alone, draw

__all__ = ["alone", "draw"]
