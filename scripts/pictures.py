"""Takes the pictures of the README from the real screens: `make pictures`, or some of them by name.

York House stands up as in the demonstration and plays its seeded morning at sixty times the speed; then the server is started anew with a clock
that all but stands still, so that every picture is of one moment. What is photographed is what a visitor or an adviser would see
at that moment: the kiosk's frames out of its own window, pages out of Chromium, the paper that the stand-in printer decoded. Nothing
is drawn for the occasion but the arrangement of `foyer.png`.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFilter
from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from demo.centre import Centre, Shape  # noqa: E402 - the folder has to be on the path first
from demo.door import Door  # noqa: E402 - as above
from demo.ground import Ground, centre_plan, prepare  # noqa: E402 - as above
from demo.morning import ADVISERS, PLAYING_GREETER, taps, visitors  # noqa: E402 - as above
from demo.page import DEVICE_COOKIE  # noqa: E402 - as above
from demo.parts import free_port  # noqa: E402 - as above
from demo.players import Adviser, Doorway, Greeter, StaffPart, Stage, play  # noqa: E402 - as above
from server.clock import Clock  # noqa: E402 - as above
from tests.support.browser import FLAGS, chromium_path  # noqa: E402 - as above
from wire.asks import CallNext, Health, SitDown  # noqa: E402 - as above
from wire.vocabulary import PrinterState  # noqa: E402 - as above

OUT = ROOT / "docs" / "pictures"
BEGINS = datetime(2026, 11, 24, 9, 58, tzinfo=UTC)
PLAYED = timedelta(minutes=34)
PLAY_SPEED, STILL = 60.0, 0.004
SEED = 7
FIGURES = "/figures/waits?kind=month&first=2026-10-01"
MOST_BYTES = 250 * 1024
READ_SECONDS = 0.7
"""A touch right after a screen changed does not count."""


class House:
    """York House for the photographer."""

    def __init__(self, folder: Path) -> None:
        self.ground = Ground(folder)
        ports = free_port(0), free_port(0)
        self.shape = Shape(*ports, window=False, dock=True, speed=PLAY_SPEED)
        self.centre = Centre(self.ground, self.shape, Clock(BEGINS, PLAY_SPEED))
        self.follow = ""
        """The address in the square of the ticket that was taken."""
        self.passwords = prepare(self.ground, centre_plan(), BEGINS)

    async def open(self) -> None:
        await self._start_server()
        self.devices = await asyncio.to_thread(self.centre.pair, self.passwords["olivia"])
        await self._play()
        self.centre.server.end()
        still = Shape(self.shape.server_port, self.shape.dock_port, window=False, dock=True, speed=STILL)
        self.centre = Centre(self.ground, still, Clock(BEGINS + PLAYED, STILL))
        await self._start_server()
        await self._more_come()
        self.centre.write_kiosk_settings()
        self.centre.kiosk.start()
        await until(lambda: self.kiosk_state().get("screen") == "start", "The kiosk")

    def close(self) -> None:
        self.centre.end()

    async def _start_server(self) -> None:
        self.centre.server.start()
        await until(self.centre.answers, "The server")

    async def _play(self) -> None:
        own = self.devices["rehearsal"]
        stage = Stage(self.centre.address, self.centre.clock.now, PLAY_SPEED)
        advisers = [Adviser(stage, self.door(part.username), part) for part in ADVISERS]
        greeter = Greeter(stage, self.door(PLAYING_GREETER))
        span = (SEED, BEGINS, BEGINS + timedelta(hours=6))
        coming = greeter.expect(SEED, ZoneInfo(centre_plan().timezone))
        playing = asyncio.create_task(
            play(
                stage,
                Doorway(stage, own.device, own.token),
                advisers,
                greeter,
                visitors(*span),
                taps(*span),
                coming,
            )
        )
        await asyncio.sleep(PLAYED.total_seconds() / PLAY_SPEED)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)

    async def _more_come(self) -> None:
        """So that a line stands when the pictures are taken: those who would have come in the last quarter of an hour."""
        own = self.devices["rehearsal"]
        doorway = Doorway(Stage(self.centre.address, self.centre.clock.now, 1), own.device, own.token)
        running = asyncio.create_task(doorway.line.run())
        for visitor in visitors(SEED + 1, BEGINS, BEGINS):
            await doorway.issue(visitor)
        await doorway.line.ask(Health(app="rehearsal", printer=PrinterState.READY))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def door(self, username: str) -> Door:
        door = Door(self.centre.address)
        door.sign_in(username, self.passwords[username])
        return door

    async def call_at(self, username: str, counter: str) -> None:
        """A colleague sits down and calls the next visitor."""
        services = tuple(each.slug for each in centre_plan().services if not each.private)
        part = StaffPart(Stage(self.centre.address, self.centre.clock.now, 1), self.door(username))
        running = asyncio.create_task(part.line.run())
        await part.line.ask(SitDown(counter=counter, services=services))
        await part.line.ask(CallNext())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    # The kiosk --------------------------------------------------------------------------------------------------

    def kiosk_state(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"{self.centre.dock_address}/state", timeout=5) as answer:
                seen: dict[str, Any] = json.load(answer)
                return seen
        except OSError:
            return {}

    async def press(self, text: str) -> None:
        def found() -> list[dict[str, Any]]:
            return [each for each in self.kiosk_state().get("presses", ()) if each["text"].startswith(text)]

        await until(found, f"The button {text}")
        await asyncio.sleep(READ_SECONDS)
        place = found()[0]
        touch = {"x": place["x"], "y": place["y"]}
        await asyncio.to_thread(Door(self.centre.dock_address).post_json, "/touch", touch)

    async def lay(self, picture: str) -> None:
        """Under the page camera; empty: takes away what lies there."""
        await asyncio.to_thread(Door(self.centre.dock_address).post_json, "/lay", {"name": picture})

    def pages(self) -> int:
        """How many pages of a scan were taken."""
        scan = self.kiosk_state().get("scan") or {}
        return int(scan.get("pages") or 0)

    async def shows(self, screen: str, **more: Any) -> None:
        def there() -> bool:
            seen = self.kiosk_state()
            return seen.get("screen") == screen and all(
                seen.get(name) == value for name, value in more.items()
            )

        await until(there, f"The screen {screen} {more}")
        await asyncio.sleep(0.5)

    async def kiosk_frame(self) -> Image.Image:
        return await self._dock_picture("screen.png")

    async def paper(self) -> Image.Image:
        return await self._dock_picture("paper.png")

    async def _dock_picture(self, name: str) -> Image.Image:
        def fetch() -> bytes:
            with urllib.request.urlopen(f"{self.centre.dock_address}/{name}", timeout=25) as answer:
                return bytes(answer.read())

        return Image.open(io.BytesIO(await asyncio.to_thread(fetch))).convert("RGB")


async def until(answer: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(answer):
        if time.monotonic() > deadline:
            raise SystemExit(
                f"{what} did not come. Run it again; if it stays away, `make test` will say why."
            )
        await asyncio.sleep(0.1)


# Pictures ---------------------------------------------------------------------------------------------------------


def keep(picture: Image.Image, name: str, width: int) -> Image.Image:
    """Write it at this width, as small as it gets without looking it; returns what was kept."""
    height = round(picture.height * width / picture.width)
    small = (
        picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        if picture.width != width
        else picture
    )
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / f"{name}.png"
    colours = small.convert("RGB").quantize(240, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    colours.save(file, optimize=True)
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}  {width} x {height}  {size // 1024} KB")
    if size > MOST_BYTES:
        raise SystemExit(f"{file} is over {MOST_BYTES // 1024} KB.")
    return small


async def shot(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(await page.screenshot(animations="disabled"))).convert("RGB")


async def kiosk_pictures(house: House) -> dict[str, Image.Image]:
    taken = {"kiosk-start": await house.kiosk_frame()}
    await house.press("English")
    await house.shows("needs")
    taken["kiosk-needs"] = await house.kiosk_frame()
    await house.press("Start again")
    await house.shows("start")
    await house.press("اردو")
    await house.shows("needs", language="ur")
    taken["kiosk-needs-urdu"] = await house.kiosk_frame()
    return taken


async def ticket_pictures(house: House) -> dict[str, Image.Image]:
    await house.press(_said("ur", "button.start_again"))
    await house.shows("start")
    await house.press("ગુજરાતી")
    await house.shows("needs", language="gu")
    await house.press("શાળામાં પ્રવેશ")
    await house.shows("ticket", paper="confirmed")
    taken = {"kiosk-ticket-gujarati": await house.kiosk_frame()}
    house.follow = house.kiosk_state()["follow_url"]
    taken["paper"] = await house.paper()
    return taken


async def hand_in_pictures(house: House) -> dict[str, Image.Image]:
    """Two pages under the camera, sent; and a form in Gujarati with a word typed on our own keys."""
    await house.press(_said("gu", "button.start_again"))
    await house.shows("start")
    await house.press("English")
    await house.shows("needs")
    await house.press(_said("en", "scan.entry"))
    await house.press("Council tax")
    await house.press(_said("en", "scan.without"))
    await house.press(_said("en", "scan.start"))
    plate = house.kiosk_state()["plate"]["pictures"]
    await house.lay(plate[0])
    await until(lambda: house.pages() == 1, "The first page")
    await house.lay("")
    await asyncio.sleep(2.0)
    await house.lay(plate[2])
    await until(lambda: house.pages() == 2, "The second page")
    await asyncio.sleep(1.0)
    taken = {"kiosk-scan": await house.kiosk_frame()}
    await house.lay("")
    await house.press(_said("en", "scan.all_done"))
    await house.press(_said("en", "scan.send"))
    await until(lambda: (house.kiosk_state().get("scan") or {}).get("received"), "The receipt")
    await house.press(_said("en", "button.start_again"))
    await house.shows("start")
    await house.press("ગુજરાતી")
    await house.shows("needs", language="gu")
    await house.press(_said("gu", "find.entry"))
    await house.press(_form_title("change-of-address", "gu"))
    await house.press(_said("gu", "form.begin"))
    await asyncio.sleep(2.0)
    return taken | {"kiosk-form": await house.kiosk_frame()}


def _form_title(slug: str, language: str) -> str:
    from forms.reading import read_form

    form = read_form((ROOT / "forms" / "library" / f"{slug}.yaml").read_text(encoding="utf-8"))
    assert not isinstance(form, list), form
    return form.title[language]


def _said(language: str, key: str) -> str:
    from words import Catalogue

    return Catalogue(strict=True).say(language, key)  # an empty one would press whatever stands first


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=flags)
        yield browser
        await browser.close()


async def page_pictures(house: House, browser: Browser) -> dict[str, Image.Image]:
    await display(house, browser, "sign")
    board = await display(house, browser, "lobby")
    if await board.locator("#sound").is_visible():
        await board.locator("#sound").click()
    for username, counter in (("farah", "desk-6"), ("nathan", "room-2")):
        await house.call_at(username, counter)
    desk = await (await browser.new_context(viewport={"width": 1280, "height": 860})).new_page()
    await sit_down(house, desk)
    await press(desk, "Call next")
    await desk.get_by_role("button", name="Arrived").wait_for()
    await board.locator(".card", has_text="Desk 4").wait_for()
    await board.wait_for_timeout(2500)
    taken = {"lobby": await shot(board)}
    await press(desk, "Arrived")
    await desk.get_by_role("button", name="Resolved today").wait_for()
    await desk.wait_for_timeout(800)
    await desk.evaluate("document.activeElement?.blur()")
    taken["counter"] = await shot(desk)
    small = await browser.new_context(viewport={"width": 390, "height": 780}, device_scale_factor=2)
    phone = await small.new_page()
    await phone.goto(house.follow)
    await phone.wait_for_timeout(800)
    taken["phone"] = await shot(phone)
    return taken | await office_pictures(house, browser)


async def office_pictures(house: House, browser: Browser) -> dict[str, Image.Image]:
    """The greeter's tablet as it lies in the hand, and the page that shapes the kiosk's first screen."""
    tablet = await signed_in(house, browser, "grace", "/greeter", {"width": 1180, "height": 820})
    await tablet.locator("#link-words", has_text="In step").wait_for()
    await tablet.wait_for_timeout(1500)
    taken = {"greeter": await shot(tablet)}
    shaping = await signed_in(house, browser, "olivia", "/setup/layout", {"width": 1280, "height": 890})
    await shaping.wait_for_timeout(1500)
    taken["setup"] = await shot(shaping)
    diary = await signed_in(house, browser, "meera", "/appointments", {"width": 1280, "height": 890})
    await diary.wait_for_timeout(1500)
    taken["appointments"] = await shot(diary)
    papers = await signed_in(house, browser, "noor", "/papers", {"width": 1280, "height": 890})
    await papers.locator(".papers-list a.code").first.click()
    await papers.wait_for_timeout(2500)
    taken["papers"] = await shot(papers)
    figures = await signed_in(house, browser, "meera", FIGURES, {"width": 1280, "height": 890})
    await figures.wait_for_timeout(1500)
    taken["figures"] = await shot(figures)
    return taken | {"booking": await booking_picture(house, browser)}


async def exit_picture(house: House, browser: Browser) -> Image.Image:
    """The kiosk, set to stand at the exit as an administrator does it. The last of its pictures: it gives no tickets then."""
    await house.press(_said("gu", "button.start_again"))
    await house.shows("start")
    page = await signed_in(house, browser, "olivia", "/admin/devices", {"width": 1280, "height": 890})
    await page.get_by_role("link", name="Kiosk by the door").click()
    await page.get_by_label("This kiosk stands at the exit").check()
    await page.get_by_role("button", name="Save where it stands").click()
    faces = _said("en", "rating.very_good")
    await until(lambda: any(each["text"] == faces for each in house.kiosk_state()["presses"]), "The faces")
    await asyncio.sleep(1.0)
    return await house.kiosk_frame()


async def booking_picture(house: House, browser: Browser) -> Image.Image:
    """The public page of free times, on a phone."""
    small = await browser.new_context(viewport={"width": 390, "height": 780}, device_scale_factor=2)
    phone = await small.new_page()
    await phone.goto(f"{house.centre.address}/book")
    await phone.get_by_text("Help with a form").first.click()
    await phone.wait_for_timeout(800)
    return await shot(phone)


async def signed_in(house: House, browser: Browser, username: str, path: str, size: Any) -> Page:
    page = await (await browser.new_context(viewport=size)).new_page()
    await page.goto(f"{house.centre.address}{path}")
    await page.fill("#username", username)
    await page.fill("#password", house.passwords[username])
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"**{path}")
    return page


async def display(house: House, browser: Browser, name: str) -> Page:
    """A paired board or sign, in step."""
    context = await browser.new_context(viewport={"width": 1600, "height": 900}, reduced_motion="reduce")
    page, address = await context.new_page(), house.centre.address
    await context.add_cookies([{"name": DEVICE_COOKIE, "value": house.devices[name].token, "url": address}])
    await page.goto(f"{address}/display{'/sign' if name == 'sign' else ''}")
    await page.wait_for_timeout(1500)
    return page


async def sit_down(house: House, desk: Page) -> None:
    await desk.goto(f"{house.centre.address}/counter")
    await desk.fill("#username", "amina")
    await desk.fill("#password", house.passwords["amina"])
    await desk.get_by_role("button", name="Sign in").click()
    await desk.locator("#link-words", has_text="In step").wait_for()
    await desk.locator("label.pick", has_text="Desk 4").first.click()
    await press(desk, "Sit down")
    await desk.get_by_role("button", name="Call next").wait_for()


async def press(desk: Page, name: str) -> None:
    await desk.wait_for_timeout(600)  # a press right after another is the same touch
    await desk.get_by_role("button", name=name).first.click()


def arranged(taken: dict[str, Image.Image]) -> Image.Image:
    """The kiosk, the board and the phone side by side: what a visitor meets."""
    canvas = Image.new("RGB", (1600, 900), (228, 233, 228))
    for name, place, width in (
        ("lobby", (330, 60), 1010),
        ("kiosk-needs", (50, 190), 350),
        ("paper", (880, 440), 220),
        ("phone", (1275, 250), 280),
    ):
        picture = taken[name]
        height = round(picture.height * width / picture.width)
        _lay(
            canvas,
            picture.resize((width, height), Image.Resampling.LANCZOS),
            place,
            round_by=0 if name == "paper" else 14,
        )
    return canvas


def _lay(canvas: Image.Image, picture: Image.Image, place: tuple[int, int], round_by: int) -> None:
    reach = 18
    shadow = Image.new("L", (picture.width + 4 * reach, picture.height + 4 * reach), 0)
    box = (2 * reach, 2 * reach, 2 * reach + picture.width, 2 * reach + picture.height)
    ImageDraw.Draw(shadow).rounded_rectangle(box, round_by, fill=110)
    shadow = shadow.filter(ImageFilter.GaussianBlur(reach / 1.5))
    at = (place[0] - 2 * reach, place[1] - 2 * reach + 8)
    canvas.paste(Image.new("RGB", shadow.size, (20, 40, 36)), at, shadow)
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, picture.width - 1, picture.height - 1), round_by, fill=255)
    canvas.paste(picture, place, mask)


WIDTHS = {
    "kiosk-start": 480,
    "kiosk-needs": 480,
    "kiosk-needs-urdu": 480,
    "kiosk-ticket-gujarati": 480,
    "paper": 400,
    "lobby": 1280,
    "counter": 1280,
    "phone": 390,
    "greeter": 1180,
    "setup": 1280,
    "appointments": 1280,
    "booking": 390,
    "kiosk-scan": 480,
    "kiosk-form": 480,
    "papers": 1280,
    "figures": 1280,
    "kiosk-exit": 480,
    "foyer": 1600,
}


async def main(wanted: set[str]) -> None:
    unknown = wanted - WIDTHS.keys()
    if unknown:
        raise SystemExit(f"There is no picture {', '.join(sorted(unknown))}. There are: {', '.join(WIDTHS)}.")
    with tempfile.TemporaryDirectory(prefix="foyer-pictures-") as folder:
        house = House(Path(folder))
        try:
            await house.open()
            taken = await kiosk_pictures(house)
            taken |= await ticket_pictures(house)
            taken |= await hand_in_pictures(house)
            async with chromium() as browser:
                taken["kiosk-exit"] = await exit_picture(house, browser)
                taken |= await page_pictures(house, browser)
        finally:
            house.close()
    taken["foyer"] = arranged(taken)
    for name, width in WIDTHS.items():
        if not wanted or name in wanted:
            keep(taken[name], name, width)


if __name__ == "__main__":
    asyncio.run(main(set(sys.argv[1:])))
