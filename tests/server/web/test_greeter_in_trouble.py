"""What goes wrong around a tablet and a counter: answers that get lost, colleagues who do the same at once, numbers that are none, small screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.async_api import Page, Route, expect
from sqlmodel import col, select

from server.domain.access import SYSTEM
from server.store.tables import Centre, Counter
from server.store.tx import Tx
from tests.server.web.rehearsal import NOON, PASSWORD, Served
from tests.server.web.test_console_journeys import doing, signed_in
from tests.server.web.test_greeter_journeys import LANDSCAPE, enter, tablet
from tests.support.browser import OpenPage, Watch, on_one_loop
from wire import asks
from wire.vocabulary import CounterKind

pytestmark = on_one_loop


def change(served: Served, write: Callable[[Tx], None]) -> None:
    served.run(served.house.change(SYSTEM, "for this test", write))


def make_rooms(served: Served) -> None:
    """Desk 2 is a room, desk 3 the crisis room."""

    def write(tx: Tx) -> None:
        for slug, name, kind in (
            ("desk-2", "Room 1", CounterKind.ROOM),
            ("desk-3", "The quiet room", CounterKind.CRISIS_ROOM),
        ):
            chosen = select(Counter).where(
                col(Counter.slug) == slug, col(Counter.centre_id) == served.ids.centre
            )
            counter = tx.session().exec(chosen).one()
            counter.name, counter.kind = name, kind

    change(served, write)


async def test_who_wants_a_safe_room_and_who_goes_read_which_rooms_are_free(
    served: Served, open_page: OpenPage
) -> None:
    await doing(lambda: make_rooms(served))
    ticket, code, _ = await doing(served.visitor)
    floor = await signed_in(open_page, served.url, "amina", "/floor")
    page = await tablet(open_page, served.url)
    await floor.locator(f"#more-{ticket}").click()
    sheet = floor.get_by_role("dialog")
    await sheet.get_by_text("Discreet, apart, safe room").click()
    await sheet.get_by_role("button", name=f"A safe room for {code}, now").click()
    told = floor.locator("#said")
    await expect(told).to_contain_text(f"asked for a safe room for {code}. Free now: The quiet room, Room 1.")
    wanted = page.locator(".request.danger")
    await expect(wanted).to_contain_text("Free now: The quiet room, Room 1.")
    await expect(wanted).to_contain_text("asked for by Amina Patel")
    await doing(lambda: served.sit("priya", "desk-3"))
    await expect(wanted).to_contain_text("Free now: Room 1.")
    await expect(floor.locator(".request.danger")).to_contain_text("Free now: Room 1.")
    await expect(told).to_contain_text(
        "asked for a safe room"
    )  # the floor changed, the news stays to be read


async def test_an_ask_whose_answer_got_lost_is_the_same_ask_when_pressed_again(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(r"net::ERR|WebSocket")
    ticket, *_ = await doing(served.visitor)
    page = await open_page(f"{served.url}/sign-in?next=/floor/ticket/{ticket}?back=floor")
    await page.fill("#username", "grace")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"**/floor/ticket/{ticket}**")
    await page.route_web_socket("**/ws/staff", lambda socket: socket.close())
    asked: list[str] = []

    async def swallow_the_answer(route: Route) -> None:
        await route.fetch()
        asked.append(route.request.post_data or "")
        await route.abort()

    await page.route("**/counter/ask", swallow_the_answer)
    await page.goto(f"{served.url}/floor")
    await page.route("**/floor/now", lambda route: route.abort())
    await page.locator(f"#more-{ticket}").click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_role("textbox", name="Write a note").fill("Baby with her")
    for times in (1, 2):
        await sheet.get_by_role("button", name="Add note").press("Enter")
        await expect(sheet.locator(".sheet-said")).to_contain_text("nobody knows whether this was done")
        await expect(sheet.locator("[aria-busy]")).to_have_count(0)
        assert len(asked) == times
    assert await doing(lambda: notes(served)) == ["Baby with her"]
    await page.unroute("**/counter/ask")
    await page.unroute("**/floor/now")
    await sheet.get_by_role("button", name="Add note").press("Enter")
    await expect(page.locator(f"#row-{ticket}")).to_contain_text("1 note")
    assert await doing(lambda: notes(served)) == ["Baby with her"]


def notes(served: Served) -> list[str]:
    from server.store.tables import Note

    return served.run(served.house.read(lambda session: list(session.exec(select(Note.text)))))


async def test_a_paper_ticket_that_is_none_and_an_entry_refused_keep_everything_filled_in(
    served: Served, open_page: OpenPage
) -> None:
    def write(tx: Tx) -> None:
        centre = tx.session().get(Centre, served.ids.centre)
        assert centre is not None
        centre.emergency_letter = "Y"

    await doing(lambda: change(served, write))
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    await page.get_by_role("radio", name="Council tax").check()
    await page.locator("#arrive-more summary").tap()
    await page.get_by_label("Note for the adviser").fill("half a sentence")
    paper = page.get_by_label("Paper ticket they hold")
    button = page.locator("#arrive-button")
    said = page.locator("#said")
    for wrong in ("nonsense", "7", "Y7", "😀"):
        await paper.fill(wrong)
        await button.press("Enter")
        await expect(said).to_contain_text("a letter and two digits or more")
        await expect(paper).to_be_focused()
    await paper.fill("k33")
    await button.press("Enter")
    await expect(said).to_contain_text("K33 is not a paper ticket of the emergency pack")
    await expect(button).to_be_focused()
    await doing(lambda: served.ask(served.actor("grace"), asks.Evacuate(confirmed=True)))
    await expect(page.locator(".everybody-out")).to_be_visible()
    await paper.fill("y33")
    await button.press("Enter")
    await expect(said).to_contain_text("Wait until it is over")
    await expect(page.get_by_label("Note for the adviser")).to_have_value("half a sentence")
    await doing(lambda: served.ask(served.actor("max"), asks.Resume()))
    await expect(page.locator(".everybody-out")).to_have_count(0)
    await button.press("Enter")
    await expect(page.locator(".given-code")).to_have_text("Y33")


async def test_what_most_come_for_is_first_and_the_private_last(served: Served, open_page: OpenPage) -> None:
    hands = served.set_clock(NOON - timedelta(days=3))

    def some_days_ago() -> None:
        for service in ("parking", "parking", "private", "private", "private", "housing"):
            ticket, *_ = served.visitor(service)
            served.ask(served.actor("grace"), asks.Cancel(ticket=ticket))
        hands.turn(timedelta(days=3))
        for _ in range(3):  # today's come too late to move anything under the finger
            ticket, *_ = served.visitor("council-tax")
            served.ask(served.actor("grace"), asks.Cancel(ticket=ticket))

    await doing(some_days_ago)
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    assert await page.locator(".offer b").all_inner_texts() == [
        "Parking permits", "Somewhere to live", "Council tax", "Talk in private",
    ]  # fmt: skip


async def test_the_key_that_opens_the_sheet_pressed_twice_does_nothing_to_the_visitor(
    served: Served, open_page: OpenPage
) -> None:
    ticket, code, _ = await doing(served.visitor)
    page = await signed_in(open_page, served.url, "grace", "/greeter")
    opener = page.locator(f"#more-{ticket}")
    await opener.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").get_by_role("heading", name=code)).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").get_by_role("heading", name=code)).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name=f"Has left {code}")).to_be_focused()


async def test_a_second_need_is_told_with_the_number(served: Served, open_page: OpenPage) -> None:
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    await page.get_by_role("radio", name="Council tax").check()
    await page.locator("#arrive-button").tap()
    await page.get_by_role("link", name="Change").tap()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_text("Another need too").tap()
    await sheet.get_by_label("What else they came for").select_option("parking")
    await sheet.get_by_role("button", name="Add to").tap()
    await expect(page.locator(".given .lead")).to_have_text("Council tax, Parking permits")
    await expect(page.locator("#said")).to_contain_text("is here for that too now")


async def test_who_loses_or_gets_a_counter_by_somebody_elses_hand_reads_why(
    served: Served, open_page: OpenPage
) -> None:
    await doing(lambda: served.sit("priya", "desk-1"))
    priya = await signed_in(open_page, served.url, "priya")
    tom = await signed_in(open_page, served.url, "tom")
    page = await tablet(open_page, served.url)
    await priya.get_by_text("Hand over", exact=True).click()
    await priya.get_by_label("To whom").select_option("Tom Baker")
    await priya.get_by_role("button", name="Hand over Desk 1").click()
    await expect(tom.locator("#said")).to_contain_text("You are at Desk 1 now")
    await expect(priya.locator("#said")).to_have_text("Desk 1 is handed over.")
    await page.get_by_label("Free Desk 1").tap()
    await page.get_by_role("button", name="Close Desk 1").tap()
    await expect(page.locator("#said")).to_have_text("Desk 1 is closed.")
    await expect(tom.locator("#said")).to_contain_text("Desk 1 was closed by a colleague")


async def test_no_bar_hides_what_a_key_reaches_and_low_screens_have_none(
    served: Served, open_page: OpenPage
) -> None:
    page = await tablet(open_page, served.url)
    await enter(page, "arrive")
    for size in (LANDSCAPE, {"width": 390, "height": 520}, {"width": 320, "height": 560}):
        await page.set_viewport_size(size)
        await page.get_by_role("searchbox").focus()
        await page.keyboard.press("Tab")
        for _ in range(4):
            await page.keyboard.press("ArrowDown")
            assert await page.evaluate(IN_VIEW), size
    await page.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024 enlarged four times
    for place in (".room-nav", "#arrive-form > .foot"):
        assert await page.locator(place).evaluate("each => getComputedStyle(each).position") == "static"
    await page.set_viewport_size({"width": 390, "height": 844})
    await enter(page, "floor")
    await at_a_glance_is(page, [2, 2])
    await page.set_viewport_size({"width": 820, "height": 1180})
    await at_a_glance_is(page, [4])


IN_VIEW = """() => {
  const label = document.activeElement.closest("label").getBoundingClientRect();
  return [label.top + 4, label.bottom - 4].every((y) => document.elementFromPoint(label.left + label.width / 2, y)?.closest("label")?.control === document.activeElement);
}"""


async def at_a_glance_is(page: Page, rows: list[int]) -> None:
    tops = await page.locator(".at-a-glance li").evaluate_all(
        "all => all.map(each => Math.round(each.getBoundingClientRect().top))"
    )
    assert [tops.count(top) for top in sorted(set(tops))] == rows
