"""Every staff page for everybody: axe finds nothing, nothing runs off the screen, targets are large enough."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import Page
from sqlmodel import select

from server.clock import from_micros
from server.domain.access import SYSTEM
from server.store.tables import Device, Staff
from server.store.tx import Tx
from tests.server.web.rehearsal import PASSWORD, Served
from tests.support.browser import OpenPage, axe_faults, on_one_loop
from wire import asks
from wire.vocabulary import DeviceKind, Language, Need, PrinterState, new_id

pytestmark = on_one_loop

SIZES = {
    "desktop": (1440, 900),
    "laptop": (1280, 800),
    "tablet": (1024, 768),
    "phone": (390, 844),
    "small": (320, 640),
}
WITH_AXE = {"desktop", "tablet", "phone"}
LEAST_TARGET = 44
LONG_NAME = "Oluwaseun-Bartholomew Featherstonehaugh-Cholmondeley-Wojciechowska"


def busy_morning(served: Served) -> None:
    served.sit("priya", "desk-1")
    for minutes, service, language, needs, discreet in (
        (41, "council-tax", Language.EN, (), False),
        (14, "housing", Language.PL, (Need.CHILD, Need.STEP_FREE), False),
        (9, "parking", Language.GU, (), False),
        (6, "private", Language.UR, (), True),
    ):
        served.visitor(service, minutes_ago=minutes, language=language, needs=needs, discreet=discreet)
    served.ask(served.kiosk(), asks.Help(request=new_id(), language=Language.PL))
    served.ask(served.kiosk(), asks.SetAside(entry=new_id(), code="K77", service="x", why="No such service."))
    served.ask(served.kiosk(), asks.Health(printer=PrinterState.OUT))


async def look_over(page: Page) -> None:
    """At every size: axe, no sideways scrolling, targets; then with text at twice its size."""
    for size, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        if size in WITH_AXE:
            assert await axe_faults(page) == [], (page.url, size)
        over = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, (page.url, size, f"{over} px wider than the screen")
        assert await page.evaluate(SMALL_TARGETS, LEAST_TARGET) == [], (page.url, size)
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    over = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, (page.url, "text at 200%", over)
    await page.evaluate("document.documentElement.style.fontSize = ''")


SMALL_TARGETS = """least => [...document.querySelectorAll("button, summary, select, textarea, input:not([type=hidden]), nav a, a.tile, a.button, a.dots")]
  .map(each => [each, (each.matches("input[type=radio], input[type=checkbox]") ? each.closest("label") : each).getBoundingClientRect()])
  .filter(([each, box]) => box.width > 0 && (box.height < least - 0.5 || box.width < least - 0.5))
  .map(([each, box]) => `${each.outerHTML.slice(0, 80)} is ${Math.round(box.width)} by ${Math.round(box.height)}`)"""


async def enter(open_page: OpenPage, served: Served, username: str) -> Page:
    page = await open_page(f"{served.url}/sign-in", viewport={"width": 1440, "height": 900})
    await page.fill("#username", username)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_load_state()
    return page


async def test_the_console_in_every_state(served: Served, open_page: OpenPage) -> None:
    await asyncio.to_thread(busy_morning, served)
    page = await enter(open_page, served, "amina")
    await page.goto(f"{served.url}/counter")
    await look_over(page)
    await asyncio.to_thread(served.sit, "amina", "desk-2")
    for change in (
        None,
        asks.CallNext(),
        "arrive",
        "finish",
        asks.TakeBreak(reason="lunch"),
    ):
        await asyncio.to_thread(_do, served, change)
        await page.goto(f"{served.url}/counter")
        await page.locator("#link-words", has_text="In step").wait_for()
        if change == "arrive":
            await page.keyboard.press("t")
        await look_over(page)


def _do(served: Served, change: object) -> None:
    actor = served.actor("amina")
    if isinstance(change, str):
        from server.live.console import read_floor

        floor = served.run(
            served.house.look(
                lambda connection: read_floor(connection, actor.centre, actor.id, served.house.clock.micros())
            )
        )
        assert floor.current is not None
        ticket = floor.current.id
        served.ask(
            actor,
            asks.Arrive(ticket=ticket)
            if change == "arrive"
            else asks.Finish(ticket=ticket, outcome="resolved"),
        )
    elif change is not None:
        served.ask(actor, change)


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("grace", ("/", "/floor")),
        ("ada", ("/", "/admin/staff", "/admin/devices", "/admin/audit", "/password", "/nowhere", "/counter")),
    ],
)
async def test_every_other_page(
    served: Served,
    open_page: OpenPage,
    watch,
    who: str,
    paths: tuple[str, ...],
) -> None:
    watch.expect("status of 40[34]")
    await asyncio.to_thread(busy_morning, served)
    page = await enter(open_page, served, who)
    for path in paths:
        await page.goto(served.url + path)
        await look_over(page)


async def test_long_names_and_troubles_run_over_no_page(served: Served, open_page: OpenPage) -> None:
    """A device not heard from, a device revoked, a person with a very long name: on every page that shows them."""
    await asyncio.to_thread(_long_names, served)
    page = await enter(open_page, served, "ada")
    for path in ("/admin/staff", "/admin/devices", "/admin/audit"):
        await page.goto(served.url + path)
        await look_over(page)
    await page.goto(served.url + "/admin/devices")
    await page.get_by_text("Revoked devices (1)").click()
    assert "revoked" in await page.locator("main details.fold li").inner_text()
    await page.set_viewport_size({"width": 390, "height": 844})
    bar = await page.locator(".bar").bounding_box()
    assert bar is not None
    assert bar["height"] <= 2 * LEAST_TARGET + 12, "one line for the name, one for the pages"


def _long_names(served: Served) -> None:
    def write(tx: Tx) -> None:
        session = tx.session()
        for device in session.exec(select(Device).where(Device.centre_id == served.ids.centre)):
            device.seen_at = device.approved_at - timedelta(days=2)
        session.get_one(Staff, served.ids.staff["ada"]).name = LONG_NAME
        session.get_one(Device, served.ids.devices[DeviceKind.SIGN]).revoked_at = from_micros(tx.now)

    served.run(served.house.change(SYSTEM, "long_names", write))


async def test_the_sign_in_page_and_the_dialogue(served: Served, open_page: OpenPage) -> None:
    page = await open_page(f"{served.url}/sign-in")
    await look_over(page)
    ticket, _code, _secret = await asyncio.to_thread(served.visitor)
    page = await enter(open_page, served, "grace")
    await page.goto(f"{served.url}/floor/ticket/{ticket}")
    await look_over(page)
    await page.goto(f"{served.url}/floor")
    await page.locator("#link-words", has_text="In step").wait_for()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.locator(f"#more-{ticket}").click()
    await page.get_by_role("dialog").wait_for()
    assert await axe_faults(page) == []
