"""York House standing up: the server, its paired devices, the kiosk.

The order is that of a real opening: data, server, devices paired by an administrator, kiosk. Everything runs on 127.0.0.1. What a person could
break (kill a process, revoke a device) may be broken: parts come back, and a device that lost its pairing shows its code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from demo import notify
from demo.door import Closed, Door, PairedDevice
from demo.ground import Ground
from demo.letters import lay_out
from demo.parts import Part
from kiosk import enrol
from server.clock import Clock
from wire.vocabulary import DeviceKind

LOOPBACK = "127.0.0.1"
READY_SECONDS = 120.0
ADMINISTRATOR = "olivia"
SIGN_COUNTER = "desk-4"
PROGRAM = "import sys; from server.cli import main; sys.argv[0] = 'foyer'; sys.exit(main())"

DEVICES = {
    "kiosk": (DeviceKind.KIOSK, "Kiosk by the door", ""),
    "rehearsal": (DeviceKind.KIOSK, "Kiosk by the lift", ""),
    "lobby": (DeviceKind.DISPLAY, "Lobby display", ""),
    "sign": (DeviceKind.SIGN, "Sign of Desk 4", SIGN_COUNTER),
    "pc": (DeviceKind.PC, "PC 1", ""),
}
"""Kind, name and counter. Each is paired when it is first wanted: staff are told of a device that is paired and silent."""

KIOSK = """# Written anew at each start of the demonstration.
name = "Kiosk by the door"
server = "{server}"
state = "."

[panel]
{panel}

[printer]
{printer}
profile = "TM-T20II"

[camera]
type = "simulated"

[scanner]
type = "simulated"

[plate]
type = "simulated"
address = "{letters}"
every = {every}

[times]
report = {report}

[dock]
enabled = {dock}
port = {dock_port}
"""
PORTRAIT = "width = 1080\nheight = 1920\nwidth_mm = 268.0\nheight_mm = 476.0"
PAPER_LIES_SECONDS = 12
"""How long each paper lies on the plate where no dock is open to lay it there."""
LANDSCAPE = "width = 1280\nheight = 800\nwidth_mm = 345.0\nheight_mm = 215.0"


@dataclass(frozen=True)
class Shape:
    """What the person at the machine has and wants."""

    server_port: int
    dock_port: int
    window: bool
    """The kiosk in a window of its own; else it runs unseen, with the dock."""
    dock: bool
    speed: float = 1.0
    notify_port: int = 0
    """Of the stand-in of GOV.UK Notify, which shows the visitors' phones; 0: nobody is written to."""


