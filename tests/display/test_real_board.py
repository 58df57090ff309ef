"""A board and a sign on the real server: paired by a person, fed by the real queue, spoken to by the real voice."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from playwright.async_api import expect

from server.actions import devices, layouts
from tests.server.web.rehearsal import Served
from tests.support.browser import OpenPage, Watch, on_one_loop
from tests.support.waiting import until_async
from wire.asks import Announce, Arrive, CallNext, Evacuate, Resume
from wire.vocabulary import Language, new_id

pytestmark = on_one_loop

WAITING = Path(__file__).resolve().parents[2] / "deploy/raspberrypi/display/waiting.html"
"""What a display's browser opens first, from its own disk."""


def approve(served: Served, code: str, counter: str | None = None) -> int:
    approving = served.house.change(
        served.actor("ada"),
        "approve",
        lambda tx: devices.approve(tx, code, served.ids.centre, "Lobby", counter),
    )
    device = served.run(approving)
    assert isinstance(device, int)
    return device


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


async def test_the_page_that_waits_stays_until_the_server_says_that_it_is_ready(
    open_page: OpenPage, served: Served, watch: Watch
) -> None:
    watch.expect("status of 503")
    page = await open_page()
    await page.clock.install()
    served.house.process.stopping = True
    try:
        async with page.expect_response("**/health/ready") as asked:
            await page.goto(f"{WAITING.as_uri()}#{quote(served.url, safe='')}%2Fdisplay")
        assert (await asked.value).status == 503
    finally:
        served.house.process.stopping = False
    await expect(page.get_by_text("This screen will be back in a moment.")).to_be_visible()

    async def is_there() -> bool:
        await page.clock.fast_forward(3000)
        return page.url == f"{served.url}/display"

    await until_async(is_there, seconds=20)


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


async def test_a_board_learns_its_own_number_and_keeps_to_its_layout(
    open_page: OpenPage, served: Served
) -> None:
    page = await open_page(f"{served.url}/display?sound=off", viewport={"width": 1920, "height": 1080})
    code = page.locator("#pairing-code")
    await expect(code).to_be_visible()
    device = approve(served, await code.text_content() or "")
    await expect(page.locator("html")).to_have_attribute("data-device", str(device), timeout=10_000)
    served.sit("priya", "desk-1")
    served.sit("tom", "desk-2")
    _, first, _ = served.visitor()
    _, second, _ = served.visitor()
    served.ask(served.actor("priya"), CallNext())
    served.ask(served.actor("tom"), CallNext())
    await expect(page.locator(".card")).to_have_count(2)
    lay_out(served, device, ("calls",), ("desk-2",))
    await page.reload()  # laid out anew while it runs: test_layout
    await expect(page.locator(".card .code")).to_have_text(second)
    await expect(page.locator("#waits-part")).to_be_hidden()
    assert first not in await page.locator("#stage").inner_text()
    lay_out(served, device, (), ())
    await page.reload()
    await expect(page.locator(".card")).to_have_count(2)


def lay_out(served: Served, device: int, shows: tuple[str, ...], counters: tuple[str, ...]) -> None:
    changing = served.house.change(
        served.actor("ada"), "lay out", lambda tx: layouts.set_layout(tx, device, shows, counters, ())
    )
    served.run(changing)


async def test_everyone_is_told_to_leave_on_board_and_sign_and_comes_back_to_the_same_call(
    open_page: OpenPage, served: Served
) -> None:
    board, sign = await open_page(f"{served.url}/display"), await open_page(f"{served.url}/display/sign")
    spoken: list[str] = []
    board.on(
        "response",
        lambda answer: (
            spoken.append(answer.url) if "/speech/" in answer.url and answer.status == 200 else None
        ),
    )
    for page, counter in ((board, None), (sign, "desk-1")):
        code = page.locator("#pairing-code")
        await expect(code).to_be_visible()
        approve(served, await code.text_content() or "", counter)
    await expect(board.locator("#centre")).to_have_text("York House", timeout=10_000)
    await expect(sign.locator("#name")).to_have_text("Desk 1", timeout=10_000)
    served.sit("priya")
    ticket, called, _ = served.visitor()
    served.ask(served.actor("priya"), CallNext())
    served.ask(served.actor("grace"), Announce(announcement=new_id(), prepared="system_slow"))
    await expect(board.locator("#told")).to_be_visible()
    await expect(board.locator(".card .code")).to_have_text(called)
    served.ask(served.actor("priya"), Evacuate(confirmed=True))
    for page in (board, sign):
        await expect(page.locator("#evacuation")).to_be_visible(timeout=2_000)
    await board.reload()
    await expect(board.locator("#evacuation")).to_be_visible()
    await until_async(lambda: f"{served.url}/speech/leaving/en" in spoken, seconds=20)
    served.ask(served.actor("grace"), Resume())
    for page in (board, sign):
        await expect(page.locator("#evacuation")).to_be_hidden(timeout=2_000)
    await expect(board.locator(".card .code")).to_have_text(called)
    await expect(sign.locator("#code")).to_have_text(called)
    await until_async(lambda: f"{served.url}/speech/{ticket}/2/en" in spoken, seconds=20)
    await expect(board.locator("#told p[lang=en]").first).to_be_visible()
