"""One visitor's whole visit through every real part: kiosk, paper, adviser, lobby, phone."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support.browser import OpenPage, Watch, on_one_loop
from tests.system.conftest import Open
from tests.system.house import press, square_on, switch_sound_on

pytestmark = [pytest.mark.system, on_one_loop]


async def test_from_the_tap_at_the_kiosk_to_the_end_of_the_visit(
    open_house: Open, open_page: OpenPage, watch: Watch
) -> None:
    house = await open_house()
    lobby = await house.open_display(open_page)
    sign = await house.open_display(open_page, "sign")
    await switch_sound_on(lobby)
    desk = await house.sit_down(open_page)

    ticket = await house.screen.take_ticket("English", "A school place")
    assert ticket["code"] == "A01"
    assert house.printer.levers.wait_for_cuts(1, 10)
    await house.screen.shows("ticket", paper="confirmed")
    square = square_on(house.printer.papers()[0])
    assert square == ticket["follow_url"]
    assert re.fullmatch(rf"{house.address}/t/[\w-]{{22,}}", square)

    phone = await open_page(square, viewport={"width": 390, "height": 780})
    await expect(phone.get_by_text("A01")).to_be_visible()
    await expect(desk.get_by_text("A01").first).to_be_visible()

    spoken = lobby.context.expect_event("response", lambda answer: "/speech/" in answer.url)
    async with spoken as said:
        await press(desk, "Call next")
        await expect(lobby.locator(".card .code")).to_have_text("A01")
        await expect(lobby.locator(".card .where")).to_have_text("Desk 4")
    sound = await said.value
    assert sound.status == 200
    assert (await sound.body()).startswith(b"RIFF")
    await expect(sign.locator("body")).to_contain_text("A01")
    await expect(phone.locator("body")).to_contain_text(re.compile(r"Desk\s4"))

    watch.expect(r"status of 404")  # the phone asks once more where it stands, and its place is gone
    await press(desk, "Arrived")
    await press(desk, "Resolved today")
    await expect(desk.get_by_role("button", name="Call next")).to_be_visible()
    await house.has_tickets(("A01", "finished"))
    await expect(phone.locator("body")).not_to_contain_text("Desk")
    await expect(phone.locator("form[action*='/how']").first).to_be_visible(timeout=20_000)
    assert "A01" not in await phone.content(), "its page asks how the visit was, and says no more of it"
