"""Chooses the devices of a kiosk from its configuration: the only place that knows real from simulated.

A configuration is checked here, once and in plain words, so that a mistyped address is found when the kiosk
is set up and not when the first visitor waits. Drivers are imported when chosen: a kiosk with a network
printer loads no USB library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from hardware.devices import Printer

PrinterType = Literal["network", "usb", "serial", "cups", "simulated", "none"]
Confirm = Literal["paper_sensor", "process_id", "never"]


@dataclass(frozen=True, slots=True)
class PrinterConfig:
    """Which printer, where, and what it can do. See docs/printers.md for an example of each type."""

    type: PrinterType = "none"  # a kiosk that was not told of a printer must not pretend to have one
    address: str = ""
    """network `host[:port]`; usb `vendor:product[:serial]` in hexadecimal; serial `/dev/ttyUSB0[@baud]`; cups
    the queue's name; simulated: the folder the papers are written to, or nothing."""
    profile: str = "default"
    """A printer model known to python-escpos, such as `TM-T20II`: it tells the width."""
    paper_mm: int = 80
    """58 or 80: used when neither `dots` nor the profile tell the width."""
    dots: int = 0
    """The printable width in dots, when the profile is wrong about this printer. 0: ask the profile."""
    dots_per_inch: int = 203
    confirm: Confirm = "paper_sensor"
    """How it can tell that a ticket is out: `process_id` (newer Epson: certain), `paper_sensor` (nearly all),
    `never`."""
    cutter: bool = True

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> PrinterConfig:
        """From a table of a configuration file. Raises `ValueError` with a sentence that says what to
        change."""
        known = {field.name: field for field in fields(cls)}
        for name, value in table.items():
            if name not in known:
                raise ValueError(
                    f"printer: there is no setting {name!r}; known are {', '.join(sorted(known))}"
                )
            wanted = type(getattr(cls(), name))
            if type(value) is not wanted:
                raise ValueError(f"printer: {name} must be {_KINDS[wanted]}, not {value!r}")
        config = cls(**table)
        config._check()
        return config

    def _check(self) -> None:
        choices = {"type": get_args(PrinterType), "confirm": get_args(Confirm), "paper_mm": (58, 80)}
        for name, allowed in choices.items():
            value = getattr(self, name)
            if value not in allowed:
                known = ", ".join(map(str, allowed))
                raise ValueError(f"printer: {name} must be one of {known}, not {value!r}")
        if self.type in ("network", "usb", "serial") and not self.address:
            raise ValueError(f"printer: a {self.type} printer needs an address")
        if self.dots and not (256 <= self.dots <= 1024 and self.dots % 8 == 0):
            raise ValueError(f"printer: dots must be a multiple of 8 from 256 to 1024, not {self.dots}")
        if not 150 <= self.dots_per_inch <= 400:
            raise ValueError(f"printer: dots_per_inch must be from 150 to 400, not {self.dots_per_inch}")


_KINDS: dict[type, str] = {str: "a text in quotes", int: "a whole number", bool: "true or false"}


def build(config: PrinterConfig) -> Printer:
    """The printer of this configuration, not yet opened. Raises `ValueError` for an address that cannot be
    one."""
    match config.type:
        case "none":
            from hardware.printers.absent import AbsentPrinter

            return AbsentPrinter()
        case "simulated":
            from hardware.printers.simulated import SimulatedPrinter

            return SimulatedPrinter.start(config)
        case "cups":
            from hardware.printers.cups import CupsPrinter

            return CupsPrinter.of(config)
        case "network":
            from hardware.printers.network import NetworkLink as Link
        case "usb":
            from hardware.printers.usb import UsbLink as Link  # type: ignore[assignment]  # one of three of a kind
        case "serial":
            from hardware.printers.serial import SerialLink as Link  # type: ignore[assignment]  # one of three of a kind
    from hardware.printers.receipt import ReceiptPrinter

    return ReceiptPrinter.of(config, Link.at(config.address))
