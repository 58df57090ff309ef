"""What everyone is told, on the board: seen beside every call, heard once, and in the visitors' languages."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.async_api import expect

from tests.display import lobby
from tests.display.standin import Standin
from tests.display.test_board import _OVERRUNS, _TAPE, LANDSCAPE, PORTRAIT, open_board
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop
from tests.support.waiting import until_async
from words import Catalogue

pytestmark = on_one_loop
SAID = Catalogue()
LONGEST = ("The owner of the blue Ford AB12 CDE, please move it: it stands before the ambulance bay. " * 3)[
    :200
].strip()
_OUTSIDE = """() => {
  const band = document.getElementById('told').getBoundingClientRect();
  const head = document.querySelector('.head').getBoundingClientRect(), floor = document.querySelector('.floor').getBoundingClientRect();
  const out = [...document.querySelectorAll('#told p, #told span')].filter((part) => {
    const range = document.createRange();
    range.selectNodeContents(part);
    const text = range.getBoundingClientRect();
    return text.left < band.left || text.right > band.right || text.top < band.top - 4 || text.bottom > band.bottom + 4;
  }).map((part) => part.textContent);
  if (band.top < head.bottom || band.bottom > floor.top) out.push('the band stands on something');
  return out;
}"""


@pytest.mark.parametrize("size", [LANDSCAPE, {"width": 1280, "height": 720}, PORTRAIT], ids=str)
async def test_an_announcement_hides_no_call_and_is_whole_itself(
    open_page: OpenPage, standin: Standin, size: dict[str, int]
) -> None:
    standin.rows = lobby.board(1, over=4)
    page = await open_board(open_page, standin, "?sound=off", viewport=size)
    band = page.locator("#told")
    await expect(band).to_be_hidden()
    await standin.change(lobby.told("closing_soon"))
    await expect(band.locator("p[lang=en]")).to_have_text(SAID.say("en", "announce.closing_soon"))
    await standin.change(lobby.calls(*(lobby.call(index, age=1) for index in range(8))))
    await expect(page.locator(".card")).to_have_count(8)
    for languages in (["en", "ur"], ["en", "gu"], ["en", "pl"]):
        await standin.change({"centre": lobby.centre(languages=languages)})
        await expect(band.locator("p.other")).to_have_attribute("lang", languages[1])
        assert await page.evaluate(_OVERRUNS) == []
        assert await page.evaluate(_OUTSIDE) == []
    await assert_axe_clean(page)
    await standin.change(lobby.told(text=LONGEST))
    await expect(band.locator("p")).to_have_count(1)
    assert await page.evaluate(_OUTSIDE) == []
    assert await page.evaluate(_OVERRUNS) == []
    await standin.change(drop=list(lobby.told()))
    await expect(band).to_be_hidden()


async def test_it_is_heard_once_in_every_language_and_a_call_in_between_goes_first(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = lobby.board(0, languages=["en", "ur", "pl"])
    standin.speech_seconds = 0.6
    page = await open_page(viewport=LANDSCAPE)
    await page.add_init_script(_TAPE)
    await page.goto(f"{standin.address}/display")
    await expect(page.locator("#centre")).to_have_text("York House")
    (row,) = lobby.told(age=0).values()
    await standin.change({f"announcement:{row['id']}": row})
    await expect(page.locator("#told.heard")).to_be_visible()
    await until_async(lambda: len(standin.spoken) == 1, seconds=8)
    await standin.change(lobby.calls(lobby.call(0, age=0)))
    await until_async(lambda: len(standin.spoken) == 4, seconds=20)
    told = [f"told/{row['id']}/{language}" for language in ("en", "ur", "pl")]
    assert standin.spoken == [told[0], f"{lobby.call(0)['ticket']}/1/en", *told[1:]]
    await expect(page.locator("#told.heard")).to_have_count(0, timeout=8_000)
    spans = await page.evaluate("window.tape")
    assert len(spans) == 4
    assert all(before["end"] <= after["start"] for before, after in pairwise(spans)), spans
    await page.reload()
    await expect(page.locator("#told")).to_be_visible()
    await standin.change(lobby.calls(lobby.call(3, age=0)))
    await until_async(lambda: len(standin.spoken) == 5, seconds=8)
    assert standin.spoken[-1] == f"{lobby.call(3)['ticket']}/1/en"


async def test_an_old_one_is_shown_and_not_heard_and_one_taken_back_falls_silent(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = {**lobby.board(0, languages=["en", "pl"]), **lobby.told(age=61)}
    standin.speech_seconds = 1.0
    page = await open_board(open_page, standin)
    await expect(page.locator("#told")).to_be_visible()
    fresh = lobby.told("system_slow", age=0, number=2)
    await standin.change(fresh)
    await until_async(lambda: len(standin.spoken) == 1, seconds=8)
    await standin.change(drop=list(fresh))
    await standin.change(lobby.calls(lobby.call(0, age=0)))
    await until_async(lambda: len(standin.spoken) == 2, seconds=8)
    assert standin.spoken == [f"told/{2:032x}/en", f"{lobby.call(0)['ticket']}/1/en"]


async def test_several_take_turns_and_typed_words_are_text(open_page: OpenPage, standin: Standin) -> None:
    attack = "<img src=x onerror=alert(1)>"
    standin.rows = {**lobby.board(0), **lobby.told(text=attack, age=90), **lobby.told(age=100, number=2)}
    page = await open_page(viewport=LANDSCAPE)
    await page.clock.install()
    await page.goto(f"{standin.address}/display?sound=off")
    shown = page.locator("#told p[lang=en]")
    await expect(shown).to_have_text(attack)
    assert await page.locator("#told img").count() == 0
    await page.clock.run_for(8_000)
    await expect(shown).to_have_text(SAID.say("en", "announce.long_wait"))
