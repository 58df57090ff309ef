"""An appointment through every real part: booked on the server, known at the kiosk, held up or typed in, on paper, called; with the line and without."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from PIL import ImageChops

from demo.door import Door
from demo.line import Line
from demo.morning import visitors
from demo.players import Doorway, Stage
from kiosk import typeset
from tests.support.browser import on_one_loop
from tests.support.waiting import until_async
from tests.system.conftest import Open
from tests.system.house import THURSDAY, TUESDAY, House
from wire import asks
from wire.codes import write_code
from wire.frames import Refusal
from wire.references import arrival_hash, arrival_salt, new_reference
from wire.vocabulary import Outcome, PaperState, new_id

pytestmark = [pytest.mark.system, on_one_loop]
SERVICE = "form-help"
SOON = TUESDAY + timedelta(minutes=10)


@contextlib.asynccontextmanager
async def at_work(house: House, username: str) -> AsyncIterator[Line]:
    """A member of staff's socket."""
    door = Door(house.address)
    await asyncio.to_thread(door.sign_in, username, house.passwords[username])
    line = Line(house.address, "/ws/staff", {"Cookie": door.cookie})
    running = asyncio.create_task(line.run())
    await line.ready()
    yield line
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def book(house: House, greeter: Line, at: datetime) -> str:
    """Somebody rang up; the reference they were given."""
    booking = new_id()
    body = asks.Book(
        booking=booking, service=SERVICE, starts_at=round(at.timestamp() * 1000), name="Ada Lovelace",
        phone="+447700900123", over=True, note="Rang up", answers={"form": "benefits"},
    )  # fmt: skip
    answer = await greeter.ask(body)
    assert not isinstance(answer, Refusal), answer
    ((reference,),) = house.rows("SELECT reference FROM booking WHERE id = ?", booking)
    return str(reference)


def state_of(house: House, reference: str) -> tuple[str, int]:
    """The booking's state, and how many tickets stand for it."""
    ((state, tickets),) = house.rows(
        "SELECT b.state, (SELECT count(*) FROM ticket t WHERE t.booking_id = b.id) FROM booking b WHERE b.reference = ?",
        reference,
    )
    return str(state), int(tickets)


class SecondKiosk:
    """Another kiosk, which is only a socket."""

    def __init__(self, house: House) -> None:
        paired = house.centre.pair(house.passwords["olivia"], "rehearsal")["rehearsal"]
        self._doorway = Doorway(
            Stage(house.address, house.centre.clock.now, 1.0), paired.device, paired.token
        )
        self.line = self._doorway.line
        self._device = paired.device

    async def issue(self, service: str) -> str:
        plan = next(visitors(1, TUESDAY, THURSDAY))
        code = await self._doorway.issue(replace(plan, after=timedelta(0), service=service))
        assert code is not None
        return code

    async def check_in(self, reference: str) -> None:
        letter = self.line.rows[f"device:{self._device}"]["letter"]
        body = asks.CheckIn(
            visit=new_id(), ticket=new_id(), code=write_code(letter, 70), reference=reference, otherwise="appointment",
            follow_hash="ab" * 32, paper=PaperState.CONFIRMED,
        )  # fmt: skip
        assert not isinstance(await self.line.ask(body), Refusal)


@contextlib.asynccontextmanager
async def second_kiosk(house: House) -> AsyncIterator[SecondKiosk]:
    kiosk = await asyncio.to_thread(SecondKiosk, house)
    running = asyncio.create_task(kiosk.line.run())
    await kiosk.line.ready()
    yield kiosk
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def paper_tells(house: House, words: str) -> bool:
    """Whether this line, large and bold, stands on the paper that came out last."""
    line = typeset.draw_mask(
        words, "en", round(14 * 203 / 72), bold=True, width=560, align="centre", balance=True
    )
    wanted = line.point(lambda level: 255 if level >= 112 else 0)
    paper = house.printer.papers()[-1].convert("L").point(lambda level: 255 - level)
    return any(
        ImageChops.difference(paper.crop((8, top, 568, top + line.height)), wanted).getbbox() is None
        for top in range(paper.height - line.height)
    )


