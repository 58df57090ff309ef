"""A greeter's taps in a real Chromium: at once on the screen, and counted exactly once whatever happens to the link, the page and the tablet."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import httpx
from playwright.async_api import Page, Route, async_playwright
from sqlmodel import select

from server.clock import Clock
from server.store.database import open_database
from server.store.tables import Tally
from tests.server.web.rehearsal import PASSWORD, Served, set_up
from tests.server.web.test_pages_for_all import look_over
from tests.support.browser import FLAGS, OpenPage, Watch, chromium_path, on_one_loop
from tests.support.ports import free_port
from tests.support.processes import Child, Start
from tests.support.waiting import until_async

pytestmark = on_one_loop

OFFLINE = r"ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|Failed to load resource"


async def enter(page: Page, url: str, username: str = "grace") -> None:
    await page.goto(f"{url}/sign-in")
    await page.fill("#username", username)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(lambda address: "sign-in" not in address)


async def open_panel(page: Page, url: str) -> None:
    await page.goto(f"{url}/greeter/count")
    await page.wait_for_selector("[data-ready]")


async def standing(page: Page, wanted: str) -> None:
    await page.wait_for_selector(f"[data-counting][data-standing={wanted}]")


async def tap(page: Page, activity: str = "telephone", times: int = 1) -> None:
    for _ in range(times):
        await page.click(f"[data-activity={activity}]")


async def shown(page: Page, activity: str, number: int) -> None:
    """The button shows it; waits no longer than a person would call at once."""
    button = f"[data-activity={activity}] [data-number]"
    await page.wait_for_function(
        "([where, wanted]) => document.querySelector(where).textContent === wanted",
        arg=[button, str(number)],
        timeout=2000,
    )


def tallies(served: Served) -> list[Tally]:
    return served.run(served.house.read(lambda session: list(session.exec(select(Tally)))))


def counted(served: Served) -> Counter[str]:
    rows = tallies(served)
    return Counter(row.activity for row in rows if row.withdrawn_at is None)


async def test_taps_rise_at_once_and_are_taken_back_one_by_one(served: Served, open_page: OpenPage) -> None:
    page = await open_page(viewport={"width": 820, "height": 1180}, has_touch=True)
    await enter(page, served.url)
    await open_panel(page, served.url)
    await tap(page, "telephone", 3)
    await tap(page, "scan_station", 2)
    await shown(page, "telephone", 3)
    await shown(page, "scan_station", 2)
    await standing(page, "live")
    assert counted(served) == {"telephone": 3, "scan_station": 2}
    assert (await page.inner_text("[data-take-back]")).startswith("Take back: Scan station")
    for left in (1, 0):
        await page.click("[data-take-back]")
        await shown(page, "scan_station", left)
    await page.click("[data-take-back]")
    await shown(page, "telephone", 2)
    await until_async(lambda: counted(served) == {"telephone": 2}, what="the taps taken back")
    await page.reload()
    await standing(page, "live")
    await shown(page, "telephone", 2)
    await shown(page, "scan_station", 0)


async def test_help_at_the_door_is_three_touches(served: Served, open_page: OpenPage) -> None:
    page = await open_page(viewport={"width": 820, "height": 1180})
    await enter(page, served.url)
    await open_panel(page, served.url)
    await page.wait_for_selector(".door-pick >> nth=3")  # they come with the first look
    names = await page.locator(".door-pick").all_inner_texts()
    assert names == ["Council tax", "Somewhere to live", "Parking permits", "Something else"]
    await page.click("text=Parking permits")
    await page.click("text=Yes, solved")
    await page.click("text=Chasing an answer")
    await page.wait_for_function("() => document.querySelector('[data-number-door]').textContent === '1'")
    assert await page.evaluate("document.activeElement.id") == "door-h"
    await standing(page, "live")
    (row,) = tallies(served)
    assert (row.activity, row.solved, row.avoidable, row.source) == ("door_help", True, "chasing", "door")
    await page.reload()
    await page.wait_for_function(
        "() => document.querySelector('.door-pick')?.textContent === 'Parking permits'"
    )


async def test_thirty_taps_while_the_link_is_cut_and_the_page_loaded_again(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(OFFLINE)
    page = await open_page(viewport={"width": 390, "height": 844})
    await enter(page, served.url)
    await open_panel(page, served.url)
    await standing(page, "live")
    await page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    await page.context.set_offline(True)
    await tap(page, "telephone", 15)
    await shown(page, "telephone", 15)
    await standing(page, "lost")
    await page.goto(f"{served.url}/greeter")  # any of the greeter's pages
    await page.wait_for_selector("[data-ready]")
    assert "Grace" not in await page.content()
    await shown(page, "telephone", 15)
    await tap(page, "forms", 15)
    await shown(page, "forms", 15)
    assert "30 taps wait for the connection" in await page.inner_text("[data-state]")
    assert counted(served) == {}
    await page.context.set_offline(False)
    await until_async(lambda: counted(served) == {"telephone": 15, "forms": 15}, 15, "thirty taps")
    await standing(page, "live")
    await shown(page, "telephone", 15)


async def test_a_tap_whose_answer_was_lost_is_sent_again_and_counts_once(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(OFFLINE)
    page = await open_page(viewport={"width": 820, "height": 1180})
    await enter(page, served.url)
    await open_panel(page, served.url)
    await standing(page, "live")
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        if route.request.method != "POST" or lost >= 3:
            await route.continue_()
            return
        lost += 1
        await route.fetch()  # it reaches the server, and its answer nobody
        await route.abort()

    await page.route("**/greeter/count", lose)
    await tap(page, "telephone", 4)
    await shown(page, "telephone", 4)
    await until_async(lambda: lost == 3, 15, "three lost answers")
    await standing(page, "live")
    assert counted(served) == {"telephone": 4}
    assert await page.locator("[data-kept]").is_hidden(), "it was known again, not refused"
    await shown(page, "telephone", 4)


async def test_a_tap_taken_back_while_its_answer_is_lost_is_not_counted(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    watch.expect(OFFLINE)
    page = await open_page(viewport={"width": 820, "height": 1180})
    await page.clock.install()
    await enter(page, served.url)
    await open_panel(page, served.url)
    await standing(page, "live")
    last_try = 0.0

    async def lose(route: Route) -> None:
        nonlocal last_try
        last_try = time.monotonic()
        await route.abort()

    await page.route("**/greeter/count", lose)
    for _ in range(8):
        before = last_try
        await tap(page, "telephone", 2)
        await until_async(lambda before=before: last_try > before, what="another try")
    await standing(page, "lost")
    await page.click("[data-take-back]")
    await shown(page, "telephone", 15)
    await until_async(lambda: time.monotonic() > last_try + 0.5, 20, "the last of the tries")
    await page.unroute("**/greeter/count")
    # Soon, though the browser does not know that the link is back: many taps are not many reasons to wait.
    await page.clock.fast_forward(4000)
    await until_async(lambda: counted(served) == {"telephone": 15}, 3, "fifteen taps")
    await standing(page, "live")
    await shown(page, "telephone", 15)


async def test_two_windows_share_one_outbox(served: Served, open_page: OpenPage, watch: Watch) -> None:
    watch.expect(OFFLINE)
    page = await open_page(viewport={"width": 820, "height": 1180})
    await enter(page, served.url)
    other = await page.context.new_page()
    for each in (page, other):
        await open_panel(each, served.url)
        await standing(each, "live")
    await page.context.set_offline(True)
    # Not as a hand does: in a window that lies behind, Chromium takes a second for each frame that a real click waits for.
    button = "[data-activity=telephone]"
    await asyncio.gather(*(each.dispatch_event(button, "click") for each in [page, other] * 10))
    await page.context.set_offline(False)
    await until_async(lambda: counted(served)["telephone"] >= 20, 15, "twenty taps")
    for each in (page, other):
        await each.evaluate("dispatchEvent(new Event('online'))")
        await standing(each, "live")
        await shown(each, "telephone", 20)
    assert counted(served) == {"telephone": 20}


async def test_taps_wait_for_somebody_of_the_same_centre(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    """Signed out; then a colleague at another centre signs in; then one of this centre."""
    watch.expect(r"status of 40[139]|" + OFFLINE)
    page = await open_page(viewport={"width": 820, "height": 1180})
    await enter(page, served.url)
    await open_panel(page, served.url)
    await standing(page, "live")
    cookies = await page.context.cookies()
    await page.context.clear_cookies()
    await tap(page, "telephone", 3)
    await standing(page, "signed_out")
    await page.wait_for_function(
        "() => document.querySelector('[data-state]').textContent.includes('Sign in to hand over 3 taps')"
    )
    await enter(page, served.url, "olga")
    await open_panel(page, served.url)
    await page.wait_for_function(
        "() => document.querySelector('[data-state]').textContent.includes('3 taps of York House are kept')"
    )
    await shown(page, "telephone", 0)
    assert counted(served) == {}
    assert cookies
    await page.context.clear_cookies()
    await enter(page, served.url, "amina")
    await open_panel(page, served.url)
    await until_async(lambda: counted(served) == {"telephone": 3}, 15, "three taps")
    rows = tallies(served)
    assert {row.centre_id for row in rows} == {served.ids.centre}


async def test_what_the_server_will_not_take_is_kept_for_a_person(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    page = await open_page(viewport={"width": 820, "height": 1180})
    await enter(page, served.url)
    await open_panel(page, served.url)
    await standing(page, "live")

    async def spoil(route: Route) -> None:
        sent = json.loads(route.request.post_data or "{}")
        for each in sent["asks"]:
            if each["body"].get("activity") == "forms":
                each["body"]["age_ms"] = 8 * 24 * 3600 * 1000
        await route.continue_(post_data=json.dumps(sent))

    await page.route("**/greeter/count", spoil)
    await tap(page, "forms")
    await tap(page, "telephone")
    await page.wait_for_selector("[data-kept]:not([hidden])")
    assert "more than 7 days ago" in await page.inner_text("[data-kept]")
    await standing(page, "live")
    assert counted(served) == {"telephone": 1}
    await shown(page, "forms", 0)
    await page.unroute("**/greeter/count")
    await page.click("[data-kept] >> text=Try again")
    await page.wait_for_selector("[data-kept]", state="hidden")
    await until_async(lambda: counted(served) == {"telephone": 1, "forms": 1}, what="the tap sent again")


async def test_the_panel_shows_what_the_centre_counts_by_a_tap(
    served: Served, open_page: OpenPage, watch: Watch
) -> None:
    """Shaped in the browser, shown at the next look, and known to the tablet when the server is away."""
    watch.expect(OFFLINE)
    page = await open_page(viewport={"width": 1280, "height": 900})
    await enter(page, served.url)
    await open_panel(page, served.url)
    await standing(page, "live")
    seen = page.locator("[data-activity]:visible .tap-name")
    assert len(await seen.all_inner_texts()) == 8
    await tap(page, "forms")
    await page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    admin = await open_page(viewport={"width": 1280, "height": 900})
    await enter(admin, served.url, "ada")
    await admin.goto(f"{served.url}/setup/centre")
    boxes = admin.locator("[name=activities]")
    assert await boxes.evaluate_all("all => all.map(each => each.checked)") == [True] * 8
    await admin.click(".part-foot button")
    assert "Nothing is different" in await admin.inner_text("main")
    for name in ("self_service_pc", "payment_kiosk", "forms", "advice", "support", "appointment"):
        await admin.uncheck(f"[name=activities][value={name}]", force=True)
    await admin.click(".part-foot button")
    await admin.check("input[name=when][value=now]")
    assert "Counted by a tap" in await admin.inner_text("main")
    await admin.click(".part-foot button.primary")
    await admin.wait_for_url(lambda address: "/setup/centre" not in address)
    await page.bring_to_front()
    await page.evaluate("dispatchEvent(new Event('online'))")
    await page.wait_for_selector("[data-activity=advice]", state="hidden")
    # Forms were tapped today, so that the tap can be seen and taken back.
    assert await seen.all_inner_texts() == ["Telephone", "Scan station", "Forms"]
    await page.click("[data-take-back]")
    await page.wait_for_selector("[data-activity=forms]", state="hidden")
    await page.context.set_offline(True)
    await page.goto(f"{served.url}/greeter/count")
    await page.wait_for_selector("[data-ready]")
    assert await seen.all_inner_texts() == ["Telephone", "Scan station"]


AGES = """async (cases) => {
  const { ageOf, RUN } = await import("/static/outbox.js");
  return cases.map(([tap, now]) => ageOf({ run: RUN, ...tap }, { run: RUN, ...now }));
}"""


async def test_the_age_of_a_tap_through_sleep_and_a_calendar_that_is_set(
    served: Served, open_page: OpenPage
) -> None:
    page = await open_page(viewport={"width": 820, "height": 1180})
    await enter(page, served.url)
    await open_panel(page, served.url)
    hour, year = 3_600_000, 365 * 24 * 3_600_000
    tap_at = {"wall": year, "steady": 1000, "heard": 50_000}
    cases = [
        # (the tap, now, its age)
        (tap_at, {"wall": year + 5000, "steady": 6000, "server": 55_000}, 5000),
        # Asleep for an hour: the steady clock stood still.
        (tap_at, {"wall": year + hour, "steady": 6000, "server": 50_000 + hour}, hour),
        # The calendar was set a year forward: no longer ago than the server was heard.
        (tap_at, {"wall": 2 * year, "steady": 6000, "server": 50_000 + hour}, hour),
        # A year back: no shorter ago than the steady clock counted.
        (tap_at, {"wall": 0, "steady": 6000, "server": 50_000 + hour}, 5000),
        # Started again meanwhile, so that there is no steady clock, and the calendar set back.
        ({**tap_at, "run": "before"}, {"wall": 0, "steady": 6000, "server": 50_000 + hour}, 0),
        ({**tap_at, "run": "before"}, {"wall": year + hour, "steady": 6, "server": 50_000 + 2 * hour}, hour),
    ]
    told = await page.evaluate(AGES, [[case[0], case[1]] for case in cases])
    assert told == [case[2] for case in cases]


async def test_the_panel_for_everybody(served: Served, open_page: OpenPage) -> None:
    page = await open_page(viewport={"width": 1440, "height": 900})
    await enter(page, served.url)
    await open_panel(page, served.url)
    await tap(page, "telephone", 2)
    await page.click("[data-earlier] summary")
    await standing(page, "live")
    await page.wait_for_selector(".did", state="detached")
    await page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
    await look_over(page)
    await page.click("text=Council tax")
    await look_over(page)
    # By keyboard alone; a key held down is one tap.
    await page.focus("[data-activity=forms]")
    await page.keyboard.down("Enter")
    await page.keyboard.down("Enter")
    await page.keyboard.up("Enter")
    await shown(page, "forms", 1)


# The tablet's battery and the server's end -------------------------------------------------------------------------


def processes_of(folder: Path) -> list[int]:
    """The browser that this test started, by the folder that only it has."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if f"--user-data-dir={folder}" in command:
                found.append(int(entry.name))
    return found


