"""A real kiosk at a real server: a greeter's ticket on its paper, followed on a phone; locked, evacuated and testing itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import Settings, Times
from kiosk.flow.model import Screen
from server.actions import device_commands
from server.store.tables import Centre, Device, PrintJob, Ticket
from tests.kiosk.standin import until
from tests.kiosk.test_run_for_staff import square
from tests.kiosk.visiting import GoodPrinter, quick, running
from tests.server.web.rehearsal import TOKENS, Served, serving
from wire.asks import Evacuate, PrintTicket, Resume, Welcome
from wire.vocabulary import DeviceKind, Language, new_id

__all__ = ["quick"]


@pytest.fixture
def served(sqlite_url: str) -> Iterator[Served]:
    with serving(sqlite_url, public_url="https://queue.test") as server:
        yield server


def change(served: Served, name: str, do: Any) -> Any:
    return served.run(served.house.change(served.actor("ada"), name, do))


def read(served: Served, table: Any, key: Any) -> Any:
    return served.run(served.house.read(lambda session: session.get_one(table, key)))


async def off_loop(do: Any, *values: Any) -> Any:
    """The server has a loop of its own; waiting for it must not hold up the kiosk's."""
    return await asyncio.to_thread(do, *values)


async def test_what_staff_want_of_a_kiosk(served: Served, tmp_path: Path) -> None:
    def letter(tx: Any) -> None:
        centre = tx.session().get_one(Centre, served.ids.centre)
        centre.desk_letter = "G"
        tx.session().add(centre)

    await off_loop(change, served, "letter", letter)
    device = served.ids.devices[DeviceKind.KIOSK]
    printer = GoodPrinter()
    settings = Settings(server=served.url, state=tmp_path, times=Times(report=1.0))
    paired = (TOKENS[DeviceKind.KIOSK], str(device), "york-house")
    async with running(settings, printer, paired=paired) as visitor:
        await visitor.screen(Screen.START)
        await until(lambda: off_loop(lambda: bool(read(served, Device, device).tested)))
        kept = await off_loop(read, served, Device, device)
        assert kept.tested_at is not None
        assert [each["part"] for each in kept.tested if not each["fine"]] == []

        # A greeter enters somebody who reads Polish, and sends the ticket to this kiosk's printer.
        welcome = Welcome(visit=new_id(), ticket=new_id(), service="council-tax", language=Language.PL)
        answer = await off_loop(served.ask, served.actor("grace"), welcome)
        assert answer.result is not None
        code = answer.result["code"]
        await until(lambda: off_loop(lambda: bool(read(served, Device, device).health)))
        urls = []
        for copies in (0, 1):
            job = PrintTicket(job=new_id(), ticket=welcome.ticket, device=device)
            await off_loop(served.ask, served.actor("grace"), job)
            await until(
                partial(off_loop, lambda job=job: read(served, PrintJob, job.job).paper == "confirmed")
            )
            ticket = await off_loop(read, served, Ticket, welcome.ticket)
            assert (ticket.paper, ticket.copies) == ("confirmed", copies)
            assert printer.papers[-1][0] == code
            urls.append(square(printer.papers[-1][1]))
        assert len(set(urls)) == 2
        with served.client() as phone:
            for url in urls:
                shown = await off_loop(phone.get, f"/t/{url.rsplit('/', 1)[1]}")
                assert (shown.status_code, code in shown.text) == (200, True), url

        # A test print, and a self-test that somebody asks for.
        await off_loop(change, served, "print", partial(device_commands.print_test, device_id=device))
        await until(lambda: len(printer.papers) == 3)
        assert square(printer.papers[-1][1]) == "Foyer test print"

        # Locked, and open again; everyone out, and in again.
        await off_loop(change, served, "lock", lambda tx: device_commands.lock(tx, device, "Being cleaned."))
        await visitor.screen(Screen.LOCKED)
        await off_loop(change, served, "unlock", lambda tx: device_commands.unlock(tx, device))
        await visitor.screen(Screen.START)
        await off_loop(served.ask, served.actor("priya"), Evacuate(confirmed=True))
        await visitor.screen(Screen.EVACUATED)
        await off_loop(served.ask, served.actor("grace"), Resume())
        await visitor.screen(Screen.START)
        assert visitor.model.announced is not None, "that all may come in again"
