"""A kiosk's printer is chosen and checked when it is set up, with a sentence that says what to change."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hardware.catalogue import PrinterConfig, build
from hardware.devices import Confirmed, Low, NoPrinter, Out, Paper, Printer, Ready, Refused, Simulated
from hardware.printers.standin import StandIn
from wire.vocabulary import PrinterState


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"type": "laser"}, "type must be one of network, usb"),
        ({"type": "network"}, "needs an address"),
        ({"type": "network", "address": "host:99999"}, "host or host:port"),
        ({"type": "usb", "address": "printer"}, "vendor:product"),
        ({"type": "cups", "address": "a;b"}, "queue's name"),
        ({"type": "simulated", "dots": 500}, "multiple of 8"),
        ({"type": "simulated", "paper_mm": 60}, "one of 58, 80"),
        ({"type": "simulated", "paper_mm": "80"}, "a whole number"),
        ({"type": "simulated", "cutter": 1}, "true or false"),
        ({"type": "simulated", "profile": "TM-X1"}, "no profile 'TM-X1'"),
        ({"typ": "usb"}, "no setting 'typ'"),
    ],
)
def test_mistake_is_told_in_words(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        build(PrinterConfig.read(table))


@pytest.mark.parametrize(
    ("table", "dots"),
    [
        ({}, 576),
        ({"paper_mm": 58}, 384),
        ({"profile": "TM-T88V"}, 512),
        ({"profile": "TM-T20II"}, 576),
        ({"profile": "TM-T88V", "dots": 384}, 384),
    ],
)
def test_width_is_known_before_the_device_is_touched(table: dict[str, Any], dots: int) -> None:
    printer = build(PrinterConfig.read({"type": "network", "address": "127.0.0.1:1", **table}))
    assert printer.paper == Paper(dots)
    assert isinstance(printer, Printer)


def test_no_printer_refuses_and_says_so() -> None:
    printer = build(PrinterConfig.read({"type": "none"}))
    assert printer.status() == NoPrinter()
    assert printer.print(Image.new("1", (576, 8)), "a") == Refused(NoPrinter())
    printer.close()


def test_simulated_one_prints_and_has_levers(tmp_path: Path, picture: Callable[..., Image.Image]) -> None:
    printer = build(
        PrinterConfig.read({"type": "simulated", "address": str(tmp_path / "papers"), "paper_mm": 58})
    )
    assert isinstance(printer, Printer)
    assert isinstance(printer, Simulated)
    drawn = picture(384, 100)
    assert printer.print(drawn, "a") == Confirmed(Ready())
    assert [paper.tobytes() for paper in printer.papers()] == [drawn.tobytes()]
    saved = Image.open(io.BytesIO((tmp_path / "papers" / "paper-0001.png").read_bytes()))
    assert saved.tobytes() == drawn.tobytes()
    printer.levers.set_paper("low")
    assert printer.status() == Low()
    printer.levers.set_paper("out")
    assert printer.status() == Out()
    printer.close()


def test_status_words_are_the_wires() -> None:
    from hardware import devices

    kinds = (
        devices.Ready, devices.Low, devices.Out, devices.CoverOpen, devices.Missing, devices.Silent, NoPrinter,
    )  # fmt: skip
    assert {kind.word for kind in kinds} == {state.value for state in PrinterState}


def test_two_stand_ins_cannot_have_one_port() -> None:
    first = StandIn().start()
    with pytest.raises(OSError, match="in use"):
        StandIn(port=int(first.address.split(":")[1])).start()
    first.stop()


def test_python_escpos_knows_the_same_models_however_it_was_imported(tmp_path: Path) -> None:
    """The pickle shown to it at import is the table it would have read by itself, and nothing is left behind."""
    program = (
        "import escpos.capabilities as theirs, json, sys\n"
        "sys.stdout.write(json.dumps(theirs.CAPABILITIES, sort_keys=True))\n"
    )
    quick, own = tmp_path / "quick", tmp_path / "own"
    tables = []
    for room, first in ((quick, "import hardware.printers.pyescpos\n"), (own, "")):
        room.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", first + program],
            capture_output=True, text=True, check=True, timeout=60,
            env={**os.environ, "TMPDIR": str(room), "PYTHONPATH": "."},
        )  # fmt: skip
        tables.append(done.stdout)
    assert tables[0] == tables[1]
    assert "TM-T20II" in tables[0]
    assert list(quick.iterdir()) == []
