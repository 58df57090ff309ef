"""Charts as SVG, from the chart specs of `server.domain.figure`. Pure: numbers and words in, text out; no script, no file, no clock.

`draw` makes what a page holds: the chart drawn for a wide and for a narrow column, of which the page's stylesheet (`charts.css`) shows the one that
fits, so that letters keep their size from a phone to a desk and at any text size. `alone` makes one that stands by itself, with its looks
inside, for a printed document. Both are made of the same shapes with the same classes. Nothing is told by colour alone: shapes differ in lightness, edge or
dashes, lines carry their names, values are written where there is room, and the table beside each chart holds all of it.
"""

from server.charts.drawing import NARROW, WIDE, alone, draw

__all__ = ["NARROW", "WIDE", "alone", "draw"]
