"""The receipt printer: ESC/POS over any link, with a status layer that believes only what was said.

Why our own. python-escpos reads an empty answer as "paper fine" and waits up to 60 s for it; a kiosk that
trusts that hands out tickets nobody gets. Here every question has a deadline, no answer is `Silent`, and a
print counts as confirmed only when the printer has answered a question that lies *behind* the ticket in its
buffer.

Answers carry no name, so a late one could pass for another's. What is still owed is therefore counted, and
that many answers are let pass before one counts; where closing the connection makes late answers impossible
(network), it is closed. After `OWED_FOR_SECONDS` nothing more is expected: the printer was switched off in
between.

A call never takes longer than the time-out and half a second, except over a slow wire (serial), by as long as
that needs to carry the bytes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PIL.Image import Image

from hardware.devices import (
    TIME_OUT_SECONDS,
    Confirmed,
    CoverOpen,
    Low,
    Missing,
    Out,
    Paper,
    PrinterStatus,
    PrintOutcome,
    Ready,
    Refused,
    Silent,
    Unknown,
)
from hardware.printers import commands
from hardware.printers.answers import Answers, Kind
from hardware.printers.links import Link, LinkError

if TYPE_CHECKING:
    from hardware.catalogue import Confirm, PrinterConfig

FIRST_LOOK_SECONDS = 0.6
"""How long a ticket waits for the printer to say how it is, before it is sent all the same."""
MUTE_LOOK_SECONDS = 0.1
"""The same for a printer that did not answer last time."""
LOOK_AGAIN_SECONDS = 0.8
"""While waiting for the confirmation: how often to ask whether the paper ran out."""
OWED_FOR_SECONDS = 30.0

_NO_ANSWER = Silent("the printer does not answer")
_NONSENSE = Silent("the printer answers with nonsense")

_OFFLINE, _COVER, _STOPPED_BY_PAPER, _ERROR = 0x08, 0x04, 0x20, 0x40
_NEAR_END, _END = 0x0C, 0x60
_SENSOR_NEAR_END, _SENSOR_END = 0x03, 0x0C


class ReceiptPrinter:
    """See `hardware.devices.Printer`. Calls from several threads queue up."""

    def __init__(
        self,
        link: Link,
        paper: Paper,
        *,
        cutter: bool = True,
        confirm: Confirm = "paper_sensor",
        time_out: float = TIME_OUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link, self._paper = link, paper
        self._cutter, self._confirm = cutter, confirm
        self._time_out, self._clock = time_out, clock
        self._answers = Answers()
        self._owed = dict.fromkeys(Kind, 0)
        self._owed_until = 0.0
        self._late_ones = False
        self._mute = False
        self._tickets = 0
        self._lock = threading.Lock()

    @classmethod
    def of(cls, config: PrinterConfig, link: Link) -> ReceiptPrinter:
        return cls(link, paper_of(config), cutter=config.cutter, confirm=config.confirm)

    @property
    def paper(self) -> Paper:
        return self._paper

    def status(self) -> PrinterStatus:
        with self._lock:
            return self._look(self._clock() + self._time_out)

    def print(self, picture: Image, job: str) -> PrintOutcome:
        if picture.mode != "1" or picture.width != self._paper.dots:
            raise ValueError(
                f"{job}: wanted a 1-bit picture {self._paper.dots} dots wide, got {picture.mode}, {picture.width}"
            )
        with self._lock:
            return self._print(picture)

    def close(self) -> None:
        with self._lock:
            self._link.close()

    # Printing ------------------------------------------------------------------------------------------

    def _print(self, picture: Image) -> PrintOutcome:
        begun = self._clock()
        before = self._look(begun + (MUTE_LOOK_SECONDS if self._mute else FIRST_LOOK_SECONDS))
        if isinstance(before, Out | CoverOpen | Missing) or _has_stopped(before):
            return Refused(before)
        data = commands.ticket(picture, cutter=self._cutter)
        ends = begun + self._time_out + len(data) / (self._link.bytes_per_second or float("inf"))
        try:
            self._link.write(data, ends - self._clock())
        except LinkError as down:
            self._link.close()
            if down.sent == 0:
                return Refused(Missing(down.why))
            return Unknown(f"{down.why} in the middle of the ticket", self._afterwards(before))
        return self._await_confirmation(before, ends)

    def _await_confirmation(self, before: PrinterStatus, ends: float) -> PrintOutcome:
        if self._confirm == "never":
            return Unknown("this printer is set up as one that cannot tell", before)
        self._tickets += 1
        identifier = b"%04d" % (self._tickets % 10_000)
        by_process = self._confirm == "process_id"
        kind = Kind.DONE if by_process else Kind.SENSOR
        question = commands.ask_done(identifier) if by_process else commands.ASK_SENSOR_IN_TURN
        self._answers.garbage = 0
        try:
            self._link.write(question, max(0.05, ends - self._clock()))
            answer = self._wait_behind(kind, identifier, ends)
        except LinkError as down:
            self._link.close()
            return Unknown(f"{down.why} before the ticket was out", Missing(down.why))
        if isinstance(answer, bytes):
            return Confirmed(before) if by_process else Confirmed(_by_sensor(answer[0]))
        self._expect_late(kind)
        if answer is None:
            return Unknown("the printer has not said that the ticket is out", before)
        return Unknown(_NONSENSE.why if answer == _NONSENSE else _WHY_HALF[answer.word], answer)

    def _wait_behind(self, kind: Kind, wanted: bytes, ends: float) -> bytes | PrinterStatus | None:
        """The answer from behind the ticket, or what keeps it from coming, or None when the time is up.

        Now and then it asks past the ticket whether the printer still goes on, so that a visitor whose ticket
        stopped half way is told at once.
        """
        looking = not self._mute
        while self._clock() < ends:
            step = min(ends, self._clock() + LOOK_AGAIN_SECONDS) if looking else ends
            answer = self._next(kind, step, wanted)
            if answer is not None:
                return answer
            if self._answers.garbage:
                self._answers.forget()
                return _NONSENSE
            if looking and ends - self._clock() > 0.05:
                now = self._ask_all(min(ends, self._clock() + LOOK_AGAIN_SECONDS / 2))
                if isinstance(now, Out | CoverOpen) or now == _NONSENSE or _has_stopped(now):
                    return now
                looking = not isinstance(now, Silent)
        return None

    def _afterwards(self, before: PrinterStatus) -> PrinterStatus:
        """What is known after the wire broke: how it is now if that can be had at once."""
        now = self._look(self._clock() + 0.3)
        return now if not isinstance(now, Silent) else before if isinstance(before, Silent) else now

    # Asking --------------------------------------------------------------------------------------------

    def _look(self, ends: float) -> PrinterStatus:
        """How it is. A connection that stood open may be dead without knowing: it is opened anew, once."""
        if self._late_ones and self._link.forgets:
            self._link.close()
        was_open = self._link.is_open
        status = self._try_look(self._clock() + (ends - self._clock()) / 2 if was_open else ends)
        silent = self._late_ones and self._link.forgets
        if was_open and (silent or isinstance(status, Missing)):
            self._link.close()
            status = self._try_look(ends)
        self._mute = status in (_NO_ANSWER, _NONSENSE)
        return status

    def _try_look(self, ends: float) -> PrinterStatus:
        try:
            if not self._link.is_open:
                self._link.open(max(0.05, ends - self._clock()))
                self._answers.forget()
                if self._link.forgets:
                    self._owed, self._late_ones = dict.fromkeys(Kind, 0), False
            return self._ask_all(ends)
        except LinkError as down:
            self._link.close()
            return Missing(down.why)

    def _ask_all(self, ends: float) -> PrinterStatus:
        """Online? If not, why not; if so, how much paper. Anything unanswered is silence, not good news."""
        self._clear_the_line()
        online = self._ask(commands.ASK_ONLINE, ends)
        if not isinstance(online, int):
            return online
        if online & _OFFLINE:
            return self._why_offline(ends)
        paper = self._ask(commands.ASK_PAPER, ends)
        if not isinstance(paper, int):
            return paper
        if paper & _END:
            return Out()
        return Low() if paper & _NEAR_END else Ready()

    def _clear_the_line(self) -> None:
        """What is here before a question was asked is no answer to it (but may be one that was owed)."""
        self._answers.feed(self._link.read(0))
        while self._answers.pop(Kind.REAL_TIME) is not None:
            self._owed[Kind.REAL_TIME] = max(0, self._owed[Kind.REAL_TIME] - 1)

    def _why_offline(self, ends: float) -> PrinterStatus:
        """It has stopped, that is certain. Paper is asked first: some clones do not answer the question why;
        but an open cover, which they who answer tell, comes before paper, whose sensor then sees none.
        """
        paper = self._ask(commands.ASK_PAPER, ends)
        if not isinstance(paper, int):
            return paper
        why = self._ask(commands.ASK_WHY_OFFLINE, self._clock() + (ends - self._clock()) / 2)
        if why == _NONSENSE:
            return _NONSENSE
        if isinstance(why, int) and why & _COVER:
            return CoverOpen()
        if paper & _END or (isinstance(why, int) and why & _STOPPED_BY_PAPER):
            return Out()
        if isinstance(why, int) and why & _ERROR:
            return Silent("the printer has stopped on an error: look for a jam at the cutter", stopped=True)
        return Silent("the printer says it is offline, and not why", stopped=True)

    def _ask(self, question: bytes, ends: float) -> int | Silent:
        """One real-time question, one byte."""
        self._answers.garbage = 0
        self._link.write(question, max(0.05, ends - self._clock()))
        answer = self._next(Kind.REAL_TIME, ends)
        if self._answers.garbage:
            self._answers.forget()
            return _NONSENSE
        if answer is None:
            self._expect_late(Kind.REAL_TIME)
            return _NO_ANSWER
        return answer[0]

    def _next(self, kind: Kind, ends: float, wanted: bytes | None = None) -> bytes | None:
        """The next answer of a kind that is not one owed from before; None if none came or nonsense did."""
        while True:
            while (answer := self._answers.pop(kind)) is not None:
                if kind is Kind.DONE:
                    if answer == wanted:
                        return answer
                elif self._owed[kind] and self._clock() < self._owed_until:
                    self._owed[kind] -= 1
                else:
                    self._owed[kind] = 0
                    return answer
            rest = ends - self._clock()
            if rest <= 0 or self._answers.garbage:
                return None
            self._answers.feed(self._link.read(rest))

    def _expect_late(self, kind: Kind) -> None:
        """An answer did not come in time. It may yet: it must not be taken for another's."""
        self._owed[kind] += 1
        self._owed_until = self._clock() + OWED_FOR_SECONDS
        self._late_ones = True


