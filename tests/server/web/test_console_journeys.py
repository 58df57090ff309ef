"""Advisers at work, in a real browser against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import pytest
from playwright.async_api import Page, expect

from server.actions import staff
from tests.server.web.rehearsal import PASSWORD, Served
from tests.support.browser import OpenPage, Watch, on_one_loop
from tests.support.waiting import until_async
from wire import asks
from wire.vocabulary import Language, Need, Role, new_id

pytestmark = on_one_loop

DESKTOP = {"width": 1440, "height": 900}

T = TypeVar("T")


async def signed_in(
    open_page: OpenPage, url: str, username: str, to: str = "/counter", **options: object
) -> Page:
    page = await open_page(f"{url}/sign-in?next={to}", viewport=DESKTOP, **options)
    await page.fill("#username", username)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"**{to}")
    if options.get("java_script_enabled", True):
        await in_step(page)
    return page


async def in_step(page: Page) -> None:
    await expect(page.locator("#link-words")).to_have_text("In step", timeout=20_000)


async def doing(work: Callable[[], T]) -> T:
    """What blocks, off the browser's loop."""
    return await asyncio.to_thread(work)


async def test_a_whole_service_by_keyboard_alone(served: Served, open_page: OpenPage) -> None:
    await doing(lambda: served.visitor("housing", minutes_ago=3, language=Language.PL, needs=(Need.CHILD,)))
    page = await signed_in(open_page, served.url, "priya")
    await page.get_by_label("Desk 1").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator(".code.huge")).to_have_text("K01")
    await expect(page.locator(".why")).to_contain_text("Waiting 3 minutes")
    await page.keyboard.press("n")
    await expect(page.get_by_role("heading", name="Called")).to_be_focused()
    await expect(page.locator(".stage")).to_contain_text("Polish, has children with them")
    await page.keyboard.press("r")
    await expect(page.locator(".stage")).to_contain_text("Called 2 times")
    await page.keyboard.press("a")
    await expect(page.get_by_role("heading", name="Serving")).to_be_visible()
    await page.keyboard.press("w")
    await page.keyboard.type("Wants a ground floor flat, near school. 1 2 3 n x u")
    await page.keyboard.press("Enter")
    await expect(page.locator(".story")).to_contain_text("near school. 1 2 3 n x u")
    await page.get_by_role("heading", name="Serving").focus()
    await page.get_by_label("Chasing an answer").check()
    await page.keyboard.press("2")
    await expect(page.locator(".last")).to_contain_text("K01: finished, referred")
    await page.keyboard.press("u")
    await expect(page.get_by_role("heading", name="Serving")).to_be_visible()
    await page.keyboard.press("p")
    await page.keyboard.type("Fetches the tenancy agreement")
    await page.keyboard.press("Enter")
    await expect(page.locator(".parked")).to_contain_text("by Priya Shah at Desk 1")
    await expect(page.locator(".parked")).to_contain_text("Fetches the tenancy agreement")
    await page.get_by_role("button", name="Take up again K01").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Serving")).to_be_visible()
    await page.keyboard.press("t")
    await expect(page.get_by_label("To which service")).to_be_focused()
    await page.get_by_label("To which service").select_option("council-tax")
    await page.get_by_role("button", name="Pass on K01").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".code.huge")).to_have_text("K01")
    await expect(page.locator(".stage .lead").first).to_have_text("Council tax")
    await expect(page.locator(".queue .flag", has_text="Passed on")).to_be_visible()
    await page.keyboard.press("b")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="On a break")).to_be_visible()
    await page.keyboard.press("b")
    await expect(page.get_by_role("heading", name="Ready for the next visitor")).to_be_visible()


async def test_two_desks_pressing_at_once_never_get_the_same_visitor(
    served: Served, open_page: OpenPage
) -> None:
    for _ in range(8):
        await doing(served.visitor)
    await doing(lambda: served.sit("priya", "desk-1"))
    await doing(lambda: served.sit("tom", "desk-2"))
    desks = [await signed_in(open_page, served.url, username) for username in ("priya", "tom")]
    seen: list[str] = []
    for _ in range(4):
        await asyncio.gather(*(page.locator("#call_next-me-button").click() for page in desks))
        for page in desks:
            await expect(page.get_by_role("heading", name="Called")).to_be_visible()
            seen.append(await page.locator(".code.huge").inner_text())
        for page in desks:
            await page.keyboard.press("a")
            await expect(page.get_by_role("heading", name="Serving")).to_be_visible()
            await asyncio.sleep(0)
            await page.get_by_role("button", name="Resolved today").click()
            await expect(page.locator("#call_next-me-button")).to_be_visible()
    assert sorted(seen) == [f"K{number:02d}" for number in range(1, 9)]


