"""A printer behind a CUPS queue: handed over with `lp`, looked at with `lpstat`.

For printers that a council's own administration has set up already. A queue never says that a paper is out,
so a print ends as `Unknown` at best, and it says of the printer only what its backend chooses to tell: bad
news is taken from it, good news is not (an idle queue with nothing connected calls itself idle), so the
status is never `Ready`. `lp` rather than a CUPS library: it is there wherever CUPS is, and a process can be
given a time limit.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from PIL.Image import Image

from hardware.devices import (
    TIME_OUT_SECONDS,
    CoverOpen,
    Low,
    Missing,
    Out,
    Paper,
    PrinterStatus,
    PrintOutcome,
    Refused,
    Silent,
    Unknown,
)
from hardware.printers import commands
from hardware.printers.receipt import paper_of

if TYPE_CHECKING:
    from hardware.catalogue import PrinterConfig

_QUEUE = re.compile(r"^[A-Za-z0-9_.-]{1,127}$")
_ALERTS: tuple[tuple[str, PrinterStatus], ...] = (
    ("cover-open", CoverOpen()),
    ("door-open", CoverOpen()),
    ("media-empty", Out()),
    ("media-needed", Out()),
    ("offline", Missing("the print queue says that the printer is offline")),
    ("media-low", Low()),
)


class CupsPrinter:
    def __init__(
        self, queue: str, paper: Paper, *, cutter: bool = True, time_out: float = TIME_OUT_SECONDS
    ) -> None:
        self._queue, self._paper, self._cutter, self._time_out = queue, paper, cutter, time_out

    @classmethod
    def of(cls, config: PrinterConfig) -> CupsPrinter:
        if not _QUEUE.match(config.address):
            raise ValueError(f"printer: a cups address is the queue's name, not {config.address!r}")
        return cls(config.address, paper_of(config), cutter=config.cutter)

    @property
    def paper(self) -> Paper:
        return self._paper

    def status(self) -> PrinterStatus:
        return self._look(self._time_out)

    def _look(self, seconds: float) -> PrinterStatus:
        answer = self._run(["lpstat", "-l", "-p", self._queue], seconds)
        if not isinstance(answer, subprocess.CompletedProcess):
            return answer
        if answer.returncode or self._queue not in answer.stdout:
            return Missing(f"there is no print queue {self._queue}")
        said = answer.stdout.lower()
        if " disabled" in said:
            return Silent("the print queue is stopped: start it with cupsenable", stopped=True)
        alerts = " ".join(re.findall(r"alerts:(.*)", said))
        for word, status in _ALERTS:
            if word in alerts:
                return status
        return Silent("a print queue does not tell how its printer is")

    def print(self, picture: Image, job: str) -> PrintOutcome:
        if picture.mode != "1" or picture.width != self._paper.dots:
            raise ValueError(
                f"{job}: wanted a 1-bit picture {self._paper.dots} dots wide, got {picture.mode}, {picture.width}"
            )
        before = self._look(self._time_out / 3)
        if isinstance(before, Missing | Out | CoverOpen) or (isinstance(before, Silent) and before.stopped):
            return Refused(before)
        title = re.sub(r"[^A-Za-z0-9 ._-]", "", job)[:60] or "ticket"
        data = commands.ticket(picture, cutter=self._cutter)
        answer = self._run(["lp", "-d", self._queue, "-t", title, "-o", "raw"], self._time_out * 2 / 3, data)
        if isinstance(answer, Missing):
            return Refused(answer)
        if isinstance(answer, Silent):
            return Unknown(f"{answer.why} while it took the ticket", before)
        if answer.returncode:
            return Refused(Missing(f"the print queue {self._queue} does not take tickets"))
        return Unknown("it was handed to a print queue, which does not tell when it is out", before)

    def close(self) -> None:
        """Nothing stays open."""

    def _run(
        self, command: list[str], seconds: float, data: bytes = b""
    ) -> subprocess.CompletedProcess[str] | Missing | Silent:
        """What the command said, or what it means that it did not."""
        try:
            done = subprocess.run(  # no shell, and the queue's name was checked
                command,
                input=data,
                capture_output=True,
                timeout=seconds,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
            )
        except subprocess.TimeoutExpired:
            return Silent("the print queue did not answer")
        except FileNotFoundError:
            return Missing("CUPS is not installed")
        return subprocess.CompletedProcess(
            command,
            done.returncode,
            done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"),
        )
