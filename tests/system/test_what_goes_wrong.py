"""A centre in trouble: the server killed, the link cut for days, a screen unplugged. Visitors get tickets, and nothing is lost."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.async_api import expect

from tests.support.browser import OpenPage, Watch, on_one_loop
from tests.support.waiting import until_async
from tests.system.conftest import Open
from tests.system.house import THURSDAY, House, press
from wire.follow import MISSED_BEATS
from wire.frames import BEAT_SECONDS

pytestmark = [pytest.mark.system, on_one_loop]


async def test_a_server_killed_in_mid_morning_costs_no_ticket(
    open_house: Open, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(r"net::ERR_|WebSocket connection")
    house = await open_house()
    desk = await house.sit_down(open_page)
    await house.screen.take_ticket("English", "A school place")
    await house.screen.leave()
    await press(desk, "Call next")
    await expect(desk.get_by_role("button", name="Arrived")).to_be_visible()

    house.kill_server()
    for code in ("A02", "A03"):
        ticket = await house.screen.take_ticket("Polski", "Miejsce w szkole")
        assert ticket["code"] == code
        await house.screen.press("Zakończ")
    assert house.printer.levers.wait_for_cuts(3, 10), "papers come out though no server runs"
    await expect(desk.locator("#link-words")).to_have_text("Connection lost", timeout=20_000)

    await house.start_server()
    # A line that was long down is tried every fifteen seconds; one try may meet a server that is still starting.
    await house.has_tickets(("A01", "called"), ("A02", "waiting"), ("A03", "waiting"), seconds=45)
    await expect(desk.locator("#link-words")).to_have_text("In step", timeout=20_000)
    await expect(desk.get_by_text("A03").first).to_be_visible()
    await press(desk, "Arrived")
    await press(desk, "Resolved today")
    await press(desk, "Call next")
    await house.has_tickets(("A01", "finished"), ("A02", "called"), ("A03", "waiting"))


async def test_a_kiosk_cut_off_from_tuesday_to_thursday_hands_over_every_ticket_once_and_in_order(
    open_house: Open,
) -> None:
    house = await open_house()
    await house.screen.lever("link_cut", True)
    await house.screen.shows("start", link_up=False)
    codes = []
    for _ in range(3):
        codes.append((await house.screen.take_ticket("English", "A school place"))["code"])
        await house.screen.leave()
    assert codes == ["A01", "A02", "A03"]
    assert house.tickets() == []

    house.kill_server()
    await house.start_server_on(THURSDAY)
    await house.screen.lever("link_cut", False)
    await house.has_tickets(*((code, "waiting") for code in codes))
    entered = house.rows("SELECT v.code FROM ticket t JOIN visit v ON v.id = t.visit_id ORDER BY t.rowid")
    assert [code for (code,) in entered] == codes
    ticket = await house.screen.take_ticket("English", "A school place")
    assert ticket["code"] not in codes, "two people would stand up"


async def test_a_display_that_was_unplugged_shows_what_it_missed(
    open_house: Open, open_page: OpenPage
) -> None:
    house = await open_house(kiosk=False)
    lobby = await house.open_display(open_page)
    await expect(lobby.locator("#centre")).to_have_text("York House")
    desk = await house.sit_down(open_page)
    await house.issue("council-tax")
    await lobby.close()

    await press(desk, "Call next")
    await expect(desk.get_by_role("button", name="Arrived")).to_be_visible()
    again = await house.open_display(open_page)
    await expect(again.locator(".card .code")).to_have_text("B01")
    await expect(again.locator(".card .where")).to_have_text("Desk 4")


async def test_a_server_that_freezes_makes_the_board_say_so_within_twelve_seconds(
    open_house: Open, open_page: OpenPage
) -> None:
    house = await open_house(kiosk=False)
    lobby = await house.open_display(open_page)
    await expect(lobby.locator("#centre")).to_have_text("York House")
    os.kill(house.centre.server.pid, signal.SIGSTOP)
    try:
        most = (MISSED_BEATS * BEAT_SECONDS + 2) * 1000
        await expect(lobby.locator("#stale")).to_be_visible(timeout=most)
    finally:
        os.kill(house.centre.server.pid, signal.SIGCONT)
    await expect(lobby.locator("#stale")).to_be_hidden(timeout=10_000)


async def test_help_asked_at_the_kiosk_reaches_the_greeter(open_house: Open, open_page: OpenPage) -> None:
    house = await open_house()
    floor = await house.sign_in(open_page, "grace", "/floor")
    await house.screen.press("Help")
    await house.screen.shows("start", help="asked")
    await expect(floor.get_by_text("asks for help")).to_be_visible()
    await press(floor, "I will go")
    await house.screen.shows("start", help="coming")
    await press(floor, "Done")
    await until_async(
        lambda: house.rows("SELECT count(*) FROM attention WHERE done_at IS NULL") == [(0,)], 5, "done"
    )


async def test_a_revoked_kiosk_stops_within_seconds_and_shows_a_code_again(
    open_house: Open, open_page: OpenPage
) -> None:
    house = await open_house()
    page = await house.sign_in_plain(open_page, "olivia", "/admin/devices")
    row = page.get_by_role("row", name=re.compile("Kiosk by the door"))
    await row.locator("summary").click()
    await row.get_by_role("button", name=re.compile("Revoke")).click()
    state = await house.screen.shows("setup", seconds=10)
    assert state["presses"] == [] or "A school place" not in str(state["presses"])

    await page.fill("#code", await _code(house))
    await page.get_by_role("button", name=re.compile("Pair with")).click()
    await house.screen.shows("start", link_up=True)


async def _code(house: House) -> str:
    async def there() -> str:
        return str((await house.screen.state()).get("setup_code") or "")

    return await until_async(there, 15, "a code on the kiosk")