async def test_a_double_click_is_one_call(served: Served, open_page: OpenPage) -> None:
    for _ in range(3):
        await doing(served.visitor)
    await doing(lambda: served.sit("priya"))
    page = await signed_in(open_page, served.url, "priya")
    await page.locator("#call_next-me-button").dblclick(delay=15)
    await expect(page.get_by_role("heading", name="Called")).to_be_visible()
    await expect(page.locator("#waiting-h .count")).to_have_text("2")
    await expect(page.locator(".stage")).not_to_contain_text("Called 2 times")


async def test_a_held_key_is_one_call(served: Served, open_page: OpenPage) -> None:
    for _ in range(2):
        await doing(served.visitor)
    await doing(lambda: served.sit("priya"))
    page = await signed_in(open_page, served.url, "priya")
    for _ in range(6):
        await page.keyboard.down("n")  # the second and later ones are repeats
    await page.keyboard.up("n")
    await expect(page.get_by_role("heading", name="Called")).to_be_visible()
    await expect(page.locator("#waiting-h .count")).to_have_text("1")


async def test_a_key_held_for_long_is_still_one_press(served: Served, open_page: OpenPage) -> None:
    await doing(served.visitor)
    await doing(lambda: served.sit("priya"))
    await doing(lambda: served.ask(served.actor("priya"), asks.CallNext()))
    page = await signed_in(open_page, served.url, "priya")
    for _ in range(50):  # frames of the screen, so well over the moment in which presses count as one
        await page.keyboard.down("r")
        await page.evaluate("new Promise(requestAnimationFrame)")
    await page.keyboard.up("r")
    await expect(page.locator(".stage")).to_contain_text("Called 2 times")
    await page.reload()
    await expect(page.locator(".stage")).to_contain_text("Called 2 times")


async def test_desks_and_tabs_stay_in_step(served: Served, open_page: OpenPage) -> None:
    await doing(lambda: served.sit("priya"))
    desk = await signed_in(open_page, served.url, "priya")
    floor = await signed_in(open_page, served.url, "grace", "/floor")
    tab = await desk.context.new_page()
    await tab.goto(f"{served.url}/counter")
    await in_step(tab)
    ticket, code, _ = await doing(served.visitor)
    for page in (desk, floor, tab):
        await expect(page.locator(f"#row-{ticket}")).to_contain_text(code)
    await desk.keyboard.press("n")
    await expect(tab.get_by_role("heading", name="Called")).to_be_visible()
    await expect(floor.locator(".counters")).to_contain_text(f"Calling {code}")
    await expect(floor.locator(f"#row-{ticket}")).to_have_count(0)


async def test_what_is_being_typed_is_never_swapped_away(served: Served, open_page: OpenPage) -> None:
    await doing(lambda: served.visitor())
    await doing(lambda: served.sit("priya"))
    await doing(lambda: served.ask(served.actor("priya"), asks.CallNext()))
    page = await signed_in(open_page, served.url, "priya")
    await page.keyboard.press("w")
    await page.keyboard.type("half a sen")
    ticket, _code, _ = await doing(served.visitor)
    await expect(page.locator(f"#row-{ticket}")).to_be_visible()
    await page.keyboard.type("tence")
    note = page.get_by_label("Write a note")
    await expect(note).to_be_focused()
    await expect(note).to_have_value("half a sentence")


async def test_the_first_visitor_of_an_empty_queue_is_heard_and_said(
    served: Served, open_page: OpenPage
) -> None:
    await doing(lambda: served.sit("priya"))
    page = await signed_in(open_page, served.url, "priya")
    await expect(page.get_by_role("heading", name="Nobody is waiting for you")).to_be_visible()
    await doing(served.visitor)
    await expect(page.locator("#said")).to_have_text("Somebody is waiting for you.")
    assert await page.evaluate("document.documentElement.dataset.chimed") == "1"
    assert (await page.title()).startswith("(1) ")
    await doing(served.visitor)
    await expect(page.locator("#waiting-h .count")).to_have_text("2")
    assert await page.evaluate("document.documentElement.dataset.chimed") == "1", "only the first"


