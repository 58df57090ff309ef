"""Kills the kiosk (`kill -9`) at random instants between touch and paper, and counts what was lost or came twice.

The kiosk is the real one but for its window: the runner with its flow, its journal on the disk, its drawing of tickets, its line to a real server.
Visitors touch as fast as the guard lets them. The printer writes a line to a file for each paper, in one piece, so that what was printed
survives whoever printed it, like paper. A visitor who finds the kiosk asking *Did your ticket come out?* looks, and answers the truth.

At the end the journal, the papers and the server's database must tell one story: every code shown or printed stands in the journal and
on the server once; numbers run from 1 without a hole; and no paper came twice but as a copy that a visitor asked for; here every visitor tells the truth, so none at all.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.centre import Built, build, device_number
from benchmarks.no_loss import Tally
from benchmarks.process import serving
from benchmarks.zygote import Zygote, breed
from hardware import machine
from kiosk import enrol
from kiosk.clocks import MachineClocks
from kiosk.handing import HandingOver
from kiosk.journal import Journal
from kiosk.link import Link
from wire.vocabulary import PaperState

if TYPE_CHECKING:
    from PIL.Image import Image

    from hardware.devices import Paper, PrinterStatus, PrintOutcome

LONGEST_LIFE = 0.12
"""After a touch the kiosk is killed within so many seconds: from before the code is taken to after the paper."""
PATIENCE_SECONDS = 20.0
UNDER_WAY = frozenset({PaperState.RESERVED, PaperState.SENT})


class FilePrinter:
    """A paper is a line in a file, written at once."""

    def __init__(self, file: int) -> None:
        self._file = file

    @property
    def paper(self) -> Paper:
        from hardware.devices import Paper

        return Paper(384)

    def status(self) -> PrinterStatus:
        from hardware.devices import Ready

        return Ready()

    def print(self, picture: Image, job: str) -> PrintOutcome:
        from hardware.devices import Confirmed, Ready

        time.sleep(0.01)  # the paper moves
        os.write(self._file, f"paper {job}\n".encode())
        return Confirmed(Ready())

    def close(self) -> None:
        """Nothing is held."""


def live() -> None:
    """A kiosk's life in a fork: visitors until it is killed."""
    asyncio.run(_live())


async def _live() -> None:
    from kiosk import config
    from kiosk.flow import events as e
    from kiosk.flow.model import Model, Screen
    from kiosk.run import Runner
    from wire.vocabulary import Language
    from words import Catalogue

    settings = config.read(Path(os.environ["FOYER_KIOSK"]), os.environ)
    file = os.open(os.environ["FOYER_PAPERS"], os.O_WRONLY | os.O_APPEND)
    runner = Runner(settings, FilePrinter(file), Catalogue())
    changed = asyncio.Event()
    shown: set[str] = set()

    def look(model: Model) -> None:
        if model.screen is Screen.TICKET and model.ticket is not None and model.ticket.code not in shown:
            shown.add(model.ticket.code)
            os.write(file, f"shown {model.ticket.code}\n".encode())
        changed.set()

    def papers() -> list[str]:
        return _Story(Path(os.environ["FOYER_PAPERS"])).codes("paper")

    runner.watch(look)
    life = asyncio.create_task(runner.run())
    at = time.monotonic()

    def tap(action: e.Action) -> None:
        nonlocal at
        at = max(at + 2, time.monotonic())  # a visitor who takes time, without taking any
        runner.touch(action, runner.model.generation, at)

    while not life.done():
        changed.clear()
        model = runner.model
        if model.screen is Screen.START:
            tap(e.ChooseLanguage(Language.EN))
        elif model.screen is Screen.NEEDS:
            tap(e.ChooseNeed("choice-0"))
        elif model.screen is Screen.SERVICES:
            os.write(file, b"touch\n")
            tap(e.ChooseService("council-tax"))
        elif model.screen is Screen.TICKET and model.asks_paper:
            assert model.ticket is not None
            out = model.ticket.code in papers()
            tap(e.PaperCameOut(out))
        elif (
            model.screen is Screen.TICKET and model.ticket is not None and model.ticket.paper not in UNDER_WAY
        ):
            tap(e.Done())
        try:
            await asyncio.wait_for(changed.wait(), 0.05)
        except TimeoutError:
            continue
    life.result()


