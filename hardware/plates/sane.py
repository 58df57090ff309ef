"""Flatbeds, network scanners and scanners with a feeder, through SANE's own program `scanimage`.

SANE has drivers for nearly every scanner there is, and its own program is a wall between us and them: a driver that hangs or dies takes the program
with it and not the kiosk. Each page is one run, and the picture comes through a pipe, so nothing of it touches the card. The program's exit code is
not to be trusted (it says 0 to a paper jam of some drivers), so what went wrong is read from what it says, in English, and a picture that is shorter than
its own heading promises is none.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from hardware.devices import (
    STILL_SECONDS,
    TIME_OUT_SECONDS,
    Frame,
    Missing,
    PlateStatus,
    Ready,
    Silent,
    Stopped,
)
from hardware.plates.framed import framed
from hardware.plates.options import OPTIONS, arguments, read_options

if TYPE_CHECKING:
    from hardware.devices import Colour

PROGRAM = "scanimage"
LOOK_SECONDS = 3 * TIME_OUT_SECONDS
"""So long a look may take: finding scanners asks the whole network, and one there wakes up for the first question."""
STALE_SECONDS = 30.0
"""So long a look is answered with what was last learned: each question wakes the scanner."""
STOP_SECONDS = 3.0

_SAID: tuple[tuple[str, PlateStatus], ...] = (
    ("feeder jammed", Stopped("a sheet is stuck in the scanner: open it, take the sheet out, close it")),
    ("cover is open", Stopped("the scanner's cover is open: close it")),
    ("out of documents", Ready()),
    ("device busy", Silent("another program or another computer is using the scanner")),
    (
        "access to resource has been denied",
        Silent("this account may not use the scanner (see docs/scan-station.md, Permissions)"),
    ),
    ("no sane devices found", Missing("no scanner was found: is it switched on and its cable in?")),
    ("open of device", Missing("the scanner cannot be opened: is it switched on and its cable in?")),
    ("out of memory", Silent("the scanner's program has not enough memory")),
    ("error during device i/o", Silent("it stopped in the middle of the page")),
)
"""What the program says (in any case), and what that means. The first that fits counts."""


class SanePlate:
    live = False

    def __init__(
        self,
        device: str = "",
        source: str = "",
        dpi: int = 200,
        turn: int = 0,
        *,
        program: Sequence[str] = (PROGRAM,),
        more: Sequence[str] = (),
        seconds: float = STILL_SECONDS,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`more`: further options, as the scanner's maker wants them."""
        self._named, self._source, self._dpi, self._turn = device, source, dpi, turn
        self._program, self._more, self._seconds, self._steady = tuple(program), tuple(more), seconds, steady
        self._device = device
        self._options: dict[str, str] | None = None
        self._known: tuple[float, PlateStatus] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._until = 0.0

    @property
    def feeds(self) -> bool:
        return self._source == "feeder"

    def look(self) -> Frame:
        """Its status; asked anew when the last answer is old. May take `LOOK_SECONDS`."""
        self._until = self._steady() + LOOK_SECONDS
        if self._known is None or self._steady() - self._known[0] > STALE_SECONDS:
            self._learn(self._prepared() or self._asked())
        assert self._known is not None  # learned just now
        return Frame(self._known[1])

    def still(self) -> Frame:
        self._until = self._steady() + self._seconds
        fault = self._prepared()
        if fault is not None:
            return Frame(self._learn(fault))
        try:
            told = arguments(self._options or {}, self._source, self._dpi)
        except ValueError as wrong:
            return Frame(self._learn(Silent(str(wrong))))
        done = self._run(["-d", self._device, "--format=pnm", *told, *self._more])
        if isinstance(done, Silent | Missing):
            return Frame(self._learn(done))
        picture, said = done
        fault = self._fault(said)
        if fault is None:
            page = _page(picture)
            if page is not None:
                self._learn(Ready())
                frame = framed(page, self._turn)
                return Frame(frame.status, frame.picture, more=self.feeds)
            fault = Silent("the picture it sent is not whole")
        if isinstance(fault, Silent) and "i/o" in said.lower():
            there = self._asked()  # it may have been pulled, or have stumbled only
            fault = there if isinstance(there, Missing) else fault
        if not isinstance(fault, Ready):
            self._options = None  # ask it anew what it can do: it may be another one next time
        return Frame(self._learn(fault))

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            _stop(process)

    # ------------------------------------------------------------------------------------------------------------

    def _learn(self, status: PlateStatus) -> PlateStatus:
        self._known = (self._steady(), status)
        return status

    def _prepared(self) -> PlateStatus | None:
        """Know which it is and what it can do; None when that is so."""
        if self._options is not None:
            return None
        if not self._named:
            found = self._run(["-f", "%d%n"])
            if isinstance(found, Silent | Missing):
                return found
            names = found[0].decode(errors="replace").split("\n")
            if not names[0].strip():
                return Missing("no scanner was found: is it switched on and its cable in?")
            self._device = names[0].strip()
        told = self._run(["-d", self._device, "-A"])
        if isinstance(told, Silent | Missing):
            return told
        text = told[0].decode(errors="replace")
        if OPTIONS not in text:
            return self._fault(told[1]) or Missing(
                "the scanner cannot be opened: is it switched on and its cable in?"
            )
        self._options = read_options(text)
        return None

    def _asked(self) -> PlateStatus:
        """Open it and do nothing: whether it is there."""
        done = self._run(["-d", self._device, "-n"])
        if isinstance(done, Silent | Missing):
            return done
        return self._fault(done[1]) or Ready()

    def _fault(self, said: str) -> PlateStatus | None:
        small = said.lower()
        for words, status in _SAID:
            if words in small:
                return status
        told = [
            line for line in said.splitlines() if re.match(r".*: (sane_|rounded|setting of option)", line)
        ]
        bad = [line.partition(": ")[2] for line in told if "sane_" in line]
        return Silent(f"it says: {bad[0]}"[:200]) if bad else None

    def _run(self, words: Sequence[str]) -> tuple[bytes, str] | Silent | Missing:
        if len(self._program) == 1 and shutil.which(self._program[0]) is None:
            return Missing("scanimage is not installed (the package sane-utils)")
        try:
            process = self._process = subprocess.Popen(
                [*self._program, *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "LC_ALL": "C", "LANGUAGE": "C"},
                start_new_session=True,
            )
        except OSError as fault:
            return Missing(f"scanimage cannot be started: {fault.strerror}")
        try:
            out, err = process.communicate(timeout=max(0.1, self._until - self._steady()))
        except subprocess.TimeoutExpired:
            _stop(process)
            return Silent("it did not answer in time")
        finally:
            self._process = None
        return out, err.decode(errors="replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """It is asked first: a scanner whose program is killed leaves its carriage where it is."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.communicate(timeout=STOP_SECONDS)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
        else:
            break
    process.wait()


def _page(picture: bytes) -> Colour | None:
    """The whole picture, or None. SANE writes a comment into the heading, which not every reader of the format forgives, so it is read here."""
    heading = re.match(rb"(P[56])\s(?:#[^\n]*\n)*\s*(\d+)\s+(\d+)\s+255\s", picture)
    if heading is None:
        return None
    layers, wide, high = (3 if heading[1] == b"P6" else 1), int(heading[2]), int(heading[3])
    if not wide or not high or len(picture) - heading.end() < wide * high * layers:
        return None
    data = np.frombuffer(picture, np.uint8, wide * high * layers, heading.end()).reshape(high, wide, layers)
    way = cv2.COLOR_RGB2BGR if layers == 3 else cv2.COLOR_GRAY2BGR
    return cast("Colour", cv2.cvtColor(data, way))
