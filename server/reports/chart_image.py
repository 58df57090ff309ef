"""A chart drawn straight onto a printed page, word by word.

The typesetter can draw any SVG, and takes its time over it: it sets every letter by itself, and every word that does not begin at its place in a group of its own, so that the charts of
a report took a quarter of the time and most of the file. Ours are rectangles, lines, paths, circles and words with the looks of `server.charts.look`, nothing else; a page needs no more
than these five. Words are set whole, in the report's own fonts, so they can also be found and copied as words. What is none of the five is a fault of ours and raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from math import inf, pi, tan
from typing import Any
from xml.etree import ElementTree

from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.draw.text import draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.svg.text import Style, TextBox
from weasyprint.text.fonts import FontConfiguration
from weasyprint.text.line_break import split_first_line

from server.charts.look import STYLE

SVG = "{http://www.w3.org/2000/svg}"
SILENT = frozenset({"title", "desc", "style"})
PIXEL = 25.4 / 96
"""What the typesetter reckons in, in millimetres."""
ROUND = 4 / 3 * tan(pi / 8)
"""How far the handles of a quarter of a circle reach, of its radius."""
_RULE = re.compile(r"([.\w-]+)\s*\{([^}]*)\}")
_NUMBERS = re.compile(r"-?[\d.]+")
Look = Mapping[str, str]
Colour = tuple[float, float, float]


class ChartImage:
    """What the typesetter takes for an image: it says how large it is and draws itself. `unit`: how many millimetres a unit of the chart takes."""

    def __init__(self, svg: str, unit: float, fonts: FontConfiguration, families: tuple[str, ...]) -> None:
        self._tree = ElementTree.fromstring(svg)
        self._scale, self._fonts, self._families = unit / PIXEL, fonts, families
        self.width, self.height = (float(self._tree.attrib[side]) for side in ("width", "height"))

    @staticmethod
    def height_of(svg: str) -> float:
        """In units, of a chart that is not drawn yet."""
        return float(ElementTree.fromstring(svg).attrib["height"])

    def get_intrinsic_size(self, image_resolution: float, font_size: float) -> tuple[float, float, float]:
        return self.width * self._scale, self.height * self._scale, self.width / self.height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: object) -> None:
        with stream.stacked():
            stream.transform(a=concrete_width / self.width, d=concrete_height / self.height)
            for shape in self._tree:
                kind = shape.tag.removeprefix(SVG)
                if kind not in SILENT:
                    self._shape(stream, kind, shape)

    def _shape(self, stream: Any, kind: str, shape: ElementTree.Element) -> None:
        look = look_of(kind, shape.attrib.get("class", ""))
        if kind == "text":
            self._words(stream, shape, look)
            return
        fill, stroke = _ink(look.get("fill", "#000000")), _ink(look.get("stroke", "none"))
        with stream.stacked():
            if fill:
                stream.set_color_rgb(*fill)
            if stroke:
                stream.set_color_rgb(*stroke, stroke=True)
                stream.set_line_width(float(look.get("stroke-width", "1")))
                stream.set_dash(_numbers(look.get("stroke-dasharray", "")), 0)
            _trace(stream, kind, shape.attrib)
            if fill and stroke:
                stream.fill_and_stroke()
            elif fill:
                stream.fill()
            elif stroke:
                stream.stroke()
            else:
                stream.end()

    def _words(self, stream: Any, shape: ElementTree.Element, look: Look) -> None:
        words = (shape.text or "").strip()
        if not words:
            return
        style = self._style(float(look["font-size"].removesuffix("px")), int(look.get("font-weight", "400")))
        layout, _, _, width, _, baseline = split_first_line(words, style, None, inf, 0)
        begins = {"start": 0.0, "middle": width / 2, "end": width}[shape.attrib.get("text-anchor", "start")]
        box = TextBox(layout, style)
        box.baseline = baseline
        with stream.stacked():
            stream.set_color_rgb(*(_ink(look["fill"]) or (0.0, 0.0, 0.0)))
            stream.begin_text()
            layout.reactivate(style)
            place = Matrix(d=-1, e=float(shape.attrib["x"]) - begins, f=float(shape.attrib["y"]))
            draw_first_line(stream, box, "none", "none", place)
            stream.end_text()

    def _style(self, size: float, weight: int) -> Style:
        style = Style(INITIAL_VALUES)
        style.font_config = self._fonts
        style.update(font_family=list(self._families), font_size=size, font_weight=weight, lang="en")
        return style


def _trace(stream: Any, kind: str, at: Mapping[str, str]) -> None:
    """Lay the outline of a shape; it is inked by whoever asked."""
    match kind:
        case "rect":
            stream.rectangle(*(float(at[side]) for side in ("x", "y", "width", "height")))
        case "line":
            stream.move_to(float(at["x1"]), float(at["y1"]))
            stream.line_to(float(at["x2"]), float(at["y2"]))
        case "path":
            numbers = _numbers(at["d"])
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            stream.move_to(*points[0])
            for point in points[1:]:
                stream.line_to(*point)
            if at["d"].endswith("Z"):
                stream.close()
        case "circle":
            _circle(stream, float(at["cx"]), float(at["cy"]), float(at["r"]))
        case _:
            raise ValueError(f"a chart has a shape that a printed page cannot draw: {kind}")


def _circle(stream: Any, x: float, y: float, radius: float) -> None:
    reach = ROUND * radius
    stream.move_to(x + radius, y)
    for along, down in ((0, 1), (-1, 0), (0, -1), (1, 0)):  # to the bottom, left, top, right
        from_x, from_y = x + radius * down, y - radius * along
        to_x, to_y = x + radius * along, y + radius * down
        stream.curve_to(
            *(from_x + reach * along, from_y + reach * down),
            *(to_x + reach * down, to_y - reach * along),
            *(to_x, to_y),
        )
    stream.close()


@cache
def look_of(kind: str, classes: str) -> Look:
    """What the looks come to for one shape: those of its kind, then those of its classes in the order in which they stand."""
    worn = {f".{each}" for each in classes.split()}
    rules = [*_rules()]
    chosen = [said for name, said in rules if name == kind] + [said for name, said in rules if name in worn]
    return {name: value for said in chosen for name, value in said.items()}


@cache
def _rules() -> tuple[tuple[str, dict[str, str]], ...]:
    return tuple((name, dict(_said(body))) for name, body in _RULE.findall(STYLE))


def _said(body: str) -> list[tuple[str, str]]:
    pairs = (each.split(":", 1) for each in body.split(";") if each.strip())
    return [(name.strip(), value.strip()) for name, value in pairs]


@cache
def _ink(colour: str) -> Colour | None:
    if colour == "none":
        return None
    digits = colour.removeprefix("#")
    digits = "".join(2 * each for each in digits) if len(digits) == 3 else digits
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _numbers(written: str) -> list[float]:
    return [float(each) for each in _NUMBERS.findall(written)]
