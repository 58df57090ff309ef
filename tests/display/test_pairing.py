"""A screen nobody knows shows a code until a person has approved it; one that was revoked asks anew."""

from __future__ import annotations

from playwright.async_api import expect

from tests.display import lobby
from tests.display.standin import Standin
from tests.support.browser import OpenPage, assert_axe_clean, on_one_loop
from tests.support.waiting import until_async

pytestmark = on_one_loop


async def test_a_new_board_shows_its_code_and_starts_by_itself_once_approved(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows, standin.paired = lobby.board(1), False
    page = await open_page(f"{standin.address}/display")
    code = page.locator("#pairing-code")
    await expect(code).to_have_text("4H7K2P")
    await expect(page.locator("#stage")).to_be_hidden()
    await assert_axe_clean(page)
    standin.approve.set()
    await expect(page.locator(".card .code")).to_have_text("K07", timeout=10_000)
    await expect(code).to_have_count(0)


async def test_a_revoked_board_shows_nothing_of_the_lobby_any_more(
    open_page: OpenPage, standin: Standin
) -> None:
    standin.rows = lobby.board(1)
    page = await open_page(f"{standin.address}/display")
    await expect(page.locator(".card .code")).to_have_text("K07")
    standin.paired = False
    await standin.bye("revoked", None)
    await expect(page.locator("#pairing-code")).to_be_visible()
    await expect(page.locator("#stage")).to_be_hidden()


async def test_a_board_sent_away_for_a_while_comes_back(open_page: OpenPage, standin: Standin) -> None:
    standin.rows = lobby.board(1)
    page = await open_page(f"{standin.address}/display")
    await expect(page.locator(".card")).to_have_count(1)
    hellos = len(standin.hellos)
    await standin.bye("restarting", 0.5)
    await until_async(lambda: len(standin.hellos) > hellos)
    await expect(page.locator("#stale")).to_be_hidden()
