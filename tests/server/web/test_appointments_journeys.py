"""Appointments in a browser: booked by keyboard alone, moved by hand and by keyboard, in step with what others do, and for everybody's eyes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.server.web.diary import TEN, Diary, diary
from tests.server.web.rehearsal import Served
from tests.server.web.test_pages_for_all import enter, look_over
from tests.support.browser import OpenPage, axe_faults, on_one_loop
from wire import asks
from wire.references import show_reference
from wire.vocabulary import new_id

pytestmark = on_one_loop

ARABIC = "\u0641\u0627\u0637\u0645\u0629 \u0627\u0644\u062d\u0633\u0646"
NOW_LINE_BEHIND = """() => {
  const card = [...document.querySelectorAll(".appt")].find(each => each.textContent.includes("Derek Hallam"));
  const line = card.closest(".cal-body").querySelector(".now-line").getBoundingClientRect();
  const box = card.getBoundingClientRect();
  if (line.top < box.top || line.top > box.bottom) throw new Error("now is not within this card");
  document.querySelector(".now-line").style.pointerEvents = "auto";
  return document.elementFromPoint(box.left + box.width / 2, line.top + 1).closest(".appt") === card;
}"""
LONG = "Oluwaseun-Bartholomew Featherstonehaugh-Cholmondeley-Wojciechowska"


@pytest.fixture
def house(served: Served) -> Diary:
    return diary(served)


def a_day(house: Diary) -> None:
    """Somebody in each state, two at one time, a long name and an Arabic one."""
    eleven = TEN.replace(hour=11, minute=0)
    priya, tom = ({"person": house.persons[name]} for name in ("priya", "tom"))
    house.book("council-tax", TEN - timedelta(minutes=7), "Derek Hallam")
    house.book("housing", eleven, LONG, named=priya, note="Brings the letter")
    house.book("housing", eleven, ARABIC, named=tom)
    house.book("private", eleven, "Rosa Parks")
    here = house.book("council-tax", TEN + timedelta(minutes=13), "Here Already")
    house.served.ask(
        house.served.actor("grace"), asks.ArriveBooking(booking=here.id, visit=new_id(), ticket=new_id())
    )


async def tab_to(page: Page, what: str, most: int = 60) -> int:
    """Press Tab until the focus is on `what`; how often it took."""
    for times in range(1, most):
        await page.keyboard.press("Tab")
        if await page.evaluate("what => document.activeElement.matches(what)", what):
            return times
    raise AssertionError(f"{what} is not reached by keyboard")


async def test_a_visitor_is_booked_by_keyboard_alone_with_few_keys(
    house: Diary, open_page: OpenPage, watch: Any
) -> None:
    watch.expect("status of 422")
    page = await enter(open_page, house.served, "grace")
    await page.goto(f"{house.served.url}/appointments")
    await page.locator("#link-words", has_text="In step").wait_for()
    await page.keyboard.press("n")
    await page.wait_for_url("**/appointments/new*")
    await expect(page.locator("#need")).to_be_focused()
    await page.keyboard.type("somewh")
    await page.keyboard.press("Enter")
    await expect(page.locator("input[name=service][value=housing]")).to_be_checked()
    await page.locator(".next-slots").wait_for()
    tabs = await tab_to(page, "#times input[name=starts_at]")
    await page.keyboard.press("Space")
    await expect(page.locator("#book-says")).to_contain_text(
        "Somewhere to live, Tuesday 24 November at 10:30"
    )
    tabs += await tab_to(page, "#name")
    assert tabs <= 30, tabs
    await page.keyboard.type("Siân O\u2019Neil")
    await page.keyboard.press("Tab")
    await page.keyboard.type("07700 90")
    await page.keyboard.press("Enter")
    await expect(page.locator("#phone-wrong")).to_be_visible()
    await expect(page.locator("#phone")).to_be_focused()
    await expect(page.locator("#name")).to_have_value("Siân O\u2019Neil")
    await expect(page.locator("#times input:checked")).to_have_count(1)
    await page.keyboard.press("End")
    await page.keyboard.type("0123")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/done")
    (made,) = await asyncio.to_thread(house.all_booked)
    await expect(page.locator("#reference")).to_have_text(show_reference(made.reference))
    assert (made.name, made.phone) == ("Siân O\u2019Neil", "+447700900123")


async def test_an_appointment_is_picked_up_moved_and_put_down_by_keyboard_and_by_hand(
    house: Diary, open_page: OpenPage
) -> None:
    eleven = TEN.replace(hour=11, minute=0)
    made = await asyncio.to_thread(
        lambda: house.book("housing", eleven, "Ada Lovelace", named={"person": house.persons["priya"]})
    )
    page = await enter(open_page, house.served, "max")
    await page.goto(f"{house.served.url}/appointments")
    await page.locator("#link-words", has_text="In step").wait_for()
    card = page.locator(".appt[data-move]")
    await card.focus()
    carried = page.locator("#carried")
    await page.keyboard.press("Space")
    await expect(carried).to_contain_text("Picked up. 11:00, Priya.")
    await page.keyboard.press("ArrowDown")
    await expect(carried).to_have_text("11:30, Priya")
    await page.keyboard.press("Escape")
    await expect(carried).to_have_text("It stays where it was.")
    await expect(card).to_be_focused()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    await expect(carried).to_have_text("11:30, Tom")
    await page.keyboard.press("Enter")
    await expect(page.locator("#mv-reason")).to_be_focused()
    await expect(page.locator("#more")).to_contain_text(
        "To 11:30, Tuesday 24 November 2026, with Tom. It is free."
    )
    await page.keyboard.type("Priya is ill")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**done=moved")
    moved = await asyncio.to_thread(house.now_is, made)
    assert (moved.starts_at, moved.person_id) == (eleven + timedelta(minutes=30), house.persons["tom"])
    # By hand: half an hour up again.
    await page.goto(f"{house.served.url}/appointments")
    await page.locator("#link-words", has_text="In step").wait_for()
    box = await page.locator(".appt[data-move]").bounding_box()
    hour = await page.evaluate(
        "[...document.querySelectorAll('.hour')].slice(0, 2).map(each => each.getBoundingClientRect().top).reduce((a, b) => b - a)"
    )
    assert box is not None
    x, y = box["x"] + 30, box["y"] + 8
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 3, y - hour / 4, steps=4)
    await page.mouse.move(x, y - hour / 2, steps=4)
    await expect(page.locator(".landing")).to_contain_text("11:00")
    await page.mouse.up()
    await page.fill("#mv-reason", "As it was")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**done=moved")
    assert (await asyncio.to_thread(house.now_is, made)).starts_at == eleven


async def test_the_calendar_is_in_step_and_for_everybody(house: Diary, open_page: OpenPage) -> None:
    page = await enter(open_page, house.served, "grace")
    await page.goto(f"{house.served.url}/appointments")
    await page.locator("#link-words", has_text="In step").wait_for()
    await expect(page.locator(".appt")).to_have_count(0)
    await asyncio.to_thread(lambda: house.book("council-tax", TEN + timedelta(hours=3), "Only Booked"))
    await expect(
        page.locator(".appt", has_text="Only Booked")
    ).to_be_visible()  # nothing of the queue has changed
    await asyncio.to_thread(a_day, house)
    await expect(page.locator(".appt", has_text="Derek Hallam")).to_contain_text(
        "Late 7 min"
    )  # without loading the page again
    await expect(page.locator(".appt", has_text="Here Already")).to_contain_text("Here since")
    await expect(page.locator(".appt.private")).to_have_count(1)
    await look_over(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.locator("#fold-more summary").click()
    await expect(page.locator(".more-link").first).to_be_visible()
    assert await axe_faults(page) == []
    state, here = [
        await page.locator(f".appts-row.s-late > {part}").bounding_box()
        for part in (".appt-state", ".actions")
    ]
    assert state is not None
    assert here is not None
    assert abs(state["y"] + state["height"] / 2 - here["y"] - here["height"] / 2) < 20, "side by side"
    await page.set_viewport_size({"width": 1280, "height": 800})
    # The line of now lies behind the cards; those whom nobody is named for stand first.
    assert await page.evaluate(NOW_LINE_BEHIND)
    await expect(page.locator(".cal-col .cal-head").first).to_have_text("Whoever is free")
    await expect(page.locator(".appt-what", has_text=ARABIC)).to_have_css("direction", "rtl")
    await page.locator(".appt", has_text=ARABIC).press("Enter")
    await expect(page.locator("#more-h")).to_have_text(ARABIC)
    await page.locator("#more [data-close]").click()
    long_one = page.locator(".appt", has_text=LONG)
    await page.goto(f"{house.served.url}{await long_one.get_attribute('href')}")
    await look_over(page)
    await page.goto(f"{house.served.url}/appointments/new?service=housing")
    await page.locator(".next-slots").wait_for()
    await look_over(page)
