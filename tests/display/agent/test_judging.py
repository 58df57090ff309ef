"""What is done about a page that hangs, wanders off, or shows to an empty house."""

from __future__ import annotations

from typing import Any

import pytest

from display.agent.judging import AFTER_SECONDS, BEFORE_MS, Answer, Deed, Judge

HOME = "https://queue.example/display"
HOUR = 3_600_000
CLOSED: dict[str, Any] = {
    "standing": "live",
    "open": False,
    "opens_at": 20 * HOUR,
    "evacuated": False,
    "now": 0,
}


def test_silence_is_first_waited_out_then_loaded_anew_then_started_anew() -> None:
    judge = Judge(HOME)
    deeds = [judge.on(None) for _ in range(6)]
    assert deeds == [Deed.NOTHING, Deed.NOTHING, Deed.RELOAD, Deed.NOTHING, Deed.NOTHING, Deed.RESTART]
    assert judge.on(Answer(HOME)) is Deed.FEED
    assert [judge.on(None) for _ in range(3)][-1] is Deed.RELOAD, "an answer between makes it patient again"


@pytest.mark.parametrize(
    "url", [HOME, HOME + "?sound=on", "https://queue.example/display/sign", "about:blank", "file:///w.html"]
)
def test_its_own_pages_are_left_alone(url: str) -> None:
    assert Judge(HOME).on(Answer(url)) is Deed.FEED


@pytest.mark.parametrize(
    "url",
    [
        "chrome-error://chromewebdata/",
        "https://elsewhere.example/display",
        "http://queue.example/display",
        "chrome://settings",
    ],
)
def test_any_other_page_is_left_at_once(url: str) -> None:
    assert Judge(HOME).on(Answer(url)) is Deed.GO_HOME


def test_the_panel_is_dark_only_while_it_is_known_that_nobody_comes() -> None:
    judge = Judge(HOME)
    assert judge.lit(CLOSED, 0.0), "just closed"
    assert not judge.lit(CLOSED, AFTER_SECONDS)
    assert judge.lit(CLOSED | {"now": 20 * HOUR - BEFORE_MS + 1}, AFTER_SECONDS), "soon open"
    assert judge.lit(CLOSED | {"evacuated": True}, 1e6)
    assert judge.lit(CLOSED, 1e6 + 1), "waits again after that"
    for unknown in (None, CLOSED | {"opens_at": None}, CLOSED | {"open": None}, CLOSED | {"now": None}):
        assert judge.lit(unknown, 2e6)
