"""Starts a kiosk: `foyer-kiosk kiosk.toml`.

The order is made for the visitor who waits at the door: settings, then the window with its first screen,
and only then everything that takes longer (journal, printer, line), which the first screen does not need.
Kivy is imported after its environment is set, so nothing of it is imported at the top of this module.

Ends on SIGTERM and SIGINT, letting go of the printer and the journal. Whatever else goes wrong is the
supervisor's: the unit in `deploy/` starts it again, and the journal takes up where it was.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardware.supervisor import Supervisor
from kiosk import config, thrift
from wire.release import release

if TYPE_CHECKING:
    from kiosk.flow.events import Touched
    from kiosk.flow.model import Model
    from kiosk.run import Runner
    from kiosk.screens.face import Face
    from kiosk.screens.pump import Pump
    from kiosk.selftest import ScreenSeen
    from words import Catalogue

log = logging.getLogger("foyer.kiosk")

WRONG_SETTINGS = 78
"""`EX_CONFIG` of sysexits.h: the unit does not start us again until somebody has mended the file."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO, format="%(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("kivy").setLevel(logging.DEBUG if options.verbose else logging.WARNING)
    try:
        settings = config.read(options.settings, os.environ)
    except config.Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return WRONG_SETTINGS
    if settings.panel.too_small:
        log.warning("%s", settings.panel.too_small)
    offscreen = options.offscreen or (settings.dock.enabled and not _has_screen())
    ear = Ear()
    supervisor = Supervisor.found(os.environ)
    supervisor.status("Starting.")
    face, pump, words = _window(settings, ear, offscreen=offscreen, fullscreen=not options.windowed)
    if pump.frames:
        supervisor.ready("The first screen is drawn.")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_live(settings, ear, face, pump, words, supervisor))
    supervisor.close()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="foyer-kiosk", description="The kiosk where visitors take a ticket."
    )
    parser.add_argument("settings", type=Path, help="the kiosk's TOML file")
    parser.add_argument(
        "--offscreen", action="store_true", help="draw without a screen, for the dev dock and tests"
    )
    parser.add_argument("--windowed", action="store_true", help="in a window of the panel's size")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args(arguments)


def _has_screen() -> bool:
    return bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or any(Path("/dev/dri").glob("card*"))
    )


def _forgotten(face: Face, broom: thrift.Broom) -> Callable[[], None]:
    """A visitor has gone: the face lets go of every text it drew, and what was freed leaves the process."""

    def forget() -> None:
        face.forget()
        broom.visitor_gone()

    return forget


class Ear:
    """Where the face sends touches. Deaf until there is somebody to hear them, since the window comes
    first.
    """

    def __init__(self) -> None:
        self.to: Callable[[Touched], None] | None = None

    def __call__(self, touched: Touched) -> None:
        if self.to is not None:
            self.to(touched)


def _window(
    settings: config.Settings, ear: Ear, *, offscreen: bool, fullscreen: bool
) -> tuple[Face, Pump, Catalogue]:
    """The window with the first screen drawn in it."""
    thrift.begin()
    from kiosk import kivysetup
    from kiosk.widgets.panel import Panel

    size = settings.panel
    panel = Panel(size.width, size.height, size.width_mm, size.height_mm)
    own_touch = not offscreen and kivysetup.reads_the_panel(size.touch_device)
    kivysetup.prepare(
        panel,
        offscreen=offscreen,
        fullscreen=size.fullscreen and fullscreen,
        own_touch=own_touch,
        turn=size.turn,
        home=settings.state / "kivy",
    )
    from kiosk.flow.model import Model
    from kiosk.screens.face import Face
    from kiosk.screens.pump import Pump
    from words import Catalogue

    words = Catalogue()
    face = Face(panel, words, ear)
    pump = Pump(face, offscreen=offscreen)
    if own_touch:
        _read_touches(size, pump)
    face.render(Model())
    pump.frame()
    return face, pump, words


