"""The lobby board in a real Chromium: what stands on it, what is heard, and what it does when the line goes."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.display import lobby
from tests.display.standin import Standin
from tests.support.browser import FLAGS, OpenPage, Watch, assert_axe_clean, chromium_path, on_one_loop
from tests.support.waiting import until_async

pytestmark = on_one_loop

LANDSCAPE = ViewportSize(width=1920, height=1080)
PORTRAIT = ViewportSize(width=1080, height=1920)
_RECORD = """
  window.heard = [];
  document.addEventListener('foyer:announced', (event) => window.heard.push(`${event.detail.code}/${event.detail.times}`));
"""


async def open_board(open_page: OpenPage, standin: Standin, query: str = "", **options: Any) -> Page:
    """A board that has drawn its first rows; what it announces is kept in `window.heard`."""
    page = await open_page(**{"viewport": LANDSCAPE, "reduced_motion": "reduce", **options})
    await page.add_init_script(_RECORD)
    await page.goto(f"{standin.address}/display{query}")
    await expect(page.locator("#centre")).to_have_text("York House")
    return page


async def heard(page: Page) -> list[str]:
    return list(await page.evaluate("window.heard"))


async def codes(page: Page) -> list[str]:
    return await page.locator(".card .code").all_text_contents()


async def test_a_call_is_shown_with_its_desk_and_in_the_tickets_language(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin)
    await expect(page.locator(".quiet-title").first).to_have_text("Welcome")
    await standin.change(lobby.calls(lobby.call(1)))
    card = page.locator(".card")
    await expect(card.locator(".code")).to_have_text("A12")
    await expect(card.locator(".where")).to_have_text("Desk 1")
    own = card.locator(".own")
    assert await own.get_attribute("lang") == "ur"
    assert await own.get_attribute("dir") == "rtl"
    assert "\u2066Desk\u00a01\u2069" in (await own.text_content() or "")


async def test_eight_calls_in_one_instant_are_all_shown_and_all_announced_in_turn(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin, "?sound=off")
    eight = [lobby.call(index, age=8 - index) for index in range(8)]
    await standin.change(lobby.calls(*eight))
    await expect(page.locator(".card")).to_have_count(8)
    assert sorted(await codes(page)) == sorted(call["code"] for call in eight)
    await until_async(lambda: _is(page, 8), seconds=25)
    assert await heard(page) == [f"{call['code']}/1" for call in eight]


async def _is(page: Page, count: int) -> bool:
    return len(await heard(page)) == count


async def test_every_card_fits_its_text(open_page: OpenPage, standin: Standin) -> None:
    """From one call to eight, landscape and portrait, short names and long: nothing is cut off or runs over."""
    standin.rows = lobby.board(0, over=10)
    page = await open_board(open_page, standin)
    for size in (LANDSCAPE, PORTRAIT, ViewportSize(width=1280, height=720)):
        await page.set_viewport_size(size)
        for count in (1, 2, 3, 4, 6, 8):
            calls = [lobby.call(index, code=("K07", "B104")[index % 2]) for index in range(count)]
            calls[-1]["where"] = "Interview room 12"
            gone = [key for key in standin.rows if key.startswith("call:")]
            await standin.change(drop=gone)
            await standin.change(lobby.calls(*calls))
            await expect(page.locator(".card")).to_have_count(count)
            assert await page.evaluate(_OVERRUNS) == [], f"{count} calls on {size}"


_OVERRUNS = """() => [...document.querySelectorAll('.card')].flatMap((card) => {
  const box = card.getBoundingClientRect();
  return [...card.querySelectorAll('.code, .where, .own')].filter((part) => {
    const [range, own] = [document.createRange(), part.getBoundingClientRect()];
    range.selectNodeContents(part);
    const text = range.getBoundingClientRect();
    return text.left < box.left || text.right > box.right || own.top < box.top - 1 || own.bottom > box.bottom + 1;
  }).map((part) => `${part.className}: ${part.textContent}`);
})"""


async def test_a_recall_is_announced_again_and_an_old_one_is_not(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = {**lobby.board(0), **lobby.calls(lobby.call(0, age=300))}
    page = await open_board(open_page, standin, "?sound=off")
    await expect(page.locator(".card")).to_have_count(1)
    await standin.change(lobby.calls(lobby.call(0, age=0, times=2)))
    await until_async(lambda: _is(page, 1), seconds=8)
    assert await heard(page) == ["K07/2"]


async def test_a_reloaded_board_does_not_say_again_what_it_said(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = {**lobby.board(0), **lobby.calls(lobby.call(0, age=1))}
    page = await open_board(open_page, standin, "?sound=off")
    await until_async(lambda: _is(page, 1), seconds=8)
    await page.reload()
    await expect(page.locator(".card")).to_have_count(1)
    await standin.change(lobby.calls(lobby.call(2, age=0)))
    await until_async(lambda: _is(page, 1), seconds=8)
    assert await heard(page) == ["B03/1"]


async def test_a_call_whose_visitor_has_come_is_passed_over(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin, "?sound=off")
    await standin.change(lobby.calls(lobby.call(0, age=2), lobby.call(1, age=1), lobby.call(2, age=0)))
    await expect(page.locator(".card.heard .code")).to_have_text("K07")
    await standin.change(lobby.calls(lobby.call(1, age=1, live=False)))
    await until_async(lambda: _is(page, 2), seconds=12)
    assert await heard(page) == ["K07/1", "B03/1"]


async def test_what_was_missed_while_the_line_was_down_is_shown_and_announced_once(
    open_page: OpenPage, standin: Standin, watch: Watch
) -> None:
    watch.expect("WebSocket connection|status of 503")
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin, "?sound=off")
    standin.reachable = False
    await standin.hang_up()
    await until_async(lambda: standin.followers == 0)
    await standin.change(lobby.calls(lobby.call(3, age=0)))
    standin.reachable = True
    await expect(page.locator(".card .code")).to_have_text("K11", timeout=15_000)
    assert standin.hellos[-1].cursor is not None, "it asked to carry on, not for everything"
    await until_async(lambda: _is(page, 1), seconds=8)
    assert await heard(page) == ["K11/1"]


async def test_a_server_started_anew_is_followed_from_the_beginning(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = {**lobby.board(0), **lobby.calls(lobby.call(0))}
    page = await open_board(open_page, standin, "?sound=off")
    await expect(page.locator(".card")).to_have_count(1)
    standin.rows = {**lobby.board(0), **lobby.calls(lobby.call(1))}
    await standin.restart()
    await expect(page.locator(".card .code")).to_have_text("A12", timeout=10_000)


async def test_a_hole_in_the_stream_is_mended_whole(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin, "?sound=off")
    standin.frozen = True
    await standin.change(lobby.calls(lobby.call(0)))
    standin.frozen = False
    await standin.change(lobby.calls(lobby.call(1)))
    await expect(page.locator(".card")).to_have_count(2, timeout=10_000)


async def test_a_frozen_line_is_said_within_12_seconds_and_unsaid_when_it_is_back(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = lobby.board(2, over=4)
    page = await open_board(open_page, standin, "?sound=off")
    stale = page.locator("#stale")
    await expect(stale).to_be_hidden()
    standin.frozen = True
    await expect(stale).to_be_visible(timeout=12_000)
    await expect(stale).to_contain_text("This board is catching up")
    assert await codes(page) == ["K07", "A12"], "what was true stays on the board"
    assert await page.evaluate(_FAINT) == [], "every text stands out from its ground seven to one"
    standin.frozen = False
    await expect(stale).to_be_hidden(timeout=10_000)


async def test_a_line_that_died_without_a_word_is_replaced(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = lobby.board(0)
    page = await open_page(viewport=LANDSCAPE)
    await page.clock.install()
    await page.goto(f"{standin.address}/display?sound=off")
    await expect(page.locator("#centre")).to_have_text("York House")
    standin.cut_without_a_word()
    await standin.change(lobby.calls(lobby.call(0)))
    await page.clock.fast_forward(11_000)
    await expect(page.locator(".card .code")).to_have_text("K07", timeout=10_000)
    await expect(page.locator("#stale")).to_be_hidden()


async def test_texts_from_the_centre_are_shown_as_text(open_page: OpenPage, standin: Standin) -> None:
    attack = "<img src=x onerror=alert(1)>"
    standin.rows = {**lobby.board(0, name=attack), **lobby.calls(lobby.call(0, where=attack, code="K07"))}
    standin.rows["message:1"] = {"kind": "message", "order": 1, "text": {"en": attack}}
    page = await open_page(viewport=LANDSCAPE)
    await page.goto(f"{standin.address}/display")
    await expect(page.locator("#centre")).to_have_text(attack)
    await expect(page.locator(".where")).to_have_text(attack)
    assert await page.locator("#stage img").count() == 0


async def test_closed_says_when_it_opens_next(open_page: OpenPage, standin: Standin) -> None:
    tomorrow = lobby.now() + 24 * 3_600_000
    standin.rows = lobby.board(0, open=False, closes=None, closes_at=None, opens_at=tomorrow)
    page = await open_board(open_page, standin)
    await expect(page.locator(".quiet-title").first).to_have_text("We are closed")
    await expect(page.locator(".quiet-lead").first).to_have_text(
        re.compile(r"^We open tomorrow at .?\d\d:\d\d.?\.$")
    )


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT])
async def test_that_it_closes_soon_stands_out(
    open_page: OpenPage, standin: Standin, size: dict[str, int]
) -> None:
    standin.rows = lobby.board(2, over=3, closes_at=lobby.now() + 40 * 60_000)
    page = await open_board(open_page, standin, "?sound=off", viewport=size)
    closing = page.locator("#closing")
    await expect(closing).to_contain_text("We close at")
    usual = await closing.evaluate(_WEIGHT)
    await standin.change({"centre": lobby.centre(closes_at=lobby.now() + 20 * 60_000)})
    await expect(closing).to_have_class(re.compile("soon"))
    assert await closing.evaluate(_WEIGHT) > usual, "not by colour alone"
    assert await page.evaluate(_FAINT) == []
    head, words = await page.locator(".head").bounding_box(), await closing.bounding_box()
    assert head is not None
    assert words is not None
    assert words["y"] >= head["y"] - 1
    assert words["y"] + words["height"] <= head["y"] + head["height"] + 1


_WEIGHT = "line => Number(getComputedStyle(line).fontWeight)"


async def test_no_waiting_time_is_cut_when_there_is_less_room(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = lobby.board(1, over=3)
    page = await open_board(open_page, standin, "?sound=off")
    await expect(page.locator(".lines li").last).to_contain_text("Blue Badge")
    room = page.locator("#waits-part")
    assert await room.evaluate(_IS_WHOLE)
    await page.evaluate("document.querySelector('.floor').style.marginBottom = '24rem'")
    await standin.change(lobby.calls(lobby.call(7, age=0)))
    await expect(page.locator(".card")).to_have_count(2)
    assert await room.evaluate(_IS_WHOLE)


_IS_WHOLE = "part => part.scrollHeight <= part.clientHeight + 1"


async def test_a_board_with_nothing_at_its_side_uses_its_width(open_page: OpenPage, standin: Standin) -> None:
    rows = lobby.board(0, open=False, closes=None, closes_at=None)
    standin.rows = {key: row for key, row in rows.items() if not key.startswith("line:")}
    page = await open_board(open_page, standin)
    box = await page.locator(".quiet").bounding_box()
    assert box is not None
    assert box["width"] > 0.9 * LANDSCAPE["width"]


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT])
async def test_the_button_for_the_sound_stands_on_no_words(
    open_page: OpenPage, standin: Standin, size: dict[str, int]
) -> None:
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin, viewport=size)
    await page.evaluate("document.getElementById('sound').hidden = false")
    button, message = [await page.locator(part).bounding_box() for part in ("#sound", "#message")]
    assert button is not None
    assert message is not None
    assert message["y"] + message["height"] <= button["y"]


async def test_a_board_that_could_not_start_waits_for_the_server_instead_of_loading_an_error(
    open_page: OpenPage, standin: Standin, watch: Watch
) -> None:
    watch.expect("Failed to load resource|could not be fetched")
    standin.rows = lobby.board(0)
    page = await open_page(viewport=LANDSCAPE)
    await page.clock.install()
    await page.route("**/words.json", lambda route: route.fulfill(status=503))
    asked = page.wait_for_event("console")
    await page.goto(f"{standin.address}/display?sound=off")
    await asked
    standin.reachable = False
    for _ in range(3):
        async with page.expect_response(lambda answer: answer.status == 503):
            await page.clock.fast_forward(6_000)
        assert await page.locator("#stage").count() == 1, "still our own page"
    standin.reachable = True
    await page.unroute("**/words.json")
    async with page.expect_navigation():
        await page.clock.fast_forward(6_000)
    await expect(page.locator("#centre")).to_have_text("York House")


async def test_waits_are_said_in_english_and_one_other_language(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin)
    row = page.locator("#waits li").first
    await expect(row.locator("[lang=en]")).to_have_text("Council tax10 to 20 minutes")
    await expect(row.locator(".other")).to_have_attribute("lang", "gu")
    await expect(page.locator("#waits")).to_contain_text("No desk open now")


async def test_blocked_sound_is_said_and_one_press_switches_it_on(browser: Browser, standin: Standin) -> None:
    """A Chromium that, as on a desk and unlike in a kiosk, keeps pages silent until they are touched."""
    standin.rows = lobby.board(0)
    flags = [*FLAGS, "--autoplay-policy=document-user-activation-required"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    strict = await browser.browser_type.launch(executable_path=chromium_path(), args=flags)
    try:
        page = await strict.new_page()
        await page.add_init_script(_RECORD)
        await page.goto(f"{standin.address}/display")
        eyes = await page.context.new_cdp_session(
            page
        )  # Playwright's own looking counts as a touch to the browser

        async def offered() -> bool:
            look = {"expression": "!document.getElementById('sound').hidden"}
            return bool((await eyes.send("Runtime.evaluate", look))["result"].get("value"))

        await until_async(offered, what="the button that switches sound on")
        await until_async(lambda: any(ask["sound"] is False for ask in standin.asked))
        button = page.locator("#sound")
        box = (await eyes.send("Runtime.evaluate", {"expression": _MIDDLE, "returnByValue": True}))["result"][
            "value"
        ]
        for step in ("mousePressed", "mouseReleased"):
            await eyes.send(
                "Input.dispatchMouseEvent", {"type": step, "button": "left", "clickCount": 1, **box}
            )
        await expect(button).to_be_hidden()
        await until_async(lambda: standin.asked[-1]["sound"] is True)
        await standin.change(lobby.calls(lobby.call(1, age=1), lobby.call(0, age=0)))
        await until_async(lambda: _is(page, 2), seconds=15)
    finally:
        await strict.close()
    urdu, english = lobby.call(1)["ticket"], lobby.call(0)["ticket"]
    assert sorted(standin.spoken) == [f"{english}/1/en", f"{urdu}/1/en", f"{urdu}/1/ur"]


_MIDDLE = """(() => {
  const box = document.getElementById('sound').getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
})()"""


async def test_two_announcements_never_sound_at_once(open_page: OpenPage, standin: Standin) -> None:
    """Every sound source's start and end, as the browser's own audio engine tells them."""
    standin.rows = lobby.board(0)
    standin.speech_seconds = 0.6
    page = await open_page(viewport=LANDSCAPE)
    await page.add_init_script(_RECORD + _TAPE)
    await page.goto(f"{standin.address}/display")
    await expect(page.locator("#centre")).to_have_text("York House")
    await standin.change(lobby.calls(*(lobby.call(index, age=0) for index in range(3))))
    await until_async(lambda: _is(page, 3), seconds=25)
    spans = await page.evaluate("window.tape")
    assert len(spans) == 5, "K07 in English, A12 and B03 in two languages each"
    assert all(before["end"] <= after["start"] for before, after in pairwise(spans)), spans


_TAPE = """
  window.tape = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...given) {
    const span = { start: performance.now(), end: null };
    window.tape.push(span);
    this.addEventListener('ended', () => { span.end = performance.now(); });
    return start.apply(this, given);
  };
