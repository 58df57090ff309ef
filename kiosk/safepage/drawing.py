"""Draws the safe page beforehand, while the kiosk is well: the sentence in every language, and below it this machine's name for staff.

The kiosk keeps one for its own panel in its state folder and draws it anew only when name, panel or words have changed: the card is not written
each day for it. A display has no program of ours that draws, so as it starts it has `--state FOLDER --name NAME` do that. Without words,
`python -m kiosk.safepage.drawing` makes the two that lie beside this file, for a machine that never came to draw its own.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from kiosk import typeset
from kiosk.safepage.picture import Picture, made_of, write
from kiosk.safepage.ways import GRAPHICS
from words import Catalogue

log = logging.getLogger("foyer.kiosk.safepage")

KEPT = "safe.page"
SERIAL = Path("/proc/device-tree/serial-number")
SHIPPED = {"portrait": (540, 960), "landscape": (960, 540)}
"""Half the usual size: small in the release, and enlarged where it is shown."""
LAYOUT = 1
"""Another number when `draw` draws otherwise, so that kept pages are drawn anew."""
TITLE, LEAD = "out_of_order.title", "locked.lead"
INK, SOFT = (0, 0, 0), (70, 70, 70)
FOR_STAFF = (
    "For staff: {name}. It tries again by itself every few minutes. If this stays, switch it off and on."
)
NO_NAME = "This screen tries again by itself every few minutes. If this stays, switch it off and on."


def draw(width: int, height: int, name: str, words: Catalogue) -> Image.Image:
    """A grey picture of the whole screen."""
    page = Image.new("RGB", (width, height), (255, 255, 255))
    languages = list(words.languages())
    columns = 2 if width > height else 1
    rows = -(-len(languages) // columns)
    edge = round(min(width, height) * 0.06)
    foot = round(height * (0.10 if columns == 1 else 0.14))
    wide = (width - edge * (columns + 1)) // columns
    high = (height - 2 * edge - foot) // rows
    for place, language in enumerate(languages):
        left = edge + (place % columns) * (wide + edge)
        cell = _cell(language, wide, high, words)
        top = edge + (place // columns) * high + (high - cell.height) // 2
        x = left + wide - cell.width if typeset.is_rtl(language) else left
        page.paste(cell, (x, top), cell)
    page.paste((150, 150, 150), (edge, height - edge - foot, width - edge, height - edge - foot + 3))
    _staff(page, name, edge, foot)
    return page.convert("L")


def _cell(language: str, wide: int, high: int, words: Catalogue) -> Image.Image:
    """Both sentences, as large as fits."""
    title, lead = words.say(language, TITLE), words.say(language, LEAD)
    for step in range(40):
        size = max(8, round(high * 0.34 * 0.93**step))
        first = typeset.draw_text(title, language, round(size * 1.15), bold=True, width=wide, colour=INK)
        second = typeset.draw_text(lead, language, size, width=wide, colour=INK)
        tall = first.height + second.height + size // 3
        if tall <= high * 0.86 and max(first.width, second.width) <= wide:
            break
    cell = Image.new("RGBA", (wide, tall), (255, 255, 255, 0))
    for part, top in ((first, 0), (second, tall - second.height)):
        cell.alpha_composite(part, (wide - part.width if typeset.is_rtl(language) else 0, top))
    return cell


def _staff(page: Image.Image, name: str, edge: int, foot: int) -> None:
    said = FOR_STAFF.format(name=name) if name else NO_NAME
    wide = page.width - 2 * edge
    for step in range(30):
        size = max(8, round(foot * 0.4 * 0.93**step))
        line = typeset.draw_text(said, "en", size, width=wide, colour=SOFT)
        if line.height <= foot * 0.8:
            break
    page.paste(line, (edge, page.height - edge - foot + round(foot * 0.18)), line)


def as_picture(image: Image.Image) -> Picture:
    grey = image.convert("L")
    return Picture(grey.width, grey.height, grey.tobytes())


def key(width: int, height: int, name: str, words: Catalogue, turned: int = 0) -> str:
    """Names everything the picture is made of."""
    said = [(each, words.say(each, TITLE), words.say(each, LEAD)) for each in words.languages()]
    whole = repr((LAYOUT, width, height, turned, name, FOR_STAFF, NO_NAME, said))
    return hashlib.sha256(whole.encode()).hexdigest()


def keep(state: Path, width: int, height: int, name: str, words: Catalogue, turned: int = 0) -> bool:
    """Lay this kiosk's own page into its state folder, `turned` as the panel is mounted; whether it was new."""
    made = key(width, height, name, words, turned)
    if made_of(state / KEPT) == made:
        return False
    page = draw(width, height, name, words)
    if turned:
        page = page.rotate(-turned, expand=True)
    try:
        write(state / KEPT, as_picture(page), made)
    except OSError as error:
        log.warning("the safe page could not be kept: %s", error)
        return False
    return True


def seen_size(turned: int, facts: Path = GRAPHICS) -> tuple[int, int]:
    """The panel as people see it: the kernel tells it as it was built."""
    try:
        wide, high = (int(each) for each in (facts / "virtual_size").read_text("ascii").split(","))
    except (OSError, ValueError):
        wide, high = 1920, 1080
    return (high, wide) if turned in (90, 270) else (wide, high)


def machine_name(serial: Path = SERIAL) -> str:
    """What a machine is called that nobody gave a name: many are `raspberrypi`, so the end of its number stands beside that."""
    try:
        number = serial.read_text("ascii", "replace").strip("\0 \n")
    except OSError:
        number = ""
    return f"{socket.gethostname()}, serial number …{number[-6:]}" if number else socket.gethostname()


def main(arguments: Sequence[str] | None = None) -> int:
    """Keep one of a machine's own, or make the two that are shipped."""
    parser = argparse.ArgumentParser(prog="kiosk.safepage.drawing", description="Draws the safe page.")
    parser.add_argument("--state", type=Path, help="the folder it is kept in")
    parser.add_argument("--name", default="", help="what staff call this machine")
    parser.add_argument("--turn", type=int, choices=(0, 90, 180, 270), default=0)
    asked = parser.parse_args(arguments)
    words = Catalogue()
    if asked.state is not None:
        keep(asked.state, *seen_size(asked.turn), asked.name or machine_name(), words, asked.turn)
        return 0
    for which, (width, height) in SHIPPED.items():
        made = as_picture(draw(width, height, "", words))
        write(Path(__file__).with_name(f"{which}.page"), made, key(width, height, "", words))
    return 0


if __name__ == "__main__":
    sys.exit(main())