async def test_a_discreet_visitor_is_walked_up_to(served: Served, open_page: OpenPage) -> None:
    await doing(lambda: served.visitor("council-tax", discreet=True))
    await doing(lambda: served.sit("priya"))
    page = await signed_in(open_page, served.url, "priya")
    await expect(page.locator(".queue .quietly")).to_have_text("Quietly")
    await page.keyboard.press("n")
    await expect(page.get_by_role("heading", name="Walk up to this visitor")).to_be_visible()
    await expect(page.get_by_role("note")).to_contain_text("Do not call out.")
    await expect(page.get_by_role("note")).to_contain_text(
        "number K01 and wait here: Blue chairs by the window"
    )


async def test_a_refusal_is_a_sentence_and_the_focus_stays(served: Served, open_page: OpenPage) -> None:
    await doing(lambda: served.sit("priya"))
    page = await signed_in(open_page, served.url, "priya")
    button = page.locator("#call_next-me-button")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_have_text("Nobody is waiting for what you serve.")
    await expect(button).to_be_focused()


async def test_calling_out_of_turn_is_for_those_with_the_right(served: Served, open_page: OpenPage) -> None:
    await doing(lambda: served.visitor(minutes_ago=9))
    later, code, _ = await doing(served.visitor)
    await doing(lambda: served.sit("amina", "desk-1"))
    await doing(lambda: served.sit("priya", "desk-2"))
    without = await signed_in(open_page, served.url, "priya")
    await expect(without.locator(f"#row-{later}")).to_be_visible()
    await expect(without.locator(f"#more-{later}")).to_have_count(1)
    await without.locator(f"#more-{later}").click()
    await expect(without.get_by_role("dialog")).to_be_visible()
    await expect(without.get_by_role("button", name="Call out of turn")).to_have_count(0)
    page = await signed_in(open_page, served.url, "amina")
    await page.locator(f"#more-{later}").click()
    await page.get_by_role("button", name="Call out of turn").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.locator(".code.huge")).to_have_text(code)


async def test_a_greeter_marks_somebody_as_left_and_sees_to_help(served: Served, open_page: OpenPage) -> None:
    ticket, code, _ = await doing(served.visitor)
    await doing(lambda: served.ask(served.kiosk(), asks.Help(request=new_id(), language=Language.GU)))
    page = await signed_in(open_page, served.url, "grace", "/floor")
    await expect(page.locator(".alarm")).to_contain_text("Somebody at The kiosk asks for help")
    await page.get_by_role("button", name="I will go to The kiosk").click()
    await expect(page.locator(".alarm")).to_contain_text("You are seeing to it.")
    await page.get_by_role("button", name="Done with The kiosk").click()
    await expect(page.locator(".request strong", has_text="asks for help")).to_have_count(0)
    await page.locator(f"#more-{ticket}").click()
    await page.get_by_role("button", name=f"Has left {code}").click()
    await expect(page.locator(f"#row-{ticket}")).to_have_count(0)


