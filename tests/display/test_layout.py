"""What one board shows and what it leaves out, by the layout that was given to it; and what it says aloud of that."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.display import lobby
from tests.display.scripts import module_page, run
from tests.display.standin import Standin
from tests.display.test_board import _OVERRUNS, LANDSCAPE, PORTRAIT, heard
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop
from tests.support.waiting import until_async

pytestmark = on_one_loop
_IS_BOARD_7 = (
    "document.addEventListener('readystatechange', () => { document.documentElement.dataset.device = '7'; });"
)
_RECORD = """
  window.heard = [];
  document.addEventListener('foyer:announced', (event) => window.heard.push(`${event.detail.code}/${event.detail.times}`));
"""


async def open_seventh(open_page: OpenPage, standin: Standin, **options: Any) -> Page:
    """The board whose number the server wrote on its page is 7."""
    page = await open_page(**{"viewport": LANDSCAPE, "reduced_motion": "reduce", **options})
    await page.add_init_script(_RECORD + _IS_BOARD_7)
    await page.goto(f"{standin.address}/display?sound=off")
    await expect(page.locator("#centre")).to_have_text("York House")
    return page


async def test_a_board_shows_and_says_its_own_counters_only(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = {
        **lobby.board(0),
        **lobby.layout("7", counters=("desk-6",), services=("service-2", "service-5")),
        **lobby.layout("8", counters=("desk-4",)),
    }
    page = await open_seventh(open_page, standin)
    await standin.change(lobby.calls(*(lobby.call(index, age=2 - index) for index in range(3))))
    await expect(page.locator(".card .code")).to_have_text("B03")
    await until_async(lambda: _has_heard(page, ["B03/1"]), seconds=10)
    assert await page.locator("#waits .line-en .name").all_text_contents() == [
        "Housing",
        "Parking and permits",
    ]
    await standin.change(lobby.layout("7"))
    await expect(page.locator(".card")).to_have_count(3)
    await expect(page.locator("#waits")).to_contain_text("Council tax")


async def _has_heard(page: Page, what: list[str]) -> bool:
    return await heard(page) == what


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
@pytest.mark.parametrize(
    "shows",
    [("waits", "calls", "messages"), ("waits",), ("calls",), ("messages",), ("messages", "calls", "waits")],
    ids="-".join,
)
async def test_each_part_is_there_or_not_and_the_first_is_the_largest(
    open_page: OpenPage, standin: Standin, shows: tuple[str, ...], size: dict[str, int]
) -> None:
    standin.rows = {**lobby.board(2, over=3), **lobby.layout("7", *shows)}
    page = await open_seventh(open_page, standin, viewport=size)
    parts = {"calls": "#now-part", "waits": "#waits-part", "messages": "#message"}
    areas = {}
    for part, where in parts.items():
        if part in shows:
            await expect(page.locator(where)).to_be_visible()
            box = await page.locator(where).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= size["height"] + 1
            areas[part] = box["width"] * box["height"]
        else:
            await expect(page.locator(where)).to_be_hidden()
    if len(shows) == 1:
        assert areas[shows[0]] > 0.45 * size["width"] * size["height"]
    else:
        assert areas[shows[0]] >= max(
            areas["waits"] if shows[0] != "messages" else 0, 0.2 * size["width"] * size["height"]
        )
    assert await page.evaluate(_OVERRUNS) == []
    await assert_axe_clean(page)


async def test_what_everyone_is_told_is_on_every_layout(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = {**lobby.board(1), **lobby.layout("7", "messages"), **lobby.told()}
    page = await open_seventh(open_page, standin)
    await expect(page.locator("#told")).to_be_visible()
    await expect(page.locator(".card")).to_have_count(0)
    await standin.change({"centre": lobby.centre(evacuated_at=lobby.now())})
    await expect(page.locator("#evacuation")).to_be_visible()


async def test_a_layout_of_nothing_known_is_everything(open_page: OpenPage, standin: Standin) -> None:
    page = await module_page(open_page, standin)
    body = "return m.layoutOf(new Map(Object.entries(a[0])), a[1]).shows;"
    every = ["calls", "waits", "messages"]
    for rows, device in (
        ({}, "7"),
        (lobby.layout("7"), "7"),
        (lobby.layout("7", "clock"), "7"),
        (lobby.layout("7", "waits"), "8"),
    ):
        assert await run(page, "layout.js", body, [rows, device]) == every
    assert await run(page, "layout.js", body, [lobby.layout("7", "waits", "calls"), "7"]) == [
        "waits",
        "calls",
    ]
