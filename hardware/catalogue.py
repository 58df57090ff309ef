"""Chooses the devices of a kiosk from its configuration: the only place that knows real from simulated.

A configuration is checked here, once and in plain words, so that a mistyped address is found when the kiosk
is set up and not when the first visitor waits. Drivers are imported when chosen: a kiosk with a network
printer loads no USB library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from hardware.devices import Camera, PageCamera, Printer, Scanner
from hardware.screens import Screen

PrinterType = Literal["network", "usb", "serial", "cups", "simulated", "none"]
CameraType = Literal["v4l2", "rpicam", "simulated", "none"]
ScannerType = Literal["keyboard", "serial", "simulated", "none"]
ScreenType = Literal["backlight", "wlopm", "cec", "ddc", "simulated", "none"]
PlateType = Literal["v4l2", "rpicam", "sane", "simulated", "none"]
Source = Literal["", "flatbed", "feeder"]
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
        config = cls(**_typed("printer", cls(), table))
        config._check()
        return config

    def _check(self) -> None:
        _one_of("printer", self, type=get_args(PrinterType), confirm=get_args(Confirm), paper_mm=(58, 80))
        if self.type in ("network", "usb", "serial") and not self.address:
            raise ValueError(f"printer: a {self.type} printer needs an address")
        if self.dots and not (256 <= self.dots <= 1024 and self.dots % 8 == 0):
            raise ValueError(f"printer: dots must be a multiple of 8 from 256 to 1024, not {self.dots}")
        if not 150 <= self.dots_per_inch <= 400:
            raise ValueError(f"printer: dots_per_inch must be from 150 to 400, not {self.dots_per_inch}")


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """Which camera visitors hold their code up to. See docs/check-in.md."""

    type: CameraType = "none"
    address: str = ""
    """v4l2 `/dev/v4l/by-id/...` or `/dev/video0`; rpicam the camera's number (0); simulated: a folder of pictures, or nothing."""
    width: int = 1280
    height: int = 720
    turn: int = 0
    """How many degrees clockwise its picture must be turned to stand upright: 0, 90, 180, 270."""

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> CameraConfig:
        """As `PrinterConfig.read`."""
        config = cls(**_typed("camera", cls(), table))
        _one_of("camera", config, type=get_args(CameraType), turn=(0, 90, 180, 270))
        if config.type == "v4l2" and not config.address.startswith("/dev/"):
            raise ValueError("camera: a v4l2 camera needs an address, such as /dev/video0")
        if config.type == "rpicam" and config.address not in ("", *"0123"):
            raise ValueError(
                f"camera: the address of an rpicam camera is its number (0), not {config.address!r}"
            )
        if not (320 <= config.width <= 1920 and 240 <= config.height <= 1440):
            raise ValueError("camera: width must be from 320 to 1920 and height from 240 to 1440")
        return config


@dataclass(frozen=True, slots=True)
class ScannerConfig:
    """Which scanner visitors hold their code before. See docs/check-in.md."""

    type: ScannerType = "none"
    address: str = ""
    """keyboard: its event device (`/dev/input/by-id/...-event-kbd`), or nothing to hear it through the window; serial
    `/dev/serial/by-id/...[@baud]`."""

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> ScannerConfig:
        """As `PrinterConfig.read`."""
        config = cls(**_typed("scanner", cls(), table))
        _one_of("scanner", config, type=get_args(ScannerType))
        if config.type == "serial" and not config.address:
            raise ValueError("scanner: a serial scanner needs an address")
        if config.type == "keyboard" and config.address and not config.address.startswith("/dev/input/"):
            raise ValueError(f"scanner: the address of a keyboard is /dev/input/..., not {config.address!r}")
        if config.type == "serial":
            build_scanner(config)  # judges the address
        return config


@dataclass(frozen=True, slots=True)
class ScreenConfig:
    """How the panel is switched dark outside opening hours. See docs/appliance.md."""

    type: ScreenType = "none"
    address: str = ""
    """backlight its folder under /sys/class/backlight, or nothing for the only one; wlopm an output's name; cec `/dev/cec0`; ddc the display's number;
    simulated: a file that says how it is, or nothing."""

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> ScreenConfig:
        """As `PrinterConfig.read`."""
        config = cls(**_typed("screen", cls(), table))
        _one_of("screen", config, type=get_args(ScreenType))
        if config.address.startswith("-") or not config.address.isprintable():
            raise ValueError(f"screen: {config.address!r} is no address")
        return config


