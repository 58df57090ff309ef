"""The kiosk looks at every part of itself and says to staff, in plain sentences, what is wrong and what to do.

Measuring and judging are apart: `Seen` holds what was measured, `findings` makes sentences of it, so that every sentence can be
tested without breaking a real part. What a part can only say by failing (a write to the journal, a question to the printer, an answer
from the server) is really done; nothing is taken from what was known before. Nothing is printed and nothing shows, so a visitor
who comes in the middle of it notices nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import typeset
from kiosk.flow.effects import BeginTest
from kiosk.flow.events import SelfTested
from kiosk.journal import NO_PACKETS, DiskError, Journal, Lost, Spooled
from wire.asks import Finding, SelfTest
from wire.vocabulary import PartState, PrinterState, new_id
from words.check import check as check_words

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.selftest")

SLOW_SECONDS = 2.0
CLOCK_OFF_MS = 60_000
LEAST_FREE = 200 * 1024 * 1024
"""Bytes. The journal needs a few; the system around it needs the rest to keep running for weeks."""
MOST_NOTE = 500
LATE_MS = 30 * 60_000
INPUTS = Path("/proc/bus/input/devices")

_PRINTER = {
    PrinterState.LOW: "The paper is nearly used up. Have a new roll ready.",
    PrinterState.OUT: "There is no paper. Put a new roll in.",
    PrinterState.COVER_OPEN: "The printer's cover is open. Close it.",
    PrinterState.MISSING: "The printer cannot be found. Check that it is switched on and that its cable is in.",
    PrinterState.SILENT: "The printer does not say how it is. Switch it off and on; if this stays, send a test print and see.",
}


_CAMERA = {
    PartState.DARK: "The camera sees nothing. Take away what covers it, or give it light.",
    PartState.MISSING: "The camera cannot be found. Check its cable. Visitors can type their reference meanwhile.",
    PartState.SILENT: "The camera gives no picture. Pull its cable and put it back; if this stays, restart the kiosk.",
}
_SCANNER = {
    PartState.MISSING: "The scanner cannot be found. Check its cable, and whether it is set up as the kind that the kiosk expects."
}
"""Silent is no fault of a scanner: one that acts as a keyboard says nothing until it reads a code."""
_PLATE = {
    PartState.DARK: "The page camera sees nothing. Take away what covers it, and see that its lamp is on.",
    PartState.MISSING: "The page camera cannot be found. Check its cable and power. Nobody can hand in papers here meanwhile.",
    PartState.SILENT: "The page camera gives no picture. Pull its cable and put it back; if this stays, restart the kiosk.",
    PartState.STOPPED: "The page scanner has stopped. Close its cover, and take out any sheet that is stuck.",
}


@dataclass(frozen=True)
class ScreenSeen:
    """`size` and `meant` in pixels. `touch` False: nothing is there that a finger could touch; None: not looked for. `small`: what to say of a panel that is too small."""

    size: tuple[int, int]
    meant: tuple[int, int]
    touch: bool | None
    small: str = ""


@dataclass(frozen=True)
class Seen:
    printer: PrinterState
    journal: str
    """Why it cannot be written; empty when it can."""
    held: int
    set_aside: int
    answer_seconds: float | None
    """How long the server took for a question; None when no answer came."""
    clock_off_ms: int
    screen: ScreenSeen | None
    """None where nothing is drawn."""
    words: tuple[str, ...]
    fonts: tuple[str, ...]
    free: int | None
    """Bytes on the journal's disk; None when it does not say."""
    camera: PartState = PartState.NONE
    scanner: PartState = PartState.NONE
    plate: PartState = PartState.NONE
    packets: Spooled = NO_PACKETS
    trouble: str = ""
    """Why what was handed in does not get through."""


# Judging ----------------------------------------------------------------------------------------------------


