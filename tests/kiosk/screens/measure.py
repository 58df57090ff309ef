"""Measures what a face shows, in millimetres and in pixels, and says what is wrong in sentences. Empty means all is well.

Geometry is taken from the widgets as placed, letters from their rendered glyphs, colours from the pixels of the frame. The rules are
those a kiosk is bought by: EN 301 549 and BS 8300 (targets and reach), WCAG 2.2 (contrast), and what eyes need at arm's length.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

from PIL import Image

from kiosk import typeset
from kiosk.screens.face import Face
from kiosk.widgets.boxes import Box
from kiosk.widgets.icons import Icon
from kiosk.widgets.press import Press
from kiosk.widgets.qr import Qr
from kiosk.widgets.text import Words

TARGET_MM = 15.0
CAPITAL_MM, CAPITAL_LARGE_MM = 5.0, 7.3
NOTE_MM = 3.3
"""What only staff read, on a small panel."""
CONTRAST = 7.0
ISOLATES = "\u2066\u2067\u2068\u2069"

Area = tuple[float, float, float, float]
"""Left, bottom, right, top."""


def area(box: Any) -> Area:
    return (box.x, box.y, box.right, box.top)


def ink(words: Words) -> Area:
    x, y, wide, high = words.ink_box
    return (x, y, x + wide, y + high)


def within(inner: Area, outer: Area, slack: float = 1.5) -> bool:
    return (
        inner[0] >= outer[0] - slack and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack and inner[3] <= outer[3] + slack
    )  # fmt: skip


def overlap(one: Area, other: Area, slack: float = 1.5) -> bool:
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > slack
        and min(one[3], other[3]) - max(one[1], other[1]) > slack
    )


def parts(face: Face) -> list[Any]:
    """What can be seen unhindered: all but what lies under an overlay."""
    header, seen = face._header, [face._overlay or face._body, face._bar]
    if header is not None and (face._overlay is None or face._overlay.top <= header.y):
        seen.append(header)
    return [part for part in seen if part is not None]


def leaves(part: Any, inside: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Words, icons, squares and buttons, with what they stand in."""
    if isinstance(part, Box) and part.left_out:
        return
    if isinstance(part, Words | Icon | Qr | Press):
        yield part, inside
    for child in part.children:
        yield from leaves(child, (*inside, part))


@cache
def capital_pixels(language: str, em: int, bold: bool) -> int:
    """The height of a rendered H."""
    box = (
        typeset.draw_mask("H", language, em, bold=bold)
        .point(lambda level: 255 if level > 127 else 0)
        .getbbox()
    )
    assert box is not None
    return int(box[3] - box[1])


def faults(face: Face) -> list[str]:
    """Everything wrong with what is shown now."""
    return [*_targets(face), *_places(face), *_letters(face), *_mirror(face)]


def _targets(face: Face) -> Iterator[str]:
    dots = face.panel.dots_per_mm
    presses = face.presses()
    for press in presses:
        wide, high = press.width / dots, press.height / dots
        if min(wide, high) < TARGET_MM:
            yield f"the button {press.text or press.icon!r} is {wide:.1f} x {high:.1f} mm"
    for one, other in combinations(presses, 2):
        if overlap(area(one), area(other)):
            yield f"the buttons {one.text or one.icon!r} and {other.text or other.icon!r} overlap"


def _places(face: Face) -> Iterator[str]:
    panel = (0.0, 0.0, float(face.panel.wide), float(face.panel.high))
    found = [leaf for part in parts(face) for leaf in leaves(part)]
    for leaf, inside in found:
        shown = ink(leaf) if isinstance(leaf, Words) else area(leaf)
        if isinstance(leaf, Words) and not leaf.text:
            continue
        if not within(shown, panel, 0):
            yield f"{_name(leaf)} is outside the panel"
        yield from (
            f"{_name(leaf)} sticks out of {_name(holder)}"
            for holder in inside
            if isinstance(holder, Press) and not within(shown, area(holder))
        )
    texts = [(leaf, inside) for leaf, inside in found if isinstance(leaf, Words) and leaf.text]
    solid = [(leaf, inside) for leaf, inside in found if isinstance(leaf, Press | Qr | Icon)]
    for (one, _), (other, _) in combinations(texts, 2):
        if overlap(_core(one), _core(other), 0):
            yield f"{_name(one)} and {_name(other)} run into each other"
    for words, inside in texts:
        for thing, _ in solid:
            if thing not in inside and overlap(_core(words), area(thing)):
                yield f"{_name(words)} runs into {_name(thing)}"


