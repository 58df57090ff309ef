"""The page Waits: who may read it, what dates it takes, and how it looks to everybody."""

from __future__ import annotations

import asyncio

from tests.server.web.rehearsal import PASSWORD, Served
from tests.server.web.test_greeter_appointments import fill_the_day
from tests.support.browser import OpenPage, axe_faults, on_one_loop
from wire import asks
from wire.vocabulary import new_id

pytestmark = on_one_loop


def managers_read_it(served: Served) -> None:
    for who, status in (("max", 200), ("grace", 403), ("priya", 403), ("ada", 403)):
        assert served.signed_in(who).get("/appointments/waits").status_code == status, who
    page = served.signed_in("max").get("/appointments/waits?first=2026-13-01").text
    assert "This is not a day that can be shown" in page


def somebody_was_called(served: Served) -> None:
    first, second, *_ = fill_the_day(served)
    served.sit("priya")
    for booking in (first, second):
        body = asks.ArriveBooking(booking=booking.id, visit=new_id(), ticket=new_id())
        served.ask(served.actor("grace"), body)
        served.ask(served.actor("priya"), asks.ServeBooking(booking=booking.id))
        served.ask(served.actor("priya"), asks.Arrive(ticket=body.ticket))
        served.ask(served.actor("priya"), asks.Finish(ticket=body.ticket, outcome="resolved"))


async def test_managers_read_it_and_nobody_else(served: Served) -> None:
    await asyncio.to_thread(managers_read_it, served)


async def test_it_is_readable_down_to_320_pixels(served: Served, open_page: OpenPage) -> None:
    await asyncio.to_thread(somebody_was_called, served)
    page = await open_page(f"{served.url}/sign-in?next=/appointments/waits")
    await page.fill("#username", "max")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/appointments/waits")
    assert "100%" in await page.locator(".figures").inner_text()
    assert not await axe_faults(page)
    await page.set_viewport_size({"width": 320, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not await axe_faults(page)
