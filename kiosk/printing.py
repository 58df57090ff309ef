"""From a ticket to paper, in the printer's own thread.

`sent` is in the journal before the first byte is on its way, so that after a crash nobody wonders whether
to ask. Drawing and noting go on at the same time; only the printing itself waits for both. A printer that
hangs past every time-out of its driver is given up on: its thread is left behind and a fresh one takes the
next ticket.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from PIL.Image import Image

from hardware.devices import Confirmed, Printer, PrintOutcome, Refused
from kiosk.flow.effects import Print
from kiosk.flow.events import Printed
from kiosk.flow.found import Standing
from kiosk.flow.model import Model
from kiosk.journal import DiskError, Journal
from kiosk.paper import TicketPaper, draw_ticket
from wire.vocabulary import PaperState, PrinterState
from words import Catalogue

log = logging.getLogger("foyer.kiosk.printing")

GIVE_UP_SECONDS = 20.0
LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class Result:
    event: Printed
    status: PrinterState | None


class Printing:
    def __init__(
        self,
        printer: Printer,
        words: Catalogue,
        in_journal: Callable[[Callable[[Journal], None]], Awaitable[None]],
    ) -> None:
        self.printer = printer
        self.words = words
        self._in_journal = in_journal
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="printer")
        self._under_way = 0

    def start(self) -> None:
        """Warm the fonts up, so that the first visitor's ticket is as quick as the hundredth's."""
        self._thread.submit(self._warm)

    def _warm(self) -> None:
        try:
            paper = self.printer.paper
            for language in self.words.languages():
                ticket = TicketPaper(
                    "K00", language, datetime(2026, 1, 1, tzinfo=UTC), "", {"en": ""}, "http://localhost/t/0"
                )
                draw_ticket(ticket, self.words, dots=paper.dots, dots_per_inch=paper.dots_per_inch)
        except Exception:
            log.exception("a ticket could not be drawn")

    async def print(self, effect: Print, model: Model) -> Result:
        """Never raises for what a printer, a disk or a drawing can do."""
        sent = self._note(effect.ticket, PaperState.SENT)
        outcome = await self.paper(partial(self._draw, effect, model), effect.code, sent)
        paper = state_of(outcome)
        await self._note(effect.ticket, paper)
        status = PrinterState(outcome.status.word) if outcome is not None else None
        return Result(Printed(effect.ticket, paper), status)

    async def paper(
        self, draw: Callable[[], Image], name: str, first: Awaitable[None] | None = None
    ) -> PrintOutcome | None:
        """Draw and print one paper; `first` is done meanwhile and must be, before anything is printed. None: nothing was
        printed, for a fault of ours.
        """
        self._under_way += 1
        try:
            return await self._paper(draw, name, first)
        finally:
            self._under_way -= 1

    async def _paper(
        self, draw: Callable[[], Image], name: str, first: Awaitable[None] | None
    ) -> PrintOutcome | None:
        loop = asyncio.get_running_loop()
        drawing = loop.run_in_executor(self._thread, draw)
        if first is not None:
            await first
        try:
            picture = await drawing
        except Exception:
            log.exception("the paper could not be drawn")
            return None
        printing = loop.run_in_executor(self._thread, self.printer.print, picture, name)
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                return await printing
        except TimeoutError:
            log.error("the printer's driver hangs; leaving its thread behind")
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="printer")
            return _hung()
        except Exception:
            log.exception("the printer's driver failed")
            return _hung()

    async def _note(self, ticket: str, paper: PaperState) -> None:
        """A disk that cannot note the paper is no reason to keep it from the visitor."""
        try:
            await self._in_journal(lambda journal: journal.paper(ticket, paper))
        except DiskError as error:
            log.warning("the paper of a ticket could not be noted: %s", error)

    def _draw(self, effect: Print, model: Model) -> Image:
        centre = model.offer.centre
        zone = ZoneInfo(centre.timezone) if centre else UTC
        given = effect.appointment
        wait_here = centre.wait_here if centre else {"en": ""}
        ticket = TicketPaper(
            code=effect.code,
            language=effect.language.value,
            taken_at=datetime.fromtimestamp(effect.taken_at / 1000, zone),
            centre=centre.name if centre else "",
            wait_here={"en": given.where} if given and given.where else wait_here,
            follow_url=effect.follow_url or None,
            copy=effect.copy,
            booked=given is not None,
            booked_at=None
            if given is None or given.starts_at is None
            else datetime.fromtimestamp(given.starts_at / 1000, zone),
            late=given is not None and given.standing is Standing.LATE,
        )
        paper = self.printer.paper
        return draw_ticket(ticket, self.words, dots=paper.dots, dots_per_inch=paper.dots_per_inch)

    async def watch(self, tell: Callable[[PrinterState], None]) -> None:
        """Ask the printer how it is, every few seconds while it is not printing."""
        while True:
            if not self._under_way:
                tell(await self.status())
            await asyncio.sleep(LOOK_SECONDS)

    async def status(self) -> PrinterState:
        """How the printer is, asked now; behind a paper, where one is being printed."""
        loop = asyncio.get_running_loop()
        try:
            # Not wait_for: on Python 3.11 it can lose a cancellation, and the kiosk would never end.
            async with asyncio.timeout(GIVE_UP_SECONDS):
                status: Any = await loop.run_in_executor(self._thread, self.printer.status)
            return PrinterState(status.word)
        except TimeoutError:
            log.error("the printer's driver hangs; leaving its thread behind")
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="printer")
        except Exception:
            log.exception("the printer's driver failed")
        return PrinterState.SILENT

    def close(self) -> None:
        self._thread.submit(self.printer.close)
        self._thread.shutdown(wait=False)


def state_of(outcome: PrintOutcome | None) -> PaperState:
    if isinstance(outcome, Confirmed):
        return PaperState.CONFIRMED
    return PaperState.NOT_PRINTED if outcome is None or isinstance(outcome, Refused) else PaperState.UNKNOWN


def _hung() -> PrintOutcome:
    from hardware.devices import Silent, Unknown

    return Unknown("the driver did not come back", Silent("the driver did not come back"))