@dataclass(frozen=True, slots=True)
class PageCameraConfig:
    """What takes pictures of papers, where, and how it is mounted. See docs/scan-station.md for an example of each type."""

    type: PlateType = "none"
    address: str = ""
    """v4l2 `/dev/v4l/by-id/...`; rpicam the camera's number (0); sane the scanner's name as `scanimage -L` lists it, or nothing for the only one
    there is; simulated: a folder of pictures and films, or one of them, or nothing."""
    width: int = 3264
    height: int = 2448
    """Of a camera's picture. A plate a little larger than A4 needs 8 million dots for 200 to the inch."""
    turn: int = 0
    """How many degrees clockwise its picture must be turned to stand upright: 0, 90, 180, 270."""
    dpi: int = 200
    """Dots an inch of the pages that are made; a scanner is asked for as many."""
    source: Source = ""
    """sane: flatbed, feeder, or nothing for what it does by itself."""
    every: int = 0
    """simulated: so many seconds each of the folder's pictures lies on the plate, one after another; 0: what is laid there by hand."""
    first: bool = False
    """This kiosk is a scan station first: papers come before anything else on its first screen."""

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> PageCameraConfig:
        """As `PrinterConfig.read`."""
        config = cls(**_typed("plate", cls(), table))
        _one_of("plate", config, type=get_args(PlateType), turn=(0, 90, 180, 270), source=get_args(Source))
        if config.type == "v4l2" and not config.address.startswith("/dev/"):
            raise ValueError("plate: a v4l2 camera needs an address, such as /dev/video0")
        if config.type == "rpicam" and config.address not in ("", *"0123"):
            raise ValueError(
                f"plate: the address of an rpicam camera is its number (0), not {config.address!r}"
            )
        if config.type == "sane" and (config.address.startswith("-") or not config.address.isprintable()):
            raise ValueError(
                f"plate: the address of a scanner is its name as scanimage -L lists it, not {config.address!r}"
            )
        if config.source and config.type != "sane":
            raise ValueError("plate: only a scanner (type sane) has a source")
        if not (640 <= config.width <= 9248 and 480 <= config.height <= 6944):
            raise ValueError("plate: width must be from 640 to 9248 and height from 480 to 6944")
        if not 100 <= config.dpi <= 400:
            raise ValueError(f"plate: dpi must be from 100 to 400, not {config.dpi}")
        if config.first and config.type == "none":
            raise ValueError("plate: a kiosk without a page camera cannot be a scan station first")
        return config


def _typed(what: str, usual: object, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table, if each of its settings exists and is of the kind of its usual value."""
    known = {field.name: type(getattr(usual, field.name)) for field in fields(usual)}  # type: ignore[arg-type]  # a dataclass
    for name, value in table.items():
        if name not in known:
            raise ValueError(f"{what}: there is no setting {name!r}; known are {', '.join(sorted(known))}")
        if type(value) is not known[name]:
            raise ValueError(f"{what}: {name} must be {_KINDS[known[name]]}, not {value!r}")
    return dict(table)


def _one_of(what: str, config: object, **choices: tuple[object, ...]) -> None:
    for name, allowed in choices.items():
        value = getattr(config, name)
        if value not in allowed:
            raise ValueError(f"{what}: {name} must be one of {', '.join(map(str, allowed))}, not {value!r}")


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


def build_camera(config: CameraConfig) -> Camera:
    """The camera of this configuration, not yet switched on: its driver is loaded by the thread that looks first."""
    size = (config.width, config.height)
    match config.type:
        case "none":
            from hardware.cameras.absent import AbsentCamera

            return AbsentCamera()
        case "simulated":
            from hardware.cameras.simulated import SimulatedCamera

            return SimulatedCamera(size, config.turn, Path(config.address) if config.address else None)
        case "rpicam":
            from hardware.cameras.rpicam import RpiCamera

            return RpiCamera(int(config.address or 0), size, config.turn)
        case "v4l2":
            from hardware.cameras.v4l2 import V4l2Camera

            return V4l2Camera(config.address, size, config.turn)


def build_scanner(config: ScannerConfig) -> Scanner:
    """The scanner of this configuration, not yet opened. Raises `ValueError` for an address that cannot be one."""
    match config.type:
        case "none":
            from hardware.scanners.absent import AbsentScanner

            return AbsentScanner()
        case "simulated":
            from hardware.scanners.simulated import SimulatedScanner

            return SimulatedScanner()
        case "serial":
            from hardware.scanners.serial import SerialScanner

            return SerialScanner.at(config.address)
        case "keyboard":
            from hardware.scanners.keyboard import EventScanner, WindowScanner

            return EventScanner(config.address) if config.address else WindowScanner()


def build_screen(config: ScreenConfig) -> Screen:
    """What switches the panel of this configuration."""
    match config.type:
        case "none":
            from hardware.screens.absent import AbsentScreen

            return AbsentScreen()
        case "simulated":
            from hardware.screens.simulated import SimulatedScreen

            return SimulatedScreen(Path(config.address) if config.address else None)
        case "backlight":
            from hardware.screens.backlight import Backlight

            return Backlight(Path(config.address) if config.address else None)
        case _:
            from hardware.screens.commands import CommandScreen

            return CommandScreen.of(config.type, config.address)


def build_page_camera(config: PageCameraConfig) -> PageCamera:
    """The page camera of this configuration, not yet switched on: its driver is loaded by the thread that looks first."""
    size = (config.width, config.height)
    match config.type:
        case "none":
            from hardware.plates.absent import AbsentPlate

            return AbsentPlate()
        case "simulated":
            from hardware.plates.simulated import SimulatedPlate

            return SimulatedPlate(
                size, config.turn, Path(config.address) if config.address else None, every=config.every
            )
        case "rpicam":
            from hardware.plates.rpicam import RpiPlate

            return RpiPlate(int(config.address or 0), size, config.turn)
        case "sane":
            from hardware.plates.sane import SanePlate

            return SanePlate(config.address, config.source, config.dpi, config.turn)
        case "v4l2":
            from hardware.plates.v4l2 import V4l2Plate

            return V4l2Plate(config.address, size, config.turn)
