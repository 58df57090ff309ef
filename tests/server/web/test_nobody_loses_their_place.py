"""For those who work by keyboard or by ear: where the focus is after each step, and what is read out, once."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from server.store.tables import Ticket
from tests.server.web.rehearsal import Served
from tests.server.web.test_console_journeys import doing, signed_in
from tests.support.browser import OpenPage, on_one_loop
from wire import asks
from wire.vocabulary import Avoidable, Language, new_id

pytestmark = on_one_loop


async def at_work(served: Served, open_page: OpenPage, *, serving: bool = True) -> tuple[Page, str]:
    ticket, _code, _secret = await doing(lambda: served.visitor("housing", minutes_ago=3))
    await doing(lambda: served.sit("priya"))
    if serving:
        await doing(lambda: served.ask(served.actor("priya"), asks.CallNext()))
        await doing(lambda: served.ask(served.actor("priya"), asks.Arrive(ticket=ticket)))
    return await signed_in(open_page, served.url, "priya"), ticket


async def test_a_step_by_key_leads_to_the_stage_and_names_the_number(
    served: Served, open_page: OpenPage
) -> None:
    page, _ = await at_work(served, open_page, serving=False)
    await page.keyboard.press("n")
    await expect(page.get_by_role("heading", name="Called K01")).to_be_focused()
    await page.keyboard.press("a")
    await expect(page.get_by_role("heading", name="Serving K01")).to_be_focused()


async def test_parking_from_a_folded_form_does_not_lose_the_place(
    served: Served, open_page: OpenPage
) -> None:
    page, _ = await at_work(served, open_page)
    await page.keyboard.press("p")
    await page.keyboard.type("Fetches a letter")
    await page.keyboard.press("Enter")
    await expect(page.locator(".parked")).to_contain_text("Fetches a letter")
    await expect(page.locator("#stage-h")).to_be_focused()


async def test_whoever_sees_to_a_request_stays_among_the_requests(
    served: Served, open_page: OpenPage
) -> None:
    for kiosk in (served.kiosk(), served.kiosk()):
        entry = asks.SetAside(entry=new_id(), code="K77", service="x", why="No such service.")
        await doing(lambda kiosk=kiosk, entry=entry: served.ask(kiosk, entry))
    await doing(lambda: served.ask(served.kiosk(), asks.Help(request=new_id(), language=Language.PL)))
    page = await signed_in(open_page, served.url, "grace", "/floor")
    button = page.get_by_role("button", name="Done").first
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#needs-h .count")).to_have_text("2")
    await expect(page.locator("#needs-h")).to_be_focused()


async def test_a_step_taken_elsewhere_is_read_out_once_and_takes_nothing_away(
    served: Served, open_page: OpenPage
) -> None:
    page, ticket = await at_work(served, open_page)
    await expect(page.locator("#step")).to_have_text("")
    await page.get_by_label("Write a note").focus()
    await page.locator("#sound").focus()
    await doing(lambda: served.ask(served.actor("priya"), asks.Finish(ticket=ticket, outcome="resolved")))
    await expect(page.locator("#step")).to_have_text("K01: finished. Desk 1 is free.")
    await expect(page.locator("#sound")).to_be_focused()
    changes = "window.changes = 0; new MutationObserver(() => changes++).observe(document.getElementById('step'), {childList: true, characterData: true, subtree: true})"
    await page.evaluate(changes)
    await doing(lambda: served.visitor("parking"))
    await expect(page.locator("#waiting-h .count")).to_have_text("1")
    assert await page.evaluate("changes") == 0


async def test_what_was_read_out_does_not_stay_when_it_is_no_longer_true(
    served: Served, open_page: OpenPage
) -> None:
    page, ticket = await at_work(served, open_page)
    await page.locator("#sound").focus()
    await doing(lambda: served.ask(served.actor("priya"), asks.Park(ticket=ticket)))
    await expect(page.locator("#step")).to_have_text("K01: parked. Desk 1 is free.")
    await page.get_by_role("button", name="Take up again K01").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Serving K01")).to_be_focused()
    await expect(page.locator("#step")).to_be_empty()


@pytest.mark.parametrize("touch", [True, False])
async def test_keys_are_named_where_there_are_keys(served: Served, open_page: OpenPage, touch: bool) -> None:
    await doing(lambda: served.sit("priya"))
    options = {"has_touch": True, "is_mobile": True} if touch else {}
    page = await signed_in(open_page, served.url, "priya", **options)
    assert await page.locator("#call_next-me kbd").is_visible() is not touch


async def test_whether_it_was_avoidable_is_within_reach_of_a_key(served: Served, open_page: OpenPage) -> None:
    page, ticket = await at_work(served, open_page)
    await page.keyboard.press("v")
    await expect(page.get_by_role("radio", name="No", exact=True)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("v")
    await expect(page.get_by_role("radio", name="Chasing an answer")).to_be_focused()
    await page.keyboard.press("1")
    await expect(page.locator(".last")).to_contain_text("K01: finished, resolved today")
    kept = await doing(
        lambda: served.run(served.house.read(lambda session: session.get_one(Ticket, ticket).avoidable))
    )
    assert kept == Avoidable.CHASING


async def test_that_they_had_been_here_before_is_one_key_and_goes_with_the_outcome(
    served: Served, open_page: OpenPage
) -> None:
    page, ticket = await at_work(served, open_page)
    await page.keyboard.press("y")
    tick = page.get_by_role("checkbox", name="They had been here about this before")
    await expect(tick).to_be_checked()
    await doing(lambda: served.visitor("parking"))  # the page is fetched anew meanwhile
    await expect(page.locator("#waiting-h .count")).to_have_text("1")
    await expect(tick).to_be_checked()
    await page.keyboard.press("4")
    await expect(page.locator(".last")).to_contain_text(
        "K01: finished, needs documents, had been here before"
    )
    assert await doing(
        lambda: served.run(served.house.read(lambda session: session.get_one(Ticket, ticket).again))
    )
    await page.keyboard.press("u")
    await expect(tick).not_to_be_checked()
    assert not await doing(
        lambda: served.run(served.house.read(lambda session: session.get_one(Ticket, ticket).again))
    )
