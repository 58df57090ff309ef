"""The inside of the stand-in printer: roll, cover, cutter, head, buffer, and its manners.

It keeps the two orders of a real one apart. Real-time questions are answered when they are *received*,
wherever in the stream they stand. Everything else waits in the buffer and is done in turn by the head, which
stops between two rows when the paper ends or the cover opens, and goes on when that is mended. So a question
sent behind a ticket is answered only once the ticket is out: what a driver's confirmation rests on.

`manner` makes it one of the bad printers that are sold: *mute* prints and never answers, *late* answers after
seconds, *always_fine* says at once that all is well whatever is the case, *garbage* sends bytes that are no
answer.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections import deque
from collections.abc import Callable
from typing import Literal

from PIL import Image, ImageChops

from hardware.printers.decoder import AskDone, AskSensor, Cut, Decoder, Feed, Row, Step, Stray

Reply = Callable[[bytes], None]
Manner = Literal["honest", "mute", "late", "always_fine", "garbage"]

_BREATH_ROWS = 24
"""At a set speed the head moves so many rows, then waits for the time they take."""


class Mechanism:
    """A printer without a plug: `receive` what comes over some wire, with a way to answer. Safe to use from
    many threads."""

    def __init__(
        self,
        dots: int = 576,
        *,
        rows_per_second: float = 0,
        late_seconds: float = 5.0,
        keep: int = 40,
        on_paper: Callable[[Image.Image], None] | None = None,
    ) -> None:
        self.dots = dots
        self.late_seconds = late_seconds
        self.stray = b""
        self.rows_printed = 0
        self.bytes_received = 0
        self.on_plug: Callable[[bool], None] | None = None
        self._rows_per_second, self._on_paper = rows_per_second, on_paper
        self._state = threading.Condition()
        self._paper: Literal["full", "low", "out"] = "full"
        self._rows_left: int | None = None
        self._cover_open = self._jammed = False
        self._plugged, self._running = True, True
        self._manner: Manner = "honest"
        self._decoder, self._tail = Decoder(), b""
        self._buffer: deque[tuple[Step, Reply]] = deque()
        self._strip: list[bytes] = []
        self._papers: deque[Image.Image] = deque(maxlen=keep)
        self._cuts = 0
        self._noise = random.Random(7)  # the same nonsense in every run
        self._head = threading.Thread(target=self._work, name="stand-in head", daemon=True)
        self._head.start()

    # What comes over the wire --------------------------------------------------------------------------

    def receive(self, data: bytes, reply: Reply) -> None:
        """Bytes from the host. `reply` sends bytes back the same way; it may be called later, from another
        thread."""
        with self._state:
            if not self._plugged:
                return
            self.bytes_received += len(data)
            for which in self._real_time_questions(data):
                self._answer(self._status_byte(which), reply)
            self._decoder.feed(data)
            for step in self._decoder.steps():
                if isinstance(step, AskSensor) and self._manner == "always_fine":
                    reply(b"\x00")
                else:
                    self._buffer.append((step, reply))
            self._state.notify_all()

    def _real_time_questions(self, data: bytes) -> list[int]:
        """Numbers n of each DLE EOT n, also in the midst of a picture: a real one looks there, too."""
        seen = self._tail + data
        self._tail = seen[-2:]
        questions, at = [], seen.find(b"\x10\x04")
        while 0 <= at < len(seen) - 2:
            if 1 <= seen[at + 2] <= 4:
                questions.append(seen[at + 2])
            at = seen.find(b"\x10\x04", at + 1)
        return questions

    def _status_byte(self, which: int) -> bytes:
        out, cover = self._paper == "out", self._cover_open
        byte = 0x12
        if which == 1 and (out or cover or self._jammed):
            byte |= 0x08
        elif which == 2:
            byte |= (0x04 if cover else 0) | (0x20 if out else 0) | (0x40 if self._jammed else 0)
        elif which == 3 and self._jammed:
            byte |= 0x08
        elif which == 4 and self._paper != "full":
            byte |= 0x6C if out else 0x0C
        return bytes([byte])

    def _answer(self, honest: bytes, reply: Reply, fine: bytes = b"\x12") -> None:
        match self._manner:
            case "honest":
                reply(honest)
            case "always_fine":
                reply(fine)
            case "garbage":
                reply(bytes(0x80 | self._noise.randrange(128) for _ in range(self._noise.randint(1, 4))))
            case "late":
                timer = threading.Timer(self.late_seconds, _quietly, (reply, honest))
                timer.daemon = True
                timer.start()
            case "mute":
                pass

    # The head ------------------------------------------------------------------------------------------

    def _work(self) -> None:
        since_breath = 0
        while True:
            with self._state:
                self._state.wait_for(lambda: not self._running or (self._buffer and self._can_move()))
                if not self._running:
                    return
                step, reply = self._buffer.popleft()
                self._do(step, reply)
                since_breath += isinstance(step, Row)
                self._state.notify_all()
                if self._rows_per_second and since_breath >= _BREATH_ROWS:
                    self._state.wait_for(lambda: not self._running, _BREATH_ROWS / self._rows_per_second)
                    since_breath = 0

    def _can_move(self) -> bool:
        return self._plugged and not self._cover_open and not self._jammed and self._paper != "out"

    def _do(self, step: Step, reply: Reply) -> None:
        match step:
            case Row(dots):
                across = self.dots // 8
                self._strip.append(dots[:across].ljust(across, b"\x00"))
                self.rows_printed += 1
                self._use_paper(1)
            case Feed(dots):
                self._strip.extend([bytes(self.dots // 8)] * dots)
                self._use_paper(dots)
            case Cut():
                self._cut()
            case AskSensor():
                byte = {"full": 0x00, "low": 0x03, "out": 0x0F}[self._paper]
                self._answer(bytes([byte]), reply)
            case AskDone(identifier):
                if self._manner != "always_fine":
                    self._answer(b'7"' + identifier + b"\x00", reply)
            case Stray(data):
                self.stray += data

    def _use_paper(self, rows: int) -> None:
        if self._rows_left is not None:
            self._rows_left -= rows
            if self._rows_left <= 0:
                self._paper = "out"

    def _cut(self) -> None:
        if not self._strip:
            return
        paper = self._picture()
        self._strip = []
        self._papers.append(paper)
        self._cuts += 1
        if self._on_paper:
            self._on_paper(paper)

    def _picture(self) -> Image.Image:
        ink = Image.frombytes("1", (self.dots, len(self._strip)), b"".join(self._strip))
        return ImageChops.invert(ink)

    # What lies in the tray -----------------------------------------------------------------------------

    def papers(self) -> list[Image.Image]:
        with self._state:
            return list(self._papers)

    def uncut(self) -> Image.Image | None:
        """What hangs out of the slot: printed and not cut off yet."""
        with self._state:
            return self._picture() if self._strip else None

    @property
    def cuts(self) -> int:
        """How many papers were cut so far, also those no longer kept."""
        with self._state:
            return self._cuts

    def wait_for_cuts(self, count: int, seconds: float) -> bool:
        with self._state:
            return self._state.wait_for(lambda: self._cuts >= count, seconds)

    def wait_for_rows(self, count: int, seconds: float) -> bool:
        """Until so many rows were printed in all."""
        with self._state:
            return self._state.wait_for(lambda: self.rows_printed >= count, seconds)

    # Levers --------------------------------------------------------------------------------------------

    def set_paper(self, paper: Literal["full", "low", "out"]) -> None:
        with self._state:
            self._paper, self._rows_left = paper, None
            self._state.notify_all()

    def run_out_after(self, rows: int) -> None:
        with self._state:
            self._rows_left = rows

    def set_cover(self, *, is_open: bool) -> None:
        with self._state:
            self._cover_open = is_open
            self._state.notify_all()

    def set_jammed(self, *, jammed: bool) -> None:
        with self._state:
            self._jammed = jammed
            self._state.notify_all()

    def set_manner(self, manner: Manner) -> None:
        with self._state:
            self._manner = manner

    def set_plugged(self, *, plugged: bool) -> None:
        with self._state:
            if self._plugged == plugged:
                return
            self._plugged = plugged
            self._buffer.clear()
            self._decoder, self._tail = Decoder(), b""
            self._state.notify_all()
        if self.on_plug:
            self.on_plug(plugged)

    def stop(self) -> None:
        with self._state:
            self._running = False
            self._state.notify_all()
        self._head.join(2)


def _quietly(reply: Reply, data: bytes) -> None:
    with contextlib.suppress(OSError):
        reply(data)