class Centre:
    """`clock` is the very time the server has: it is told to start where this clock is."""

    def __init__(self, ground: Ground, shape: Shape, clock: Clock) -> None:
        self.ground = ground
        self.shape = shape
        self.clock = clock
        self.address = f"http://{LOOPBACK}:{shape.server_port}"
        self.server = Part(
            "server",
            (sys.executable, "-c", PROGRAM, "serve"),
            self._server_environment,
            ground.logs / "server.log",
        )
        back = ("--port", str(shape.notify_port), "--back", self.address)
        self.notify = Part(
            "visitors' phones",
            (sys.executable, "-m", "demo.notify", *back, "--letters", str(self._letters)),
            dict,
            ground.logs / "phones.log",
        )
        file = ground.kiosk / "kiosk.toml"
        options = ("--windowed",) if shape.window else ("--offscreen",)
        self.kiosk = Part(
            "kiosk",
            (sys.executable, "-m", "kiosk.app", str(file), *options),
            lambda: {"FOYER_DEMO": "1"},
            ground.logs / "kiosk.log",
        )

    @property
    def handed_off(self) -> Path:
        """Where teams of the demonstration fetch what visitors handed in."""
        return self.ground.folder / "handed-off"

    @property
    def _letters(self) -> Path:
        return self.ground.folder / "letters.toml"

    @property
    def phones_address(self) -> str:
        return f"http://{LOOPBACK}:{self.shape.notify_port}"

    def _messages_environment(self) -> dict[str, str]:
        """How the server reaches the stand-in of GOV.UK Notify, as a council's would reach Notify."""
        if not self.shape.notify_port:
            return {}
        notify.write_letters(self._letters)
        return {
            "FOYER_NOTIFY_URL": self.phones_address,
            "FOYER_NOTIFY_KEY": notify.KEY,
            "FOYER_NOTIFY_BEARER": notify.BEARER,
            "FOYER_LETTERS": str(self._letters),
        }

    @property
    def dock_address(self) -> str:
        return f"http://{LOOPBACK}:{self.shape.dock_port}"

    def _server_environment(self) -> dict[str, str]:
        faster = max(1.0, self.shape.speed)
        self.handed_off.mkdir(parents=True, exist_ok=True)
        return self._messages_environment() | {
            "FOYER_DATABASE": self.ground.database,
            "FOYER_DATA": str(self.ground.folder / "data"),
            "FOYER_HANDOFF_FOLDER": str(self.handed_off),
            "FOYER_HOST": LOOPBACK,
            "FOYER_PORT": str(self.shape.server_port),
            "FOYER_PUBLIC_URL": self.address,
            "FOYER_DEMO": "1",
            "FOYER_SECOND_FACTOR": "chosen",  # whoever tries it shall not need a phone
            "FOYER_SECURE_COOKIES": "0",
            "FOYER_CLOCK_START": self.clock.now().isoformat(),
            "FOYER_CLOCK_SPEED": str(self.shape.speed),
            # A fast day must not sign people out every few minutes of theirs.
            "FOYER_IDLE_MINUTES": str(round(60 * faster)),
            "FOYER_ABSOLUTE_HOURS": str(round(12 * faster)),
        }

    def answers(self) -> bool:
        try:
            return Door(self.address).get("/sign-in")[0] == 200
        except Closed:
            return False

    def dock_answers(self) -> bool:
        try:
            return Door(self.dock_address).get("/state")[0] == 200
        except Closed:
            return False

    def pair(self, password: str, *names: str) -> dict[str, PairedDevice]:
        """The devices of these names (all of `DEVICES` if none), paired unless an earlier run did. The kiosk's token goes into its
        folder.
        """
        paired = self._kept_devices()
        missing = [name for name in names or DEVICES if name not in paired]
        if not missing:
            return paired
        door = Door(self.address)
        door.sign_in(ADMINISTRATOR, password)
        for name in missing:
            kind, said, counter = DEVICES[name]
            paired[name] = door.pair(kind, said, counter)
        self._keep_devices(paired)
        if "kiosk" in missing:
            own = paired["kiosk"]
            enrol.keep(self.ground.kiosk, enrol.Paired(own.token, own.device, own.centre))
        return paired

    def _kept_devices(self) -> dict[str, PairedDevice]:
        try:
            raw = json.loads(self.ground.devices.read_text(encoding="utf-8"))
            return {name: PairedDevice(**each) for name, each in raw.items()}
        except (OSError, ValueError, TypeError):
            return {}

    def _keep_devices(self, paired: Mapping[str, PairedDevice]) -> None:
        self.ground.devices.touch(mode=0o600)
        raw = {name: vars(each) for name, each in paired.items()}
        self.ground.devices.write_text(json.dumps(raw, indent=1), encoding="utf-8")

    def write_kiosk_settings(self, printer: str = "") -> Path:
        """`printer` are the lines that say which; by default the simulated one, whose papers become pictures."""
        file = self.ground.kiosk / "kiosk.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        lay_out(self.ground.letters)
        text = KIOSK.format(
            server=self.address,
            panel=LANDSCAPE if self.shape.window else PORTRAIT,
            report=report_seconds(self.shape.speed),
            printer=printer or f'type = "simulated"\naddress = "{self.ground.papers}"',
            letters=self.ground.letters,
            every=0 if self.shape.dock else PAPER_LIES_SECONDS,
            dock="true" if self.shape.dock else "false",
            dock_port=self.shape.dock_port,
        )
        file.write_text(text, encoding="utf-8")
        return file

    def end(self) -> None:
        """Kiosk first, so that it can hand over what it still has."""
        self.kiosk.end()
        self.server.end()
        self.notify.end()


def time_told(at: datetime, zone: str) -> str:
    """`Tuesday 24 November, 10:05`, as the centre's clock shows it."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"


def report_seconds(speed: float) -> float:
    """How often a device says that it is well, so that staff hear it each minute of a day that runs faster."""
    return max(1.0, 60.0 / max(1.0, speed))
