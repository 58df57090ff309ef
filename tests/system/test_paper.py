"""The paper, on a printer at a real TCP port: out, pulled mid-ticket, in doubt after a kill, and never telling more than it must."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops
from playwright.async_api import expect

from tests.support.browser import OpenPage, on_one_loop
from tests.support.waiting import until_async
from tests.system.conftest import Open
from tests.system.house import House, kill, square_on

pytestmark = [pytest.mark.system, on_one_loop]

SLOW_ROWS = 300.0
"""Rows a second: a ticket takes some seconds, so that there is a middle of it."""


async def test_without_paper_the_visitor_is_told_first_and_still_gets_a_number(
    open_house: Open, open_page: OpenPage
) -> None:
    house = await open_house()
    floor = await house.sign_in(open_page, "grace", "/floor")
    house.printer.levers.set_paper("out")
    await house.screen.shows("start", printer="out", seconds=30)
    await expect(floor.get_by_text("No paper. Put in a new roll.")).to_be_visible(timeout=10_000)
    ticket = await house.screen.take_ticket("English", "A school place")
    assert ticket["paper"] == "not_printed"
    assert ticket["follow_url"]
    await house.has_tickets(("A01", "waiting"))
    await house.screen.leave()

    house.printer.levers.set_paper("full")
    await house.screen.shows("start", printer="ready", seconds=30)
    await house.screen.take_ticket("English", "A school place")
    assert house.printer.levers.wait_for_cuts(1, 10)


async def test_a_printer_pulled_mid_ticket_leaves_a_question_and_no_loss(open_house: Open) -> None:
    house = await open_house(rows_per_second=SLOW_ROWS)
    await house.screen.press("English")
    await house.screen.press("A school place")
    assert house.printer.levers.wait_for_rows(100, 15)
    house.printer.levers.set_plugged(plugged=False)
    await house.screen.shows("ticket", asks_paper=True, code="A01", seconds=30)
    await house.has_tickets(("A01", "waiting"))
    house.printer.levers.set_plugged(plugged=True)
    await house.screen.shows("ticket", printer="ready", seconds=30)
    await house.screen.press("No, print it again")
    assert house.printer.levers.wait_for_cuts(1, 30)
    assert square_on(house.printer.papers()[-1]).startswith(f"{house.address}/t/")
    await until_async(lambda: _copies(house) == [1], 10, "a copy that is counted")


async def test_a_kiosk_killed_between_tap_and_paper_asks_whether_the_ticket_came_out(
    open_house: Open,
) -> None:
    house = await open_house(rows_per_second=SLOW_ROWS)
    await house.screen.press("English")
    await house.screen.press("A school place")
    assert house.printer.levers.wait_for_rows(100, 15)
    kill(house.centre.kiosk)
    house.centre.kiosk.start()
    asked = await house.screen.shows("ticket", asks_paper=True, seconds=30)
    assert asked["code"] == "A01"
    assert {"Yes, I have it", "No, print it again"} <= {press["text"] for press in asked["presses"]}
    await house.screen.press("Yes, I have it")
    await house.screen.leave()
    await house.has_tickets(("A01", "waiting"))
    assert (await house.screen.take_ticket("English", "A school place"))["code"] == "A02"


async def test_a_private_ticket_looks_like_any_other(open_house: Open) -> None:
    """What differs between two ordinary papers (number, square) is all that differs on a private one."""
    house = await open_house()
    for way in ("A school place", "Something else"):
        await house.screen.take_ticket("English", way)
        await house.screen.leave()
    await house.screen.press("I would like to talk in private")
    await house.screen.press_until_ticket("English", "Talk in private")
    assert house.printer.levers.wait_for_cuts(3, 15)
    ordinary, other, private = house.printer.papers()
    assert ordinary.size == other.size == private.size
    usual = _differs(ordinary, other).getbbox()
    found = _differs(ordinary, private).getbbox()
    assert usual is not None
    assert found is not None
    assert _differs_outside(ordinary, private, _differs(ordinary, other)) == 0


def _copies(house: House) -> list[int]:
    return [copies for (copies,) in house.rows("SELECT copies FROM ticket")]


def _differs(one: Image.Image, other: Image.Image) -> Image.Image:
    return ImageChops.difference(one.convert("L"), other.convert("L"))


def _differs_outside(one: Image.Image, other: Image.Image, usual: Image.Image) -> int:
    """Rows in which the two differ though two ordinary papers do not, give or take some rows for the shapes of digits."""
    reach = 12
    allowed = {
        near
        for row in range(usual.height)
        if usual.crop((0, row, usual.width, row + 1)).getbbox()
        for near in range(row - reach, row + reach + 1)
    }
    differing = _differs(one, other)
    return sum(
        1
        for row in range(differing.height)
        if row not in allowed and differing.crop((0, row, differing.width, row + 1)).getbbox()
    )
