"""Both followers replay every golden conversation and agree on every word of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route

from tests.support.browser import OpenPage, on_one_loop
from wire.follow import MISSED_BEATS, Change, Follower, Resync
from wire.frames import BEAT_SECONDS, MAX_MESSAGE_BYTES, Answer, Malformed, read_server_frame
from wire.vocabulary import PROTOCOL

ROOT = Path(__file__).resolve().parents[2]
TRANSCRIPTS = sorted((ROOT / "wire" / "transcripts").glob("*.jsonl"))


def _lines(transcript: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in transcript.read_text(encoding="utf-8").splitlines()]


def _hear(follower: Follower, text: str, at: float) -> dict[str, Any]:
    """What came of a message, in the words of a transcript."""
    try:
        frame = read_server_frame(text)
    except Malformed:
        return {"malformed": True}
    assert not isinstance(frame, Answer)
    match follower.take(frame, at):
        case Resync(why):
            return {"resync": why}
        case Change(put, drop, whole):
            return {"change": {"put": dict(put), "drop": list(drop), "whole": whole}}


def _look(follower: Follower, heard: dict[str, Any], expect: dict[str, Any]) -> dict[str, Any]:
    """The state of `follower` under the names of `expect`."""
    seen: dict[str, Any] = {}
    for name, value in expect.items():
        match name:
            case "rows":
                seen[name] = follower.rows
            case "cursor":
                seen[name] = follower.cursor and follower.cursor.model_dump()
            case "hello":
                cursor = follower.hello().cursor
                seen[name] = cursor and cursor.model_dump()
            case "ended":
                seen[name] = follower.ended and follower.ended.code
            case "standing":
                seen[name] = [value[0], follower.standing(value[0])]
            case "now":
                seen[name] = [value[0], follower.server_now(value[0])]
            case _:
                seen[name] = heard.get(name)
    return seen


def _replay(lines: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    follower = Follower("test")
    heard: dict[str, Any] = {}
    for number, line in enumerate(lines, start=1):
        if "expect" in line:
            yield number, _look(follower, heard, line["expect"]), line["expect"]
        elif "at" in line:
            heard = _hear(follower, line.get("text", json.dumps(line.get("frame"))), line["at"])


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_python_follower_replays(transcript: Path) -> None:
    checked = 0
    for number, seen, expected in _replay(_lines(transcript)):
        assert seen == expected, f"line {number}"
        checked += 1
    assert checked, "a conversation that expects nothing shows nothing"


# The same, in the browser: a small player of transcripts, then the lines go in and what was seen comes out.
_PLAYER = """
async (lines) => {
  const { Follower, readServerFrame, Malformed } = await import("/wire/follow.js");
  const follower = new Follower("test");
  let heard = {};
  const hear = (text, at) => {
    let frame;
    try { frame = readServerFrame(text); }
    catch (error) { if (error instanceof Malformed) return { malformed: true }; throw error; }
    const came = follower.take(frame, at);
    return "resync" in came ? came : { change: came };
  };
  const look = (name, value) => ({
    rows: () => Object.fromEntries(follower.rows),
    cursor: () => follower.cursor,
    hello: () => follower.hello().cursor ?? null,
    ended: () => follower.ended?.code ?? null,
    standing: () => [value[0], follower.standing(value[0])],
    now: () => [value[0], follower.serverNow(value[0])],
  }[name] ?? (() => heard[name] ?? null))();
  const seen = [];
  for (const line of lines) {
    if ("expect" in line) {
      const asked = Object.entries(line.expect);
      seen.push(Object.fromEntries(asked.map(([name, value]) => [name, look(name, value)])));
    } else if ("at" in line) {
      heard = hear(line.text ?? JSON.stringify(line.frame), line.at);
    }
  }
  return JSON.stringify(seen);
}
"""


async def _serve_the_follower(route: Route) -> None:
    if route.request.url.endswith("/wire/follow.js"):
        await route.fulfill(
            body=(ROOT / "wire" / "follow.js").read_text(encoding="utf-8"), content_type="text/javascript"
        )
    else:
        await route.fulfill(body="<!doctype html><title>Test</title>", content_type="text/html")


async def _blank_page(open_page: OpenPage) -> Page:
    page = await open_page()
    await page.route("**/*", _serve_the_follower)
    await page.goto("http://localhost/")
    return page


@on_one_loop
async def test_the_javascript_follower_replays_them_all(open_page: OpenPage) -> None:
    page = await _blank_page(open_page)
    for transcript in TRANSCRIPTS:
        lines = _lines(transcript)
        expected = [line["expect"] for line in lines if "expect" in line]
        assert json.loads(await page.evaluate(_PLAYER, lines)) == expected, transcript.stem


@on_one_loop
async def test_both_followers_know_the_same_numbers(open_page: OpenPage) -> None:
    page = await _blank_page(open_page)
    numbers = await page.evaluate(
        'async () => { const f = await import("/wire/follow.js");'
        " return [f.PROTOCOL, f.BEAT_SECONDS, f.MISSED_BEATS, f.MAX_MESSAGE_BYTES]; }"
    )
    assert numbers == [PROTOCOL, BEAT_SECONDS, MISSED_BEATS, MAX_MESSAGE_BYTES]
