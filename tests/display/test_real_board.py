"""A board and a sign on the real server: paired by a person, fed by the real queue, spoken to by the real voice."""

from __future__ import annotations

from playwright.async_api import expect

from server.actions import devices
from tests.server.web.rehearsal import Served
from tests.support.browser import OpenPage, on_one_loop
from tests.support.waiting import until_async
from wire.asks import Arrive, CallNext
from wire.vocabulary import Language

pytestmark = on_one_loop


def approve(served: Served, code: str, counter: str | None = None) -> int:
    approving = served.house.change(
        served.actor("ada"),
        "approve",
        lambda tx: devices.approve(tx, code, served.ids.centre, "Lobby", counter),
    )
    return int(served.run(approving))


async def test_a_board_is_paired_shows_a_call_says_it_and_is_cut_off_when_revoked(
    open_page: OpenPage, served: Served
) -> None:
    page = await open_page(viewport={"width": 1920, "height": 1080})
    await page.add_init_script(
        "window.heard = []; document.addEventListener('foyer:announced', (e) => window.heard.push(e.detail.code));"
    )
    spoken: list[tuple[str, int]] = []
    page.on(
        "response",
        lambda answer: spoken.append((answer.url, answer.status)) if "/speech/" in answer.url else None,
    )
    await page.goto(f"{served.url}/display")
    code = page.locator("#pairing-code")
    await expect(code).to_be_visible()
    device = approve(served, await code.text_content() or "")
    await expect(page.locator("#centre")).to_have_text("York House", timeout=10_000)
    cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
    assert cookies["foyer_device"]["httpOnly"]
    assert cookies["foyer_device"]["sameSite"] == "Strict"

    served.sit("priya")
    ticket, called, _ = served.visitor(language=Language.PL)
    served.ask(served.actor("priya"), CallNext())
    await expect(page.locator(".card .code")).to_have_text(called)
    await expect(page.locator(".card .own")).to_have_attribute("lang", "pl")

    async def announced() -> bool:
        return bool(await page.evaluate("window.heard.length"))

    await until_async(announced, seconds=20)
    assert sorted(spoken) == [
        (f"{served.url}/speech/{ticket}/1/{language}", 200) for language in ("en", "pl")
    ]

    served.ask(served.actor("priya"), Arrive(ticket=ticket))
    await expect(page.locator(".recent-code")).to_have_text(called)
    served.run(
        served.house.change(
            served.actor("ada"), "revoke", lambda tx: devices.revoke(tx, device, served.ids.centre)
        )
    )
    await expect(page.locator("#pairing-code")).to_be_visible(timeout=5_000)
    await expect(page.locator("#stage")).to_be_hidden()


async def test_a_sign_follows_its_own_counter_and_no_other(open_page: OpenPage, served: Served) -> None:
    page = await open_page(f"{served.url}/display/sign")
    code = page.locator("#pairing-code")
    await expect(code).to_be_visible()
    approve(served, await code.text_content() or "", "desk-2")
    await expect(page.locator("#name")).to_have_text("Desk 2", timeout=10_000)
    await expect(page.locator("#words [lang=en]")).to_have_text("Closed")
    served.sit("priya", "desk-1")
    served.sit("tom", "desk-2")
    await expect(page.locator("#words [lang=en]")).to_have_text("Please wait until your number is called")
    served.visitor()
    _, second, _ = served.visitor()
    served.ask(served.actor("priya"), CallNext())
    served.ask(served.actor("tom"), CallNext())
    await expect(page.locator("#code")).to_have_text(second)


async def test_a_discreet_call_is_on_no_board_and_leaves_the_sign_busy(
    open_page: OpenPage, served: Served
) -> None:
    board, sign = await open_page(f"{served.url}/display"), await open_page(f"{served.url}/display/sign")
    for page, counter in ((board, None), (sign, "desk-1")):
        code = page.locator("#pairing-code")
        await expect(code).to_be_visible()
        approve(served, await code.text_content() or "", counter)
    await expect(board.locator("#centre")).to_have_text("York House", timeout=10_000)
    await expect(sign.locator("#name")).to_have_text("Desk 1", timeout=10_000)
    served.sit("priya")
    _, hidden, _ = served.visitor("private", discreet=True)
    served.ask(served.actor("priya"), CallNext())
    await expect(sign.locator("#words [lang=en]")).to_have_text("With a visitor")
    _, shown, _ = served.visitor()
    served.sit("tom", "desk-2")
    served.ask(served.actor("tom"), CallNext())
    await expect(board.locator(".card .code")).to_have_text(shown)
    for page in (board, sign):
        assert hidden not in await page.content()