async def type_in(house: House, reference: str) -> None:
    await house.screen.press("English")
    await house.screen.press("I have an appointment")
    await house.screen.press("Type my reference")
    for sign in reference:
        await house.screen.press(sign)


async def calls(adviser: Line, wanted: str) -> list[str]:
    """Serve those who wait from this morning until `wanted` is called; the codes called."""
    codes: list[str] = []
    while wanted not in codes:
        called = await adviser.ask(asks.CallNext())
        assert not isinstance(called, Refusal), (codes, called)
        codes.append(str(called["code"]))
        await adviser.ask(asks.Arrive(ticket=str(called["ticket"])))
        await adviser.ask(asks.Finish(ticket=str(called["ticket"]), outcome=Outcome.RESOLVED))
    return codes


async def test_an_appointment_is_kept_by_camera_by_keys_and_by_two_kiosks_that_lack_the_line(
    open_house: Open,
) -> None:
    house = await open_house()
    screen = house.screen
    async with at_work(house, "grace") as greeter, at_work(house, "amina") as adviser:
        held_up, thursday = await book(house, greeter, SOON), await book(house, greeter, THURSDAY)
        known = f"expected:{arrival_hash(held_up, arrival_salt('york-house', '2026-11-24'))}"
        async with second_kiosk(house) as kiosk:
            await until_async(lambda: known in kiosk.line.rows, 10, "that kiosks know of it")

            # Its square, held up to the camera, before anything is pressed but the language.
            await screen.press("English")
            await screen.press("I have an appointment")
            await screen.shows("check_in", camera="ready")
            await screen.hold(f"{house.address}/check-in/{held_up}", "camera")
            ticket = await screen.shows("ticket", paper="confirmed")
            assert paper_tells(house, f"Your appointment: {typeset.isolate('10:15')}")
            await until_async(lambda: state_of(house, held_up) == ("arrived", 1), 10, "the arrival")
            walked_in = await kiosk.issue(SERVICE)
            await adviser.ask(asks.SitDown(counter="desk-4", services=(SERVICE,)))
            codes = await calls(adviser, ticket["code"])
            assert walked_in not in codes, "who has an appointment is before them"
            await screen.leave()

            # Another day, and nobody's: at a scanner, from the first screen on.
            await screen.hold(thursday, "scanner")
            await screen.says("checkin.day_title")
            await screen.leave()
            await screen.hold(new_reference(lambda signs: signs[3]), "scanner")
            await screen.says("checkin.unknown_title")
            await screen.press("Start again")
            assert state_of(house, thursday) == ("booked", 0)

            # Made while the line is down, and given a paper at two kiosks that cannot know of one another.
            await screen.lever("link_cut", True)
            await screen.shows("start", link_up=False)
            await screen.hold("", by="camera")  # nobody has left their code there
            in_between = await book(house, greeter, SOON)
            await type_in(house, in_between)
            ticket = await screen.shows("ticket", paper="confirmed")
            assert paper_tells(house, "Your appointment: our staff will find it")
            assert state_of(house, in_between) == ("booked", 0)
            await kiosk.check_in(in_between)
            assert state_of(house, in_between)[0] == "arrived"
            await screen.leave()
            await screen.lever("link_cut", False)
            await until_async(
                lambda: house.rows("SELECT 1 FROM visit WHERE code = ?", ticket["code"]), 20, "handed over"
            )
            assert state_of(house, in_between) == ("arrived", 1)
            doubled = house.rows(
                "SELECT t.state FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE v.code = ?",
                ticket["code"],
            )
            assert [state for (state,) in doubled] != ["waiting"], "nobody stands in line twice"
