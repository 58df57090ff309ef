"""From a face touched by the door to what a manager reads of it, through real parts: a kiosk set to the exit in the browser, its window, the server, its sealed comments."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop
from tests.support.waiting import until_async
from tests.system.conftest import Open

pytestmark = [pytest.mark.system, on_one_loop]

WORDS = "Slowly"


async def test_a_face_at_the_door_becomes_a_figure_and_words_that_only_a_manager_reads(
    open_house: Open, open_page: OpenPage
) -> None:
    house = await open_house()
    screen = house.screen
    await screen.shows("start")

    olivia = await house.sign_in_plain(open_page, "olivia", "/admin/devices")
    await olivia.get_by_role("link", name="Kiosk by the door").click()
    await olivia.get_by_label("This kiosk stands at the exit").check()
    await (
        olivia.locator("form", has=olivia.get_by_label("This kiosk stands at the exit"))
        .get_by_role("button")
        .click()
    )

    async def has_faces() -> bool:
        return any(each["text"] == "Very poor" for each in (await screen.state())["presses"])

    await until_async(has_faces, 20, "the kiosk asks how the visit was")
    await screen.press("Poor")
    await screen.press("The wait")
    await screen.type(WORDS)
    await screen.press("Send")

    def said() -> list[tuple[object, ...]]:
        return house.rows(
            "SELECT score, reason, way, sealed IS NOT NULL FROM feedback WHERE given_on = '2026-11-24'"
        )

    await until_async(lambda: said() == [(2, "wait", "exit", 1)], 20, "it was told")
    files = b"".join(path.read_bytes() for path in house.ground.folder.rglob("*") if path.is_file())
    assert WORDS.encode() not in files, "in clear nowhere on any disk"

    meera = await house.sign_in_plain(open_page, "meera", "/figures/satisfaction?kind=day&first=2026-11-24")
    await expect(meera.locator("main")).to_contain_text("The wait")
    await assert_axe_clean(meera)
    await meera.goto(f"{house.address}/figures/satisfaction/comments")
    await expect(meera.locator("main")).to_contain_text(WORDS, ignore_case=True)
    looked = house.rows("SELECT COUNT(*) FROM audit WHERE what LIKE '%comment%'")
    assert looked[0][0] >= 1, "who read it is written down"
