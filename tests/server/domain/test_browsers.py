"""Browsers in plain words."""

from __future__ import annotations

import pytest

from server.domain.browsers import MOST, UNKNOWN, said_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
SAID = {
    WINDOWS: "Chrome on a Windows computer",
    f"{WINDOWS} Edg/142.0.0.0": "Edge on a Windows computer",
    f"{WINDOWS} OPR/128.0.0.0": "Opera on a Windows computer",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox on a Linux computer",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15": "Safari on a Mac",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1": "Safari on an iPhone",
    "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1": "Chrome on an iPad",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36": "Chrome on an Android phone",
    "Mozilla/5.0 (Linux; Android 14; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36": "Samsung's browser on an Android tablet",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36": "Chrome on a Chromebook",
    "curl/8.5.0": UNKNOWN,
    "": UNKNOWN,
    "<b>Zephyrine</b> Firefox/1": "Firefox on an unknown machine",
}


@pytest.mark.parametrize("told", SAID)
def test_a_browser_is_said_in_words_of_ours_alone(told: str) -> None:
    assert said_of(told) == SAID[told]
    assert len(said_of(told)) <= MOST
