"""The pages of a form in Chromium: the whole way by keyboard alone and without script, on the narrowest phone from right to left, signed with a finger,
and what axe finds. `FOYER_SHOTS` names a folder for pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from server.store.tables import Submission
from tests.server.web.booked_house import copied
from tests.server.web.formed_house import STREET, Formed, formed_house
from tests.server.web.test_forms_web import photo
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop

pytestmark = on_one_loop


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formed]:
    with formed_house(copied(sqlite_template, tmp_path_factory)) as running:
        yield running


@pytest.fixture
def house(one_house: Formed) -> Formed:
    return one_house.afresh()


async def look_over(page: Page, name: str, *, axe: bool = True) -> None:
    """Clean for axe (which needs a script itself, and is slow: not for pages like another), no wider than the screen; a picture if one is wanted."""
    if axe:
        await assert_axe_clean(page)
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, f"{page.url} is wider than the screen"
    if os.environ.get("FOYER_SHOTS"):
        await page.screenshot(path=f"{os.environ['FOYER_SHOTS']}/forms-{name}.png", full_page=True)


async def press(page: Page, key: str = "Enter") -> None:
    async with page.expect_navigation():
        await page.keyboard.press(key)


async def click(page: Page, selector: str) -> None:
    async with page.expect_navigation():
        await page.click(selector)


async def reach(page: Page, selector: str) -> None:
    """By the tabulator alone."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the tabulator never comes to {selector} on {page.url}")


async def test_the_whole_way_by_keyboard_alone_and_without_script(house: Formed, open_page: OpenPage) -> None:
    page = await open_page(f"{house.served.url}/forms", java_script_enabled=False, locale="en-GB")
    await look_over(page, "list", axe=False)
    await reach(page, f"main a[href='/forms/{STREET}']")
    await press(page)
    await look_over(page, "start", axe=False)
    await reach(page, "button.forms-start")
    await press(page)
    await reach(page, "button[type=submit]:not([name])")
    await press(page)
    await expect(page.locator(".govuk-error-summary")).to_be_focused()
    await look_over(page, "wrong", axe=False)
    await reach(page, ".govuk-error-summary a")
    await page.keyboard.press("Enter")
    await reach(page, "[name=answer]")
    await page.keyboard.press("ArrowDown")
    assert await page.evaluate("document.activeElement.value") == "no"
    await press(page)
    assert "/fill/danger" not in page.url, "the return key goes on"
    await reach(page, ".forms-back")
    await press(page)
    assert page.url.endswith("/fill/danger")
    assert await page.is_checked("[name=answer][value=no]")


async def test_every_page_in_urdu_on_the_narrowest_phone_signed_with_a_finger(
    house: Formed, open_page: OpenPage
) -> None:
    page = await open_page(
        f"{house.served.url}/forms/every-kind?lang=ur", viewport={"width": 320, "height": 700}, has_touch=True
    )
    assert await page.get_attribute("html", "dir") == "rtl"
    await look_over(page, "ur-start", axe=False)
    await click(page, "button.forms-start")
    await page.fill("[name=answer-first]", "آمنہ")
    await page.fill("[name=answer-last]", "خان")
    await look_over(page, "ur-name")
    await click(page, "main button[type=submit]")
    for part, text in (("day", "27"), ("month", "3"), ("year", "1980")):
        await page.fill(f"[name=answer-{part}]", text)
    await look_over(page, "ur-date")
    await click(page, "main button[type=submit]")
    await page.fill("[name=answer-postcode]", "LE1 6TE")
    await look_over(page, "ur-postcode", axe=False)
    await click(page, "button[value=find]")
    await look_over(page, "ur-addresses")
    await page.check("#pick-1")
    await click(page, "main button.govuk-button:not([name])")
    await page.check("[name=answer][value=rent]")
    await look_over(page, "ur-choice", axe=False)
    await click(page, "main button[type=submit]")
    await page.fill("[name=answer]", "650")
    await look_over(page, "ur-money", axe=False)
    await click(page, "main button[type=submit]")
    await look_over(page, "ur-choices")
    await click(page, "main button[type=submit]")
    for text in ("یوسف", "100"):
        await page.fill("[name=answer]", text)
        await click(page, "main button.govuk-button:not([name])")
    await look_over(page, "ur-group")
    await click(page, "main button.govuk-button:not([name])")
    await page.fill("[name=answer]", "0")
    await look_over(page, "ur-number", axe=False)
    for _ in range(5):  # the number, the notice, and three that can be left empty
        await click(page, "main button.govuk-button:not([name])")
    await page.fill("textarea", "ا" * 2_005)
    await page.wait_for_selector(".forms-left-over")
    await look_over(page, "ur-long", axe=False)
    await page.fill("textarea", "شام کو فون کریں۔")
    await click(page, "main button.govuk-button:not([name])")
    await page.set_input_files("[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    await click(page, "button[value=upload]")
    await look_over(page, "ur-photo")
    await click(page, "main button.govuk-button:not([name])")
    await page.check("[name=answer][value=yes]")
    await click(page, "main button[type=submit]")
    await _sign(page)
    await look_over(page, "ur-sign")
    await click(page, "main button.govuk-button:not([name])")
    await page.check("[name=answer]")
    await look_over(page, "ur-declaration", axe=False)
    await click(page, "main button[type=submit]")
    await look_over(page, "ur-check")
    await click(page, "button[value=person]")
    await click(page, "main button[type=submit]")
    await look_over(page, "ur-person")
    await click(page, ".govuk-back-link")
    await page.dblclick("main button[type=submit]")
    await page.wait_for_url("**/done")
    await look_over(page, "ur-done")
    (submission,) = house.rows(Submission)
    assert submission.language == "ur"
    assert len(house.documents(submission.id)) == 2


async def _sign(page: Page) -> None:
    box = await page.locator("canvas").bounding_box()
    assert box is not None
    await page.locator("canvas").scroll_into_view_if_needed()
    box = await page.locator("canvas").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 20, box["y"] + 40)
    await page.mouse.down()
    for step in range(1, 8):
        await page.mouse.move(box["x"] + 20 + step * 25, box["y"] + 30 + 25 * (step % 2))
    await page.mouse.up()
