"""How the visit was, on a whole kiosk: sealed, kept through a cut line and a restart, told once; nothing of it in clear on the disk."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pyrage
import pytest

from kiosk.flow import events as e
from kiosk.flow.model import Screen
from kiosk.flow.rating import acts as a
from kiosk.flow.rating.shown import At
from tests.kiosk.flow.rating.test_rating import exit_rows
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import GoodPrinter, Visiting, printer, quick, running, settings_for
from wire.device_asks import Rate
from wire.vocabulary import FeedbackReason, Language

__all__ = ["printer", "quick"]

MARK = "zebra quagga okapi"
KEY = pyrage.x25519.Identity.generate()


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with standing(StandIn(rows=exit_rows(keys=(str(KEY.to_public()),)))) as up:
        yield up


def told(server: StandIn) -> list[Rate]:
    return [each for each in server.asked if isinstance(each, Rate)]


async def say(visitor: Visiting, comment: str) -> None:
    await visitor.screen(Screen.START)
    visitor.tap(e.ChooseLanguage(Language.PL))
    visitor.tap(a.Rate(1))
    visitor.tap(a.Choose(FeedbackReason.WAIT))
    for sign in comment:
        visitor.tap(a.Type(sign))
    visitor.tap(a.Send())
    await until(lambda: (found := visitor.model.visitor.rating) is not None and found.at is At.THANKS)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_what_is_written_reaches_the_house_sealed_and_is_nowhere_else(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await say(visitor, MARK)
        await until(lambda: len(told(server)) == 1)
        rate = told(server)[0]
        assert (rate.score, rate.reason, rate.language) == (1, FeedbackReason.WAIT, Language.PL)
        assert pyrage.decrypt(base64.b64decode(rate.sealed), [KEY]).decode() == MARK
        assert MARK.encode() not in everything(tmp_path)
        visitor.tap(e.Done())
        await visitor.screen(Screen.START)
        assert MARK not in repr(visitor.model)
    assert MARK.encode() not in everything(tmp_path)
    assert printer.papers == []


async def test_what_was_said_without_a_line_is_told_once_when_there_is_one_again(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)
    async with running(settings, printer) as visitor:
        await visitor.screen(Screen.START)
        server.drops = lambda body: "before" if isinstance(body, Rate) else None
        await say(visitor, MARK)
        visitor.tap(e.Done())
    assert told(server) == []
    assert MARK.encode() not in everything(tmp_path), "sealed, and only so, through the restart"
    server.drops = lambda body: None
    async with running(settings, printer) as visitor:
        await until(lambda: len(told(server)) == 1)
        await visitor.screen(Screen.START)
        assert pyrage.decrypt(base64.b64decode(told(server)[0].sealed), [KEY]).decode() == MARK
    assert len(told(server)) == 1


async def test_a_key_that_is_none_loses_the_words_and_not_the_answer(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    server.rows = exit_rows(keys=("age1-no-key-at-all",))
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await say(visitor, MARK)
        await until(lambda: len(told(server)) == 1)
        assert (told(server)[0].score, told(server)[0].sealed) == (1, "")
    assert MARK.encode() not in everything(tmp_path)
