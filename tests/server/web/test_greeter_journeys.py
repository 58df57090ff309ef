"""A greeter at the door, in a real browser against a real server: every room of the tablet, with a finger, with keys, without script."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect
from sqlmodel import col, select

from server.domain.access import SYSTEM
from server.store.tables import Service
from server.store.tx import Tx
from tests.server.web.rehearsal import Served, serving
from tests.server.web.test_console_journeys import doing, signed_in, wired
from tests.server.web.test_pages_for_all import LEAST_TARGET, SMALL_TARGETS, busy_morning
from tests.server.web.test_pages_for_all import enter as at_the_start
from tests.support.browser import OpenPage, Watch, axe_faults, on_one_loop
from tests.support.waiting import until_async
from wire import asks
from wire.vocabulary import Language, PrinterState, new_id

pytestmark = on_one_loop

PORTRAIT, LANDSCAPE = {"width": 820, "height": 1180}, {"width": 1180, "height": 820}


async def tablet(open_page: OpenPage, url: str, username: str = "grace") -> Page:
    page = await signed_in(open_page, url, username, "/greeter", has_touch=True)
    await page.set_viewport_size(PORTRAIT)
    await enter(page, "floor")
    return page


async def enter(page: Page, room: str) -> None:
    await page.locator(f".room-nav [data-room={room}]").tap()


async def arrive(page: Page, word: str, service: str) -> str:
    """Search, two taps; the number."""
    await enter(page, "arrive")
    await page.keyboard.type(word)
    await page.locator(".offer:visible", has_text=service).tap()
    await page.locator("#arrive-button").tap()
    await expect(page.locator(".given-code")).to_have_text(re.compile(r"^[A-Z]\d\d$"))
    await expect(page.locator(".given [data-next]")).to_be_visible()
    return await page.locator(".given-code").inner_text()


def say_rent_for_housing(served: Served) -> None:
    def write(tx: Tx) -> None:
        chosen = select(Service).where(
            col(Service.slug) == "housing", col(Service.centre_id) == served.ids.centre
        )
        tx.session().exec(chosen).one().synonyms = ["rent arrears", "homeless"]

    served.run(served.house.change(SYSTEM, "synonyms", write))


def waiting(served: Served) -> list[tuple[str, str]]:
    """Code and service's slug of all who wait."""
    from server.live.floor import FloorReader

    floor = FloorReader(served.house.database, "").read(served.ids.centre, served.house.clock.micros())
    return [(each.code, floor.set_up.services[each.service].slug) for each in floor.waiting]


@pytest.fixture
def reached(sqlite_url: str) -> Iterator[Served]:
    """A house that phones can reach."""
    with serving(sqlite_url, public_url="https://queue.test") as running:
        yield running


async def test_somebody_is_arrived_with_a_word_and_two_taps_and_gets_paper(
    reached: Served, open_page: OpenPage
) -> None:
    served = reached
    await doing(lambda: say_rent_for_housing(served))
    await doing(lambda: served.ask(served.kiosk(), asks.Health(printer=PrinterState.READY)))
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    for nonsense in ("%", "😀", "zebra crossing"):
        await page.get_by_role("searchbox").fill(nonsense)
        await expect(page.locator("#nothing")).to_be_visible()  # its words stand there hidden as well
        await expect(page.locator("#nothing")).to_have_text(
            "Nothing found. Try another word, or choose from the list."
        )
        assert await page.locator(".offer:visible").count() == 4, nonsense
    for word in ("rent", "RÉNT", "rent arre", "renting"):
        await page.get_by_role("searchbox").fill(word)
        assert await page.locator(".offer:visible b").all_inner_texts() == ["Somewhere to live"], word
    await page.get_by_role("searchbox").fill("")
    code = await arrive(page, "perm", "Parking permits")
    assert await doing(lambda: waiting(served)) == [(code, "parking")]
    await page.get_by_role("button", name="Print at The kiosk").tap()
    await expect(page.locator(".print-state")).to_contain_text("The kiosk")
    await page.get_by_role("button", name="Show the square").tap()
    await expect(page.locator("svg.square")).to_be_visible()
    assert await axe_faults(page) == []
    await page.get_by_role("button", name="Close").tap()
    await page.locator(".given").get_by_role("button", name=f"Take back {code}").tap()
    await expect(page.locator("#said")).to_have_text("Taken back. Nobody was counted.")
    assert await doing(lambda: waiting(served)) == []
    await expect(page.get_by_role("radio", name="Parking permits")).not_to_be_checked()


