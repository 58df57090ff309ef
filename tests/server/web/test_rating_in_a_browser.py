"""How was your visit, in Chromium: on a tablet at the exit that starts again by itself, by keyboard alone without script on the narrowest phone; and the managers' pages for all."""

from __future__ import annotations

import os
import re

from playwright.async_api import Page, expect
from sqlmodel import select

from server.store.tables import Feedback
from tests.server.web.rehearsal import PASSWORD, Served
from tests.server.web.test_said_pages import COMMENTS, give, write_down
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop

pytestmark = on_one_loop
TABLET = {"width": 1024, "height": 600}
NARROW = {"width": 320, "height": 640}
PAGE = "/how-was-it/york-house"
SMALL = """[...document.querySelectorAll("button, a, summary, input:not([type=hidden]), textarea, select")].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && box.height < 44 && !each.closest(".govuk-skip-link, [hidden]");
}).map(each => `${each.textContent.trim()} ${each.getBoundingClientRect().height}`)"""


async def look_over(page: Page, name: str, *, touch: bool = False) -> None:
    await assert_axe_clean(page)
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{name} is too wide"
    if touch:
        assert await page.evaluate(SMALL) == [], name
    if os.environ.get("FOYER_SHOTS"):
        await page.screenshot(path=f"{os.environ['FOYER_SHOTS']}/rating-{name}.png", full_page=True)


def answers(served: Served) -> list[Feedback]:
    return served.run(served.house.read(lambda session: list(session.exec(select(Feedback)).all())))


async def test_a_tablet_at_the_exit_asks_whoever_comes_and_starts_again_by_itself(
    open_page: OpenPage, served: Served
) -> None:
    page = await open_page(viewport=TABLET, has_touch=True)
    await page.clock.install()
    await page.goto(f"{served.url}{PAGE}?stay=1")
    await page.get_by_role("link", name="اردو").click()
    await expect(page.locator("h1")).to_have_text("آپ کی ملاقات کیسی رہی؟")
    await look_over(page, "tablet-faces-ur", touch=True)
    await page.locator("button[value='2']").tap()
    await expect(page.locator("h1")).to_have_text("کیا بہتر ہو سکتا ہے؟")
    await look_over(page, "tablet-why-ur", touch=True)
    await page.locator("button[value='place']").tap()
    await expect(page.locator("h1")).to_have_text("کیا آپ ہمیں مزید بتانا چاہیں گے؟")
    await look_over(page, "tablet-tell-ur", touch=True)
    await page.fill("textarea", "سردی تھی")
    await page.clock.fast_forward(46_000)
    dialog = page.get_by_role("alertdialog")
    await expect(dialog).to_be_visible()
    await look_over(page, "tablet-idle-ur", touch=True)
    await dialog.locator("[data-more]").tap()
    await expect(page.locator("textarea")).to_have_value("سردی تھی")
    await page.locator("form button:not([name])").tap()
    await expect(page.locator("h1")).to_have_text("شکریہ")
    await look_over(page, "tablet-thanks-ur", touch=True)
    await page.clock.fast_forward(13_000)
    await expect(page.locator("h1")).to_have_text("How was your visit?")
    await page.get_by_role("button", name="Very poor").tap()
    await expect(page.locator("h1")).to_have_text("What could be better?")
    await page.clock.fast_forward(26_000)  # they have gone: their answer counts, the next begins anew
    await page.clock.fast_forward(21_000)
    await expect(page.locator("h1")).to_have_text("How was your visit?")
    given = sorted((row.score, row.reason, row.sealed is not None, row.language) for row in answers(served))
    assert given == [(1, None, False, "en"), (2, "place", True, "ur")]


async def test_by_keyboard_alone_without_script_on_the_narrowest_phone(
    open_page: OpenPage, served: Served
) -> None:
    page = await open_page(f"{served.url}{PAGE}?lang=ar", viewport=NARROW, java_script_enabled=False)

    async def press(selector: str) -> None:
        wanted = page.locator(selector)
        for _ in range(30):
            await page.keyboard.press("Tab")
            if await wanted.evaluate("each => each === document.activeElement"):
                break
        else:
            raise AssertionError(f"{selector} is not reached by Tab")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")

    await press("button[value='5']")
    await press("button[value='staff']")
    await press("button[name='skip']")
    assert await page.locator("h1").text_content() == "شكراً لك"
    assert [(row.score, row.reason, row.way, row.language) for row in answers(served)] == [
        (5, "staff", "paper", "ar")
    ]


async def test_the_managers_pages_are_for_all(open_page: OpenPage, served: Served) -> None:
    give(served, words="Too cold, and https://example.org/" + "x" * 200, score=1)
    write_down(served.signed_in("grace"), received_on="2026-01-05")
    page = await open_page(f"{served.url}/sign-in", viewport={"width": 1280, "height": 900})
    await page.fill("[name=username]", "max")
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button")
    await page.wait_for_url(lambda url: "sign-in" not in url)
    await page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/figures/satisfaction", COMMENTS, "/said/new", "/said?which=late"):
        await page.goto(f"{served.url}{path}")
        await look_over(page, path.strip("/").replace("/", "-").split("?")[0])
    await page.click(".said-reference")
    await page.wait_for_url(re.compile("/said/[0-9a-f]{32}"))
    await look_over(page, "said-one")
    await page.goto(f"{served.url}/what-became-of-it?lang=ur")
    await look_over(page, "became-320-ur")
