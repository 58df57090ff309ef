"""Somebody comes for an appointment and the greeter checks them in on the tablet; the adviser then sees what they told when they booked."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

from playwright.async_api import expect
from sqlmodel import select

from server.domain.access import SYSTEM
from server.store.tables import Booking, Service
from server.store.tx import Tx
from tests.server.web.rehearsal import Served, token_of
from tests.server.web.test_greeter_journeys import enter, tablet
from tests.server.web.test_pages_for_all import LEAST_TARGET, SMALL_TARGETS
from tests.support.booked import book_in
from tests.support.browser import OpenPage, axe_faults, on_one_loop
from wire import asks
from wire.vocabulary import BookingState, Role, new_id

pytestmark = on_one_loop

NAMES = ("Ada Lovelace", "Zoë O'Hara", "نور أحمد", "Priti Chauhan", "Mary-Jane Watson-Smythe of Kirby", "X")


def fill_the_day(served: Served) -> list[Booking]:
    """Six to come about now, and a private one. It is ten in the morning: a day must not end in the middle of it."""
    served.set_clock(datetime(2026, 11, 24, 10, tzinfo=UTC))

    def add(tx: Tx) -> list[Booking]:
        service = tx.session().exec(
            select(Service).where(Service.slug == "council-tax", Service.centre_id == served.ids.centre)
        )
        service.one().booking = {
            "minutes": 20,
            "question": [{"slug": "account", "text": {"en": "Your account number"}}],
            "bring": [{"en": "The last bill"}],
        }
        return [
            *(
                book_in(
                    tx,
                    served.ids.centre,
                    minutes=2 + 3 * number,
                    name=name,
                    answers={"account": "771 882"} if number == 0 else {},
                    note="Brings her daughter." if number == 0 else "",
                )
                for number, name in enumerate(NAMES)
            ),
            book_in(tx, served.ids.centre, minutes=1, name="Secret Person", service="private"),
        ]

    return served.run(served.house.change(SYSTEM, "book", add))


def state_of(served: Served, booking: Booking) -> str:
    return served.run(served.house.read(lambda session: str(session.get_one(Booking, booking.id).state)))


async def test_the_greeter_finds_somebody_and_checks_them_in(served: Served, open_page: OpenPage) -> None:
    bookings = await asyncio.to_thread(fill_the_day, served)
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    near = page.locator("#coming-near .coming-row")
    await expect(near).to_have_count(3)
    private = page.locator(f"#coming-{bookings[-1].id}")
    await expect(private).to_contain_text("Private appointment")
    assert "Secret" not in await page.content()
    await near.first.scroll_into_view_if_needed()
    assert not await axe_faults(page)
    assert not await page.evaluate(SMALL_TARGETS, LEAST_TARGET)

    # Two taps, the first being the room: whoever's time is near stands there.
    await page.locator(f"#coming-{bookings[0].id} button").tap()
    await expect(page.locator(".given-code")).to_have_text(re.compile(r"^[A-Z]\d\d$"))
    await expect(page.locator(".given")).to_contain_text("Council tax")
    await expect(page.locator(f"#coming-{bookings[0].id}")).to_have_count(0)
    assert await asyncio.to_thread(state_of, served, bookings[0]) == BookingState.ARRIVED

    # A mistake is taken back, and they can be checked in again.
    await page.locator(".given button", has_text="Take back").tap()
    await expect(page.locator(f"#coming-{bookings[0].id}")).to_be_attached()
    assert await asyncio.to_thread(state_of, served, bookings[0]) == BookingState.BOOKED

    # By name, however far down the list; what is typed stays while the list changes by itself.
    field = page.locator("#coming-find")
    await expect(field).to_be_hidden()  # it would push what everybody else needs down the screen
    await page.locator("#fold-coming > summary").tap()
    await field.fill("hara")
    await expect(page.locator(".coming-row:visible")).to_have_count(1)
    await field.fill("chau")
    await expect(page.locator(".coming-row:visible")).to_have_text(re.compile("Priti Chauhan"))
    await asyncio.to_thread(served.visitor)
    await expect(page.locator(".at-a-glance")).to_contain_text("1")
    await expect(page.locator(".coming-row:visible")).to_have_count(1)
    await field.fill("nobody of that name")
    await expect(page.locator("#coming-nothing")).to_be_visible()
    await page.set_viewport_size({"width": 320, "height": 640})
    await field.fill("")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_who_comes_is_checked_in_without_script(served: Served) -> None:
    first, *_, private = await asyncio.to_thread(fill_the_day, served)
    client = await asyncio.to_thread(served.signed_in, "grace")

    def press(booking: Booking) -> tuple[str, str]:
        form = {
            "csrf": token_of(client),
            "do": "arrive_booking",
            "booking": booking.id,
            "visit": new_id(),
            "ticket": new_id(),
            "back": "greeter",
        }
        to = client.post("/counter/ask", data=form).headers["location"]
        assert to == f"/greeter/arrived/{form['ticket']}"
        return form["ticket"], client.get(to).text

    _, shown = await asyncio.to_thread(press, first)
    assert "Appointment " in shown
    _, shown = await asyncio.to_thread(press, private)
    assert "Private visit" in shown
    assert "Talk in private" not in shown
    assert "Appointment " not in shown


async def test_the_adviser_reads_what_was_told_and_nobody_else_of_a_private_one(served: Served) -> None:
    first, *_, private = await asyncio.to_thread(fill_the_day, served)

    def at_the_counter() -> tuple[str, str, str]:
        tickets = []
        for booking in (first, private):
            body = asks.ArriveBooking(booking=booking.id, visit=new_id(), ticket=new_id())
            served.ask(served.actor("grace"), body)
            tickets.append(body.ticket)
        served.sit("priya")
        served.ask(served.actor("priya"), asks.ServeBooking(booking=first.id))
        counter = served.signed_in("priya").get("/counter").text
        others = served.signed_in("tom")
        return counter, others.get(f"/floor/ticket/{tickets[1]}").text, others.get("/floor").text

    counter, sheet, floor = await asyncio.to_thread(at_the_counter)
    begins = "Appointment at 10:02: Ada Lovelace"
    assert begins in counter
    for told in ("Your account number", "771 882", "Brings her daughter.", "The last bill"):
        assert told in counter
    assert "Secret Person" not in sheet + floor + counter
    assert "Appointment at" not in sheet
    assert Role.DISCREET in served.actor("tom").roles  # who may look, but has not
