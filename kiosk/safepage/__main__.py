"""`foyer-kiosk-safe`: shows the safe page, and has the kiosk tried again and again.

Under systemd it is started when the kiosk's unit has failed too often, shows for `--seconds`, and ends: its unit then starts the kiosk's anew
(deploy/raspberrypi). With a command behind `--` it does the trying itself, for machines without systemd: the command is run, its screen is its
own while it lives, and when it ends the page is back; the pauses grow, for a kiosk that falls every minute shows visitors a flicker.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kiosk.safepage.picture import NotOne, Picture, unpacked
from kiosk.safepage.ways import Cannot, Held, console, framebuffer, sdl

HERE = Path(__file__).resolve().parent
KEPT = "safe.page"
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 300.0
LIVED = 120.0
"""A kiosk that ran for so long is tried again soon."""
FEED_SECONDS = 2.0
SETTLING_SECONDS, OFTEN_SECONDS = 3.0, 0.2
"""How long a new window is drawn often: what is drawn before the screen has taken the window up is lost."""
LAST_WORDS_SECONDS = 10.0
WORDS = """
   This screen is not working.  Please speak to a member of staff.

   Ten ekran nie dziala.  Prosimy zwrocic sie do pracownika.

   For staff: {name}.  It tries again by itself every few minutes.
"""


def choice(state: Path | None) -> Callable[[int, int], Picture]:
    """The kiosk's own page if it kept one of this shape, else the one shipped for it."""

    def choose(width: int, height: int) -> Picture:
        shipped = HERE / ("portrait.page" if height > width else "landscape.page")
        for file in (state / KEPT if state else shipped, shipped):
            try:
                picture = unpacked(file.read_bytes())
            except (OSError, NotOne) as error:
                say(f"{file} is not to be had: {error}")
                continue
            if (picture.height > picture.width) == (height > width) or file == shipped:
                return picture
        return Picture(width, height, b"\xff" * (width * height))

    return choose


def show(state: Path | None, name: str) -> Held:
    """By the first way that is open."""
    choose = choice(state)
    windowed = bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("SDL_VIDEODRIVER")
    )
    pictures: list[Callable[[], Held]] = [partial(framebuffer, choose), partial(sdl, choose)]
    ways: list[Callable[[], Held]] = [
        *(reversed(pictures) if windowed else pictures),
        partial(console, WORDS.format(name=name)),
    ]
    for way in ways:
        try:
            return way()
        except Cannot as reason:
            say(str(reason))
    say("nothing can be shown on this machine")
    return Held(lambda: None)


def say(words: str) -> None:
    sys.stderr.write(f"foyer-kiosk-safe: {words}\n")
    sys.stderr.flush()


def notify(words: str) -> None:
    """As `hardware.supervisor`, again: nothing outside this folder may be needed."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
                out.sendto(words.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError:
            pass


def hold(held: Held, seconds: float, over: threading.Event) -> None:
    began = time.monotonic()
    while not over.is_set() and (seconds == 0 or time.monotonic() < began + seconds):
        held.pump()
        notify("WATCHDOG=1")
        shown = time.monotonic() - began
        pause = OFTEN_SECONDS if shown < SETTLING_SECONDS else FEED_SECONDS
        over.wait(min(pause, max(0.01, seconds - shown)) if seconds else pause)


def attempt(command: Sequence[str], over: threading.Event) -> float:
    """Run the kiosk until it ends; for how many seconds it lived."""
    began = time.monotonic()
    try:
        child = subprocess.Popen(command)
    except OSError as error:
        say(f"the kiosk cannot be started: {error}")
        return 0.0
    while child.poll() is None:
        if over.wait(0.2):
            child.terminate()
            try:
                child.wait(LAST_WORDS_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        notify("WATCHDOG=1")
    say(f"the kiosk ended with {child.returncode}")
    return time.monotonic() - began


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="foyer-kiosk-safe", description="Says that this screen is not working."
    )
    parser.add_argument("--state", type=Path, help="the kiosk's state folder, where its own page lies")
    parser.add_argument("--name", default=socket.gethostname(), help="what staff call this machine")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long; by default never")
    parser.add_argument("command", nargs="*", help="what starts the kiosk, behind --")
    options = parser.parse_args(arguments)
    over = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: over.set())
    pause = options.seconds or FIRST_PAUSE
    while not over.is_set():
        held = show(options.state, options.name)
        notify("READY=1\nSTATUS=Says that this screen is not working.")
        say("shown")
        hold(held, pause if options.command else options.seconds, over)
        held.close()
        if not options.command:
            break
        lived = 0.0 if over.is_set() else attempt(options.command, over)
        pause = (options.seconds or FIRST_PAUSE) if lived > LIVED else min(pause * 2, LONGEST_PAUSE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