def _read_touches(panel: config.PanelSettings, pump: Pump) -> None:
    from hardware.touch import TouchPanel
    from kiosk.screens.touching import Touches

    device = Path(panel.touch_device) if panel.touch_device else None
    left, right, upper, lower = panel.touch_span or (0, 0, 0, 0)
    span = (left, right, upper, lower) if panel.touch_span else None
    Touches(TouchPanel(device, turn=panel.touch_turn, span=span), pump.wake).begin()


async def _live(
    settings: config.Settings, ear: Ear, face: Face, pump: Pump, words: Catalogue, supervisor: Supervisor
) -> None:
    from hardware.catalogue import build, build_camera, build_page_camera, build_scanner, build_screen
    from hardware.devices import TypedScanner
    from kiosk import standing, watchdog
    from kiosk.clocks import MachineClocks, WrongClocks
    from kiosk.resting import Resting
    from kiosk.run import Runner

    printer, scanner = build(settings.printer), build_scanner(settings.scanner)
    pump.scanner = scanner if isinstance(scanner, TypedScanner) else None
    clocks = WrongClocks(MachineClocks()) if settings.dock.enabled else None
    broom = thrift.Broom()
    runner = Runner(
        settings,
        printer,
        words,
        camera=build_camera(settings.camera),
        scanner=scanner,
        plate=build_page_camera(settings.plate),
        preview=face.preview,
        show=face.view,
        app=release(),
        forgotten=_forgotten(face, broom),
        clocks=clocks,
        screen=partial(_screen_seen, settings, pump),
    )
    ear.to = runner.send
    runner.watch(face.render)
    runner.watch(broom.watch)
    broom.start()
    runner.watch(lambda model: supervisor.status(watchdog.in_words(model)))
    fed = asyncio.create_task(watchdog.watch(supervisor, pump))
    told = asyncio.create_task(standing.tell(standing.folder(), runner, pump))
    runner.watch(_safe_page(settings, words))
    resting = Resting(runner, build_screen(settings.screen))
    runner.watch(resting.watch)
    pump.first = resting.touched
    rest = asyncio.create_task(runner.kept_going(resting.run))
    parts = [asyncio.create_task(runner.run()), asyncio.create_task(pump.run())]
    if settings.dock.enabled:
        parts.append(asyncio.create_task(_dock(settings, runner, face, pump, printer)))
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, over.set)
    parts.append(asyncio.create_task(_until(over)))
    done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    supervisor.stopping()
    for part in (*parts, fed, rest, told):
        part.cancel()
    await asyncio.gather(*parts, fed, rest, told, return_exceptions=True)
    for part in done:
        part.result()


def _safe_page(settings: config.Settings, words: Catalogue) -> Callable[[Model], None]:
    """While all is well, what the screen would show if it were not: drawn when this kiosk's name is known, or another."""
    from kiosk.safepage.drawing import KEPT, keep

    known: list[str] = []
    size = settings.panel
    # Before it is paired it is called what whoever installed it wrote down.
    first = "" if (settings.state / KEPT).exists() else settings.name

    def watch(model: Model) -> None:
        name = model.offer.device.name if model.offer.device else first
        if name and known != [name]:
            known[:] = [name]
            drawing = partial(keep, settings.state, size.width, size.height, name, words, size.turn)
            asyncio.get_running_loop().run_in_executor(None, drawing)

    return watch


def _screen_seen(settings: config.Settings, pump: Pump) -> ScreenSeen:
    from kiosk.selftest import ScreenSeen, touch_found

    panel = settings.panel
    touch = None if pump.offscreen else touch_found(panel.touch_device)
    meant = (panel.height, panel.width) if panel.turn in (90, 270) else (panel.width, panel.height)
    return ScreenSeen(pump.size, meant, touch, panel.too_small)


async def _until(over: asyncio.Event) -> None:
    await over.wait()


async def _dock(settings: config.Settings, runner: Runner, face: Face, pump: Pump, printer: Any) -> None:
    """Imported only here: a real kiosk does not even load it."""
    from kiosk import devdock

    log.warning("the dev dock is on: anybody on this machine can touch this screen")
    await devdock.serve(settings.dock.port, runner=runner, face=face, pump=pump, printer=printer)


if __name__ == "__main__":
    sys.exit(main())
