"""Answers the dock's requests: frames, touches, papers, levers, and what the kiosk knows.

| request | does |
|---|---|
| `GET /` | the page |
| `GET /screen.png` | the frame as it is now |
| `GET /paper.png` | the paper that came out last; 404 before the first |
| `GET /state?after=n` | what is on the screen; with `after`, waits until something is newer than that `version` |
| `POST /touch {x, y}` | a tap, in pixels of the panel from its upper left; with `phase` "down" or "up" a half of one |
| `POST /lever {name, on}` | pulls or puts back a fault |
| `GET /plate.jpg` | what the page camera sees now, small |
| `POST /lay {name}` | lays a picture or film of the plate's folder under the page camera; no name: takes it away; `{next: true}`: the next one |
| `POST /hold {text, by, turned}` | holds a code with this text before the camera (for some seconds) or the scanner (`by`); no text: takes it away |

A frame is read from the graphics card only when somebody wants it, and only while it is in the buffer: right after drawing.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from hardware.devices import Printer, Simulated, SimulatedCamera, SimulatedScanner
from kiosk.devdock import finger
from kiosk.devdock.http import Refusal, Request, Response, say
from kiosk.devdock.levers import Levers
from kiosk.devdock.plate import PlatePanel
from kiosk.flow.model import Model

if TYPE_CHECKING:
    from kiosk.run import Runner
    from kiosk.screens.face import Face
    from kiosk.screens.pump import Pump

LONGEST_WAIT = 20.0
HOLD_SECONDS = 12.0
"""Then the visitor's arm is tired; and the next visitor does not find the code of the last."""
MOST_SIGNS = 300
LOOK_SECONDS = 0.25
_FILES = {"/": ("dock.html", "text/html; charset=utf-8"), "/dock.css": ("dock.css", "text/css"), "/dock.js": ("dock.js", "text/javascript")}  # fmt: skip


def _picture(wide: int, high: int) -> tuple[int, int, bytes]:
    """What is drawn, as people see it: upright, also where the panel is mounted on its side. Rows from the lowest."""
    from kivy.core.window import Window
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
    from PIL import Image

    drawn = (high, wide) if Window.rotation in (90, 270) else (wide, high)
    pixels = bytes(glReadPixels(0, 0, *drawn, GL_RGB, GL_UNSIGNED_BYTE))
    back = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
    if turned := back.get(Window.rotation):
        pixels = Image.frombytes("RGB", drawn, pixels).transpose(turned).tobytes()
    return wide, high, pixels


