"""The page Now and the page on our estimates in Chromium: in step with the floor, without script, for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from server.jobs import estimates
from tests.server.web.rehearsal import Served, serving
from tests.server.web.test_counting_panel import enter
from tests.server.web.test_pages_for_all import look_over
from tests.support.browser import OpenPage, on_one_loop
from tests.support.waiting import until
from wire import asks

pytestmark = on_one_loop


@pytest.fixture
def served(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that writes down what was told as soon as it was."""
    monkeypatch.setattr(estimates, "EVERY_SECONDS", 0.2)
    with serving(sqlite_url) as running:
        yield running


def _kept(served: Served) -> int:
    def read(connection: Connection) -> int:
        return int(connection.exec_driver_sql("SELECT COUNT(*) FROM given_estimate").scalar_one())

    return served.run(served.house.look(read))


async def test_the_page_now_follows_the_floor_and_estimates_are_shown(
    served: Served, open_page: OpenPage
) -> None:
    page = await open_page(viewport={"width": 1280, "height": 900})
    await enter(page, served.url, "max")
    await page.goto(f"{served.url}/figures/now")
    await page.wait_for_selector("#link[data-standing=live]")
    assert "Nobody is waiting, and no counter is open." in await page.inner_text("#services")
    summary = page.locator("#services summary")
    await summary.focus()
    await page.keyboard.press("Enter")
    served.sit("priya", services=("council-tax", "housing"))
    for _ in range(3):
        served.visitor("council-tax", minutes_ago=8)
    served.visitor("private", discreet=True)
    await page.wait_for_function("() => document.querySelector('.now-tiles li b').textContent === '4'")
    rows = page.locator("#services tbody tr")
    lines = {
        words[0]: words[1:] for words in [(await row.inner_text()).split("\t") for row in await rows.all()]
    }
    assert lines["Council tax"][1:] == ["3", "0", "8 min", "1"]
    assert lines["Council tax"][0].endswith("min")
    assert lines["Parking permits"][0] == "No counter is open for it"
    assert lines["Private visits"][:2] == ["–", "1"]
    assert "Talk in private" not in await page.inner_text("main")
    # What somebody unfolded, and where they are, stays theirs.
    assert await page.locator("#services details").get_attribute("open") is not None
    assert await summary.evaluate("each => each === document.activeElement")
    served.ask(served.actor("priya"), asks.CallNext())
    await page.wait_for_function("() => document.querySelector('.now-tiles li b').textContent === '3'")
    assert "1 on the way" in await page.inner_text(".now-tiles")
    await look_over(page)
    #
    # What was told is written down by the server itself, and judged by the call.
    await asyncio.to_thread(until, lambda: _kept(served) == 3, seconds=20.0, what="the ranges told")
    await page.get_by_role("navigation", name="Figures").get_by_text("Our estimates").click()
    await page.wait_for_url("**/figures/estimates*")
    assert "One visitor was told a range" in await page.inner_text("#how-right")
    await look_over(page)


async def test_without_script_the_page_says_how_to_look_again(served: Served, open_page: OpenPage) -> None:
    page = await open_page(java_script_enabled=False)
    await enter(page, served.url, "max")
    await page.goto(f"{served.url}/figures/now")
    assert "load it again to see what is new" in await page.inner_text("#link")
    served.visitor("housing")
    await page.reload()
    assert await page.locator(".now-tiles li b").first.inner_text() == "1"
