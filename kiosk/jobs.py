"""Prints what staff sent to this printer: begun in the journal, put on paper, its end told to the server.

In that order, so that a crash between leaves a job that is told as unknown and never printed again by itself: whoever
waits for it stands beside a member of staff, who sees whether it came out and can send it once more. The QR's secret is made
when the job is begun and is nowhere but on the paper.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PIL.Image import Image

from kiosk.flow.effects import PrintJob, RefuseJob
from kiosk.flow.events import JobEnded
from kiosk.flow.model import Model
from kiosk.issuing import follow_url
from kiosk.paper import TicketPaper, draw_ticket
from kiosk.printing import state_of
from kiosk.trial_paper import TrialPaper, draw_trial
from wire.vocabulary import PaperState, PrinterState
from words import Catalogue

if TYPE_CHECKING:
    from kiosk.run import Runner


class Jobs:
    def __init__(self, runner: Runner, words: Catalogue) -> None:
        self._runner = runner
        self._words = words

    async def do(self, effect: PrintJob | RefuseJob) -> None:
        """Whatever goes wrong, the journey is told, or its next job would wait for ever. Raises `DiskError`; the job may then
        be tried again.
        """
        done, status = False, None
        try:
            if isinstance(effect, PrintJob):
                status = await self._print(effect, self._runner.model)
            else:
                await self._end(effect.job, PaperState.NOT_PRINTED)
            done = True
        finally:
            self._runner.more()
            self._runner.send(JobEnded(effect.job, done))
        if status is not None:
            self._runner.printer_is(status)

    async def _print(self, effect: PrintJob, model: Model) -> PrinterState | None:
        """How the printer is now, if that was learned."""
        begun = await self._runner.in_journal(lambda journal: journal.begin_job(effect.job))
        if begun is None:
            await self._end(effect.job, PaperState.UNKNOWN)
            return None
        draw = partial(self._draw, effect, begun.secret, model)
        outcome = await self._runner.printing.paper(draw, effect.code or "test print")
        await self._end(effect.job, state_of(outcome))
        return PrinterState(outcome.status.word) if outcome is not None else None

    async def _end(self, job: str, paper: PaperState) -> None:
        """Where its end was written down before, that stands."""
        await self._runner.in_journal(lambda journal: journal.end_job(job, paper))

    def _draw(self, effect: PrintJob, secret: str, model: Model) -> Image:
        paper = self._runner.printing.printer.paper
        centre, device = model.offer.centre, model.offer.device
        zone = ZoneInfo(centre.timezone) if centre else UTC
        at = datetime.fromtimestamp(effect.taken_at / 1000, zone)
        if effect.test:
            trial = TrialPaper(
                kiosk=device.name if device else "",
                centre=centre.name if centre else "",
                printed_at=at,
                printer=model.printer.value,
                app=self._runner.app,
                languages=list(self._words.languages()),
            )
            return draw_trial(trial, self._words, dots=paper.dots, dots_per_inch=paper.dots_per_inch)
        ticket = TicketPaper(
            code=effect.code,
            language=effect.language.value,
            taken_at=at,
            centre=centre.name if centre else "",
            wait_here=centre.wait_here if centre else {"en": ""},
            follow_url=follow_url(secret, model) or None,
            copy=effect.copy,
        )
        return draw_ticket(ticket, self._words, dots=paper.dots, dots_per_inch=paper.dots_per_inch)
