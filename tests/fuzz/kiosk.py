"""A whole kiosk (journal, line, printer, flow; only its screen is not there) on a server that says anything: visitors get their tickets all the
while, and the server gets them once it is a server again.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk import link, mending, printing, reporting, run
from kiosk.flow.shown import Screen
from tests.fuzz.dice import MARK, Dice
from tests.fuzz.readers import TOLD
from tests.fuzz.targets import Target
from tests.kiosk.flow.walking import york_house
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import GoodPrinter, Visiting, running, settings_for

PATIENCE = 30.0
_QUICK: tuple[tuple[Any, str, float], ...] = (
    (run, "MEND_SECONDS", 0.05),
    (mending, "MEND_SECONDS", 0.05),
    (run, "SCRUB_SECONDS", 0.02),
    (printing, "LOOK_SECONDS", 0.05),
    (reporting, "NOT_OFTENER", 0.02),
    (link, "FIRST_PAUSE", 0.02),
    (link, "LONGEST_PAUSE", 0.05),
    (link, "GRACE", 0.05),
)


@contextmanager
def quick() -> Iterator[None]:
    kept = [(module, name, getattr(module, name)) for module, name, _ in _QUICK]
    for module, name, seconds in _QUICK:
        setattr(module, name, seconds)
    try:
        yield
    finally:
        for module, name, seconds in kept:
            setattr(module, name, seconds)


class _Said(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.wrong: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        said = self.format(record)
        if record.name.startswith(("foyer", "kiosk")) and (record.exc_info or MARK in said):
            self.wrong.append(said[-800:])


def hostile(dice: Dice) -> tuple[str, ...]:
    """What it says before everything else."""
    return tuple(
        dice.json(dice.broken(dice.one_of(TOLD), 0.5)).encode("utf-8", "replace").decode()
        for _ in range(dice.random.randint(0, 3))
    )


async def _visit(dice: Dice, folder: Path) -> None:
    server = StandIn(rows=york_house())
    async with standing(server) as up, running(settings_for(up, folder), GoodPrinter()) as visitor:
        async with asyncio.timeout(PATIENCE):
            codes = [await visitor.ticket()]  # the kiosk has its rows, as one that stands in a centre has
        for _ in range(dice.random.randint(1, 3)):
            server.rubbish = hostile(dice)
            server.twice, server.mute = dice.often(0.2), dice.often(0.1)
            if dice.often(0.4):
                server.new_life()
            if dice.often(0.4):
                await server.hang_up_all()
            await asyncio.sleep(dice.random.random() * 0.1)  # the time in which it says so
        server.rubbish, server.twice, server.mute = (), False, False
        server.new_life()
        await server.hang_up_all()
        await _next_ticket(visitor, codes)
        await until(lambda: {each.code for each in server.issued} >= set(codes), PATIENCE)


async def _next_ticket(visitor: Visiting, codes: list[str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while visitor.model.screen is not Screen.START:
            await visitor.leave() if visitor.model.screen is Screen.TICKET else await asyncio.sleep(0.02)
        codes.append(await visitor.ticket())
    assert len(set(codes)) == len(codes), "two visitors were given one code"


def whole_kiosk(dice: Dice) -> None:
    said = _Said()
    logging.getLogger().addHandler(said)
    try:
        with quick(), tempfile.TemporaryDirectory() as folder:
            asyncio.run(_visit(dice, Path(folder)))
    finally:
        logging.getLogger().removeHandler(said)
    assert not said.wrong, said.wrong[0]


KIOSK = Target("kiosk-whole", whole_kiosk)
