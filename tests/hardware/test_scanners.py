"""Scanners: a burst of keys is told from fingers, and a line is read whole, however it comes and goes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.devices import Missing, Ready, Scanner, Silent, TypedScanner
from hardware.scanners import keyboard
from hardware.scanners import serial as serial_scanner
from hardware.scanners.keyboard import EVENT, KEYS, SHIFTS, EventScanner, WindowScanner
from hardware.scanners.serial import SerialScanner
from hardware.scanners.simulated import SimulatedScanner
from hardware.scanners.strokes import Strokes

CODE = "HTTPS://A.EXAMPLE/CHECK-IN/BCDFGHJ6"


def burst(strokes: Strokes, text: str, *, every: float, at: float = 10.0) -> tuple[str | None, list[bool]]:
    """What came of the last key, and which keys were the scanner's."""
    told, ours = None, []
    for number, sign in enumerate(text):
        told, is_ours = strokes.key(sign, at + number * every)
        ours.append(is_ours)
    return told, ours


@pytest.mark.parametrize("every", [0.001, 0.03])
@pytest.mark.parametrize("end", ["\n", "\t", "\r"])
def test_a_burst_that_ends_with_a_key_is_a_code(every: float, end: str) -> None:
    told, ours = burst(Strokes(), CODE + end, every=every)
    assert told == CODE
    assert ours == [False] * 3 + [True] * (len(CODE) - 2), "its Enter must press no button"


def test_a_burst_that_nothing_ends_is_a_code_after_a_pause() -> None:
    strokes = Strokes()
    burst(strokes, CODE, every=0.01, at=0.0)
    last = 0.01 * (len(CODE) - 1)
    assert strokes.paused(last + 0.25) is None
    assert strokes.paused(last + 0.35) == CODE
    assert strokes.paused(last + 9) is None


@pytest.mark.parametrize("every", [0.07, 0.3])
def test_fingers_are_no_code_and_their_keys_stay_theirs(every: float) -> None:
    told, ours = burst(Strokes(), CODE + "\n", every=every)
    assert (told, any(ours)) == (None, False)


def test_a_moment_in_which_the_machine_was_busy_does_not_cut_a_code_in_two() -> None:
    strokes = Strokes()
    assert burst(strokes, CODE[:8], every=0.01, at=0.0)[0] is None
    assert burst(strokes, CODE[8:] + "\n", every=0.01, at=0.25)[0] == CODE


def test_a_short_burst_is_no_code_and_the_next_is_whole() -> None:
    strokes = Strokes()
    assert burst(strokes, "ABC\n", every=0.01, at=0.0)[0] is None
    assert burst(strokes, CODE + "\n", every=0.01, at=1.0)[0] == CODE


def test_through_the_window_a_code_reaches_the_one_who_reads() -> None:
    scanner = WindowScanner()
    assert isinstance(scanner, TypedScanner)
    assert isinstance(scanner.status(), Silent)
    at = time.monotonic()
    for number, sign in enumerate(CODE + "\n"):
        scanner.key(sign, at + number * 0.001)
    assert _read(scanner) == CODE
    assert scanner.status() == Ready()
    at = time.monotonic()
    for number, sign in enumerate(CODE):  # nothing ends this one
        scanner.key(sign, at + number * 0.001)
    assert _read(scanner) == CODE


def _read(scanner: Scanner, seconds: float = 15.0) -> str | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (text := scanner.read(0.5)) is not None:
            return text
    return None


def typed(text: str) -> bytes:
    """As the kernel tells it: down and up, shift where it takes one, and a sync after each."""
    found = b""
    for sign in text:
        code, pair = next((code, pair) for code, pair in KEYS.items() if sign in pair)
        shift = pair[0] != sign
        steps = [(SHIFTS[0], 1)] * shift + [(code, 1), (code, 0)] + [(SHIFTS[0], 0)] * shift
        found += b"".join(EVENT.pack(0, 0, 1, key, value) + EVENT.pack(0, 0, 0, 0, 0) for key, value in steps)
    return found


def test_an_event_device_is_read_whole_and_found_again_after_it_was_pulled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyboard, "AGAIN_SECONDS", 0.05)
    device = tmp_path / "scanner"
    scanner = EventScanner(str(device))
    assert isinstance(scanner.status(), Missing)
    assert scanner.read(0.05) is None
    os.mkfifo(device)
    line = os.open(device, os.O_RDWR)
    data = typed("https://a.example/check-in/BCDFGHJ6\nWIFI:x\n")
    os.write(line, data[:100])
    os.write(line, data[100:])
    assert _read(scanner) == "https://a.example/check-in/BCDFGHJ6"
    assert _read(scanner) == "WIFI:x"
    assert scanner.status() == Ready()
    os.close(line)
    assert scanner.read(0.1) is None
    device.unlink()
    scanner.read(0.1)
    assert isinstance(scanner.status(), Missing)
    os.mkfifo(device)
    line = os.open(device, os.O_RDWR)
    os.write(line, typed("bcdf-ghj6"))
    assert _read(scanner) == "bcdf-ghj6", "ended by a pause"
    scanner.close()
    assert scanner.read(5) is None
    os.close(line)


@pytest.mark.parametrize(
    ("pause", "send"),
    [
        (5.0, lambda write: write(CODE.encode() + b"\r\n")),
        (0.1, lambda write: write(CODE.encode())),
        (5.0, lambda write: (write(CODE[:9].encode()), write(CODE[9:].encode() + b"\r"))),
        (5.0, lambda write: write(b"\x02" + CODE.encode() + b"\x03")),
    ],
)
def test_a_serial_line_is_read_whole(
    pause: float, send: Callable[[Callable[[bytes], int]], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_scanner, "PAUSE_SECONDS", pause)
    master, slave = os.openpty()
    scanner = SerialScanner.at(f"{os.ttyname(slave)}@9600")
    assert isinstance(scanner.status(), Missing)
    assert scanner.read(0.05) is None
    assert scanner.status() == Ready()
    threading.Thread(target=lambda: send(lambda data: os.write(master, data))).start()
    assert _read(scanner) == CODE
    scanner.close()
    os.close(master)
    os.close(slave)


def test_a_serial_scanner_that_is_pulled_is_missing_and_does_not_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serial_scanner, "AGAIN_SECONDS", 0.05)
    master, slave = os.openpty()
    scanner = SerialScanner(os.ttyname(slave))
    scanner.read(0.05)
    os.close(master)
    os.close(slave)
    for _ in range(5):
        scanner.read(0.05)
    assert isinstance(scanner.status(), Missing)


def test_an_unplugged_simulated_scanner_reads_nothing() -> None:
    scanner = SimulatedScanner()
    scanner.set_plugged(plugged=False)
    scanner.scan("x")
    assert isinstance(scanner.status(), Missing)
    scanner.set_plugged(plugged=True)
    scanner.scan("y")
    assert scanner.read(1) == "y"
