"""Everyone must leave the building: said over every screen at once, in every language, aloud, until it is over."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.display import lobby
from tests.display.scripts import module_page, run
from tests.display.standin import Standin
from tests.display.test_board import LANDSCAPE, PORTRAIT, heard, open_board
from tests.support.browser import OpenPage, Watch, assert_axe_clean, on_one_loop
from tests.support.waiting import until_async
from wire.frames import Row
from words import Catalogue

pytestmark = on_one_loop
CATALOGUE = Catalogue()
OTHERS = ["gu", "pa", "ur", "ar", "pl"]
STRIPS = [
    ViewportSize(width=width, height=height) for width, height in ((1280, 400), (1920, 360), (800, 480))
]


def leaving(**changes: Any) -> dict[str, Row]:
    return {"centre": lobby.centre(evacuated_at=lobby.now(), **changes)}


def sign() -> dict[str, Row]:
    row = {
        "kind": "sign",
        "counter": "desk-4",
        "name": "Desk 4",
        "state": "calling",
        "code": "K07",
        "called_at": 0,
    }
    return {"centre": lobby.centre(), "sign": {**row, "times": 1}}


async def test_the_board_says_so_at_once_over_all_it_showed_and_goes_on_where_it_was(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = {**lobby.board(2), **lobby.told()}
    page = await open_board(open_page, standin, "?sound=off")
    await expect(page.locator(".card")).to_have_count(2)
    notice = page.locator("#evacuation")
    await expect(notice).to_be_hidden()
    began = time.monotonic()
    await standin.change(leaving())
    await expect(notice).to_be_visible(timeout=2_000)
    assert time.monotonic() - began < 2
    await expect(notice.locator("#leave-en .leave-title")).to_have_text(
        "Please leave the building now".replace("leave the", "leavethe")
    )
    assert await page.locator("#stage").evaluate("stage => stage.inert")
    await assert_axe_clean(page)
    await page.reload()
    await expect(notice).to_be_visible()
    await standin.change({"centre": lobby.centre()})
    await expect(notice).to_be_hidden(timeout=2_000)
    await expect(page.locator(".card")).to_have_count(2)
    assert not await page.locator("#stage").evaluate("stage => stage.inert")


async def test_every_language_has_its_turn_within_four_seconds_of_the_last(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = {**lobby.board(0), **leaving()}
    page = await open_page(viewport=LANDSCAPE)
    await page.clock.install()
    await page.goto(f"{standin.address}/display?sound=off")
    other = page.locator("#leave-other")
    await expect(other).to_be_visible()
    seen: list[str] = []
    for _ in range(20):
        language = await other.get_attribute("lang") or ""
        assert _unspaced(await other.locator(".leave-title").text_content()) == _unspaced(
            CATALOGUE.say(language, "evacuation.title")
        )
        assert await other.get_attribute("dir") == CATALOGUE.direction(language)
        seen.append(language)
        await page.clock.run_for(1_000)
    assert set(seen) == set(OTHERS)
    assert all(len(set(seen[start : start + 5])) > 1 for start in range(15)), (
        "none stands longer than four seconds"
    )
    await expect(page.locator("#leave-en")).to_be_visible()


def _unspaced(text: str | None) -> str:
    return (text or "").replace(" ", "")


_OUTSIDE = """() => [...document.querySelectorAll('#evacuation .line, #evacuation img')].filter((part) => part.checkVisibility()).filter((part) => {
  const box = part.getBoundingClientRect();
  return box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > innerHeight + 1 || box.width < 20;
}).map((part) => part.textContent || 'picture')"""
_COVERED = """() => {
  const boxes = [...document.querySelectorAll('#evacuation .leave-title, #evacuation .leave-lead, #evacuation img')].filter((part) => part.checkVisibility()).map((part) => {
    const lines = [...part.querySelectorAll('.line')].map((line) => line.getBoundingClientRect());
    if (lines.length === 0) return [part.className, part.getBoundingClientRect()];
    return [part.className, { left: Math.min(...lines.map((l) => l.left)), right: Math.max(...lines.map((l) => l.right)), top: lines[0].top, bottom: lines.at(-1).bottom }];
  });
  const isOn = (one, other) => one.left < other.right - 2 && other.left < one.right - 2 && one.top < other.bottom - 2 && other.top < one.bottom - 2;
  return boxes.flatMap(([who, box], index) => boxes.slice(index + 1).filter(([, other]) => isOn(box, other)).map(([whom]) => `${who} on ${whom}`));
}"""
_LETTERS = """() => {
  const line = document.querySelector('#leave-en .leave-title .line');
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = getComputedStyle(line).font;
  return pen.measureText('P').actualBoundingBoxAscent;
}"""


@pytest.mark.parametrize("language", [*OTHERS, "en"])
async def test_it_fits_every_screen_and_can_be_read_from_ten_metres(
    open_page: OpenPage, standin: Standin, language: str
) -> None:
    """A capital of a tenth of a 43 inch board is 53 mm high: a third of a degree from 10 m, 1.7 times what half of ordinary sight makes out."""
    standin.rows = {**lobby.board(0), **leaving(languages=list(dict.fromkeys(["en", language])))}
    page = await open_board(open_page, standin, "?sound=off")
    await page.evaluate("document.fonts.ready")
    for size in (LANDSCAPE, PORTRAIT, ViewportSize(width=1280, height=720)):
        await page.set_viewport_size(size)
        await until_async(lambda: _nothing(page, _OUTSIDE), what=f"nothing runs out of {size}")
        await until_async(lambda: _nothing(page, _COVERED), what=f"nothing lies on anything at {size}")
        if size["width"] > size["height"]:
            assert await page.evaluate(_LETTERS) > 0.1 * size["height"]
    standin.rows = {**sign(), **leaving(languages=list(dict.fromkeys(["en", language])))}
    page = await open_page(f"{standin.address}/display/sign")
    await expect(page.locator("#evacuation")).to_be_visible()
    await page.evaluate("document.fonts.ready")
    for size in (*STRIPS, ViewportSize(width=480, height=800)):
        await page.set_viewport_size(size)
        await until_async(lambda: _nothing(page, _OUTSIDE), what=f"nothing runs out of {size}")
        await until_async(lambda: _nothing(page, _COVERED), what=f"nothing lies on anything at {size}")


async def _is(page: Page, script: str) -> bool:
    return bool(await page.evaluate(script))


async def _nothing(page: Page, script: str) -> bool:
    return list(await page.evaluate(script)) == []


async def test_a_sign_says_so_and_takes_its_number_up_again(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = sign()
    page = await open_page(f"{standin.address}/display/sign", viewport={"width": 1280, "height": 800})
    await expect(page.locator("#code")).to_have_text("K07")
    await standin.change(leaving())
    await expect(page.locator("#evacuation")).to_be_visible(timeout=2_000)
    await assert_axe_clean(page)
    await standin.change({"centre": lobby.centre()})
    await expect(page.locator("#evacuation")).to_be_hidden(timeout=2_000)
    await expect(page.locator("#code")).to_have_text("K07")


async def test_a_screen_that_loses_its_line_goes_on_saying_it(
    open_page: OpenPage, standin: Standin, watch: Watch
) -> None:
    watch.expect("WebSocket connection")
    standin.rows = {**lobby.board(1), **leaving()}
    page = await open_page(viewport=LANDSCAPE)
    await page.clock.install()
    await page.goto(f"{standin.address}/display?sound=off")
    await expect(page.locator("#evacuation")).to_be_visible()
    for letters in ("Gujarati", "Gurmukhi", "Nastaliq", "Arabic"):
        await until_async(
            partial(_is, page, f"document.fonts.check('700 20px \"Foyer {letters}\"')"), what=letters
        )
    standin.reachable = False
    await standin.hang_up()
    await page.clock.fast_forward(60_000)
    await expect(page.locator("body")).to_have_attribute("data-standing", "stale")
    await expect(page.locator("#evacuation")).to_be_visible()


async def test_it_is_said_aloud_instead_of_calls_and_what_was_called_is_heard_when_it_is_over(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = {**lobby.board(0), **leaving(languages=["en", "pl"])}
    page = await open_board(open_page, standin)
    await until_async(lambda: sorted(standin.spoken) == ["leaving/en", "leaving/pl"], seconds=20)
    await standin.change(lobby.calls(lobby.call(0, age=0)))
    await standin.change({"centre": lobby.centre(), **lobby.calls(lobby.call(0, age=0, times=2))})
    ticket = lobby.call(0)["ticket"]
    await until_async(lambda: standin.spoken[2:] == [f"{ticket}/2/en"], seconds=8)

    async def is_heard() -> bool:
        return await heard(page) == ["K07/2"]

    await until_async(is_heard, seconds=8)


async def test_a_house_left_so_overnight_is_not_shouted_at(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = {**lobby.board(0), "centre": lobby.centre(evacuated_at=lobby.now() - 2 * 3_600_000)}
    page = await open_board(open_page, standin)
    await expect(page.locator("#evacuation")).to_be_visible()
    await standin.change({"centre": lobby.centre(), **lobby.calls(lobby.call(0, age=0))})
    await until_async(lambda: standin.spoken, seconds=20)
    assert standin.spoken == [f"{lobby.call(0)['ticket']}/1/en"]


# What is said when, with a voice that only notes what it is asked for ----------------------------------------------

VOICE = """
  const log = [];
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  let stop = () => {};
  const sound = {
    chime: async () => { log.push('chime'); },
    fetch: async (url) => url,
    play: async (url) => { log.push(url.replace('/speech/', '')); await Promise.race([wait(40), new Promise((resolve) => { stop = resolve; })]); log.push('.'); },
    hush: () => { log.push('hush'); stop(); },
  };
  const until = async (is) => { for (let turn = 0; turn < 500 && !is(); turn += 1) await wait(10); };
  const call = (ticket) => ({ kind: 'call', ticket, times: 1, language: 'en' });
