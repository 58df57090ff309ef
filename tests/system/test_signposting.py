"""From a word typed at a kiosk to a page on a self-service PC, through real parts: a window, the server, a browser that is the PC."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from playwright.async_api import Page, expect

from demo.page import DEVICE_COOKIE
from tests.support.browser import OpenPage, Watch, on_one_loop
from tests.support.waiting import until_async
from tests.system.conftest import Open
from tests.system.house import House

pytestmark = [pytest.mark.system, on_one_loop]

PAGE = "Register to vote"
ELSEWHERE = re.compile(r"^https://[\w.]*example\.org/")


async def self_service_pc(house: House, open_page: OpenPage) -> Page:
    paired = await asyncio.to_thread(house.centre.pair, house.passwords["olivia"], "pc")
    token = paired["pc"].token
    page = await open_page(viewport={"width": 1280, "height": 900})
    await page.context.add_cookies([{"name": DEVICE_COOKIE, "value": token, "url": house.address}])
    await page.context.route(
        ELSEWHERE, lambda route: route.fulfill(body="elsewhere", content_type="text/html")
    )
    await page.goto(f"{house.address}/pc")
    return page


async def test_what_was_searched_at_a_kiosk_is_begun_at_a_pc_and_counted(
    open_house: Open, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(r"asked another machine: https://www\.leicester\.example\.org/online/register-to-vote$")
    house = await open_house()
    pc = await self_service_pc(house, open_page)
    await expect(pc.locator("#pages .name", has_text=PAGE)).to_be_visible()

    screen = house.screen
    for text in ("English", "Forms and online services", "Search in your own words", *"Vote"):
        await screen.press(text)
    await screen.press(PAGE)
    await screen.press("Open it on PC 1")
    await expect(pc.locator("#chosen h2")).to_have_text(PAGE)
    await screen.press("Finish")
    await screen.shows("start")

    await pc.get_by_role("button", name="Start").click()
    await pc.wait_for_url(ELSEWHERE)

    def uses() -> list[tuple[str, str, str]]:
        return sorted(house.rows("SELECT kind, slug, ended FROM self_service_use"))

    told = [("online", "register-to-vote", "pc"), ("search", "", "done")]
    await until_async(lambda: uses() == told, 20, f"uses, not {uses()}")
    for text in ("English", "Forms and online services", "Search in your own words", "V", "o", "t", "e"):
        await screen.press(text)
    await screen.press(PAGE)

    async def at_page() -> object:
        return any(each["text"] == "It is on my phone" for each in (await screen.state())["presses"])

    await until_async(at_page, 10, "the page")
    assert not any("PC 1" in each["text"] for each in (await screen.state())["presses"]), (
        "somebody sits at it"
    )
    assert "vote" not in json.dumps(house.rows("SELECT * FROM self_service_use")).replace(
        "register-to-vote", ""
    )