class Dock:
    def __init__(self, runner: Runner, face: Face, pump: Pump, printer: Printer) -> None:
        self._runner, self._face, self._pump, self._printer = runner, face, pump, printer
        self._levers = Levers(runner, printer, pump)
        self._plate = PlatePanel(runner)
        self._version = 1
        self._frame = 1
        self._papers = 0
        self._changed = asyncio.Event()
        self._wanted: asyncio.Future[tuple[int, int, bytes]] | None = None
        self._finger: finger.Finger | None = None
        self._taking_away: asyncio.TimerHandle | None = None
        pump.drawn.append(self._drawn)
        runner.watch(self._watched)

    # What is new ------------------------------------------------------------------------------------------------

    def _drawn(self) -> None:
        self._frame += 1
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(_picture(self._face.panel.wide, self._face.panel.high))
        self._news()

    def _watched(self, _model: Model) -> None:
        self._news()

    def _news(self) -> None:
        self._version += 1
        self._changed.set()

    async def keep(self) -> None:
        """Look now and then for what tells nobody: papers, and a new line."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._levers.follow_line()
            if (
                isinstance(self._printer, Simulated)
                and (count := len(self._printer.papers())) != self._papers
            ):
                self._papers = count
                self._news()

    # Requests ---------------------------------------------------------------------------------------------------

    async def answer(self, request: Request) -> Response:
        match request.method, request.path:
            case "GET", ("/" | "/dock.css" | "/dock.js") as path:
                name, kind = _FILES[path]
                return Response((Path(__file__).parent / name).read_bytes(), kind)
            case "GET", "/favicon.ico":
                return Response(kind="image/x-icon")
            case "GET", "/screen.png":
                return await self._screen()
            case "GET", "/paper.png":
                return await self._paper()
            case "GET", "/state":
                return await self._state(request)
            case "GET", "/plate.jpg":
                return await self._plate.picture()
            case "POST", "/lay":
                await self._plate.lay(request.body)
                self._news()
                return say({"plate": self._plate.seen()})
            case "POST", "/touch":
                return self._touch(request.body)
            case "POST", "/lever":
                return await self._lever(request.body)
            case "POST", "/hold":
                return self._hold(request.body)
            case (("GET" | "POST"), _):
                raise Refusal(404, "there is nothing here")
        raise Refusal(405, "only GET and POST")

    async def _screen(self) -> Response:
        if self._wanted is None or self._wanted.done():
            self._wanted = asyncio.get_running_loop().create_future()
        self._face.canvas.ask_update()
        self._pump.wake()
        async with asyncio.timeout(LONGEST_WAIT):
            wide, high, pixels = await asyncio.shield(self._wanted)
        return Response(await asyncio.to_thread(_png, wide, high, pixels), "image/png")

    async def _paper(self) -> Response:
        papers = self._printer.papers() if isinstance(self._printer, Simulated) else []
        if not papers:
            raise Refusal(404, "no paper has come out")

        def encode() -> bytes:
            kept = io.BytesIO()
            papers[-1].save(kept, "PNG")
            return kept.getvalue()

        return Response(await asyncio.to_thread(encode), "image/png")

    async def _state(self, request: Request) -> Response:
        after = request.query.get("after", "")
        if after.isdigit():
            loop = asyncio.get_running_loop()
            until = loop.time() + LONGEST_WAIT
            while self._version <= int(after) and loop.time() < until:
                self._changed.clear()
                try:
                    async with asyncio.timeout(until - loop.time()):
                        await self._changed.wait()
                except TimeoutError:
                    break
        return say(self._seen())

    def _seen(self) -> dict[str, Any]:
        model, high = self._runner.model, self._face.panel.high
        ticket = model.ticket
        return {
            "version": self._version,
            "frame": self._frame,
            "screen": model.screen.value,
            "generation": model.generation,
            "language": model.language.value,
            "code": ticket.code if ticket else None,
            "follow_url": ticket.follow_url if ticket else None,
            "paper": ticket.paper.value if ticket else None,
            "asks_paper": model.asks_paper,
            "help": model.help.value,
            "idle_left": model.idle_left,
            "hint": model.check_in_hint.key if model.check_in_hint else None,
            "told": model.checking.told.title.key if model.checking.told else None,
            "printer": model.printer.value,
            "camera": model.camera.value,
            "scanner": model.scanner.value,
            "page_camera": model.station.state.value,
            "plate": self._plate.seen(),
            "scan": _scan(model),
            "form": _form(model),
            "packets": self._runner.handing_in.held,
            "link_up": model.link_up,
            "out_of_order": model.staff_says,
            "setup_code": model.setup.code if model.setup else None,
            "papers": self._papers,
            "levers": self._levers.positions(),
            "panel": [self._face.panel.wide, high],
            "presses": [
                {
                    "text": press.text or press.icon, "icon": press.icon,
                    "x": round(press.center_x), "y": round(high - press.center_y),
                }
                for press in self._face.presses()
                if press.enabled
            ],
        }  # fmt: skip

    def _touch(self, body: Any) -> Response:
        x, y, phase = (
            (body.get(name) for name in ("x", "y", "phase")) if isinstance(body, dict) else (None,) * 3
        )
        panel = self._face.panel
        if not all(isinstance(value, int | float) for value in (x, y)) or phase not in (
            None,
            "down",
            "move",
            "up",
        ):
            raise Refusal(400, "say where: x and y in pixels")
        if not (0 <= x <= panel.wide and 0 <= y <= panel.high):  # type: ignore[operator]  # both are numbers
            raise Refusal(400, "that is beside the panel")
        self._finger_at((x / panel.wide, 1 - y / panel.high), phase)  # type: ignore[operator]  # both are numbers
        self._pump.wake()
        return say({"version": self._version})

    def _finger_at(self, place: tuple[float, float], phase: str | None) -> None:
        if phase == "move":
            if self._finger is not None:
                finger.move(self._finger, place)
            return
        if self._finger is not None:
            if phase == "up":
                finger.move(self._finger, place)
            finger.up(self._finger)
            self._finger = None
        if phase is None:
            finger.tap(place)
        elif phase == "down":
            self._finger = finger.down(place)

    async def _lever(self, body: Any) -> Response:
        name, on = (body.get("name"), body.get("on")) if isinstance(body, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(on, bool):
            raise Refusal(400, "say which lever, and whether it is on")
        if not await self._levers.pull(name, on):
            raise Refusal(404, "there is no such lever here")
        self._news()
        return say({"levers": self._levers.positions()})

    def _hold(self, body: Any) -> Response:
        text, by, turned = (
            (body.get(name) for name in ("text", "by", "turned")) if isinstance(body, dict) else (None,) * 3
        )
        if not isinstance(text, str) or len(text) > MOST_SIGNS or by not in ("camera", "scanner"):
            raise Refusal(400, "say what stands in the code, and before what it is held: camera or scanner")
        device = self._runner.senses.camera if by == "camera" else self._runner.senses.scanner
        if isinstance(device, SimulatedScanner):
            if text:
                device.scan(text)
        elif isinstance(device, SimulatedCamera):
            device.hold(
                _code(text) if text else None,
                turned=float(turned) if isinstance(turned, int | float) else 0.0,
            )
            if self._taking_away is not None:
                self._taking_away.cancel()
            self._taking_away = asyncio.get_running_loop().call_later(HOLD_SECONDS, device.hold, None)
        else:
            raise Refusal(404, f"this kiosk has no simulated {by}")
        self._news()
        return say({"version": self._version})


def _code(text: str) -> Image.Image:
    """As it is on the screen of a visitor's phone."""
    import qrcode

    made = qrcode.QRCode(border=4, box_size=8)
    made.add_data(text)
    made.make(fit=True)
    picture: Image.Image = made.make_image().get_image().convert("L")
    return picture


def _png(wide: int, high: int, pixels: bytes) -> bytes:
    picture = Image.frombytes("RGB", (wide, high), pixels).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    kept = io.BytesIO()
    picture.save(kept, "PNG", compress_level=1)
    return kept.getvalue()


def _scan(model: Model) -> dict[str, Any] | None:
    """Where a scan is; no picture, and nothing that was typed."""
    scanning = model.visitor.scanning
    if scanning is None:
        return None
    receipt = scanning.receipt
    return {
        "at": scanning.at.value,
        "pages": len(scanning.pages),
        "hint": scanning.hint.value,
        "lies": scanning.lies,
        "reference": receipt.reference if receipt else None,
        "received": bool(receipt and receipt.received),
    }


def _form(model: Model) -> dict[str, Any] | None:
    """Where somebody is in a form; nothing that was typed."""
    filling = model.visitor.filling
    if filling is None:
        return None
    receipt = filling.receipt
    return {
        "at": filling.at.value,
        "page": filling.place.key if filling.place else "",
        "part": filling.part,
        "address": filling.address.value,
        "wrong": filling.wrong.word if filling.wrong else "",
        "carried": filling.carried.url,
        "reference": receipt.reference if receipt else None,
        "received": bool(receipt and receipt.received),
    }