class Wire:
    """A cable between browser and server that can be pulled, or go silent."""

    def __init__(self) -> None:
        self.silent = False
        self.cut = False
        self._writers: list[asyncio.StreamWriter] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        if self.cut:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        self._writers += [writer, far_writer]
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if not self.silent:
                    writer.write(data)
                    await writer.drain()
        writer.close()

    def pull(self) -> None:
        self.cut = True
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def wired(served: Served) -> AsyncIterator[tuple[str, Wire]]:
    wire = Wire()
    port = int(served.url.rpartition(":")[2])
    server = await asyncio.start_server(lambda r, w: wire.carry(r, w, port), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", wire
    finally:
        wire.pull()
        server.close()


@pytest.mark.parametrize("how", ["silent", "pulled"])
async def test_a_lost_link_is_shown_within_12_seconds_and_mends_by_itself(
    served: Served, open_page: OpenPage, watch: Watch, how: str
) -> None:
    watch.expect(r"net::ERR|WebSocket")
    await doing(lambda: served.sit("priya"))
    async with wired(served) as (url, wire):
        page = await signed_in(open_page, url, "priya")
        await page.clock.install()
        await page.reload()
        await in_step(page)
        if how == "silent":
            wire.silent = True
        else:
            wire.pull()
        await page.clock.run_for(12_000)
        await expect(page.locator("#lost")).to_contain_text("The connection is lost.")
        await expect(page.locator("#link-words")).to_have_text("Connection lost")
        _ticket, code, _ = await doing(served.visitor)
        wire.silent = wire.cut = False
        for _ in range(12):
            await page.clock.run_for(1000)
            if await page.locator("#link-words").inner_text() == "In step":
                break
        await in_step(page)
        await expect(page.locator("#lost")).to_be_empty()
        await expect(page.locator(".queue")).to_contain_text(code)


async def test_without_a_socket_an_ask_still_happens_once(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect("WebSocket")
    for _ in range(2):
        await doing(served.visitor)
    await doing(lambda: served.sit("priya"))
    page = await open_page(f"{served.url}/sign-in?next=/counter", viewport=DESKTOP)
    await page.route_web_socket("**/ws/staff", lambda socket: socket.close())
    await page.fill("#username", "priya")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.locator("#call_next-me-button").click()
    await expect(page.get_by_role("heading", name="Called")).to_be_visible()
    await expect(page.locator("#waiting-h .count")).to_have_text("1")


async def test_a_press_that_cannot_reach_the_server_says_that_nothing_was_done(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(r"net::ERR|WebSocket")
    await doing(served.visitor)
    await doing(lambda: served.sit("priya"))
    async with wired(served) as (url, wire):
        page = await signed_in(open_page, url, "priya")
        wire.pull()
        await page.locator("#call_next-me-button").click()
        await expect(page.locator("#said")).to_contain_text("nobody knows whether this was done")


async def test_without_script_everything_still_works(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect("status of 409")
    await doing(served.visitor)
    page = await signed_in(open_page, served.url, "amina", java_script_enabled=False)
    await page.get_by_label("Desk 3").check()
    await page.get_by_role("button", name="Sit down").click()
    await page.get_by_role("button", name="Call next").click()
    await page.get_by_role("button", name="Call again").click()
    await page.get_by_role("button", name="Arrived").click()
    await page.get_by_label("Letter was unclear").check()
    await page.get_by_role("button", name="Resolved today").click()
    await expect(page.locator(".last")).to_contain_text("K01: finished, resolved today")
    await page.get_by_role("button", name="Take back").click()
    await page.get_by_role("button", name="Needs documents").click()
    await page.get_by_role("button", name="Call next").click()
    await expect(page.locator("#said")).to_have_text("Nobody is waiting for what you serve.")
    await doing(served.visitor)
    await page.goto(f"{served.url}/floor")
    await page.get_by_role("link", name="More for K02").click()
    await page.get_by_role("button", name="Has left K02").click()
    await expect(page.locator(".empty")).to_have_text("Nobody is waiting.")


async def test_somebody_whose_role_is_taken_is_out_within_seconds(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect("status of 403")
    page = await signed_in(open_page, served.url, "amina")

    def take(tx) -> None:
        staff.set_roles(tx, served.ids.staff["amina"], served.ids.centre, {Role.MANAGER})

    await doing(lambda: served.run(served.house.change(served.actor("ada"), "take", take)))
    await asyncio.to_thread(served.app.state.identity.forget)
    await doing(served.visitor)  # the bell: the next look finds the door closed
    await expect(page.get_by_role("heading", name="Not for your account")).to_be_visible()


async def test_somebody_disabled_is_taken_to_the_sign_in_page(served: Served, open_page: OpenPage) -> None:
    page = await signed_in(open_page, served.url, "priya")

    def disable(tx) -> None:
        staff.disable(tx, served.ids.staff["priya"], served.ids.centre)

    await doing(lambda: served.run(served.house.change(served.actor("ada"), "disable", disable)))
    await page.wait_for_url("**/sign-in?next=/counter", timeout=6000)


async def test_keys_can_be_switched_off_and_stay_off(served: Served, open_page: OpenPage) -> None:
    await doing(served.visitor)
    await doing(lambda: served.sit("priya"))
    page = await signed_in(open_page, served.url, "priya")
    await page.get_by_role("button", name="Keys").click()
    await page.reload()
    await in_step(page)
    await page.keyboard.press("n")
    await page.get_by_role("button", name="Keys").click()
    assert await page.locator("#call_next-me-button").is_visible()
    await page.keyboard.press("n")
    await expect(page.get_by_role("heading", name="Called")).to_be_visible()


async def test_clocks_tick(served: Served, open_page: OpenPage) -> None:
    await doing(served.visitor)
    await doing(lambda: served.sit("priya"))
    await doing(lambda: served.ask(served.actor("priya"), asks.CallNext()))
    page = await signed_in(open_page, served.url, "priya")
    clock = page.locator(".stage-head .clock")
    first = await clock.inner_text()
    await until_async(lambda: _differs(clock, first), seconds=4, what="the clock")


async def _differs(clock, first: str) -> bool:
    return bool(await clock.inner_text() != first)
