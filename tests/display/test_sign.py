"""The sign over one counter: what it says in each state, and what it takes away when it cannot know."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.display import lobby
from tests.display.standin import Standin
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop
from wire.frames import Row

pytestmark = on_one_loop


def sign(**changes: Any) -> dict[str, Row]:
    row = {
        "kind": "sign",
        "counter": "desk-4",
        "name": "Desk 4",
        "state": "free",
        "code": None,
        "called_at": None,
    }
    return {"centre": lobby.centre(), "sign": {**row, "times": 0, **changes}}


async def open_sign(open_page: OpenPage, standin: Standin, **options: Any) -> Page:
    page = await open_page(f"{standin.address}/display/sign", **options)
    await expect(page.locator("#name")).to_have_text("Desk 4")
    return page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("free", "Please wait until your number is called"),
        ("busy", "With a visitor"),
        ("break", "Back soon"),
        ("closed", "Closed"),
    ],
)
async def test_each_state_is_said_in_words_without_a_code(
    open_page: OpenPage, standin: Standin, state: str, words: str
) -> None:
    standin.rows = sign(state=state)
    page = await open_sign(open_page, standin)
    await expect(page.locator("#words [lang=en]")).to_have_text(words)
    await expect(page.locator("#code")).to_be_hidden()
    await assert_axe_clean(page)


async def test_a_called_number_stands_large_and_goes_when_its_visitor_has_come(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = sign(state="calling", code="K07", times=1)
    for viewport in (
        {"width": 1280, "height": 800},
        {"width": 1280, "height": 400},
        {"width": 800, "height": 1280},
    ):
        page = await open_sign(open_page, standin, viewport=viewport)
        code = page.locator("#code")
        await expect(code).to_have_text("K07")
        box = await code.bounding_box()
        assert box is not None
        assert box["x"] > 0
        assert box["x"] + box["width"] < viewport["width"], "the number fits"
        assert box["height"] > 0.25 * viewport["height"] or box["width"] > 0.7 * viewport["width"]
    await assert_axe_clean(page)
    await standin.change(sign(state="busy"))
    await expect(code).to_be_hidden()


async def test_a_lost_line_takes_the_number_away_but_not_the_counters_name(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = sign(state="calling", code="K07", times=1)
    page = await open_page()
    await page.clock.install()
    await page.goto(f"{standin.address}/display/sign")
    await expect(page.locator("#code")).to_have_text("K07")
    standin.frozen = True
    await page.clock.fast_forward(11_000)
    await expect(page.locator("#code")).to_be_hidden()
    await expect(page.locator("#name")).to_have_text("Desk 4")
    await expect(page.locator("#words")).to_contain_text("catching up")


SIZES = [(1280, 800), (800, 480), (480, 800), (1920, 360), (1280, 400)]
# A line's box is taller than its ink; 0.15 of it at either end is air.
_COLLISIONS = """() => {
  const inked = [...document.querySelectorAll('#name, #code, #words p')].filter((part) => part.textContent && part.checkVisibility()).map((part) => {
    const range = document.createRange();
    range.selectNodeContents(part);
    return [part.id || part.lang, range.getBoundingClientRect()];
  });
  const out = inked.filter(([, box]) => box.left < 0 || box.right > innerWidth || box.top + box.height * 0.15 < 0 || box.bottom - box.height * 0.15 > innerHeight).map(([who]) => `${who} runs out`);
  const isOn = (one, other) => one.left < other.right - 1 && other.left < one.right - 1 && one.top + one.height * 0.15 < other.bottom - other.height * 0.15 && other.top + other.height * 0.15 < one.bottom - one.height * 0.15;
  for (const [index, [who, box]] of inked.entries()) for (const [whom, other] of inked.slice(index + 1)) if (isOn(box, other)) out.push(`${who} on ${whom}`);
  return out;
}"""


@pytest.mark.parametrize("language", ["gu", "ur", "pl"])
@pytest.mark.parametrize("name", ["Desk 4", "Interview room 12"])
async def test_long_names_and_wide_numbers_stand_beside_each_other(
    open_page: OpenPage, standin: Standin, name: str, language: str
) -> None:
    standin.rows = sign(name=name)
    standin.rows["centre"]["languages"] = ["en", language]
    page = await open_page(f"{standin.address}/display/sign", reduced_motion="reduce")
    await expect(page.locator("#name")).to_have_text(name)
    for state, code in [
        ("free", None),
        ("busy", None),
        ("break", None),
        ("closed", None),
        ("calling", "K07"),
        ("calling", "B104"),
    ]:
        await standin.change({"sign": {**standin.rows["sign"], "state": state, "code": code}})
        await expect(page.locator("body")).to_have_attribute("data-state", state)
        await expect(page.locator("#code")).to_have_text(code or "")
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            assert await page.evaluate(_COLLISIONS) == [], (state, code, width, height)