class _Story:
    """The file of touches, codes shown and papers, read as it grows."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._path = path

    def lines(self) -> list[str]:
        return self._path.read_text().splitlines()

    def touches(self) -> int:
        return self._path.read_text().count("touch\n")

    def more_than(self, touches: int) -> bool:
        return self.touches() > touches

    def codes(self, what: str) -> list[str]:
        return [line.split()[1] for line in self.lines() if line.startswith(f"{what} ")]


def run(kills: int, seconds: float | None = None, folder: Path | None = None) -> Tally:
    with tempfile.TemporaryDirectory(prefix="foyer-kiosk-kills-", dir=folder) as made:
        built = build(Path(made) / "foyer.db", kiosks=1, counters=1)
        with serving(built.url) as server:
            return _kill(built, Path(made), server.port, kills, seconds)


def _kill(built: Built, folder: Path, port: int, kills: int, seconds: float | None) -> Tally:
    token = built.kiosks[0].token
    enrol.keep(folder, enrol.Paired(token, str(device_number(built, token)), "centre-1"))
    settings = folder / "kiosk.toml"
    settings.write_text(
        f'server = "http://127.0.0.1:{port}"\nstate = "{folder}"\nsound = false\n', encoding="utf-8"
    )
    story = _Story(folder / "papers.txt")
    environment = {"FOYER_KIOSK": str(settings), "FOYER_PAPERS": str(folder / "papers.txt")}
    zygote = Zygote("benchmarks.kiosk_kills", environment)
    tally = Tally()
    over = time.monotonic() + (seconds or float("inf"))
    try:
        while tally.kills < kills and time.monotonic() < over:
            before = story.touches()
            began = time.monotonic()
            zygote.start()
            _until(partial(story.more_than, before))
            tally.backs.append(time.monotonic() - began)
            time.sleep(random.uniform(0, LONGEST_LIFE))
            zygote.kill()
            tally.kills += 1
    finally:
        zygote.close()
    asyncio.run(_hand_over(folder, port, token))
    _reckon(built, folder, story, tally)
    return tally


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("the kiosk did not come back")
        time.sleep(0.005)


def _rows(path: Path, sql: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


async def _hand_over(folder: Path, port: int, token: str) -> None:
    """What the next morning would do: tell the server the rest."""
    journal = Journal(folder / "journal.db", MachineClocks())

    async def here(work: Callable[..., Any], *values: Any) -> Any:
        return work(*values)

    over = asyncio.Event()
    line = Link(f"ws://127.0.0.1:{port}/ws/device", token, machine=machine.identity())
    handing = HandingOver(journal, here, lambda verdict: None if journal.held() else over.set())
    tasks = [asyncio.create_task(each) for each in (line.run(), handing.run(line))]
    try:
        if journal.held():
            await asyncio.wait_for(over.wait(), 60)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        journal.close()


def _reckon(built: Built, folder: Path, story: _Story, tally: Tally) -> None:
    journal = [row[0] for row in _rows(folder / "journal.db", "SELECT code FROM ticket ORDER BY rowid")]
    server = [row[0] for row in _rows(built.path, "SELECT code FROM visit")]
    shown, papers = story.codes("shown"), story.codes("paper")
    tally.acknowledged = len(set(shown) | set(papers))
    tally.lost = len((set(shown) | set(papers)) - (set(journal) & set(server)))
    tally.duplicates = (len(journal) - len(set(journal))) + (len(server) - len(set(server)))
    tally.duplicates += len(papers) - len(set(papers))
    tally.strangers = len(set(server) - set(journal))
    tally.gaps = max(int(code[1:]) for code in journal) - len(journal) + len(set(journal) - set(server))


if __name__ == "__main__":
    for name in ("hardware.devices", "kiosk.run", "words"):
        import_module(name)  # before the first fork
    breed(live)
