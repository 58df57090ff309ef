"""A form filled in in Gujarati at a real kiosk window and sent over a dead line: kept sealed, sent by itself and received once.

Nothing that was typed may lie on the kiosk in the clear, not even after it was killed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forms.form import Place as At
from forms.form import Question, say, step_at
from tests.kiosk.screens.form_scenes import form
from tests.support.browser import on_one_loop
from tests.support.waiting import until_async
from tests.system.house import House, kill
from words import Catalogue

pytestmark = [pytest.mark.system, on_one_loop]

SLUG, GU = "feedback-on-your-visit", "gu"
WORDS = Catalogue()
NAME = "પટેલ"
PLANTED = (NAME.encode(), json.dumps(NAME).strip('"').encode())
"""As it is, and as JSON may hold it."""


def gu(key: str) -> str:
    return WORDS.say(GU, key)


async def filling(house: House) -> dict[str, Any]:
    found = (await house.screen.state()).get("form")
    return found if isinstance(found, dict) else {}


async def is_at(house: House, **wanted: Any) -> dict[str, Any]:
    last: dict[str, Any] = {}

    async def there() -> object:
        nonlocal last
        last = await filling(house)
        return all(last.get(name) == value for name, value in wanted.items())

    try:
        await until_async(there, 30, f"the form at {wanted}")
    except AssertionError as late:
        raise AssertionError(f"{late}; it is at {last}") from None
    return last


def planted(house: House) -> list[str]:
    found = []
    for each in house.ground.kiosk.rglob("*"):
        if each.is_file():
            body = each.read_bytes()
            found += [f"{each.name}: {mark!r}" for mark in PLANTED if mark in body]
    return found


class Visitor:
    """Who reads what stands there and touches it."""

    def __init__(self, house: House) -> None:
        self.house, self.form = house, form(SLUG)

    async def press(self, *texts: str) -> None:
        for text in texts:
            await self.house.screen.press(text)

    async def touch_field(self, text: str) -> None:
        """On a small panel the keys come when a field is touched; on a tall one they are there."""
        presses = (await self.house.screen.state()).get("presses", ())
        if not any(each["icon"] == "delete" for each in presses):
            await self.press(text)

    def question(self, key: str) -> Question:
        found = step_at(self.form, At(key))
        assert isinstance(found, Question)
        return found

    async def choose(self, key: str, number: int) -> None:
        await is_at(self.house, page=key)
        await self.press(say(self.question(key).options[number].label, GU))

    async def go_on(self) -> None:
        await self.press(gu("form.carry_on"))

    async def words(self, key: str) -> None:
        """In her own script."""
        await is_at(self.house, page=key)
        await self.touch_field(say(self.question(key).title, GU))
        for sign in ("પ", "ટ", "◌ે", "લ"):
            await self.press(sign)
        await self.go_on()

    async def skip(self, key: str) -> None:
        await is_at(self.house, page=key)
        await self.press(gu("fill.skip"))


async def test_a_form_in_gujarati_is_sent_over_a_dead_line_and_received_once(
    tmp_path: Path,
) -> None:
    house = House(tmp_path / "house")
    try:
        await house.start()
        await _story(house)
    finally:
        house.end()


async def _story(house: House) -> None:
    visitor = Visitor(house)
    await house.screen.shows("start", link_up=True, seconds=30)
    await _texts_are_here(house)
    house.kill_server()  # forms need no line
    await house.screen.shows("start", link_up=False, seconds=30)
    await visitor.press(WORDS.name(GU), gu("find.entry"), say(visitor.form.title, GU))
    await is_at(house, at="start")
    await visitor.press(gu("form.begin"))
    await visitor.choose("satisfaction", 0)
    await visitor.choose("sorted", 0)
    await visitor.skip("wait")
    await visitor.words("better")
    await is_at(house, at="check")
    assert planted(house) == [], "before it was sent"
    await visitor.press(gu("form.send"))
    sent = await is_at(house, at="sent", received=False)
    assert len(list(house.ground.kiosk.rglob("spool/*.age"))) == 1
    assert planted(house) == []
    kill(house.centre.kiosk)
    assert planted(house) == [], "after kill -9"

    await house.start_server()
    house.centre.kiosk.start()
    await house.screen.shows("start", packets=0, link_up=True, seconds=60)
    received = house.rows("SELECT kind, reference, language, version FROM submission")
    assert [(kind.lower(), *rest) for kind, *rest in received] == [("form", sent["reference"], GU, 1)]
    assert planted(house) == []


async def _texts_are_here(house: House) -> None:
    async def here() -> object:
        return len(list(house.ground.kiosk.rglob("forms/*.yaml"))) >= 7

    await until_async(here, 60, "the texts of the forms")
