"""The page a self-service PC rests on: what is there, what somebody chose for it at a kiosk, and that it counts as in use once they begin."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.display import lobby
from tests.display.standin import Standin
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop
from wire.frames import Row

pytestmark = on_one_loop


def rows(*, opens: str = "") -> dict[str, Row]:
    portals = {
        f"portal:{slug}": {
            "kind": "portal",
            "id": slug,
            "names": {"en": name, "ur": "ووٹ"} if slug == "vote" else {"en": name},
            "url": f"/display/setup?{slug}",
            "ready": {"en": "Your National Insurance number."} if slug == "vote" else {},
            "icon": "form",
            "order": order,
            "service": "",
            "synonyms": [],
        }
        for order, (slug, name) in enumerate(
            [("vote", "Register to vote"), ("bus-pass", "Apply for a bus pass")]
        )
    }
    told: dict[str, Any] = {"opens": {"kind": "opens", "portal": opens, "name": "PC 1"}} if opens else {}
    return {"centre": lobby.centre(), **portals, **told}


async def open_pc(open_page: OpenPage, standin: Standin, **options: Any) -> Page:
    page = await open_page(f"{standin.address}/pc", **options)
    await expect(page.get_by_role("heading", level=1)).to_have_text("What would you like to do?")
    return page


@pytest.mark.parametrize("width", [1280, 320])
async def test_everything_is_there_by_need_at_every_width(
    open_page: OpenPage, standin: Standin, width: int
) -> None:
    standin.rows = rows()
    page = await open_pc(open_page, standin, viewport={"width": width, "height": 900})
    names = page.locator("#pages .name")
    await expect(names).to_have_text(
        ["Register to vote", "Apply for a bus pass", "Fill in a form", "Book an appointment"]
    )
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await assert_axe_clean(page)


async def test_what_was_chosen_at_a_kiosk_stands_first_and_is_begun_by_the_keyboard(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = rows(opens="vote")
    page = await open_pc(open_page, standin)
    await expect(page.locator("#chosen h2")).to_have_text("Register to vote")
    await assert_axe_clean(page)
    await page.get_by_role("button", name="Start").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/display/setup?vote")
    asked = [body for body in standin.asked if body["do"] != "health"]
    assert {"do": "pc_is", "rests": False} in asked
    told = [body for body in asked if body["do"] == "use"]
    assert [(body["kind"], body["slug"], body["ended"]) for body in told] == [("online", "vote", "pc")]


async def test_another_language_turns_the_page_round_and_is_forgotten_on_coming_back(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = rows()
    page = await open_pc(open_page, standin)
    await page.get_by_role("button", name="اردو").click()
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.locator("#pages .name").first).to_have_text("ووٹ")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")


async def test_the_page_is_no_boards(open_page: OpenPage, standin: Standin) -> None:
    """It has a pointer and scrolls: somebody sits at it."""
    standin.rows = rows()
    page = await open_pc(open_page, standin)
    assert await page.evaluate("getComputedStyle(document.body).cursor") != "none"