def findings(seen: Seen) -> tuple[Finding, ...]:
    """One for each part there is, always in the same order."""
    said = (
        ("printer", _PRINTER.get(seen.printer, "")),
        *((("camera", _CAMERA.get(seen.camera, "")),) if seen.camera is not PartState.NONE else ()),
        *((("scanner", _SCANNER.get(seen.scanner, "")),) if seen.scanner is not PartState.NONE else ()),
        *((("plate", _PLATE.get(seen.plate, "")),) if seen.plate is not PartState.NONE else ()),
        ("journal", _journal(seen)),
        ("handover", _handover(seen)),
        ("link", _link(seen.answer_seconds)),
        ("clock", _clock(seen.clock_off_ms)),
        *((("screen", _screen(seen.screen)), ("touch", _touch(seen.screen))) if seen.screen else ()),
        (
            "words",
            _listed("Some sentences are damaged or missing. Install the kiosk's program anew.", seen.words),
        ),
        (
            "fonts",
            _listed("Text cannot be drawn as it should. Install the kiosk's program anew.", seen.fonts),
        ),
        ("disk", _disk(seen.free)),
    )
    return tuple(Finding(part=part, fine=not say, say=say[:MOST_NOTE]) for part, say in said)


def _journal(seen: Seen) -> str:
    if not seen.journal:
        return ""
    return f"Tickets cannot be written down ({seen.journal}). Free some space or have the disk checked, then restart the kiosk."


def _handover(seen: Seen) -> str:
    if seen.set_aside:
        return f"The server did not take {_tickets(seen.set_aside)}. See to those visitors by hand; the codes are under What needs a person."
    if seen.packets.aside:
        return f"The server did not take {_hand_ins(seen.packets.aside)}. They are under What needs a person, by the receipt."
    if seen.packets.oldest_ms > LATE_MS:
        return (
            f"{_hand_ins(seen.packets.held).capitalize()} could not be sent for {_about(seen.packets.oldest_ms // 60_000)}. They are safe here, and this goes on by"
            f" itself; have the network and the server's limit for uploads checked.{f' Last heard: {seen.trouble}' if seen.trouble else ''}"
        )
    if seen.held:
        wait = "waits" if seen.held == 1 else "wait"
        return f"{_tickets(seen.held).capitalize()} {wait} to be handed over. This goes on by itself; if it lasts, check the network."
    return ""


def _hand_ins(count: int) -> str:
    return "what one visitor handed in" if count == 1 else f"what {count} visitors handed in"


def _tickets(count: int) -> str:
    return "one ticket" if count == 1 else f"{count} tickets"


def _link(seconds: float | None) -> str:
    if seconds is None:
        return "The server gave no answer. Check the network."
    if seconds > SLOW_SECONDS:
        return f"The server took {seconds:.0f} seconds to answer. Check the network."
    return ""


