"""The administration's pages for everybody: at every size, by keyboard alone, without script; and the pack on paper."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from server.clock import from_micros
from server.domain.access import SYSTEM
from server.store.tables import Centre, Device, Staff, StaffRole, StaffSkill
from server.store.tx import Tx
from tests.server.web.rehearsal import PASSWORD, Served
from tests.server.web.test_pages_for_all import LONG_NAME, SMALL_TARGETS, enter, look_over
from tests.support.browser import OpenPage, Watch, axe_faults, on_one_loop
from tests.support.waiting import until_async
from wire import asks
from wire.vocabulary import DeviceKind, PrinterState, Role, SkillKind

pytestmark = on_one_loop

SAMPLE = Path("server/centrefile/york-house.toml").resolve()


def furnish(served: Served) -> None:
    """Long names, every kind of skill, troubles in words, a lock, a test's findings, two centres of one administrator."""
    served.sit("priya", "desk-1")
    served.visitor(minutes_ago=4)
    for report in (asks.Health(app="2.0.1"), asks.Health(app="2.0.1", printer=PrinterState.OUT, held=3)):
        served.ask(served.kiosk(), report)
    served.run(served.house.change(SYSTEM, "furnish", lambda tx: _furnish(served, tx)))


def _furnish(served: Served, tx: Tx) -> None:
    session, here, ada = tx.session(), served.ids.centre, served.ids.staff["ada"]
    priya = served.ids.staff["priya"]
    session.get_one(Centre, here).emergency_letter = "E"
    session.get_one(Centre, here).languages = ["en", "gu", "pa", "ur", "ar", "pl"]
    session.add(StaffRole(staff_id=ada, centre_id=served.ids.other, role=Role.ADMINISTRATOR))
    session.add(StaffSkill(staff_id=priya, centre_id=here, kind=SkillKind.LANGUAGE, value="gu"))
    session.add(StaffSkill(staff_id=priya, centre_id=here, kind=SkillKind.SIGN_LANGUAGE))
    session.get_one(Staff, priya).name = LONG_NAME
    session.get_one(Staff, served.ids.staff["tom"]).disabled_at = from_micros(tx.now)
    kiosk = session.get_one(Device, served.ids.devices[DeviceKind.KIOSK])
    kiosk.locked_say, kiosk.name = "Please use the screen by the entrance. " * 5, LONG_NAME[:60]
    kiosk.tested = [
        {"part": "printer", "fine": False, "say": "No paper. Put in a new roll."},
        {"part": "clock", "fine": True, "say": ""},
    ]
    kiosk.tested_at = from_micros(tx.now) - timedelta(hours=1)


async def test_every_page_of_the_administration_at_every_size(served: Served, open_page: OpenPage) -> None:
    await asyncio.to_thread(furnish, served)
    page = await enter(open_page, served, "ada")
    devices = served.ids.devices
    for path in (
        "/admin/staff",
        f"/admin/staff/{served.ids.staff['priya']}",
        f"/admin/devices/{devices[DeviceKind.KIOSK]}",
        f"/admin/devices/{devices[DeviceKind.DISPLAY]}",
        "/admin/centres",
        "/admin/emergency",
        "/admin/emergency/pack?tickets=12",
    ):
        await page.goto(served.url + path)
        await look_over(page)


async def test_a_file_is_looked_at_and_loaded_by_keyboard_alone(
    served: Served, open_page: OpenPage, watch, tmp_path: Path
) -> None:
    watch.expect("status of 422")
    page = await enter(open_page, served, "ada")
    await page.goto(f"{served.url}/admin/centres")
    broken = tmp_path / "broken.toml"
    broken.write_text('slug = "york-house"\nname = 3\n')
    await page.set_input_files("#file", broken)
    await _press(page, "Look what it would do")
    await page.get_by_text("Line 2:").wait_for()
    await look_over(page)
    await page.set_input_files("#file", SAMPLE)
    await page.get_by_label(re.compile("Add its staff")).focus()
    await page.keyboard.press("Space")
    await _press(page, "Look what it would do")
    await page.get_by_role("heading", name="What would change at York House").wait_for()
    await look_over(page)
    await _press(page, "Change York House now")
    await page.get_by_text("is as your file says").wait_for()


async def _press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def test_an_answer_that_is_awaited_comes_by_itself_and_leaves_what_is_typed(
    served: Served, open_page: OpenPage
) -> None:
    page = await enter(open_page, served, "ada")
    await page.goto(f"{served.url}/admin/devices/{served.ids.devices[DeviceKind.KIOSK]}")
    await page.get_by_role("button", name="Self-test now").click()
    await page.get_by_text("Asked for; waiting for its answer.").wait_for()
    await page.fill("#sentence", "Half a sent")

    def answer() -> None:
        job = served.run(
            served.house.read(
                lambda session: session.get_one(Device, served.ids.devices[DeviceKind.KIOSK]).test_job
            )
        )
        finding = asks.Finding(part="printer", fine=False, say="No paper. Put in a new roll.")
        served.ask(served.kiosk(), asks.SelfTest(job=job, findings=(finding,)))

    await asyncio.to_thread(answer)
    await page.get_by_text("No paper. Put in a new roll.").wait_for()
    assert await page.input_value("#sentence") == "Half a sent"
    assert await page.locator("[data-awaits]").count() == 0