def end_at_once(folder: Path) -> None:
    for pid in processes_of(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def test_the_battery_gone_right_after_the_tap_and_the_server_killed(
    sqlite_url: str, tmp_path: Path, start_process: Start
) -> None:
    database = open_database(sqlite_url)
    with database.writing() as session:
        set_up(session, Clock().now())
    database.close()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "FOYER_DATABASE": sqlite_url,
        "FOYER_PORT": str(port),
        "FOYER_SECURE_COOKIES": "false",
        "FOYER_DATA": str(tmp_path / "data"),
    }

    async def serve() -> Child:
        child = start_process("-c", "from server.cli import main; main()", "serve", env=settings)
        await until_async(lambda: answers(url), 30, "the server")
        return child

    server = await serve()
    folder = tmp_path / "tablet"
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        start = playwright.chromium.launch_persistent_context
        tablet = await start(str(folder), executable_path=chromium_path(), args=flags)
        page = tablet.pages[0]
        await enter(page, url)
        await open_panel(page, url)
        await standing(page, "live")
        await page.evaluate("navigator.serviceWorker.ready.then(() => {})")
        server.kill()
        await tap(page, "telephone", 29)
        await tap(page, "scan_station")
        await shown(page, "scan_station", 1)
        end_at_once(folder)
        await until_async(lambda: not processes_of(folder), what="the tablet's end")
        (folder / "SingletonLock").unlink(missing_ok=True)
        tablet = await start(str(folder), executable_path=chromium_path(), args=flags)
        page = tablet.pages[0]
        await open_panel(page, url)  # the server is still away
        await shown(page, "telephone", 29)
        assert "30 taps wait" in await page.inner_text("[data-state]")
        server = await serve()
        await enter(page, url)  # the session's cookie went with the browser
        await open_panel(page, url)
        await standing(page, "live")
        await shown(page, "telephone", 29)
        await shown(page, "scan_station", 1)
        await tablet.close()
    server.end()
    database = open_database(sqlite_url)
    with database.session() as session:
        rows = list(session.exec(select(Tally)))
    database.close()
    assert Counter(row.activity for row in rows) == {"telephone": 29, "scan_station": 1}


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/sign-in", timeout=1).status_code == 200
    except httpx.TransportError:
        return False
