"""The page Connections for administrators, and everybody's own calendar: at every size, by keyboard, with another system that answers."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

from playwright.async_api import Page

from server.actions import api_keys, feeds, hooks
from server.clock import from_micros
from server.jobs import calling
from server.store.tables import Bookable, Hook, HookCall, Service
from server.store.tx import Tx
from tests.server.web.api.programs import offer_appointments
from tests.server.web.rehearsal import Served, token_of
from tests.server.web.test_pages_for_all import LONG_NAME, enter, look_over
from tests.support.browser import OpenPage, Watch, on_one_loop
from tests.support.otherside import answer, other_side
from wire.vocabulary import new_id

pytestmark = on_one_loop

LONG_URL = "https://crm.example.gov.uk/hooks/" + "foyer-appointments-" * 8


def furnish(served: Served) -> None:
    """Everything there can be to see: long names, a paused webhook, calls given up and to be tried again, keys of all kinds."""
    ada = served.actor("ada")

    def change(tx: Tx) -> None:
        offer_appointments(tx)
        session, centre = tx.session(), tx.actor.centre
        session.add(Bookable(centre_id=centre, kind="person", name=LONG_NAME[:80], staff_id=tx.actor.id))
        session.add(Bookable(centre_id=centre, kind="room", name="Room 2"))
        session.flush()
        for bookable in (1, 2):
            feeds.make(tx, bookable)
        feeds.note_read(tx, 1)
        services = tuple(each.slug for each in session.query(Service).filter_by(centre_id=centre))
        api_keys.make(tx, LONG_NAME[:80], ("read", "book", "names"), services)
        api_keys.make(tx, "Website", ("read", "book"), ())
        failing, _ = hooks.add(tx, LONG_NAME[:80], LONG_URL, ())
        paused, _ = hooks.add(tx, "Data warehouse", "https://data.example.gov.uk/in", ("booked",))
        hooks.add(tx, "New one", "https://new.example.gov.uk/in", ())
        hook = session.get_one(Hook, paused)
        hook.paused_at, hook.paused_why = (
            from_micros(tx.now),
            "The other side answered 410: it wants no calls any more.",
        )
        for number in range(6):
            _call(tx, failing, number)
        _call(tx, paused, 2)

    served.run(served.house.change(ada, "furnish", change))


def _call(tx: Tx, hook: int, number: int) -> None:
    at = from_micros(tx.now) - timedelta(hours=number)
    dead, done = number in (3, 4), number in (1, 5)
    tx.session().add(
        HookCall(
            id=new_id(),
            subject=new_id(),
            hook_id=hook,
            event=("booked", "moved", "cancelled", "arrived", "missed", "test")[number],
            booking_id=new_id(),
            body={"subject": "BCDF-3467"},
            made_at=at,
            due_at=at + timedelta(hours=8),
            attempts=17 if dead else number,
            done_at=at if done else None,
            dead_at=at if dead else None,
            why=""
            if done or not number
            else "Its certificate is not to be trusted: certificate has expired.",
        )
    )


async def test_every_page_of_connections_at_every_size(served: Served, open_page: OpenPage) -> None:
    await asyncio.to_thread(furnish, served)
    page = await enter(open_page, served, "ada")
    for path in (
        "/admin/connections",
        "/admin/connections/webhooks/1",
        "/admin/connections/webhooks/2",
        "/calendars",
    ):
        await page.goto(served.url + path)
        if path == "/admin/connections":
            for summary in await page.locator("main details.fold > summary").all():
                await summary.click()
        await look_over(page)
    await page.goto(served.url)
    await page.get_by_role("heading", name="2 webhooks need somebody").wait_for()


async def _press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def _comes_to(page: Page, outcome: str) -> None:
    """What a call came to, by loading the page again: the server's own round may have taken it before the test's."""
    said = page.locator(".came-of-it").first.get_by_text(outcome)
    async with asyncio.timeout(20):
        await page.reload()
        while not await said.count():
            await page.reload()


async def test_an_administrator_joins_a_system_by_keyboard_alone(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect("status of 422")
    served.house.settings.hook_private = "127.0.0.0/8"
    page = await enter(open_page, served, "ada")
    async with other_side(answer(500), answer(200)) as side:
        await page.goto(f"{served.url}/admin/connections")
        await page.get_by_text("Add a webhook").focus()
        await page.keyboard.press("Enter")
        await page.get_by_label("The system that is told").fill("CRM")
        await page.get_by_label("Its address").fill("http://crm.example.gov.uk/")
        await _press(page, "Add the webhook")
        await page.get_by_text("must begin with https://").wait_for()
        assert await page.get_by_label("The system that is told").input_value() == "CRM"
        await page.get_by_label("Its address").fill(side.url)
        await _press(page, "Add the webhook")
        secret = await page.locator(".whole-secret").inner_text()
        assert secret.startswith("whsec_")
        await page.goto(f"{served.url}/admin/connections/webhooks/1")
        assert secret not in await page.content()
        for outcome in ("It answered 500.", "Taken"):
            await _press(page, "Send a test")
            made = asyncio.run_coroutine_threadsafe(calling.call_due(served.house), served.loop)
            await asyncio.wrap_future(made)
            await _comes_to(page, outcome)
    await _press(page, "Pause")
    await page.get_by_text("What happens meanwhile waits here.").wait_for()
    await _press(page, "Make a new secret")
    assert await page.locator(".whole-secret").inner_text() != secret


async def test_a_key_is_shown_once_and_ends_at_once(served: Served, open_page: OpenPage) -> None:
    page = await enter(open_page, served, "ada")
    await page.goto(f"{served.url}/admin/connections")
    await page.get_by_text("Make a key").click()
    await page.get_by_label("The program that will use it").fill("Website")
    await _press(page, "Make the key")
    key = await page.locator(".whole-secret").inner_text()
    with served.client(headers={"authorization": f"Bearer {key}"}) as program:
        call = partial(program.get, "/api/v1/centres")
        assert (await asyncio.to_thread(call)).status_code == 200
        await page.goto(f"{served.url}/admin/connections")
        assert key not in await page.content()
        await page.get_by_text("Revoke", exact=False).first.click()
        await _press(page, "Revoke the key of Website")
        assert (await asyncio.to_thread(call)).status_code == 401
    await page.get_by_text("No program has a key yet.").wait_for()


async def test_another_centres_webhooks_and_keys_are_not_there(served: Served) -> None:
    await asyncio.to_thread(_try_from_elsewhere, served)


def _try_from_elsewhere(served: Served) -> None:
    furnish(served)
    client = served.signed_in("olga")
    token = token_of(client)
    assert LONG_URL not in client.get("/admin/connections").text
    assert client.get("/admin/connections/webhooks/1").status_code == 404
    for path in (
        "webhooks/1",
        "webhooks/1/secret",
        "webhooks/1/remove",
        "keys/1/revoke",
        "calendars/1/revoke",
    ):
        form = {"csrf": token, "url": "https://other.example.org/", "events": "booked"}
        assert client.post(f"/admin/connections/{path}", data=form).status_code == 404, path
    assert (
        served.signed_in("max").get("/admin/connections", headers={"accept": "application/json"}).status_code
        == 403
    )