"""


async def test_a_server_that_does_not_speak_holds_up_nothing(
    open_page: OpenPage, standin: Standin, watch: Watch
) -> None:
    watch.expect("Failed to load resource")
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin)
    await page.route("**/speech/**", lambda route: route.fulfill(status=503))
    await standin.change(lobby.calls(*(lobby.call(index, age=0) for index in range(2))))
    await until_async(lambda: _is(page, 2), seconds=10)


async def test_fewer_calls_a_page_when_only_those_can_be_read(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = lobby.board(0)
    page = await open_board(open_page, standin, "?most=2&sound=off")
    await standin.change(lobby.calls(*(lobby.call(index, age=5 - index) for index in range(4))))
    await expect(page.locator(".card")).to_have_count(2)
    for code in ("K07", "A12", "B03", "K11"):  # the page turns to the one being announced
        await expect(page.locator(".card.heard .code")).to_have_text(code, timeout=8_000)


async def test_the_clock_is_the_servers(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = lobby.board(0)
    standin.now = lambda: 1_795_521_600_000 + 7 * 60_000  # 2026-11-24 12:07 UTC
    page = await open_board(open_page, standin)
    await expect(page.locator("#clock")).to_have_text("12:07")


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
async def test_the_board_is_accessible(open_page: OpenPage, standin: Standin, size: dict[str, int]) -> None:
    standin.rows = lobby.board(5, over=6)
    page = await open_board(open_page, standin, viewport=size)
    await expect(page.locator(".card")).to_have_count(5)
    await assert_axe_clean(page)


_FAINT = """() => {
  const channel = (value) => { const c = value / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('#stage *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .map((element) => {
      const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), element.className, element.textContent];
    })
    .filter(([ratio]) => ratio < 7);
}"""
