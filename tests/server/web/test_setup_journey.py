"""An administrator shapes a centre in a browser: the sketch follows the form, what is planned is there the next day, all sizes are looked over."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial

from playwright.async_api import Page, expect

from server.clock import to_micros
from server.jobs.planned import do_due_changes
from server.live.floor import Floor, FloorReader
from server.live.views import kiosk
from tests.server.web.rehearsal import Served
from tests.server.web.test_pages_for_all import enter, look_over
from tests.support.browser import OpenPage, Watch, on_one_loop
from wire.frames import Row

pytestmark = on_one_loop

MORNING = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 7, 1, 23, 0, tzinfo=UTC)
"""Of the second of July, in London."""
PAGES = (
    "/setup",
    "/setup/centre",
    "/setup/hours",
    "/setup/calendar",
    "/setup/layout",
    "/setup/services",
    "/setup/services/housing",
    "/setup/services/housing/hours",
    "/setup/services/housing/appointments",
    "/appointments/people",
)


def seen_by_kiosks(served: Served, at: datetime) -> dict[str, Row]:
    read = FloorReader(served.house.database, "https://queue.test").read
    floor: Floor = read(served.ids.centre, to_micros(at))
    return kiosk.rows(floor, "")


async def confirm(page: Page, when: str = "now") -> None:
    await expect(page.get_by_text("Nothing is changed yet.")).to_be_visible()
    await page.check(f"input[name=when][value={when}]")
    await page.click(".part-foot button.primary")
    await expect(page.locator(".told")).to_be_visible()


async def test_a_centre_is_shaped_and_is_so_the_next_day(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(r"status of 422")
    served.set_clock(MORNING)
    page = await enter(open_page, served, "ada")

    await page.goto(f"{served.url}/setup/services/add?choice=money")
    await page.fill("[id='names.en']", "Free school meals")
    await page.fill("[id='names.pl']", "Darmowe obiady")
    await page.check("input[name=icon][value=school]", force=True)
    sketch = page.locator("[data-look-here]")
    await expect(sketch.get_by_text("Free school meals")).to_be_visible()
    await page.select_option("[data-look-language]", "pl")
    await expect(sketch.get_by_text("Darmowe obiady")).to_be_visible()
    await page.select_option("[data-look-way]", "wide")
    await expect(sketch.locator(".kiosk.wide")).to_be_visible()
    await page.click(".part-foot button")
    await confirm(page, "tomorrow")
    await expect(page.locator(".told")).to_contain_text("planned for Thursday 2 July 2026")

    await page.goto(f"{served.url}/setup/layout")
    first = page.locator(".k-tile b").first
    await expect(first).to_have_text("Money and homes")
    await page.goto(f"{served.url}/setup/choices/add")
    await page.fill("[id='names.en']", "Travel")
    await page.click(".part-foot button")
    await confirm(page)
    await page.goto(f"{served.url}/setup/layout")
    await page.select_option("[name='at.parking']", "travel")
    await expect(page.locator(".k-tile b")).to_have_text(["Money and homes", "Travel"])
    await page.get_by_role("button", name="Move Travel up").click()
    await expect(page.locator(".k-tile b")).to_have_text(["Travel", "Money and homes"])
    await expect(page.get_by_role("button", name="Move Travel down")).to_be_focused()
    await page.click(".part-foot button")
    await confirm(page)

    await page.goto(f"{served.url}/setup/closures/add")
    await page.fill("#first", "2026-07-03")
    await page.fill("[id='reason.en']", "We are closed so that our staff can train.")
    await page.click(".part-foot button")
    await expect(page.get_by_text("Fri 3 Jul")).to_be_visible()
    await confirm(page)

    for path in PAGES:
        await page.goto(f"{served.url}{path}")
        await look_over(page)
    await page.goto(f"{served.url}/setup/services/housing")
    await page.fill("[id='names.en']", "x" * 300)
    page.context.set_default_timeout(15_000)
    watch_422 = page.expect_response(lambda answer: answer.status == 422)
    async with watch_422:
        await page.click(".part-foot button")
    await expect(page.locator("#wrongs")).to_be_focused()
    await look_over(page)

    before = await asyncio.to_thread(seen_by_kiosks, served, MORNING)
    assert "service:free-school-meals" not in before
    assert before["choice:travel"]["order"] == 0
    served.set_clock(MIDNIGHT)
    done = await asyncio.to_thread(served.run, do_due_changes(served.house))
    assert done == 1
    after = await asyncio.to_thread(seen_by_kiosks, served, MIDNIGHT)
    assert after["service:free-school-meals"]["names"] == {"en": "Free school meals", "pl": "Darmowe obiady"}
    assert after["centre"]["open"] is True
    closed = await asyncio.to_thread(partial(seen_by_kiosks, served, datetime(2026, 7, 3, 9, tzinfo=UTC)))
    assert closed["centre"]["open"] is False
    assert closed["centre"]["closed_reason"] == {"en": "We are closed so that our staff can train."}
