"""The booking pages in Chromium: the whole way by keyboard alone and without script, on the narrowest phone from right to left, and what axe finds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.server.web.booked_house import Booked, booked_house, copied, interpreter
from tests.support.browser import OpenPage, Watch, assert_axe_clean, on_one_loop
from wire.vocabulary import BookingState

pytestmark = on_one_loop


@pytest.fixture(scope="module")
def one_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booked]:
    with booked_house(
        copied(sqlite_template, tmp_path_factory), public_url="https://a.example.gov.uk"
    ) as running:
        yield running


@pytest.fixture
def house(one_house: Booked) -> Booked:
    one_house.afresh().change(lambda tx: interpreter(tx.session()))
    return one_house


async def press(page: Page, key: str = "Enter") -> None:
    """A key that leads to another page."""
    async with page.expect_navigation():
        await page.keyboard.press(key)


async def click(page: Page, selector: str) -> None:
    async with page.expect_navigation():
        await page.click(selector)


async def look_over(page: Page, name: str) -> None:
    """Clean for axe, no wider than the screen, in one language that it says; a picture if one is wanted."""
    await assert_axe_clean(page)
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, f"{page.url} is wider than the screen"
    if os.environ.get("FOYER_SHOTS"):
        await page.screenshot(path=f"{os.environ['FOYER_SHOTS']}/book-{name}.png", full_page=True)


async def test_the_whole_way_by_keyboard_alone_and_without_script(house: Booked, open_page: OpenPage) -> None:
    """Without script, so that nothing but the browser itself moves the focus."""
    page = await open_page(f"{house.served.url}/book", java_script_enabled=False, locale="en-GB")
    seen: list[str] = []

    async def stop(selector: str) -> None:
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"{selector} cannot be reached by the keyboard on {page.url}")

    await stop("button[value=housing]")
    await press(page)
    await stop(".book-next button")
    await press(page)
    await stop("#name")
    await press(page)  # nothing typed: the browser's own focus must be on the summary
    assert (await page.title()).startswith("Error: ")
    assert await page.locator(".govuk-error-summary:focus").count() == 1
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.locator("#name:focus").count() == 1, "the summary leads to the field"
    described = await page.locator("#name").get_attribute("aria-describedby")
    assert described == "name-hint name-error"
    await page.keyboard.type("Amina Khan")
    await press(page)  # Enter in a field sends the form, and does not change the language
    assert "What is your name" not in await page.locator("h1").inner_text()
    seen.append(await page.locator("h1").inner_text())
    await stop("#answer-tenure")
    await page.keyboard.press("Space")
    await press(page)
    await stop("#phone")
    await page.keyboard.type("07700 900123")
    await stop("#safe")
    await page.keyboard.press("ArrowDown")
    await stop("#email")
    await page.keyboard.type("amina@example.org")
    await press(page)
    await stop("#answer > button")
    await press(page)
    await stop("form[action='/book/check'] button")
    await press(page)
    assert await page.locator("h1").inner_text() == "Your appointment is booked"
    (booking,) = house.bookings()
    assert (booking.state, booking.name, booking.safe_to_text) == (BookingState.BOOKED, "Amina Khan", False)
    assert seen == ["A few things to know before"]


async def test_every_page_on_the_narrowest_phone_from_right_to_left(
    house: Booked, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect("status of 404")  # what is not found says so to programs too
    url = house.served.url
    page = await open_page(f"{url}/book?lang=ur", viewport={"width": 320, "height": 568}, locale="ur-PK")
    await look_over(page, "1-what")
    assert await page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    await click(page, "button[value=housing]")
    await click(page, ".book-month td a >> nth=-1")
    await look_over(page, "2-when")
    small = await page.evaluate(
        "[...document.querySelectorAll('button, .book-month a, .book-languages a')].filter(each => each.tabIndex >= 0)"
        ".map(each => each.getBoundingClientRect()).filter(box => box.height < 44 || box.width < 36).length"
    )
    assert small == 0, "every target is large enough for a thumb"
    await click(page, ".book-times button >> nth=0")
    await click(page, "#answer > button")
    await look_over(page, "3-name-wrong")
    focus = await page.evaluate("document.activeElement.className")
    assert "govuk-error-summary" in focus
    await page.fill("#name", "أمينة O'Brien")
    await click(page, "#answer > button")
    await look_over(page, "4-questions")
    await page.click("label[for=answer-tenure]")
    await click(page, "#answer > button")
    await page.fill("#phone", "07700 900123")
    await page.fill("#email", "amina@gmial.com")
    await click(page, "#answer > button")
    await look_over(page, "5-contact-wrong")
    await page.click("label[for=safe]")
    await click(page, "button[name=use]")
    await look_over(page, "6-needs")
    await page.click("label[for=needs]")
    await click(page, "#answer > button")
    await look_over(page, "7-check")
    await click(page, "form[action='/book/check'] button")
    await look_over(page, "8-done")
    assert await page.locator("h1").inner_text() == "آپ کی اپائنٹمنٹ بک ہو گئی ہے"
    (booking,) = house.bookings()
    assert (booking.language, booking.email, booking.needs) == ("ur", "amina@gmail.com", ["step_free"])
    link = await page.locator("a[href^='/b/']:not([href$='.ics'])").first.get_attribute("href")
    for path in (f"{link}", f"{link}/move", f"{link}/cancel", "/book/find", "/check-in/BCDF-3467", "/book/nothing?lang=ur"):  # fmt: skip
        await page.goto(f"{url}{path}")
        if "nothing" not in path:
            await look_over(page, f"9-{path.rsplit('/', 1)[-1][:6]}")
            assert await page.evaluate("document.documentElement.lang") == "ur", path


async def test_who_does_not_watch_the_clock_is_told(house: Booked, open_page: OpenPage) -> None:
    """The only script there is. The page's clock is the test's."""
    page = await open_page()
    await page.clock.install(time=house.clock.now())
    await page.goto(f"{house.served.url}/book?lang=en")
    await click(page, "button[value=council-tax]")
    await click(page, ".book-next button >> nth=0")
    told = page.locator("[role=status]")
    assert await told.inner_text() == ""
    await page.clock.run_for(8 * 60_000 + 1_000)
    assert "kept for 2 more minutes" in await told.inner_text()
    await page.clock.run_for(2 * 60_000)
    assert "We are not keeping this time for you any more" in await told.inner_text()
    await page.fill("#name", "Amina")
    await click(page, "#answer > button")
    assert page.url.endswith("/book/you/contact"), "nothing typed is lost"
