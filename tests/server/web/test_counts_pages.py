"""The pages of counting in Chromium: for everybody at every size, and an import by hand from the file to the figures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from server.actions import door
from server.domain.access import Actor
from tests.server.web.rehearsal import Served
from tests.server.web.test_counting_panel import enter
from tests.server.web.test_pages_for_all import look_over
from tests.support.browser import OpenPage, Watch, on_one_loop
from wire import asks
from wire.vocabulary import DeviceKind, new_id

pytestmark = on_one_loop

SAMPLE = Path(__file__).resolve().parents[3] / "docs/samples/york-house-2023-q1.csv"


def busy_day(served: Served) -> None:
    grace, manager = served.actor("grace"), served.actor("max")
    for service, number in (("council-tax", 6), ("housing", 5), ("parking", 1), ("private", 2)):
        for _ in range(number):
            served.visitor(service)
    taps = [new_id() for _ in range(9)]
    for tally in taps:
        served.ask(grace, asks.Count(tally=tally, activity="scan_station"))
    served.ask(grace, asks.Uncount(tally=taps[0]))
    reason = "Used the PC to fill in a form that had come by post"
    served.ask(manager, asks.Recount(tally=taps[1], new=new_id(), activity="forms", reason=reason))
    served.ask(grace, asks.DoorHelp(tally=new_id(), service="parking", solved=True))
    device = served.ids.devices[DeviceKind.DOOR_COUNTER]
    counter = Actor(kind="device", id=device, centre=served.ids.centre, device=DeviceKind.DOOR_COUNTER)
    ends = served.house.clock.now()
    spans = [door.Span(name, ends - timedelta(seconds=9), ends, 31, 12) for name in ("Main door", "Ramp")]
    served.run(served.house.change(counter, "door", lambda tx: door.tell(tx, spans)))


async def test_the_pages_of_counting_for_everybody(
    served: Served, open_page: OpenPage, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("status of 422")
    busy_day(served)
    page = await open_page(viewport={"width": 1440, "height": 900})
    await enter(page, served.url, "max")
    week = served.house.clock.now().date() - timedelta(days=6)
    for path in (
        "/counts",
        f"/counts?first={week}&last={week + timedelta(days=6)}",
        "/counts/taps",
        "/counts/sheet",
    ):
        await page.goto(served.url + path)
        await look_over(page)
    await page.goto(f"{served.url}/counts/import")
    await page.click("text=What the file must look like")
    await look_over(page)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("centre,period_start,period_end,activity,visitors\nAtlantis,soon,later,=1,-1\n")
    await page.set_input_files("#file", wrong)
    await page.click("text=Read the file")
    await page.wait_for_function("() => document.activeElement.id === 'preview-h'")
    assert "as a formula does" in await page.inner_text(".faults")
    await look_over(page)
    await page.set_input_files("#file", SAMPLE)
    await page.click("text=Read the file")
    await look_over(page)
    await page.click("text=Enter these figures")
    await page.wait_for_selector(".imports")
    await page.click(".imports summary")
    await look_over(page)
    await page.goto(f"{served.url}/counts?first=2023-04-01&last=2023-06-30")
    assert "1,602" in await page.inner_text(".figures")
    await look_over(page)


async def test_a_file_too_large_is_said_before_it_is_sent(
    served: Served, open_page: OpenPage, tmp_path: Path
) -> None:
    page = await open_page(viewport={"width": 1280, "height": 800})
    await enter(page, served.url, "max")
    await page.goto(f"{served.url}/counts/import")
    large = tmp_path / "large.csv"
    large.write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    await page.set_input_files("#file", large)
    assert "larger than 5 MB" in await page.eval_on_selector("#file", "input => input.validationMessage")
    await page.click("text=Read the file")
    assert page.url.endswith("/counts/import")
    assert await page.locator("#preview-h").count() == 0
