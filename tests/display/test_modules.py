"""The rules of the board that are pure: which calls, in what order, heard when, readable from where, waits in words."""

from __future__ import annotations

import math
from typing import Any

import pytest

from server.web.pages.display import sentences
from server.web.pages.phone import Voice
from tests.display import lobby
from tests.display.scripts import module_page, run
from tests.display.standin import Standin
from tests.support.browser import OpenPage, on_one_loop
from wire.rows import Waits
from words import Catalogue

pytestmark = on_one_loop

HEARD = """
  const heard = new m.Heard();
  return a.map(({rows, now}) => heard.take(new Map(Object.entries(rows)), now).map((call) => call.code));
"""


def _rows(*calls: dict[str, Any]) -> dict[str, Any]:
    return lobby.calls(*calls)


async def test_a_call_is_heard_once_for_each_time_it_was_made(open_page: OpenPage, standin: Standin) -> None:
    page = await module_page(open_page, standin)
    now = lobby.now()
    first, again = lobby.call(0, age=1), lobby.call(0, age=0, times=2)
    looks = [
        {"rows": _rows(first), "now": now},
        {"rows": _rows(first), "now": now},
        {"rows": _rows(again), "now": now},
    ]
    assert await run(page, "calls.js", HEARD, looks) == [["K07"], [], ["K07"]]


async def test_a_call_that_is_no_longer_news_is_never_heard(open_page: OpenPage, standin: Standin) -> None:
    page = await module_page(open_page, standin)
    now = lobby.now()
    looks = [{"rows": _rows(lobby.call(0, age=61), lobby.call(1, age=59)), "now": now}]
    looks.append({"rows": looks[0]["rows"], "now": now - 30_000})  # not even when the clock is set back
    assert await run(page, "calls.js", HEARD, looks) == [["A12"], []]


async def test_a_call_that_is_over_is_not_heard(open_page: OpenPage, standin: Standin) -> None:
    page = await module_page(open_page, standin)
    looks = [{"rows": _rows(lobby.call(0, live=False), lobby.call(1)), "now": lobby.now()}]
    assert await run(page, "calls.js", HEARD, looks) == [["A12"]]


async def test_eight_calls_at_once_are_heard_in_the_order_they_were_made(
    open_page: OpenPage, standin: Standin
) -> None:
    page = await module_page(open_page, standin)
    eight = [lobby.call(index, age=20 - index) for index in range(8)]
    looks = [{"rows": _rows(*reversed(eight)), "now": lobby.now()}]
    assert await run(page, "calls.js", HEARD, looks) == [[call["code"] for call in eight]]


async def test_what_was_heard_is_forgotten_with_the_call(open_page: OpenPage, standin: Standin) -> None:
    page = await module_page(open_page, standin)
    body = """
      let kept = null;
      const heard = new m.Heard({gone: 3}, (times) => { kept = times; });
      heard.take(new Map(Object.entries(a)), Date.now());
      return kept;
    """
    call = lobby.call(0)
    assert await run(page, "calls.js", body, _rows(call)) == {call["ticket"]: 1}


@pytest.mark.parametrize(("count", "most", "pages"), [(0, 8, 1), (8, 8, 1), (9, 8, 2), (10, 3, 4), (7, 6, 2)])
async def test_pages_show_everything_once_and_none_is_nearly_empty(
    open_page: OpenPage, standin: Standin, count: int, most: int, pages: int
) -> None:
    page = await module_page(open_page, standin)
    body = "return Array.from({length: a.pages}, (_, turn) => m.pageOf(a.items, a.most, turn + 7 * a.pages).items);"
    shown = await run(page, "calls.js", body, {"items": list(range(count)), "most": most, "pages": pages})
    assert [item for each in shown for item in each] == list(range(count))
    assert all(len(each) <= most for each in shown)
    assert count < 2 or len(shown[-1]) > 1 or pages == 1


async def test_letters_are_readable_from_as_far_as_the_angle_says(
    open_page: OpenPage, standin: Standin
) -> None:
    page = await module_page(open_page, standin)
    body = (
        "return [m.heightNeededMm(8), m.readableMetres(m.heightNeededMm(8)), m.mmPerPixel(43, 1920, 1080)];"
    )
    needed, metres, pixel = await run(page, "readable.js", body)
    assert needed == pytest.approx(2 * 8000 * math.tan(math.radians(0.35)))
    assert needed == pytest.approx(97.7, abs=0.1)
    assert metres == pytest.approx(8)
    assert pixel == pytest.approx(0.4957, abs=0.001)


@pytest.mark.parametrize(
    ("heights", "metres", "most"),
    [
        ([150, 100, 80, 80, 50, 50, 40, 40], 6, 4),
        ([150] * 8, 6, 8),
        ([10] * 8, 30, 1),
        ([90, 70, 80, 60], 6, 3),
    ],
)
async def test_as_many_calls_are_shown_as_can_be_read(
    open_page: OpenPage, standin: Standin, heights: list[float], metres: float, most: int
) -> None:
    page = await module_page(open_page, standin)
    assert await run(page, "readable.js", "return m.mostReadable(a[0], a[1]);", [heights, metres]) == most


async def test_set_up_in_the_address_wins_and_nonsense_is_passed_over(
    open_page: OpenPage, standin: Standin
) -> None:
    page = await module_page(open_page, standin)
    body = "return m.readSetup(a[0], a[1]);"
    kept = '{"metres": 9, "inches": 55, "size": "large", "most": 4, "sound": false}'
    assert await run(page, "setup.js", body, ["?distance=7&sound=on", kept]) == {
        "metres": 7, "inches": 55, "size": "large", "most": 4, "sound": True,
    }  # fmt: skip
    plain = {"metres": 6, "inches": 43, "size": "standard", "most": 8, "sound": True}
    for nonsense in ["?distance=far&inches=-1&size=huge&most=99&sound=loud", "?distance=&most="]:
        assert await run(page, "setup.js", body, [nonsense, "{not json"]) == plain
    assert await run(page, "setup.js", body, ["", "null"]) == plain


@pytest.mark.parametrize("language", ["en", "gu", "pa", "ur", "ar", "pl"])
async def test_waits_are_said_alike_on_board_and_phone(
    open_page: OpenPage, standin: Standin, language: str
) -> None:
    page = await module_page(open_page, standin)
    waits: list[Waits] = [
        {"low": 0, "high": 5},
        {"low": 15, "high": 15},
        {"low": 1, "high": 2},
        {"low": 10, "high": 21},
        {"low": None, "high": None, "why": "closed"},
    ]
    body = "const words = new m.Words(a.tables); return a.waits.map((each) => words.wait(a.language, each));"
    argument = {"tables": sentences(Catalogue()), "waits": waits, "language": language}
    assert await run(page, "words.js", body, argument) == [Voice(language).wait(each) for each in waits]


async def test_a_language_nobody_wrote_is_said_in_english(open_page: OpenPage, standin: Standin) -> None:
    page = await module_page(open_page, standin)
    body = "const words = new m.Words(a); return [words.say('so', 'display.welcome'), words.direction('so'), words.say('en', 'no.such')];"
    assert await run(page, "words.js", body, sentences(Catalogue())) == ["Welcome", "ltr", ""]
