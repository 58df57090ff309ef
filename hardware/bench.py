"""Try a device from a terminal, before a kiosk depends on it.

    python -m hardware.bench printer --type network --address 192.168.1.50
    python -m hardware.bench printer --type usb --address 04b8:0202 --profile TM-T20II --papers 5
    python -m hardware.bench camera --type v4l2 --address /dev/video0
    python -m hardware.bench scanner --type serial --address /dev/ttyACM0
    python -m hardware.bench plate --type v4l2 --address /dev/video0 --save page.jpg
    python -m hardware.bench plate --type sane --source feeder

It asks the printer how it is, prints a test page, times both, and says in words what it learned. The page has
an edge all around (is the width right?), a ladder of lines (does the head burn every dot?), grey steps and
the numbers of its rows, so that a page that is cut short, squeezed or shifted is seen at a glance. A camera and a scanner are
tried for half a minute with whatever code is held up to them; how many signs stood in it is said, never which. A page camera is looked through and takes one
picture (a feeder all its sheets): how fast, how large, how sharp, how many dots to the inch if the plate is a little larger than A4. Exit code
0: confirmed (a code was read, a picture came); 1: not; 2: wrong use.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from PIL import Image, ImageDraw, ImageFont

from hardware.catalogue import (
    CameraConfig,
    CameraType,
    Confirm,
    PageCameraConfig,
    PlateType,
    PrinterConfig,
    PrinterType,
    ScannerConfig,
    ScannerType,
    Source,
    build,
    build_camera,
    build_page_camera,
    build_scanner,
)
from hardware.devices import (
    Camera,
    CameraStatus,
    Confirmed,
    Frame,
    Missing,
    PageCamera,
    Paper,
    PlateStatus,
    Printer,
    PrinterStatus,
    PrintOutcome,
    Refused,
    Scanner,
    ScannerStatus,
    Silent,
    Stopped,
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
    "stopped": "stopped: it waits for a hand",
}
TRY_SECONDS = 30.0
LOOKS = 20
PLATE_INCHES = 14.0
"""Across, of a plate with A4 lying on its side and two fingers' room."""


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


def describe(status: PrinterStatus | CameraStatus | ScannerStatus | PlateStatus) -> str:
    why = f" ({status.why})" if isinstance(status, Missing | Silent | Stopped) and status.why else ""
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


def try_plate(plate: PageCamera, save: str) -> bool:
    """Look a while, then take a picture, or all sheets of a feeder."""
    say = sys.stdout.write
    begun = time.perf_counter()
    look = plate.look()
    say(f"The page camera is {describe(look.status)}. {_milliseconds(begun)} ms.\n")
    if plate.live and look.picture is not None:
        begun = time.perf_counter()
        came = sum(plate.look().picture is not None for _ in range(LOOKS))
        high, wide = look.picture.shape[:2]
        say(f"Looks are {wide} x {high}; {came / (time.perf_counter() - begun):.0f} a second.\n")
    taken = 0
    while True:
        begun = time.perf_counter()
        still = plate.still()
        if still.picture is None:
            say(f"The page camera is {describe(still.status)}. {_milliseconds(begun)} ms.\n")
            break
        taken += 1
        say(f"Picture {taken} took {_milliseconds(begun)} ms. {_picture_in_words(still, live=plate.live)}\n")
        if save:
            _save(still, save, taken)
        if not still.more:
            break
    return taken > 0


def _picture_in_words(still: Frame, *, live: bool) -> str:
    import cv2

    assert still.picture is not None
    high, wide = still.picture.shape[:2]
    sharp = cv2.Laplacian(cv2.cvtColor(still.picture, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var()
    dots = f", about {max(wide, high) / PLATE_INCHES:.0f} dots to the inch of a plate for A4" if live else ""
    return f"It is {wide} x {high}{dots}; mean brightness {still.picture.mean():.0f} of 255, sharpness {sharp:.0f}."


def _save(still: Frame, save: str, number: int) -> None:
    import cv2

    file = Path(save)
    name = file if number == 1 else file.with_stem(f"{file.stem}-{number}")
    if still.picture is not None and cv2.imwrite(str(name), still.picture):
        sys.stdout.write(f"Saved as {name}: delete it if it shows somebody's paper.\n")


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
    usual = PageCameraConfig()
    plate = kinds.add_parser("plate", help="look through a page camera and take a picture")
    plate.add_argument("--type", choices=get_args(PlateType), required=True)
    plate.add_argument("--address", default="")
    plate.add_argument("--source", choices=get_args(Source), default="")
    plate.add_argument("--dpi", type=int, default=usual.dpi)
    plate.add_argument("--width", type=int, default=usual.width)
    plate.add_argument("--height", type=int, default=usual.height)
    plate.add_argument("--save", default="", help="a file for the picture; without it none is kept")
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
    device: Camera | Scanner | PageCamera
    try:
        if wanted.kind == "plate":
            more = {name: getattr(wanted, name) for name in ("source", "dpi", "width", "height")}
            device = plate = build_page_camera(PageCameraConfig.read({**table, **more}))
            said = try_plate(plate, wanted.save)
        elif wanted.kind == "camera":
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
