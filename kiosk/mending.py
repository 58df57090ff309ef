"""While something is out of order, sees every few seconds whether it works again, and lets the kiosk serve when it does.

After a fault in the program the visitor's part of the model is thrown away as a whole, whatever it was: what is known of the kiosk itself stays.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow import events as e
from kiosk.flow.effects import Forget
from kiosk.flow.model import Model
from kiosk.journal import DiskError, Journal

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.mending")

MEND_SECONDS = 5.0
KEEP_SECONDS = 600.0
"""How often the room on the card is looked after."""
OF_THE_KIOSK = (
    *(
        "device",
        "offer",
        "offer_live",
        "link_up",
        "line_says",
        "printer",
        "camera",
        "scanner",
        "station",
        "speaks",
        "fault",
        "setup",
    ),
    *("started_at", "steady", "now", "last_touch", "order"),
    *("job", "jobs_done", "testing", "tested_on", "tested_job", "test_tried"),
)


class Mending:
    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def run(self) -> None:
        """Until cancelled."""
        runner = self._runner
        kept_at = -KEEP_SECONDS
        while True:
            if time.monotonic() - kept_at >= KEEP_SECONDS and runner.model.fault is None:
                kept_at = time.monotonic()
                await asyncio.to_thread(runner.ballast.keep)
            await asyncio.sleep(MEND_SECONDS)
            if runner.model.fault in (None, e.Fault.COPIED):  # the line knows when that is over
                continue
            try:
                if runner.journal is None:
                    await runner.reopen()
                else:
                    await runner.in_journal(Journal.check)
            except DiskError as error:
                log.info("still out of order: %s", error)
                continue
            if runner.model.fault is e.Fault.BROKEN:
                self._start_over()
            runner.send(e.Mended())

    def _start_over(self) -> None:
        runner, model = self._runner, self._runner.model
        fresh = Model(limits=model.limits, generation=model.generation + 1)
        runner.model = replace(fresh, **{name: getattr(model, name) for name in OF_THE_KIOSK})
        if model.ticket is not None:
            runner.start(Forget(model.ticket.id))