def _clock(off_ms: int) -> str:
    if abs(off_ms) <= CLOCK_OFF_MS:
        return ""
    way = "fast" if off_ms > 0 else "slow"
    told = _about(abs(off_ms) // 60_000)
    return f"This machine's clock is {told} {way}. Tickets have the right time all the same; have its time service checked."


def _about(minutes: int) -> str:
    for size, unit in ((24 * 60, "days"), (60, "hours"), (1, "minutes")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return "a minute"


def _screen(screen: ScreenSeen) -> str:
    if screen.size == screen.meant:
        return screen.small
    size, meant = (" by ".join(str(each) for each in pair) for pair in (screen.size, screen.meant))
    return f"The screen is {size} dots, but is set up as {meant}. Check the cable and turn, then the [panel] settings."


def _touch(screen: ScreenSeen) -> str:
    return (
        "No touch screen was found. Check its USB cable, then restart the kiosk."
        if screen.touch is False
        else ""
    )


def _listed(say: str, problems: tuple[str, ...]) -> str:
    return f"{say} ({' '.join(problems[:3])})" if problems else ""


def _disk(free: int | None) -> str:
    if free is None:
        return "The disk does not say how full it is. Have it checked."
    if free >= LEAST_FREE:
        return ""
    return f"Only {free // 1024**2} MB are free on the disk. Free some space before tickets cannot be written down any more."


# Measuring --------------------------------------------------------------------------------------------------


async def do(runner: Runner, effect: BeginTest) -> None:
    """Test everything, tell the server, and remember it if it has heard."""
    told = False
    try:
        told = await _told(runner, effect.job)
        if told and effect.on:
            await runner.in_journal(lambda journal: journal.keep_tested_on(effect.on))
    finally:
        runner.send(SelfTested(effect.job, effect.on, told))


async def _told(runner: Runner, job: str | None) -> bool:
    link = runner.link
    if link is None:
        return False
    seen = await look(runner)
    for finding in findings(seen):
        if not finding.fine:
            log.warning("self-test: %s: %s", finding.part, finding.say)
    answer = await link.ask(new_id(), SelfTest(job=job, findings=findings(seen)))
    return not isinstance(answer, Lost) and answer.refusal is None


async def look(runner: Runner) -> Seen:
    journal, held, aside, spooled = await _look_at_journal(runner)
    return Seen(
        printer=await runner.printing.status(),
        journal=journal,
        held=held,
        set_aside=aside,
        answer_seconds=await _answer_seconds(runner),
        clock_off_ms=runner.clock_off_ms(),
        screen=runner.screen() if runner.screen is not None else None,
        words=tuple(await asyncio.to_thread(check_words)),
        fonts=tuple(await asyncio.to_thread(lambda: list(font_problems()))),
        free=await asyncio.to_thread(_free, runner.settings.state),
        camera=await runner.senses.look() if runner.model.camera is not PartState.NONE else PartState.NONE,
        scanner=runner.model.scanner,
        plate=await runner.parts.scanning.look() if runner.parts.scanning is not None else PartState.NONE,
        packets=spooled,
        trouble=runner.handing_in.trouble,
    )


async def _look_at_journal(runner: Runner) -> tuple[str, int, int, Spooled]:
    try:
        await runner.in_journal(Journal.check)
        held, aside = await runner.in_journal(Journal.held), await runner.in_journal(Journal.set_aside)
        return "", held, aside, await runner.in_journal(Journal.spooled)
    except DiskError as error:
        return str(error), 0, 0, NO_PACKETS


async def _answer_seconds(runner: Runner) -> float | None:
    """The health report is a question whose answer says nothing: as good as any."""
    link, begun = runner.link, time.monotonic()
    if link is None or isinstance(await link.ask(new_id(), await runner.reporting.health()), Lost):
        return None
    return time.monotonic() - begun


def font_problems(folder: Path = typeset.FONTS) -> Iterator[str]:
    """Whether every font is the one that was installed, by the list beside them; and whether scripts are shaped."""
    try:
        told = re.findall(
            r"^(\S+\.ttf): .*\n    sha256 ([0-9a-f]{64})$", (folder / "SOURCES.txt").read_text(), re.MULTILINE
        )
    except OSError:
        told = []
    if not told:
        yield "The list of fonts cannot be read."
    for name, digest in told:
        try:
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                yield f"{name} is damaged."
        except OSError:
            yield f"{name} cannot be read."
    if fault := typeset.shaping_fault():
        yield fault


def touch_found(device: str = "", inputs: Path = INPUTS) -> bool:
    """Whether the configured touch device is there; without one, whether anything is that touches or points."""
    if device:
        return Path(device).exists()
    try:
        told = inputs.read_text(errors="replace")
    except OSError:
        return False
    # Bit 1 of the properties: touched directly, as a screen is and a pad is not (input-event-codes.h, INPUT_PROP_DIRECT).
    direct = any(int(bits, 16) & 2 for bits in re.findall(r"^B: PROP=([0-9a-f]+)$", told, re.MULTILINE))
    return direct or re.search(r"^H: Handlers=.*\bmouse\d", told, re.MULTILINE) is not None


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
