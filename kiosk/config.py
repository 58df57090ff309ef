"""A kiosk's settings: one TOML file, read once at start, refused as a whole with the line and the reason.

What belongs to the centre (services, hours, languages, the kiosk's letter) is not here: it comes from the
server, so that nobody has to visit a machine to change it. Here is only what the machine itself cannot
know.

The dev dock lets anybody touch the screen and pull faults from a browser, so it takes three things at once
to switch it on, of which none is there by accident: `enabled = true`, the environment's FOYER_DEMO=1, and a
server on this very machine.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hardware.catalogue import CameraConfig, PageCameraConfig, PrinterConfig, ScannerConfig, ScreenConfig
from kiosk.flow.shown import Limits

DEMO = "FOYER_DEMO"


class Refused(Exception):
    """The settings cannot be used. `str()` says where and why, in words for whoever wrote them."""


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


SMALLEST_LYING_MM, SMALLEST_UPRIGHT_MM = (215, 134), (190, 300)
"""Of the lit area: 10.1 inch at 16:10, and 15.6 inch on its side. On smaller ones the buttons, 15 mm each for a finger, and words that can be read from where
people stand come to lie over each other, first in large text and in Urdu (tests/kiosk/screens). The installer refuses those; a kiosk that is there already says so
and serves on: refused at its start, it would go back from every release, for what its visitors have lived with all along."""


class PanelSettings(Table):
    """The screen as mounted. Millimetres are of the lit area: no panel tells them reliably."""

    width: Annotated[int, Field(ge=480, le=7680)] = 1080
    height: Annotated[int, Field(ge=480, le=7680)] = 1920
    width_mm: Annotated[float, Field(ge=50, le=2000)] = 268.0
    height_mm: Annotated[float, Field(ge=50, le=2000)] = 476.0
    touch_device: str = ""
    """The one touch panel to read (`/dev/input/by-id/...`); empty: the first there is, or in a window system its own touches."""
    turn: Literal[0, 90, 180, 270] = 0
    """How many degrees clockwise the picture is turned to stand upright on a panel that is mounted on its side."""
    touch_turn: Literal[0, 90, 180, 270] = 0
    """How many degrees clockwise the touch layer's own places must be turned to lie on the panel's, where its maker mounted them apart."""
    touch_span: Annotated[list[int], Field(max_length=4)] = []
    """What the touch layer says at the left, right, upper and lower edge, where it does not say that rightly by itself; measured with `evtest`."""
    fullscreen: bool = True

    @field_validator("touch_span")
    @classmethod
    def _span(cls, span: list[int]) -> list[int]:
        if span and (len(span) != 4 or span[0] == span[1] or span[2] == span[3]):
            raise ValueError("must be four numbers: what it says at the left, right, upper and lower edge")
        return span

    @model_validator(mode="after")
    def _square(self) -> PanelSettings:
        across, down = self.width / self.width_mm, self.height / self.height_mm
        if abs(across - down) > 0.15 * down:
            raise ValueError(
                f"{self.width} x {self.height} pixels on {self.width_mm:g} x {self.height_mm:g} mm would make pixels that are not square; "
                "measure the lit area again, as mounted"
            )
        return self

    @property
    def too_small(self) -> str:
        """What staff are told of a panel that is; empty for one that is not."""
        least = SMALLEST_UPRIGHT_MM if self.height >= self.width else SMALLEST_LYING_MM
        if self.width_mm >= least[0] and self.height_mm >= least[1]:
            return ""
        lying, upright = ("{} x {}".format(*each) for each in (SMALLEST_LYING_MM, SMALLEST_UPRIGHT_MM))
        return (
            f"The screen of {self.width_mm:g} x {self.height_mm:g} mm is too small: in larger text and in some languages buttons and words lie over each other. "
            f"Give this kiosk a larger one when you can, of {lying} mm lying (10.1 inch, 16:10) or {upright} mm upright (15.6 inch) at least."
        )


class Times(Table):
    """Seconds."""

    idle: Annotated[float, Field(ge=20, le=600)] = 60.0
    idle_ticket: Annotated[float, Field(ge=20, le=600)] = 40.0
    warning: Annotated[float, Field(ge=20, le=120)] = 20.0
    """Not under 20: so long must somebody have to ask for more (WCAG 2.2.1)."""
    report: Annotated[float, Field(ge=1, le=120)] = 60.0
    """How often the server hears that all is well; less only where a demonstration's day runs faster."""

    def limits(self) -> Limits:
        return Limits(idle=self.idle, idle_ticket=self.idle_ticket, warning=self.warning)