"""


async def test_a_call_goes_before_the_rest_of_an_announcement(open_page: OpenPage, standin: Standin) -> None:
    page = await module_page(open_page, standin)
    body = """
      const announcer = new m.Announcer(sound, () => true);
      announcer.tell([{ id: 'x', languages: ['en', 'pl', 'ur'] }]);
      await until(() => log.includes('told/x/en'));
      announcer.announce([call('t')]);
      await until(() => announcer.waiting === 0 && log.at(-1) === '.');
      return log.filter((each) => each !== '.');
    """
    assert await run(page, "announcer.js", VOICE + body) == [
        "chime", "told/x/en", "chime", "t/1/en", "told/x/pl", "told/x/ur",
    ]  # fmt: skip


async def test_leaving_breaks_off_what_is_said_and_is_repeated_in_one_language_after_another(
    open_page: OpenPage, standin: Standin
) -> None:
    page = await module_page(open_page, standin)
    body = """
      const announcer = new m.Announcer(sound, () => true, 0.3);
      announcer.announce([call('t'), call('u')]);
      await until(() => log.includes('t/1/en'));
      announcer.leave(['pl', 'ur']);
      announcer.leave(['pl', 'ur']);
      await until(() => log.includes('leaving/ur'));
      announcer.leave(null);
      announcer.leave(null);
      await until(() => log.at(-1) === '.');
      announcer.announce([call('v')]);
      await until(() => log.includes('v/1/en'));
      return log.filter((each) => each !== '.');
    """
    assert await run(page, "announcer.js", VOICE + body) == [
        "chime", "t/1/en", "hush", "chime", "chime", "leaving/en", "leaving/pl",
        "chime", "chime", "leaving/en", "leaving/ur", "hush", "chime", "v/1/en",
    ]  # fmt: skip


async def test_what_must_be_said_is_said_again_when_the_server_has_gone(
    open_page: OpenPage, standin: Standin
) -> None:
    page = await module_page(open_page, standin)
    body = """
      let isThere = true;
      sound.fetch = async (url) => (isThere ? url : null);
      sound.play = async (speech) => { log.push(speech); };
      const announcer = new m.Announcer(sound, () => true, 0.05);
      announcer.leave([]);
      await until(() => log.filter((each) => each === '/speech/leaving/en').length === 1);
      isThere = false;
      await until(() => log.filter((each) => each === '/speech/leaving/en').length === 3);
      announcer.leave(null);
      return log.includes(null);
    """
    assert await run(page, "announcer.js", VOICE + body) is False


async def test_what_was_being_said_when_it_was_over_is_not_rested_upon(
    open_page: OpenPage, standin: Standin
) -> None:
    page = await module_page(open_page, standin)
    body = """
      const announcer = new m.Announcer(sound, () => true, 60);
      announcer.leave(['pl']);
      await until(() => log.includes('leaving/en'));
      announcer.leave(null);
      announcer.announce([call('t')]);
      await until(() => log.includes('t/1/en'));
      return log.filter((each) => each !== '.');
    """
    assert await run(page, "announcer.js", VOICE + body) == [
        "hush", "chime", "chime", "leaving/en", "hush", "chime", "t/1/en",
    ]  # fmt: skip
