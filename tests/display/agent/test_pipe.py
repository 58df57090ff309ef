"""The browser's pipe when what comes through it is not what it should be: the agent hears of it at once and starts another."""

from __future__ import annotations

import asyncio
import sys

import pytest

from display.agent import browser as module
from display.agent.browser import Browser, Gone

ANSWERS = """
import json, os, sys
what, heard, stays = sys.argv[1], b"", 2
while True:
    heard += os.read(3, 65536)
    *whole, heard = heard.split(b"\\0")
    for each in whole:
        asked = json.loads(each)
        if asked["method"] == "Target.setAutoAttach":
            there = {"targetInfo": {"type": "page", "targetId": "T"}, "sessionId": "S"}
            os.write(4, json.dumps({"method": "Target.attachedToTarget", "params": there}).encode() + b"\\0")
        if asked["method"] == "Runtime.evaluate":
            os.write(4, what.encode() * (9000 if len(what) == 1 else 1) + b"\\0")
            continue
        pages = [{"type": "page", "targetId": each} for each in ("T", "U")[: 2 if stays else 1]]
        if asked["method"] == "Target.closeTarget" and asked["params"]["targetId"] == "U":
            stays -= 1
        result = {"targetInfos": [*pages, {"type": "iframe", "targetId": "V"}]}
        os.write(4, json.dumps({"id": asked["id"], "result": result}).encode() + b"\\0")
"""


@pytest.mark.parametrize(
    "said",
    [
        "x",
        "no JSON",
        '{"method": "Target.attachedToTarget", "params": {}}',
        '{"method": "Target.targetDestroyed", "params": {"targetId": "T"}}',
    ],
    ids=["more than a message may be", "no JSON", "half an answer", "somebody closed the page"],
)
async def test_a_pipe_that_ends_is_told_at_once(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MESSAGE", 4096)
    browser = Browser((sys.executable, "-c", ANSWERS, said))
    await browser.start()
    try:
        async with asyncio.timeout(20):
            with pytest.raises(Gone):
                await browser.evaluate("location.href")
            with pytest.raises(Gone):  # and whoever asks afterwards does not wait for ever
                await browser.evaluate("location.href")
    finally:
        await browser.end()
    assert browser.process.returncode is not None


async def test_a_window_that_stayed_is_asked_again_to_close() -> None:
    browser = Browser((sys.executable, "-c", ANSWERS, "no JSON"))
    await browser.start()
    try:
        async with asyncio.timeout(20):
            assert [await browser.alone() for _ in range(3)] == [False, False, True]
    finally:
        await browser.end()