def _has_stopped(status: PrinterStatus) -> bool:
    return isinstance(status, Silent) and status.stopped


def _by_sensor(byte: int) -> PrinterStatus:
    if byte & _SENSOR_END:
        return Out()
    return Low() if byte & _SENSOR_NEAR_END else Ready()


_WHY_HALF = {
    "out": "the paper ran out in the middle of the ticket",
    "cover_open": "the cover was opened in the middle of the ticket",
    "silent": "the printer stopped in the middle of the ticket",
}


def paper_of(config: PrinterConfig) -> Paper:
    """The printable width: what the configuration says, else the profile, else the roll's width at 8 dots a
    millimetre.

    Raises `ValueError` for a profile that python-escpos does not know.
    """
    if config.dots:
        return Paper(config.dots, config.dots_per_inch)
    usual = 576 if config.paper_mm == 80 else 384
    if config.profile == "default":
        return Paper(usual, config.dots_per_inch)
    from hardware.printers.pyescpos import NotSupported, get_profile

    try:
        width = get_profile(config.profile).profile_data["media"]["width"]["pixels"]
    except (KeyError, NotSupported) as fault:
        raise ValueError(f"printer: python-escpos knows no profile {config.profile!r}") from fault
    return Paper(width - width % 8 if isinstance(width, int) else usual, config.dots_per_inch)
