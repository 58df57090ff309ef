"""Try a device from a terminal, before a kiosk depends on it.

    python -m hardware.bench printer --type network --address 192.168.1.50
    python -m hardware.bench printer --type usb --address 04b8:0202 --profile TM-T20II --papers 5
    python -m hardware.bench camera --type v4l2 --address /dev/video0
    python -m hardware.bench scanner --type serial --address /dev/ttyACM0

It asks the printer how it is, prints a test page, times both, and says in words what it learned. The page has
an edge all around (is the width right?), a ladder of lines (does the head burn every dot?), grey steps and
the numbers of its rows, so that a page that is cut short, squeezed or shifted is seen at a glance. A camera and a scanner are
tried for half a minute with whatever code is held up to them; how many signs stood in it is said, never which. Exit code
0: confirmed (a code was read); 1: not; 2: wrong use.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any, get_args

from PIL import Image, ImageDraw, ImageFont

from hardware.catalogue import (
    CameraConfig,
    CameraType,
    Confirm,
    PrinterConfig,
    PrinterType,
    ScannerConfig,
    ScannerType,
    build,
    build_camera,
    build_scanner,
)
from hardware.devices import (
    Camera,
    CameraStatus,
    Confirmed,
    Missing,
    Paper,
    Printer,
    PrinterStatus,
    PrintOutcome,
    Refused,
    Scanner,
    ScannerStatus,
    Silent,
)

_IN_WORDS = {
    "ready": "ready",
    "low": "ready, and the paper is nearly at its end",
    "out": "out of paper",
    "cover_open": "open",
    "missing": "not there",
    "silent": "silent: it is there and does not say how it is",
    "none": "not meant to be there",
    "dark": "in the dark: it gives pictures in which nothing can be seen",
}
TRY_SECONDS = 30.0


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


def describe(status: PrinterStatus | CameraStatus | ScannerStatus) -> str:
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


def try_camera(camera: Camera, seconds: float) -> bool:
    """Look until a code is read; how sharp and how bright the picture is helps to mount it."""
    from hardware.vision.qr import QrReader

    say, reader, told, looks = sys.stdout.write, QrReader(), "", 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        look = camera.look()
        if (status := describe(look.status)) != told:
            told = status
            say(f"The camera is {status}. {_milliseconds(begun)} ms.\n")
        if look.picture is None:
            time.sleep(0.2)
            continue
        looks += 1
        if looks == 1:
            high, wide = look.picture.shape
            say(f"Pictures are {wide} x {high}; mean brightness {look.picture.mean():.0f} of 255.\n")
        reading = reader.read(look.picture)
        if reading.text is not None:
            say(f"Read a code of {len(reading.text)} signs at look {looks}, {_milliseconds(begun)} ms.\n")
            return True
        if reading.seen:
            say("There is a code that cannot be read: hold it still, closer or further away.\n")
    say(f"No code was read in {looks} looks.\n")
    return False


def try_scanner(scanner: Scanner, seconds: float) -> bool:
    """Wait for one code."""
    text = scanner.read(seconds)
    sys.stdout.write(f"The scanner is {describe(scanner.status())}.\n")
    sys.stdout.write(f"Read a code of {len(text)} signs.\n" if text else "No code was read.\n")
    return text is not None


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
    for kind, types in (("camera", CameraType), ("scanner", ScannerType)):
        other = kinds.add_parser(kind, help=f"see whether a {kind} reads the code held up to it")
        other.add_argument("--type", choices=get_args(types), required=True)
        other.add_argument("--address", default="")
        other.add_argument("--seconds", type=float, default=TRY_SECONDS)
    return reader.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    wanted = _arguments(words)
    if wanted.kind != "printer":
        return _try_other(wanted)
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


def _try_other(wanted: argparse.Namespace) -> int:
    table = {"type": wanted.type, "address": wanted.address}
    device: Camera | Scanner
    try:
        if wanted.kind == "camera":
            device = camera = build_camera(CameraConfig.read(table))
            said = try_camera(camera, wanted.seconds)
        else:
            device = scanner = build_scanner(ScannerConfig.read(table))
            said = try_scanner(scanner, wanted.seconds)
    except ValueError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    device.close()
    return 0 if said else 1


if __name__ == "__main__":
    sys.exit(main())
