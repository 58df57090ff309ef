"""A visit that must not be shown: taken like any other, and nowhere in public from beginning to end."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support.browser import OpenPage, Watch, on_one_loop
from tests.support.waiting import until_async
from tests.system.conftest import Open
from tests.system.house import press, switch_sound_on

pytestmark = [pytest.mark.system, on_one_loop]


async def test_a_private_visit_is_on_no_public_screen_and_in_no_sound(
    open_house: Open, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(r"status of 404")  # the phone asks once more when the visit is over
    house = await open_house()
    lobby = await house.open_display(open_page)
    sign = await house.open_display(open_page, "sign")
    spoken: list[str] = []
    lobby.on("request", lambda request: spoken.append(request.url) if "/speech/" in request.url else None)
    await switch_sound_on(lobby)
    desk = await house.sit_down(open_page, "helen")
    async with house.followed("lobby") as board, house.followed("sign") as over_desk:
        await house.screen.press("I would like to talk in private")
        ticket = await house.screen.press_until_ticket("English", "Talk in private")
        code, secret = ticket["code"], ticket["follow_url"].rpartition("/")[2]
        phone = await open_page(ticket["follow_url"], viewport={"width": 390, "height": 780})
        await house.screen.leave()
        ordinary = (await house.screen.take_ticket("English", "A school place"))["code"]

        await press(desk, "Call next")
        await expect(desk.get_by_text("Walk up to them quietly")).to_be_visible()
        await expect(phone.locator("body")).to_contain_text(
            re.compile("member of staff|come to you", re.IGNORECASE)
        )
        assert "Desk 4" not in await phone.locator("body").inner_text()
        await press(desk, "Arrived")
        await press(desk, "Resolved today")
        await press(desk, "Call next")
        await expect(lobby.locator(".card .code")).to_have_text(
            ordinary
        )  # what comes later was shown; so was all before
        await until_async(lambda: bool(spoken), 15, "the sound of the ordinary call")

        await until_async(lambda: any(ordinary in message for message in board), 10, "the ordinary call")
        await until_async(
            lambda: any(ordinary in message for message in over_desk), 10, "the same on the sign"
        )
        seen = "".join(board) + "".join(over_desk)
        for never in (code, secret, "talk-in-private", "Talk in private"):
            assert never not in seen, f"{never!r} went to a public screen"
    tickets = [
        row[0]
        for row in house.rows(
            "SELECT t.id FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE v.code = ?", code
        )
    ]
    assert tickets
    assert not [url for url in spoken if any(each in url for each in tickets)]
    assert house.speech_of(tickets[0]) == 404
    for screen in (lobby, sign):
        assert code not in await screen.locator("body").inner_text()
