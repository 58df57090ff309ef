"""York House standing up for a story: the real server, a real kiosk drawn off screen, a printer on a real TCP port, real browsers.

The demonstration's own parts start the programs; what is added here is a hand for every lever and a look at the database. The clock says
a Tuesday in November, a little after ten.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy
from PIL import Image
from playwright.async_api import Page, expect
from websockets.asyncio.client import connect

from demo.centre import Centre, Shape
from demo.door import PairedDevice
from demo.ground import Ground, centre_plan, prepare
from demo.morning import visitors
from demo.page import DEVICE_COOKIE
from demo.parts import Part
from demo.players import Doorway, Stage
from hardware.printers.standin import StandIn
from server.clock import Clock
from tests.support.browser import OpenPage
from tests.support.ports import free_port
from tests.support.waiting import until_async
from tests.system.kiosk_screen import KioskScreen
from wire.frames import Hello
from wire.vocabulary import PROTOCOL

TUESDAY = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 26, 10, 5, tzinfo=UTC)
DOTS = 576
HUMAN_SECONDS = 0.5


class House:
    """`start` it; `end` it. What is told apart from the demonstration: the printer stands alone, on TCP."""

    def __init__(self, folder: Path, rows_per_second: float = 0) -> None:
        self.ground = Ground(folder)
        self.centre = self._centre_at(TUESDAY)
        self.printer = StandIn(DOTS, rows_per_second=rows_per_second).start()
        self.screen = KioskScreen(self.centre.dock_address)
        self.passwords: Mapping[str, str] = {}
        self.devices: dict[str, PairedDevice] = {}

    def _centre_at(self, at: datetime, shape: Shape | None = None) -> Centre:
        shape = shape or Shape(free_port(), free_port(), window=False, dock=True)
        return Centre(self.ground, shape, Clock(at))

    @property
    def address(self) -> str:
        return self.centre.address

    async def start(self, *, kiosk: bool = True) -> None:
        self.passwords = prepare(self.ground, centre_plan(), TUESDAY, bookings=False)
        await self.start_server()
        self.devices = await asyncio.to_thread(
            self.centre.pair, self.passwords["olivia"], "kiosk", "lobby", "sign"
        )
        if kiosk:
            self.centre.write_kiosk_settings(f'type = "network"\naddress = "{self.printer.address}"')
            self.centre.kiosk.start()
            await self.screen.shows("start", printer="ready", link_up=True)

    def end(self) -> None:
        self.centre.end()
        self.printer.stop()

    # The server -------------------------------------------------------------------------------------------------

    async def start_server(self) -> None:
        self.centre.server.start()

        async def answers() -> bool:
            assert self.centre.server.exit_status is None, self.centre.server.last_words()
            return await asyncio.to_thread(self.centre.answers)

        await until_async(answers, 30, "the server's answer")

    def kill_server(self) -> None:
        kill(self.centre.server)

    async def start_server_on(self, at: datetime) -> None:
        """The same server, days later."""
        kiosk = self.centre.kiosk
        self.centre = self._centre_at(at, self.centre.shape)
        self.centre.kiosk = kiosk
        await self.start_server()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What stands in the database, read beside the server."""
        return rows_of(self.ground.folder / "foyer.db", sql, *values)

    def tickets(self) -> list[tuple[str, str, str]]:
        """Code, state and paper of every ticket, in the order of their codes."""
        return self.rows(
            "SELECT v.code, t.state, t.paper FROM ticket t JOIN visit v ON v.id = t.visit_id ORDER BY v.arrived_at, v.code"
        )

    async def has_tickets(self, *wanted: tuple[str, str], seconds: float = 20.0) -> None:
        """Wait until exactly these codes are in these states."""
        await until_async(
            lambda: [each[:2] for each in self.tickets()] == list(wanted),
            seconds,
            f"tickets {wanted}, not {self.tickets()}",
        )

    # Browsers ---------------------------------------------------------------------------------------------------

    async def open_display(self, open_page: OpenPage, name: str = "lobby") -> Page:
        """The lobby board or the sign over Desk 4, in a browser that was paired."""
        page = await open_page(viewport={"width": 1600, "height": 900}, reduced_motion="reduce")
        await page.context.add_cookies(
            [{"name": DEVICE_COOKIE, "value": self.devices[name].token, "url": self.address}]
        )
        await page.goto(f"{self.address}/display{'/sign' if name == 'sign' else ''}")
        return page

    async def sign_in(self, open_page: OpenPage, username: str, path: str = "/counter") -> Page:
        page = await self.sign_in_plain(open_page, username, path)
        await expect(page.locator("#link-words")).to_have_text("In step", timeout=20_000)
        return page

    async def sit_down(self, open_page: OpenPage, username: str = "amina", counter: str = "Desk 4") -> Page:
        """An adviser signed in and seated, serving everything."""
        page = await self.sign_in(open_page, username)
        await page.locator("label.pick", has_text=counter).first.click()
        await press(page, "Sit down")
        await expect(page.get_by_role("button", name="Call next")).to_be_visible()
        return page

    async def sign_in_plain(self, open_page: OpenPage, username: str, path: str) -> Page:
        """On pages that do not keep themselves in step."""
        page = await open_page(f"{self.address}{path}", viewport={"width": 1280, "height": 900})
        await page.fill("#username", username)
        await page.fill("#password", self.passwords[username])
        await page.get_by_role("button", name="Sign in").click()
        await expect(page).to_have_url(f"{self.address}{path}")
        return page

    # Beside browsers --------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def followed(self, device: str) -> AsyncIterator[list[str]]:
        """Every message that a public screen's socket is sent, as it was sent."""
        heard: list[str] = []
        headers = {"Authorization": f"Bearer {self.devices[device].token}"}
        async with connect(
            f"ws{self.address[4:]}/ws/device", additional_headers=headers, ping_interval=None, proxy=None
        ) as socket:
            await socket.send(Hello(protocol=PROTOCOL).encode())

            async def listen() -> None:
                async for message in socket:
                    heard.append(str(message))

            listening = asyncio.create_task(listen())
            yield heard
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def speech_of(self, ticket: str) -> int:
        """What the server answers the lobby board that asks to hear this call."""
        request = urllib.request.Request(
            f"{self.address}/speech/{ticket}/1/en",
            headers={"Authorization": f"Bearer {self.devices['lobby'].token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    async def issue(self, service: str) -> str:
        """Somebody takes a ticket at another kiosk, which is only a socket; the code."""
        paired = self.centre.pair(self.passwords["olivia"], "rehearsal")["rehearsal"]
        doorway = Doorway(Stage(self.address, self.centre.clock.now, 1.0), paired.device, paired.token)
        running = asyncio.create_task(doorway.line.run())
        plan = next(visitors(1, TUESDAY, THURSDAY))
        code = await doorway.issue(replace(plan, after=timedelta(0), service=service))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert code is not None
        return code


def rows_of(file: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """From a database that a server has open."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as connection:
        return connection.execute(sql, values).fetchall()


async def press(page: Page, name: str) -> None:
    """Press a button as a person does: not within the moment in which a second press counts as the same touch."""
    await asyncio.sleep(HUMAN_SECONDS)
    await page.get_by_role("button", name=name).first.click()


async def switch_sound_on(board: Page) -> None:
    """As whoever sets up a board does; a browser that lets it sound by itself does not ask."""
    await expect(board.locator("#centre")).to_have_text("York House")
    if await board.locator("#sound").is_visible():
        await board.locator("#sound").click()


def kill(part: Part) -> None:
    """kill -9, and wait for the end."""
    process = part._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)


def square_on(paper: Image.Image) -> str:
    """What the QR on a paper says, as a phone's camera would read it."""
    picture = numpy.array(paper.convert("L"))
    bordered = cv2.copyMakeBorder(picture, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(bordered)
    assert text, "no square could be read on the paper"
    return str(text)
