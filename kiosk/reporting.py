"""Tells the server how this kiosk is: on change and every minute (`[times] report`)."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from hardware.machine import Machine
from kiosk.journal import NO_PACKETS, DiskError, Lost, Verdict
from wire.asks import Health
from wire.body import NOTE_CHARACTERS
from wire.device_asks import MachineIs
from wire.frames import Answer
from wire.vocabulary import RefusalCode, new_id

if TYPE_CHECKING:
    from kiosk.link import Link
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.reporting")

NOT_OFTENER = 1.0
"""A flickering cover switch is told at most so often."""


class Reporting:
    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._news = asyncio.Event()
        self._seen: object = None
        self._told_held = 0
        self.machine = Machine(runner.settings.state)
        self.screen: Literal["", "on", "off", "broken"] = ""
        """Whether the panel is lit, where it can be switched."""
        self.line = ""
        """Why the server was not reached when it last was not; `line_now` while it is not."""
        self.line_now = ""
        self._plainly: Link | None = None
        """The line on which the server knows nothing of a machine's own health."""

    def look(self) -> None:
        """Something may have changed; tell if it is of interest."""
        model = self._runner.model
        seen = (
            model.printer,
            model.camera,
            model.scanner,
            model.station.state,
            model.out_of_order,
            model.fault_detail,
            model.link_up,
        )
        if seen != self._seen:
            self._seen = seen
            self._news.set()

    def tell(self) -> None:
        """Something that is not in the model is worth telling now."""
        self._news.set()

    def settled(self, verdict: Verdict) -> None:
        """An entry was tried. Worth telling if one was set aside, or if staff were told that some are
        held.
        """
        if verdict is Verdict.SET_ASIDE or (self._told_held and verdict is Verdict.DONE):
            self._news.set()

    async def run(self) -> None:
        while True:
            await self._report()
            await asyncio.sleep(NOT_OFTENER)
            try:
                async with asyncio.timeout(self._runner.settings.times.report):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def _report(self) -> None:
        self._news.clear()
        link = self._runner.link
        if link is not None and link.open.is_set():
            health = await self.health()
            if link is self._plainly:
                health = health.model_copy(update={"machine": None})
            answer = await link.ask(new_id(), health)
            if _not_understood(answer) and health.machine is not None:
                self._plainly = link  # an older server: it is told at least what it knows
                self._news.set()
            self._told_held = health.held + health.packets

    async def health(self) -> Health:
        runner, model = self._runner, self._runner.model
        held = aside = 0
        spooled = NO_PACKETS
        try:
            if runner.journal is not None:
                held = await runner.in_journal(lambda journal: journal.held())
                aside = await runner.in_journal(lambda journal: journal.set_aside())
                spooled = await runner.in_journal(lambda journal: journal.spooled())
        except DiskError as error:
            log.warning("the journal could not be counted: %s", error)
        return Health(
            app=runner.app,
            printer=model.printer,
            camera=model.camera,
            scanner=model.scanner,
            plate=model.station.state,
            held=held,
            set_aside=aside,
            packets=spooled.held,
            packets_age_ms=spooled.oldest_ms,
            packets_aside=spooled.aside,
            out_of_order=model.staff_says,
            clock_off_ms=runner.clock_off_ms(),
            sound=runner.settings.sound,
            machine=await self.machine_is(),
        )

    async def machine_is(self) -> MachineIs:
        now = await asyncio.to_thread(self.machine.read)
        return MachineIs(**asdict(now), screen=self.screen, line=self.line[:NOTE_CHARACTERS])


def _not_understood(answer: Answer | Lost) -> bool:
    return (
        isinstance(answer, Answer)
        and answer.refusal is not None
        and answer.refusal.code is RefusalCode.MALFORMED
    )