async def test_without_script_everything_is_done_the_same(served: Served, open_page: OpenPage) -> None:
    await asyncio.to_thread(furnish, served)
    page = await open_page(f"{served.url}/sign-in", java_script_enabled=False)
    await page.fill("#username", "ada")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.goto(f"{served.url}/admin/devices/{served.ids.devices[DeviceKind.KIOSK]}")
    await page.get_by_role("button", name="Test print").click()
    assert "waiting for its answer" in await page.locator("#try").inner_text()
    assert await page.get_by_role("link", name="Look again now").count() == 1
    await page.goto(f"{served.url}/admin/emergency/pack?tickets=3")
    assert await page.get_by_role("button", name="Print").count() == 0
    assert "Print this page" in await page.locator(".tools").inner_text()


async def test_a_role_given_and_taken_by_keyboard(served: Served, open_page: OpenPage) -> None:
    page = await enter(open_page, served, "ada")
    await page.goto(f"{served.url}/admin/staff")
    await page.get_by_role("link", name="Change Grace Obi").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Grace Obi").wait_for()
    await page.get_by_role("checkbox", name=re.compile("^Manager")).focus()
    await page.keyboard.press("Space")
    await _press(page, "Save roles")
    assert await page.get_by_role("checkbox", name=re.compile("^Manager")).is_checked()
    await page.goto(f"{served.url}/admin/staff")
    row = page.get_by_role("row", name=re.compile("Grace Obi"))
    assert "Greeter, Manager" in await row.inner_text()


async def test_the_pack_prints_on_whole_pages_of_a4(
    served: Served, open_page: OpenPage, tmp_path: Path
) -> None:
    """12 tickets: a cover, two pages of tickets, one list, one tally sheet, and how to enter it."""
    await asyncio.to_thread(furnish, served)
    page = await enter(open_page, served, "ada")
    await page.goto(f"{served.url}/admin/emergency/pack?tickets=12")
    assert await axe_faults(page) == []
    assert await page.evaluate(SMALL_TARGETS, 44) == []
    paper = tmp_path / "pack.pdf"
    await page.pdf(path=paper, prefer_css_page_size=True)
    if shutil.which("pdfinfo") is None:
        pytest.skip("poppler is not installed here")
    told = await asyncio.to_thread(_run, "pdfinfo", str(paper))
    assert re.search(r"Pages:\s+6\n", told), told
    assert "A4" in told
    texts = [
        await asyncio.to_thread(
            _run, "pdftotext", "-layout", "-f", str(number), "-l", str(number), str(paper), "-"
        )
        for number in range(1, 7)
    ]
    assert "When everything is down" in texts[0]
    assert re.findall(r"E\d\d", texts[1]) == [f"E{number:02d}" for number in range(1, 11)]
    assert re.findall(r"E\d\d", texts[2]) == ["E11", "E12"]
    assert "Queue list" in texts[3]
    assert "E12" in texts[3]
    assert "Tally sheet" in texts[4]
    assert "Scan station" in texts[4]
    assert "Entering it afterwards" in texts[5]
    assert "Change the day" not in "".join(texts), "the tools are for the screen"


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


async def test_the_print_button_opens_the_browsers_print_window(served: Served, open_page: OpenPage) -> None:
    await asyncio.to_thread(furnish, served)
    page = await enter(open_page, served, "ada")
    await page.add_init_script("window.print = () => { window.printed = (window.printed || 0) + 1; }")
    await page.goto(f"{served.url}/admin/emergency/pack?tickets=1")
    await page.get_by_role("button", name="Print").click()
    assert await until_async(lambda: page.evaluate("window.printed"), 5, "the print window") == 1


async def test_order_and_private_talks_at_every_size_and_by_keyboard(
    served: Served, open_page: OpenPage
) -> None:
    page = await enter(open_page, served, "ada")
    for path in ("/setup/private", "/setup/order/counter"):
        await page.goto(served.url + path)
        await look_over(page)
    await page.get_by_role("button", name="Move Desk 3 up").focus()
    for _ in range(2):
        await page.keyboard.press("Enter")  # the second at once: none is lost, and neither is the place
    await expect(page.locator(".shelf-name")).to_have_text(["Desk 3", "Desk 1", "Desk 2"])
    await expect(page.locator("[name=move]:focus")).to_have_count(1)
    await page.get_by_role("button", name="Look at the change").press("Enter")
    await expect(page.get_by_text("1. Desk 3")).to_be_visible()


async def test_an_alarm_goes_out_from_a_window_that_another_has_overtaken(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    """The token of its page is old; nobody may find that out while in danger."""
    watch.expect(r"status of 403")
    await asyncio.to_thread(furnish, served)
    page = await enter(open_page, served, "ada")
    other = await page.context.new_page()
    await other.goto(f"{served.url}/centre")
    await other.get_by_role("button", name="Elsewhere").click()
    await expect(other.locator(".bar-centre")).to_have_text("Elsewhere")
    await page.locator("#alarm > summary").click()
    await page.get_by_role("button", name="Send the alarm").click()
    await expect(page.locator(".alarm-word")).to_have_text("Sent")