def _core(words: Words) -> Area:
    """Without the empty head and foot of a line: what would be seen to touch."""
    if words.tight:
        return (ink(words)[0], words.y, ink(words)[2], words.top)
    left, bottom, right, top = ink(words)
    trim = 0.12 * words.em(words.width)
    return (left, bottom + trim, right, top - trim)


def _name(thing: Any) -> str:
    if isinstance(thing, Words):
        return f"the text {thing.text[:30]!r}"
    if isinstance(thing, Press):
        return f"the button {(thing.text or thing.icon)[:30]!r}"
    return f"a {type(thing).__name__}"


def broken_words(face: Face) -> list[str]:
    """Words of the buttons and sentences that are cut in two for want of width: no eye takes them for one."""
    found = []
    for part in parts(face):
        for leaf, _ in leaves(part):
            if isinstance(leaf, Words) and leaf.text and not leaf.shrink:
                whole = set(leaf.text.split())
                addresses = [each for each in whole if "/" in each]  # these are too wide for any panel
                found += [
                    f"{_name(leaf)} is cut at {each!r}"
                    for line in leaf.lines(leaf.width)
                    for each in line.split()
                    if each.strip(ISOLATES) not in {word.strip(ISOLATES) for word in whole}
                    and not any(each in address for address in addresses)
                ]
    return found


def _letters(face: Face) -> Iterator[str]:
    model, dots = face.model, face.panel.dots_per_mm
    least = CAPITAL_LARGE_MM if model is not None and model.large else CAPITAL_MM
    for part in parts(face):
        for leaf, _ in leaves(part):
            if isinstance(leaf, Words) and leaf.text:
                capital = capital_pixels(leaf.spoken, leaf.em(leaf.width), leaf.bold) / dots
                if capital < (NOTE_MM if leaf.role == "note" else least):
                    yield f"capitals of {leaf.text[:30]!r} are {capital:.2f} mm high"


def _mirror(face: Face) -> Iterator[str]:
    """The way back stands at the side the language is read from."""
    if face.model is None or face._bar is None:
        return
    bar = [press for press, _ in leaves(face._bar) if isinstance(press, Press)]
    back, again = (next(p for p in bar if p.icon == name) for name in ("back", "again"))
    if (back.center_x > again.center_x) is not face.model.right_to_left:
        yield "the screen is not mirrored"


# Colours ------------------------------------------------------------------------------------------------------


def luminance(rgb: tuple[int, ...]) -> float:
    """Relative luminance by WCAG 2.2."""
    parts_ = [value / 255 for value in rgb[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts_]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faint(face: Face, frame: Image.Image) -> list[str]:
    """Texts whose strokes do not stand at 7:1 against their ground in the frame."""
    found = []
    for part in parts(face):
        for leaf, _ in leaves(part):
            if isinstance(leaf, Words) and leaf.text:
                ratio = _ratio(leaf, frame)
                if ratio < CONTRAST:
                    found.append(f"{leaf.text[:30]!r} stands at {ratio:.1f}:1")
    return found


def _ratio(words: Words, frame: Image.Image) -> float:
    """The ground is the commonest colour; the ink the one furthest from it that is more than specks."""
    left, bottom, right, top = (round(value) for value in ink(words))
    box = (
        max(0, left),
        max(0, frame.height - top),
        min(frame.width, right),
        min(frame.height, frame.height - bottom),
    )
    found = frame.crop(box).getcolors(1 << 14)
    assert found, "a text stands on a picture"
    colours = [(count, colour) for count, colour in found if isinstance(colour, tuple)]
    ground = max(colours)[1]
    specks = max(3, sum(count for count, _ in colours) // 400)
    solid = [colour for count, colour in colours if count >= specks and colour != ground]
    return max((contrast(colour, ground) for colour in solid), default=1.0)
