"""The dock's page in a real browser: seen, touched, broken and mended, by pointer and by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.kiosk.devdock.conftest import PRESS_PAUSE, Dock
from tests.support.browser import OpenPage, Watch, assert_axe_clean, on_one_loop

pytestmark = [on_one_loop, pytest.mark.system]


async def test_a_ticket_is_taken_by_keyboard_and_the_next_step_by_pointer(
    dock: Dock, open_page: OpenPage
) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    page = await open_page(f"http://127.0.0.1:{dock.port}/", viewport={"width": 1500, "height": 950})
    await expect(page.locator("#link")).to_have_text("Connected")
    await assert_axe_clean(page)
    await page.wait_for_timeout(PRESS_PAUSE * 1000)
    await page.get_by_role("button", name="English").focus()
    await page.keyboard.press("Enter")
    await dock.until(screen="needs")
    await expect(page.get_by_role("button", name="Council tax")).to_be_visible()
    await page.wait_for_timeout(PRESS_PAUSE * 1000)
    state = await dock.state()
    tile = next(press for press in state["presses"] if press["icon"] == "council-tax")
    shown = await page.locator("#screen").bounding_box()
    assert shown is not None
    across, down = (
        size / whole for size, whole in zip((shown["width"], shown["height"]), state["panel"], strict=True)
    )
    await page.mouse.click(shown["x"] + tile["x"] * across, shown["y"] + tile["y"] * down)
    state = await dock.until(screen="ticket", paper="confirmed")
    await expect(page.locator("#state")).to_contain_text(state["code"])
    await expect(page.locator("#paper")).to_be_visible()
    await assert_axe_clean(page)


async def test_a_lever_is_pulled_and_the_end_of_the_kiosk_is_plain(
    dock: Dock, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    await dock.until(screen="start", printer="ready", link_up=True)
    page = await open_page(f"http://127.0.0.1:{dock.port}/")
    await page.get_by_label("No paper").check()
    await dock.until(40, printer="out")
    await expect(page.locator("#state")).to_contain_text("out")
    await page.get_by_role("button", name="Kill the kiosk").click()
    await expect(page.locator("#link")).to_contain_text("not running", timeout=10_000)
