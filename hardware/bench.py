"""Try a device from a terminal, before a kiosk depends on it.

    python -m hardware.bench printer --type network --address 192.168.1.50
    python -m hardware.bench printer --type usb --address 04b8:0202 --profile TM-T20II --papers 5

It asks the printer how it is, prints a test page, times both, and says in words what it learned. The page has
an edge all around (is the width right?), a ladder of lines (does the head burn every dot?), grey steps and
the numbers of its rows, so that a page that is cut short, squeezed or shifted is seen at a glance. Exit code
0: confirmed; 1: not; 2: wrong use.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any, get_args

from PIL import Image, ImageDraw, ImageFont

from hardware.catalogue import Confirm, PrinterConfig, PrinterType, build
from hardware.devices import Confirmed, Missing, Paper, Printer, PrinterStatus, PrintOutcome, Refused, Silent

_IN_WORDS = {
    "ready": "ready",
    "low": "ready, and the paper is nearly at its end",
    "out": "out of paper",
    "cover_open": "open",
    "missing": "not there",
    "silent": "silent: it is there and does not say how it is",
    "none": "not meant to be there",
}


def trial_page(paper: Paper, height: int = 640) -> Image.Image:
    """A page as wide as the paper on which faults of width, head and order are seen."""
    page = Image.new("1", (paper.dots, height), 1)
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default()
    pen.rectangle((0, 0, paper.dots - 1, height - 1), outline=0, width=3)
    words = (f"{paper.dots} dots at {paper.dots_per_inch} dpi", "The frame is whole on all four sides.")
    for line, text in enumerate(words):
        pen.text((24, 20 + 24 * line), text, fill=0, font=font)
    for column in range(0, paper.dots - 48, 8):
        pen.line((24 + column, 90, 24 + column, 130), fill=0, width=1 + column * 6 // paper.dots)
    for step in range(8):
        width = (paper.dots - 48) // 8
        for y in range(150, 230):
            for x in range(24 + step * width, 24 + (step + 1) * width):
                if (x * 7 + y * 3) % 8 < step:
                    page.putpixel((x, y), 0)
    for row in range(250, height - 20, 50):
        pen.line((24, row, paper.dots - 24, row), fill=0)
        pen.text((24, row + 4), f"row {row}", fill=0, font=font)
    pen.line((24, 250, paper.dots - 24, height - 20), fill=0)
    return page


def describe(status: PrinterStatus) -> str:
    why = f" ({status.why})" if isinstance(status, Missing | Silent) and status.why else ""
    return _IN_WORDS[status.word] + why


def judge(outcome: PrintOutcome) -> str:
    if isinstance(outcome, Confirmed):
        return f"confirmed: the page is out. The printer is {describe(outcome.status)}."
    if isinstance(outcome, Refused):
        return f"refused: nothing was printed. The printer is {describe(outcome.status)}."
    return (
        f"unknown: {outcome.why}. Look whether the page came out. The printer is {describe(outcome.status)}."
    )


def try_printer(printer: Printer, papers: int) -> bool:
    """Ask, print, ask again; True if every page was confirmed."""
    say = sys.stdout.write
    begun = time.perf_counter()
    say(f"The printer is {describe(printer.status())}. Asked in {_milliseconds(begun)} ms.\n")
    page, all_out = trial_page(printer.paper), True
    for number in range(1, papers + 1):
        begun = time.perf_counter()
        outcome = printer.print(page, f"test page {number}")
        say(f"Page {number} {judge(outcome)} {_milliseconds(begun)} ms.\n")
        all_out = all_out and isinstance(outcome, Confirmed)
    return all_out


def _milliseconds(since: float) -> int:
    return round((time.perf_counter() - since) * 1000)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m hardware.bench", description="Try a device.")
    kinds = reader.add_subparsers(dest="kind", required=True)
    printer = kinds.add_parser("printer", help="ask a printer how it is and print a test page")
    printer.add_argument("--type", choices=get_args(PrinterType), required=True)
    printer.add_argument("--address", default="")
    printer.add_argument(
        "--profile", default="default", help="a model known to python-escpos, such as TM-T20II"
    )
    printer.add_argument("--paper-mm", type=int, default=80, dest="paper_mm")
    printer.add_argument("--dots", type=int, default=0)
    printer.add_argument("--confirm", choices=get_args(Confirm), default="paper_sensor")
    printer.add_argument("--no-cutter", action="store_false", dest="cutter")
    printer.add_argument("--papers", type=int, default=1)
    return reader.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    wanted = _arguments(words)
    names = ("type", "address", "profile", "paper_mm", "dots", "confirm", "cutter")
    table: dict[str, Any] = {name: getattr(wanted, name) for name in names}
    try:
        printer = build(PrinterConfig.read(table))
    except ValueError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    try:
        return 0 if try_printer(printer, wanted.papers) else 1
    finally:
        printer.close()


if __name__ == "__main__":
    sys.exit(main())
