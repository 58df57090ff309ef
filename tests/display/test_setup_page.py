"""The set-up page says truly whether the board can be read, and the board keeps to it."""

from __future__ import annotations

from playwright.async_api import expect

from tests.display import lobby
from tests.display.standin import Standin
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop

pytestmark = on_one_loop
SCREEN = {"width": 1920, "height": 1080}


async def test_the_verdict_is_the_boards_own_size_and_is_kept(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = lobby.board(0)
    page = await open_page(f"{standin.address}/display/setup", viewport=SCREEN, screen=SCREEN)
    verdict = page.locator("#verdict")
    await expect(verdict).to_contain_text("From 6 m the number must be 73 mm high.")
    await assert_axe_clean(page)
    await page.fill("#metres", "20")
    await expect(verdict).to_contain_text("Not even one call is that large")
    await page.fill("#inches", "65")
    await page.fill("#metres", "9")
    await expect(verdict).to_contain_text("Up to")
    heights = [
        int((text or "0").split()[0])
        for text in await page.locator("#heights td:nth-child(2)").all_text_contents()
    ]
    readable = await page.locator("#heights td:last-child").all_text_contents()
    most = sum("✓" in each for each in readable)
    assert 1 < most < 8
    await page.uncheck("#sound")
    await page.click("button[type=submit]")
    await expect(page.locator("#centre")).to_have_text("York House")
    await standin.change(lobby.calls(*(lobby.call(index) for index in range(8))))
    await expect(page.locator(".card")).to_have_count(8 // -(-8 // most), timeout=10_000)
    size = await page.evaluate("parseFloat(getComputedStyle(document.querySelector('.card .code')).fontSize)")
    shown_mm = size * 0.714 * 65 * 25.4 / (1920**2 + 1080**2) ** 0.5
    assert shown_mm > 105, (
        "a capital of Noto Sans is 0.714 of its size; 9 m need 110 mm for the calls counted readable"
    )
    assert abs(shown_mm - heights[8 // -(-8 // most) - 1]) < 25, (
        "as measured on the set-up page, but for the room of a message"
    )
