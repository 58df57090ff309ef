"""A whole kiosk without a screen for tests: real journal, real sockets, a printer that works and can be bent, and a visitor."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL.Image import Image

from hardware.devices import Confirmed, Paper, PrinterStatus, PrintOutcome, Ready
from kiosk import enrol
from kiosk.config import Settings
from kiosk.flow import events as e
from kiosk.flow.model import Model, Screen
from kiosk.run import Runner
from tests.kiosk.clockwork import HandClocks
from tests.kiosk.flow.walking import york_house
from tests.kiosk.standin import StandIn, standing, until
from wire.vocabulary import Language
from words import Catalogue

WORDS = Catalogue()


@dataclass
class GoodPrinter:
    """Prints at once; `outcome` and `trouble` bend it."""

    papers: list[tuple[str, Image]] = field(default_factory=list)
    now: PrinterStatus = field(default_factory=Ready)
    outcome: PrintOutcome | None = None
    trouble: Exception | None = None
    gate: threading.Event | None = None

    @property
    def paper(self) -> Paper:
        return Paper(384)

    def status(self) -> PrinterStatus:
        return self.now

    def print(self, picture: Image, job: str) -> PrintOutcome:
        if self.gate is not None:
            self.gate.wait(20)
        if self.trouble is not None:
            raise self.trouble
        self.papers.append((job, picture))
        return self.outcome or Confirmed(self.now)

    def close(self) -> None:
        pass


class Split(Settings):
    """Settings whose socket is elsewhere than its HTTP, as the stand-ins need."""

    socket_url: str = ""

    @property
    def socket(self) -> str:
        return self.socket_url or super().socket


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.run.MEND_SECONDS", 0.05)
    monkeypatch.setattr("kiosk.mending.MEND_SECONDS", 0.05)
    monkeypatch.setattr("kiosk.run.SCRUB_SECONDS", 0.02)
    monkeypatch.setattr("kiosk.printing.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("kiosk.reporting.NOT_OFTENER", 0.02)
    monkeypatch.setattr("kiosk.link.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("kiosk.link.LONGEST_PAUSE", 0.05)
    monkeypatch.setattr("kiosk.link.GRACE", 0.05)


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with standing(StandIn(rows=york_house())) as up:
        yield up


@pytest.fixture
def printer() -> GoodPrinter:
    return GoodPrinter()


def settings_for(server: StandIn | None, state: Path, http: str = "http://127.0.0.1:9") -> Split:
    return Split(server=http, state=state, socket_url=server.url if server else "ws://127.0.0.1:9/")


class Visiting:
    """A visitor who waits for each screen, and taps as the panel would: with time between, by the flow's
    clock.
    """

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.at = 0.0

    @property
    def model(self) -> Model:
        return self.runner.model

    async def screen(self, screen: Screen) -> None:
        await until(lambda: self.model.screen is screen)

    def tap(self, action: e.Action) -> None:
        self.at = max(self.at, self.model.steady) + 1.0
        self.runner.touch(action, self.model.generation, self.at)

    async def ticket(self, language: Language = Language.GU) -> str:
        await self.screen(Screen.START)
        self.tap(e.ChooseLanguage(language))
        self.tap(e.ChooseNeed("money"))
        await self.screen(Screen.TICKET)
        assert self.model.ticket is not None
        return self.model.ticket.code

    async def leave(self) -> None:
        self.tap(e.HideNow())
        await self.screen(Screen.START)


@asynccontextmanager
async def running(
    settings: Settings,
    printer: GoodPrinter,
    clocks: HandClocks | None = None,
    *,
    paired: tuple[str, ...] | bool = ("right", "k1", "york-house"),
    **devices: Any,
) -> AsyncIterator[Visiting]:
    """`paired` is token, device and centre; False when it is not set up yet."""
    if isinstance(paired, tuple):
        enrol.keep(settings.state, enrol.Paired(*paired))
    runner = Runner(settings, printer, WORDS, clocks=clocks, app="test", **devices)
    task = asyncio.create_task(runner.run())
    try:
        yield Visiting(runner)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


__all__ = [
    "WORDS",
    "GoodPrinter",
    "Split",
    "Visiting",
    "printer",
    "quick",
    "running",
    "server",
    "settings_for",
]
