"""What goes into the journal and what comes out, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kiosk.flow.found import Appointment
from wire.asks import DeviceAsk
from wire.vocabulary import Language, PaperState


class DiskError(Exception):
    """The journal cannot be read or written just now. `full`: for want of room on the disk. `damaged`: the
    file cannot be read, now or later. `str()` is for staff.
    """

    def __init__(self, why: str, *, full: bool = False, damaged: bool = False) -> None:
        super().__init__(why)
        self.full = full
        self.damaged = damaged


@dataclass(frozen=True)
class Order:
    """A ticket to be given out. `known` is the highest number the server told for this letter, and for
    which date.
    """

    letter: str
    timezone: str
    service: str
    language: Language
    discreet: bool = False
    known: tuple[date, int] | None = None
    reference: str = ""
    """Of the appointment it is for; handed over instead of a plain issue."""
    arrival: str = ""
    appointment: Appointment | None = None


@dataclass(frozen=True)
class Given:
    """A ticket as given out. `secret` is what the QR holds; the server only ever learns its hash."""

    ticket: str
    code: str
    language: Language
    taken_at: int
    secret: str
    paper: PaperState = PaperState.RESERVED
    copies: int = 0
    appointment: Appointment | None = None


@dataclass(frozen=True)
class Begun:
    """A paper for staff that may be printed now, once. `secret` is what its QR holds; nothing keeps it."""

    secret: str


@dataclass(frozen=True)
class Held:
    """The next thing to tell the server. `ask` stays the same however often it is tried."""

    ask: str
    body: DeviceAsk
    tries: int
    """With this one."""
    others_taken: int
    """Entries the server has taken since this one's first try."""
    code: str = ""
    at: int = 0
    """When its body was made, in milliseconds since 1970: ages in it are as of then."""
    again: bool = False
    """The server had it once, and has lost it since."""


@dataclass(frozen=True)
class HeldPacket:
    """The next packet to send. It lies in the spool under its id."""

    id: str
    age_ms: int
    """How long ago its visitor said "send"."""
    tries: int
    """With this one."""
    others_taken: int
    """Packets the server has taken since this one's first try."""


@dataclass(frozen=True)
class Spooled:
    """What is to be said of the packets here: how many wait, for how long the oldest has, and how many were refused."""

    held: int = 0
    oldest_ms: int = 0
    aside: int = 0


NO_PACKETS = Spooled()