class DockSettings(Table):
    enabled: bool = False
    port: Annotated[int, Field(ge=1024, le=65535)] = 8470


class Settings(Table):
    name: Annotated[str, Field(min_length=1, max_length=60)] = "Kiosk"
    """How staff tell it from others until an administrator names it."""
    server: str = "http://127.0.0.1:8000"
    state: Path = Field(default=Path("state"), strict=False)
    """The folder for the journal and the token; relative to the file."""
    sound: bool = True
    panel: PanelSettings = PanelSettings()
    times: Times = Times()
    printer: PrinterConfig = Field(default_factory=PrinterConfig)
    camera: CameraConfig = Field(default_factory=CameraConfig)
    scanner: ScannerConfig = Field(default_factory=ScannerConfig)
    plate: PageCameraConfig = Field(default_factory=PageCameraConfig)
    screen: ScreenConfig = Field(default_factory=ScreenConfig)
    dock: DockSettings = DockSettings()

    @field_validator("server")
    @classmethod
    def _server(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address like https://foyer.example.org")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("must be an address only, without '?', '#' or a name in it")
        try:
            parts.hostname.encode("idna")
        except UnicodeError as error:
            raise ValueError(f"{parts.hostname} is no name that a computer can have") from error
        return url.rstrip("/")

    @field_validator("printer", mode="before")
    @classmethod
    def _printer(cls, table: object) -> object:
        return PrinterConfig.read(table) if isinstance(table, Mapping) else table

    @field_validator("camera", mode="before")
    @classmethod
    def _camera(cls, table: object) -> object:
        return CameraConfig.read(table) if isinstance(table, Mapping) else table

    @field_validator("scanner", mode="before")
    @classmethod
    def _scanner(cls, table: object) -> object:
        return ScannerConfig.read(table) if isinstance(table, Mapping) else table

    @field_validator("screen", mode="before")
    @classmethod
    def _screen(cls, table: object) -> object:
        return ScreenConfig.read(table) if isinstance(table, Mapping) else table

    @field_validator("plate", mode="before")
    @classmethod
    def _plate(cls, table: object) -> object:
        return PageCameraConfig.read(table) if isinstance(table, Mapping) else table

    @property
    def socket(self) -> str:
        """Where the device socket is."""
        return "ws" + self.server.removeprefix("http") + "/ws/device"

    @property
    def server_is_here(self) -> bool:
        host = urlsplit(self.server).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def orientation(self) -> Literal["portrait", "landscape"]:
        return "portrait" if self.panel.height >= self.panel.width else "landscape"


def read(file: Path, environment: Mapping[str, str]) -> Settings:
    """The settings in `file`; raises `Refused`."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {error}.") from error
    return parse(text, file, environment)


def parse(text: str, file: Path, environment: Mapping[str, str]) -> Settings:
    """The same from text; `file` is named in refusals, and its folder is what a relative `state` starts
    from.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{file.name}: {error}.") from error
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise Refused(_explain(error, text, file.name)) from None
    _check_dock(settings, environment)
    return settings.model_copy(update={"state": (file.parent / settings.state).resolve()})


def _check_dock(settings: Settings, environment: Mapping[str, str]) -> None:
    if not settings.dock.enabled:
        return
    if environment.get(DEMO) != "1":
        raise Refused(
            f"[dock] is enabled, but this is not a demonstration ({DEMO}=1 is not set). "
            "The dock lets anybody touch this screen; take `enabled` out on a real kiosk."
        )
    if not settings.server_is_here:
        raise Refused(
            f"[dock] is enabled, but the server {settings.server} is not on this machine. "
            "The dock is for demonstrations with a server of their own."
        )


def _explain(error: ValidationError, text: str, name: str) -> str:
    """Every mistake with its line, as far as the line can be told."""
    lines = []
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        place = ".".join(str(part) for part in each["loc"])
        line = _line_of(text, [str(part) for part in each["loc"]])
        said = each["msg"].removeprefix("Value error, ")
        if each["type"] == "extra_forbidden":
            said = "there is no such setting"
        lines.append(f"{name}{f', line {line}' if line else ''}: {place}: {said}.")
    return "\n".join(lines)


def _line_of(text: str, place: list[Any]) -> int | None:
    """The line a setting stands on: its key under its table's heading, else the heading."""
    table, key = (place[0], place[1]) if len(place) > 1 else ("", place[0])
    current, heading = "", None
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*\[([\w-]+)\]", line):
            current = found[1]
            heading = number if current in (table, key) else heading
        elif current == table and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return heading
