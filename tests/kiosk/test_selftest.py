"""What the self-test says of each part: nothing when it is fine, else what is wrong and what to do."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.journal import Spooled
from kiosk.selftest import LEAST_FREE, ScreenSeen, Seen, findings, font_problems, touch_found
from kiosk.typeset import FONTS
from wire.asks import SelfTest
from wire.vocabulary import PartState, PrinterState

WELL = Seen(
    printer=PrinterState.READY,
    journal="",
    held=0,
    set_aside=0,
    answer_seconds=0.02,
    clock_off_ms=-900,
    screen=ScreenSeen((1080, 1920), (1080, 1920), touch=True),
    words=(),
    fonts=(),
    free=LEAST_FREE,
    camera=PartState.READY,
    scanner=PartState.SILENT,
    plate=PartState.READY,
)
SAID = {
    "printer": (replace(WELL, printer=PrinterState.OUT), "Put a new roll in."),
    "camera": (replace(WELL, camera=PartState.DARK), "Take away what covers it"),
    "scanner": (replace(WELL, scanner=PartState.MISSING), "Check its cable"),
    "plate": (replace(WELL, plate=PartState.STOPPED), "take out any sheet that is stuck"),
    "journal": (replace(WELL, journal="the disk is full"), "(the disk is full). Free some space"),
    "handover": (replace(WELL, held=1), "One ticket waits to be handed over."),
    "link": (replace(WELL, answer_seconds=None), "no answer. Check the network."),
    "clock": (replace(WELL, clock_off_ms=3 * 3_600_000), "3 hours fast."),
    "screen": (
        replace(WELL, screen=ScreenSeen((1920, 1080), (1080, 1920), touch=True)),
        "1920 by 1080 dots, but is set up as 1080 by 1920.",
    ),
    "touch": (
        replace(WELL, screen=ScreenSeen((1080, 1920), (1080, 1920), touch=False)),
        "Check its USB cable",
    ),
    "words": (replace(WELL, words=("pl.toml: 'start.welcome' is missing.",)), "pl.toml"),
    "fonts": (replace(WELL, fonts=("FoyerSans-Bold.ttf is damaged.",)), "FoyerSans-Bold.ttf"),
    "disk": (replace(WELL, free=3 * 1024**2), "Only 3 MB are free"),
}


def test_all_is_well_and_every_part_says_so_in_the_same_order() -> None:
    told = findings(WELL)
    assert [finding.part for finding in told] == list(SAID)
    assert [finding for finding in told if not finding.fine or finding.say] == []


def test_a_screen_too_small_is_said_after_what_is_wrong_with_its_picture() -> None:
    small = "The screen is small."
    fitting = ScreenSeen((1024, 600), (1024, 600), touch=True, small=small)
    assert _said_of_screen(fitting) == small
    assert _said_of_screen(replace(fitting, size=(600, 1024))).startswith("The screen is 600 by 1024 dots")


def _said_of_screen(screen: ScreenSeen) -> str:
    return next(each.say for each in findings(replace(WELL, screen=screen)) if each.part == "screen")


def test_what_was_handed_in_and_does_not_get_through_is_told_with_what_the_server_says() -> None:
    def said(packets: Spooled, trouble: str = "") -> str:
        return next(
            each.say
            for each in findings(replace(WELL, packets=packets, trouble=trouble))
            if each.part == "handover"
        )

    assert said(Spooled(held=2, oldest_ms=5 * 60_000)) == "", "a line may be slow"
    late = said(
        Spooled(held=2, oldest_ms=3 * 3_600_000), "the server answered 403: It is another house's key."
    )
    assert late.startswith("What 2 visitors handed in could not be sent for 3 hours. They are safe here")
    assert late.endswith("Last heard: the server answered 403: It is another house's key.")
    assert said(Spooled(aside=1)).startswith("The server did not take what one visitor handed in.")


@pytest.mark.parametrize("part", list(SAID))
def test_one_part_that_fails_is_named_with_what_to_do_and_the_others_are_fine(part: str) -> None:
    seen, words = SAID[part]
    told = {finding.part: finding for finding in findings(seen)}
    assert words in told[part].say
    assert [name for name, finding in told.items() if not finding.fine] == [part]


@pytest.mark.parametrize("state", PrinterState)
def test_no_printer_at_all_is_no_fault_and_silence_is_never_fine(state: PrinterState) -> None:
    fine = findings(replace(WELL, printer=state))[0].fine
    assert fine == (state in (PrinterState.READY, PrinterState.NONE))


def test_however_much_is_wrong_it_can_be_told() -> None:
    worst = Seen(
        PrinterState.MISSING, "x" * 600, 99, 99, 40.0, -(10**10), None, ("y" * 600,) * 9, ("z",) * 9, None
    )
    told = findings(worst)
    assert all(not finding.fine for finding in told)
    assert "screen" not in {finding.part for finding in told}, "nothing is drawn there"
    assert len(SelfTest(findings=told).model_dump_json()) < 8_000


def test_a_font_that_rots_on_the_card_is_found(tmp_path: Path) -> None:
    assert list(font_problems()) == []
    fonts = tmp_path / "fonts"
    shutil.copytree(FONTS, fonts)
    damaged = bytearray((fonts / "FoyerSans-Bold.ttf").read_bytes())
    damaged[5000] ^= 1
    (fonts / "FoyerSans-Bold.ttf").write_bytes(damaged)
    (fonts / "FoyerArabic-Bold.ttf").unlink()
    assert sorted(font_problems(fonts)) == [
        "FoyerArabic-Bold.ttf cannot be read.",
        "FoyerSans-Bold.ttf is damaged.",
    ]
    (fonts / "SOURCES.txt").unlink()
    assert list(font_problems(fonts)) == ["The list of fonts cannot be read."]


TOUCH = """I: Bus=0003 Vendor=222a Product=0001 Version=0110
N: Name="ILITEK Multi-Touch-V3000"
H: Handlers=event0
B: PROP=2
B: EV=b

"""
KEYBOARD = """I: Bus=0003 Vendor=1234
N: Name="A keyboard"
H: Handlers=sysrq kbd event1 leds
B: PROP=0

"""
MOUSE = """N: Name="A mouse"
H: Handlers=mouse0 event2
B: PROP=0

"""


@pytest.mark.parametrize(
    ("told", "found"), [(TOUCH + KEYBOARD, True), (KEYBOARD, False), (KEYBOARD + MOUSE, True), ("", False)]
)
def test_what_can_be_touched_is_told_from_what_cannot(tmp_path: Path, told: str, found: bool) -> None:
    (tmp_path / "devices").write_text(told)
    assert touch_found(inputs=tmp_path / "devices") is found


def test_the_configured_touch_device_is_the_one_that_counts(tmp_path: Path) -> None:
    (tmp_path / "devices").write_text(TOUCH)
    assert not touch_found(str(tmp_path / "by-id"), tmp_path / "devices")
    assert touch_found(str(tmp_path / "devices"), tmp_path / "nothing")
    assert not touch_found(inputs=tmp_path / "nothing")
