"""An adviser with a visitor who came for more than one thing, somebody who asked for Gujarati, and a counter handed on; in a real browser."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from server.store.tables import StaffSkill
from tests.server.web.rehearsal import SYSTEM, Served
from tests.server.web.test_console_journeys import doing, signed_in
from tests.support.browser import OpenPage, on_one_loop
from wire import asks
from wire.vocabulary import SkillKind

pytestmark = on_one_loop


def give(served: Served, username: str, *skills: tuple[SkillKind, str]) -> None:
    def write(tx: Any) -> None:
        for kind, value in skills:
            tx.session().add(
                StaffSkill(
                    staff_id=served.ids.staff[username], centre_id=served.ids.centre, kind=kind, value=value
                )
            )

    served.run(served.house.change(SYSTEM, "give skills", write))


async def scrolls_sideways(page: Page) -> bool:
    return bool(
        await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )


async def test_a_visitor_with_two_needs_is_served_in_one_go_and_handed_on(
    served: Served, open_page: OpenPage
) -> None:
    tax = (SkillKind.SERVICE, "council-tax")
    await doing(
        lambda: give(served, "priya", tax, (SkillKind.SERVICE, "housing"), (SkillKind.LANGUAGE, "gu"))
    )
    await doing(lambda: served.visitor("council-tax", minutes_ago=9))
    asked, code, _ = await doing(lambda: served.visitor("council-tax", minutes_ago=4))
    await doing(
        lambda: served.ask(served.actor("grace"), asks.Amend(ticket=asked, wants="gu", people=3, quick=True))
    )
    page = await signed_in(open_page, served.url, "priya")
    offered = page.locator("input[name=services]")
    assert [await each.get_attribute("value") for each in await offered.all()] == ["council-tax", "housing"]
    await expect(page.locator(".sit")).to_contain_text(
        "Whoever asked for somebody who speaks Gujarati comes to you sooner."
    )
    await expect(page.locator(".sit")).to_contain_text("Not among yours: Parking permits, Talk in private.")
    await page.get_by_label("Desk 1").check()
    await page.get_by_role("button", name="Sit down").click()
    await expect(page.locator(".code.huge")).to_have_text(code)
    await expect(page.locator(".why")).to_contain_text("as you do")
    await expect(page.locator(".next .flags")).to_contain_text("3 people")
    await page.get_by_role("button", name="Call next").click()
    await page.get_by_role("button", name="Arrived").click()
    await page.get_by_text("Another need too").click()
    await page.get_by_label("What else they came for").select_option("housing")
    await page.get_by_role("button", name=f"Add to {code}").click()
    also = page.locator(".story", has=page.get_by_role("heading", name="Also came for"))
    await expect(also).to_contain_text("Somewhere to live waits until you have finished")
    for width in (1280, 820, 390, 320):
        await page.set_viewport_size({"width": width, "height": 900})
        assert not await scrolls_sideways(page), width
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.get_by_role("button", name="Resolved today").click()
    onward = page.get_by_role("button", name=f"Go on with {code}: Somewhere to live")
    await expect(onward).to_be_visible()
    await onward.click()
    await expect(page.get_by_role("heading", name="Serving")).to_be_visible()
    await expect(page.locator(".stage .lead").first).to_contain_text("Somewhere to live")
    await expect(page.locator(".stage")).to_contain_text("Council tax: resolved today by Priya Shah")
    await page.get_by_text("Hand over").first.click()
    await page.get_by_label("To whom").select_option(label="Tom Baker")
    await page.get_by_role("button", name="Hand over Desk 1").click()
    await expect(page.get_by_role("heading", name="Choose your counter")).to_be_visible()
    toms = await signed_in(open_page, served.url, "tom")
    await expect(toms.get_by_role("heading", name="Serving")).to_be_visible()
    await expect(toms.locator(".code.huge")).to_have_text(code)


async def test_who_is_kept_for_a_colleague_is_said_and_nobody_is_promised(
    served: Served, open_page: OpenPage
) -> None:
    await doing(lambda: give(served, "tom", (SkillKind.SIGN_LANGUAGE, "")))
    await doing(lambda: served.sit("tom", "desk-2", ("council-tax",)))
    asked, _, _ = await doing(lambda: served.visitor("council-tax", minutes_ago=2))
    await doing(lambda: served.ask(served.actor("grace"), asks.Amend(ticket=asked, wants="sign_language")))
    await doing(lambda: served.sit("priya", "desk-1", ("council-tax",)))
    page = await signed_in(open_page, served.url, "priya")
    await expect(page.get_by_role("heading", name="Nobody is waiting for you")).to_be_visible()
    await expect(page.locator(".stage")).to_contain_text(
        "1 visitor waits for a colleague whom they asked for"
    )