async def test_what_is_told_of_a_visitor_goes_with_the_number(served: Served, open_page: OpenPage) -> None:
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    await page.get_by_role("searchbox").fill("tax")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Give a number for Council tax")).to_be_focused()
    await page.locator("#arrive-more summary").click()
    for label in ("Polish", "Needs a way without steps", "Quick: a minute or two"):
        await page.get_by_label(label).check()
    await page.get_by_label("Wants an adviser who").select_option("pl")
    await page.get_by_label("People together").select_option("4")
    await page.get_by_label("Note for the adviser").fill("Brings the <b>letter</b>")
    await expect(page.locator("#more-says")).to_have_text(
        "Polish, Needs a way without steps, Quick: a minute or two, speaks Polish, 4 people, a note"
    )
    await page.locator("#arrive-button").click()
    await expect(page.locator(".given .flags")).to_contain_text("4 people")
    await page.get_by_role("link", name="Change").click()
    sheet = page.get_by_role("dialog")
    await expect(sheet).to_contain_text("Wants somebody who speaks Polish")
    await expect(sheet.locator(".story")).to_contain_text("Brings the <b>letter</b>")


async def test_a_lost_link_and_a_double_tap_are_one_visitor(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect("ERR_|WebSocket")
    async with wired(served) as (url, wire):
        page = await tablet(open_page, url)
        await enter(page, "arrive")
        await page.get_by_role("radio", name="Council tax").check()
        wire.silent = True
        await page.locator("#arrive-button").dblclick(delay=20)
        await expect(page.locator(".given-lead")).to_have_text("Giving a number")
        await expect(page.locator(".given-lead")).to_have_text("No connection", timeout=20_000)
        await page.get_by_role("button", name="Next person").click()
        await expect(page.locator("#pending")).to_contain_text("Council tax: not entered yet")
        wire.silent = False
        await expect(page.locator("#pending")).to_contain_text("Council tax is entered", timeout=20_000)
        assert [slug for _, slug in await doing(lambda: waiting(served))] == ["council-tax"]


async def test_a_double_tap_is_one_visitor(served: Served, open_page: OpenPage) -> None:
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    await page.get_by_role("radio", name="Council tax").check()
    await page.locator("#arrive-button").dblclick(delay=20)
    await expect(page.locator(".given [data-next]")).to_be_visible()
    await page.locator("[data-next]").press("Enter")  # faster than a finger, so not with one
    await page.get_by_role("radio", name="Parking permits").check()
    await page.locator("#arrive-button").press("Enter")
    await expect(page.locator(".given-lead")).to_have_text("Tell them their number")
    await expect(page.locator(".given .lead")).to_have_text("Parking permits")
    assert [slug for _, slug in await doing(lambda: waiting(served))] == ["council-tax", "parking"]


async def test_a_closed_door_keeps_what_was_filled_in(served: Served, open_page: OpenPage) -> None:
    await doing(lambda: served.ask(served.actor("max"), asks.Evacuate(confirmed=True)))
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    await page.get_by_role("radio", name="Council tax").check()
    await page.locator("#arrive-button").click()
    await expect(page.locator("#said")).to_contain_text("Everyone is leaving the building")
    await expect(page.get_by_role("radio", name="Council tax")).to_be_checked()


async def test_a_greeter_sees_to_things_and_puts_right_what_is_wrong(
    served: Served, open_page: OpenPage
) -> None:
    first, code, _ = await doing(lambda: served.visitor("parking", minutes_ago=8))
    second, other, _ = await doing(lambda: served.visitor("council-tax", minutes_ago=30))
    await doing(lambda: served.ask(served.kiosk(), asks.Help(request=new_id(), language=Language.GU)))
    page = await tablet(open_page, served.url)
    needs = page.get_by_role("region", name="Needs somebody")
    await expect(needs).to_contain_text("Help pressed, Gujarati")
    await needs.get_by_role("button", name="I will go to The kiosk").tap()
    await expect(needs).to_contain_text("You are seeing to it.")
    await needs.get_by_role("button", name="Done with The kiosk").tap()
    await expect(needs.get_by_role("button", name="Done with The kiosk")).to_have_count(0)
    await needs.get_by_role(
        "button", name=f"I will go to {other}"
    ).tap()  # noticed by the house: the long wait
    await expect(needs).to_contain_text("You are seeing to it.")

    async def sheet_of(ticket: str) -> None:
        await page.locator(f"#more-{ticket}").tap()
        await expect(page.get_by_role("dialog")).to_be_visible()

    sheet = page.get_by_role("dialog")
    await sheet_of(first)
    await sheet.get_by_text("Another need too").tap()
    await sheet.get_by_label("What else they came for").select_option("housing")
    await sheet.get_by_role("button", name=f"Add to {code}").tap()
    await expect(page.locator(".card-row", has_text=code)).to_have_count(2)
    await sheet_of(first)
    await expect(sheet).to_contain_text("Also here for: Somewhere to live")
    await sheet.get_by_text("Priority", exact=True).tap()
    await sheet.get_by_label("Urgently").check()
    await sheet.get_by_label("Reason").fill("Cannot stand for long")
    await sheet.get_by_role("button", name="Change the priority").tap()
    await expect(page.locator(f"#row-{first}")).to_contain_text("Urgent")
    await sheet_of(second)
    await sheet.get_by_text("Same person as another").tap()
    await sheet.get_by_label("They keep this number").select_option(first)
    await sheet.get_by_role("button", name=f"Put {other} into it").tap()
    await expect(page.locator(".card-row", has_text=code)).to_have_count(3)
    await expect(page.locator(".card-row", has_text=other)).to_have_count(0)
    await page.locator(".last").get_by_role("button", name=f"Take back {other}").tap()
    await expect(page.locator(".card-row", has_text=other)).to_have_count(1)
    await sheet_of(second)
    await sheet.get_by_text("Another service or counter").tap()
    await sheet.get_by_label("To which service").select_option("parking")
    await sheet.get_by_role("button", name=f"Pass on {other}").tap()
    row = page.locator(".card-row", has_text=other)
    await expect(row).to_contain_text("Parking permits")
    await expect(row).to_contain_text("30 min")  # the time of arrival is kept


async def test_a_visit_is_made_discreet_kept_apart_and_looked_at_on_the_record(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    ticket, code, _ = await doing(lambda: served.visitor("housing"))
    page = await tablet(open_page, served.url, "amina")
    sheet = page.get_by_role("dialog")
    await page.locator(f"#more-{ticket}").tap()
    await sheet.get_by_text("Discreet, apart, safe room").tap()
    await sheet.get_by_label("Do not bring together").fill("case 12/b")
    await sheet.get_by_role("button", name="Keep apart").tap()
    await expect(page.locator(f"#row-{ticket}")).to_contain_text("Keep apart")
    await page.locator(f"#more-{ticket}").tap()
    await sheet.get_by_text("Discreet, apart, safe room").tap()
    await sheet.get_by_role("button", name="Make discreet").tap()
    await expect(page.locator(f"#row-{ticket}")).to_contain_text("Private visit")
    assert "Somewhere to live" not in await page.locator("#now").inner_text()
    await page.locator(f"#more-{ticket}").tap()
    await expect(sheet).to_contain_text("Private visit")
    assert "Somewhere to live" not in await sheet.inner_text()
    # Not where the row was pressed: two taps of one spot within a moment are one, and nobody's look is written down by a double tap.
    await sheet.get_by_role("button", name="See what it is about").tap(position={"x": 8, "y": 8})
    await expect(sheet).to_contain_text("Somewhere to live")
    await page.get_by_role("button", name="Close").tap()
    await page.locator(f"#more-{ticket}").tap()
    await expect(sheet.get_by_role("button", name="See what it is about")).to_be_visible()
    manager = await signed_in(open_page, served.url, "max", "/floor")
    await manager.goto(f"{served.url}/admin/audit")
    await expect(manager.get_by_text(code).first).to_be_visible()
    await expect(manager.locator("table")).to_contain_text("Looked at what a discreet visit is about")
    await page.get_by_role("button", name="Close").tap()
    await enter(page, "arrive")
    await page.get_by_role("radio", name="Parking permits").check()
    await page.locator("#arrive-more summary").tap()
    await page.locator("#arrive-apart").fill("CASE 12/B")
    await page.locator("#arrive-button").tap()
    await expect(page.locator(".given")).to_contain_text("must not meet (CASE 12/B)")


async def test_an_alarm_is_held_shown_everywhere_else_and_silent(served: Served, open_page: OpenPage) -> None:
    await doing(lambda: served.sit("priya", "desk-2"))
    desk = await signed_in(open_page, served.url, "priya", "/counter")
    page = await tablet(open_page, served.url)
    floor = await signed_in(open_page, served.url, "max", "/floor")
    button = desk.locator("#alarm > summary")
    await button.click()
    await expect(desk.get_by_role("button", name="Send the alarm")).to_be_visible()
    await button.click()
    await expect(desk.get_by_role("button", name="Send the alarm")).to_be_hidden()
    assert await page.locator(".alarm-call").count() == 0, "a short press raises nothing"
    await button.hover()
    await desk.mouse.down()
    await expect(desk.locator(".alarm-word")).to_have_text("Sent")
    await desk.mouse.up()
    for screen in (page, floor):
        await expect(screen.locator(".alarm-call")).to_contain_text(
            "Priya Shah needs help now. Where: Desk 2."
        )
        await expect(screen).to_have_title(re.compile("^ALARM"))
        assert await axe_faults(screen) == []
    await expect(desk.get_by_text("Colleagues are told.")).to_be_visible()
    assert "needs help" not in await desk.locator("body").inner_text()
    assert await page.evaluate("document.documentElement.dataset.chimed") is None
    await enter(page, "tell")
    await page.locator(".alarm-call").get_by_role("button", name="I will go").tap()
    await expect(floor.locator(".alarm-call")).to_contain_text("Grace Obi is on the way.")
    await desk.get_by_role("button", name="It is over").click()
    for screen in (page, floor):
        await expect(screen.locator(".alarm-call")).to_have_count(0)
        await expect(screen).not_to_have_title(re.compile("^ALARM"))
    await desk.locator("#alarm > summary").focus()
    await desk.keyboard.down("Space")
    await expect(page.locator(".alarm-call")).to_be_visible()
    await desk.keyboard.up("Space")


async def test_everyone_is_told_and_everybody_leaves_and_comes_back(
    served: Served, open_page: OpenPage
) -> None:
    await doing(lambda: served.visitor("council-tax", minutes_ago=3))
    await doing(lambda: served.sit("priya", "desk-1"))
    desk = await signed_in(open_page, served.url, "priya", "/counter")
    page = await tablet(open_page, served.url)
    await enter(page, "tell")
    await page.get_by_role("radio", name="The wait is longer than usual").check()
    await page.get_by_role("button", name="Tell everyone", exact=True).tap()
    await expect(page.locator("#telling")).to_contain_text("The wait is longer than usual")
    await page.get_by_role("radio", name="Words of my own").check()
    await page.get_by_label("Your words").fill("The lift is out of order.")
    await page.get_by_role("button", name="Tell everyone", exact=True).tap()
    await expect(page.locator("#telling li")).to_have_count(2)
    await page.get_by_role("button", name="End telling: The wait is longer").tap()
    await expect(page.locator("#telling li")).to_have_count(1)
    house = await at_the_start(open_page, served, "ada")
    await house.clock.install()
    await house.goto(f"{served.url}/admin/staff")
    await house.fill("#name", "Half typed")
    numbers = "[...document.querySelectorAll('.evacuate [name=command]')].map(each => each.value)"
    kept = await house.evaluate(numbers)
    await house.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert kept
    anew = await house.evaluate(numbers)
    assert not set(kept) & set(anew), "a page gone back to says it anew"
    sent = "document.querySelector('.evacuate form').dispatchEvent(new Event('submit', {bubbles: true}))"
    await house.evaluate(sent)
    assert await house.evaluate(numbers) == anew, "a second tap says the same"
    await house.clock.fast_forward(61_000)
    assert not set(anew) & set(await house.evaluate(numbers)), "and who stopped it and says it later, another"
    await page.locator("#evacuating").get_by_text("Evacuate the building").tap()
    await expect(page.locator("#evacuating").get_by_text("It does not ring the fire alarm")).to_be_visible()
    assert await page.locator(".everybody-out").count() == 0, "the first press does nothing yet"
    await page.get_by_role("button", name="Yes, everybody must leave York House now").press(
        "Enter"
    )  # two quick taps are one
    for screen in (page, desk):
        await expect(screen.locator(".everybody-out")).to_be_visible()
        assert await axe_faults(screen) == []

    async def is_told() -> bool:
        await house.clock.fast_forward(6_000)
        return await house.locator(".everybody-out").count() > 0

    await until_async(is_told, 20, "that a page that follows no floor says it")
    await expect(house.locator(".everybody-out")).to_contain_text("Everybody must leave the building")
    await expect(house.locator("#name")).to_have_value("Half typed")
    assert await axe_faults(house) == []
    await desk.get_by_role("button", name="Call next").click()
    await expect(desk.locator("#said")).not_to_be_empty()
    for room in ("floor", "arrive", "count", "tell"):
        await enter(page, room)
        await expect(page.locator(".everybody-out")).to_be_in_viewport()
    await page.locator(".everybody-out summary").tap()
    await page.get_by_role("button", name="Yes, York House is open again").press("Enter")
    await expect(page.locator(".everybody-out")).to_have_count(0)
    await desk.get_by_role("button", name="Call next").click()
    await expect(desk.get_by_role("heading", name="Called")).to_be_visible()
    await house.context.clear_cookies()  # their session has ended: what the page shows goes as well
    await house.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(house).to_have_url(re.compile(r"/sign-in\?next=%2Fadmin%2Fstaff$"))


async def test_every_room_for_everybody(served: Served, open_page: OpenPage) -> None:
    """axe, nothing off the screen, targets of a finger's size; at each size and with text twice as large."""
    await asyncio.to_thread(busy_morning, served)
    page = await tablet(open_page, served.url, "amina")
    for size in (PORTRAIT, LANDSCAPE, {"width": 390, "height": 844}, {"width": 320, "height": 640}):
        await page.set_viewport_size(size)
        for room in ("floor", "arrive", "count", "tell"):
            await enter(page, room)
            await page.evaluate(UNFOLD, room)
            await check(page, (size["width"], room))
    await page.set_viewport_size(LANDSCAPE)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    for room in ("floor", "arrive", "count", "tell"):
        await enter(page, room)
        over = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, (room, "text at 200%", over)
    await page.evaluate("document.documentElement.style.fontSize = ''")
    await enter(page, "floor")
    await page.locator(".card-row").first.click()
    for fold in await page.locator(".deeds > details > summary").all():
        await fold.click()
    await check(page, "the sheet")


UNFOLD = "room => document.querySelectorAll(`#room-${room} details.fold`).forEach(each => each.open = true)"


async def check(page: Page, where: object) -> None:
    assert await axe_faults(page) == [], where
    over = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, (where, f"{over} px wider than the screen")
    assert await page.evaluate(SMALL_TARGETS, LEAST_TARGET) == [], where


async def test_what_is_being_filled_in_stays_while_the_floor_changes(
    served: Served, open_page: OpenPage
) -> None:
    page = await tablet(open_page, served.url)
    await page.set_viewport_size(LANDSCAPE)
    await enter(page, "arrive")
    await page.get_by_role("searchbox").fill("tax")
    await page.get_by_role("radio", name="Council tax").check()
    await page.locator("#arrive-more summary").click()
    await page.get_by_label("Note for the adviser").fill("half a sen")
    await doing(lambda: served.visitor("council-tax"))
    await expect(page.locator(".card-row")).to_have_count(1)
    await expect(page.locator("[data-of=council-tax]")).to_contain_text("1 waiting")
    await expect(page.get_by_label("Note for the adviser")).to_have_value("half a sen")
    await expect(page.get_by_label("Note for the adviser")).to_be_focused()
    await expect(page.get_by_role("radio", name="Council tax")).to_be_checked()


async def test_by_keys_alone(served: Served, open_page: OpenPage) -> None:
    page = await signed_in(open_page, served.url, "grace", "/greeter")
    await page.locator(".room-nav [data-room=arrive]").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("live")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.locator(".given .lead")).to_have_text("Somewhere to live")
    await expect(page.locator("#arrived")).to_be_focused()
    await page.get_by_role("link", name="Next person").press("Enter")
    await expect(page.locator("#arrive-h")).to_be_focused()


async def test_without_script_every_room_works(served: Served, open_page: OpenPage) -> None:
    page = await signed_in(open_page, served.url, "grace", "/greeter", java_script_enabled=False)
    await page.get_by_label("Parking permits").check()
    await page.locator("#arrive-more > summary").click()
    await page.get_by_label("Has children with them").check()
    await page.locator("#arrive-more").get_by_label("People together").select_option("3")
    await page.get_by_role("button", name="Give a number").click()
    await page.wait_for_url("**/greeter/arrived/*")
    code = await page.locator(".given-code").inner_text()
    await expect(page.locator(".flags")).to_contain_text("3 people")
    await page.get_by_role("link", name="Next person").click()
    await expect(page.locator(".card-row", has_text=code)).to_contain_text("Has children with them")
    await page.locator(".card-row", has_text=code).click()
    await page.get_by_text("Language, access, group").click()
    await page.get_by_label("Has children with them").uncheck()
    await page.get_by_role("button", name=f"Correct {code}").click()
    await expect(page.locator(".card-row", has_text=code)).not_to_contain_text("Has children with them")
    await page.get_by_role("radio", name="The wait is longer").check()
    await page.get_by_role("button", name="Tell everyone", exact=True).click()
    await expect(page.locator("#telling")).to_contain_text("The wait is longer")
    await page.locator("#alarm > summary").click()
    await page.get_by_label("Where you are").fill("By the lift")
    await page.get_by_role("button", name="Send the alarm").click()
    await expect(page.get_by_text("Colleagues are told.")).to_be_visible()
