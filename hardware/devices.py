"""What a kiosk may expect of its devices: the Protocols and what they answer, on one page.

Failure is a value. A device that is unplugged, mute, out of paper or in the dark answers with a status that
says so, never with an exception; an exception from here is a fault in the program. Two rules decide what the
values mean:

* **No answer is not good news.** A printer that says nothing, or says something that cannot be an answer, is
  `Silent`. Some printers never answer, others answer "all is well" with the cover off; only what was really
  said counts, and only for what it says.
* **Printed is not the same as sent.** `print` tells three things apart: `Confirmed` (the printer answered
  from *behind* the ticket's last byte), `Refused` (nothing of it came out, for sure) and `Unknown` (some or
  all of it may have). Whoever holds an `Unknown` must ask the visitor and mark a second paper as a copy.

The words in `word` are those of the wire's `PrinterState`, spelled again because this room imports nothing of
ours. Calls block, so a kiosk makes them from one worker thread per device; each returns within
`TIME_OUT_SECONDS` and a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from PIL.Image import Image

if TYPE_CHECKING:  # a kiosk without a camera never loads it
    from numpy import dtype, ndarray, uint8

    Grey = ndarray[tuple[int, int], dtype[uint8]]
    """A picture: rows of brightness, the upper left first."""
    Colour = ndarray[tuple[int, int, int], dtype[uint8]]
    """A picture in colour: rows of blue, green and red (OpenCV's order), the upper left first."""
else:
    Grey = Any
    Colour = Any

TIME_OUT_SECONDS = 3.0
"""How long any one call may wait for a device. python-escpos waits 60 s by default; a visitor does not."""
STILL_SECONDS = 60.0
"""How long one picture of a page may take: a flatbed warms its lamp and moves its carriage."""


# What is known of a printer ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    word: ClassVar[Literal["ready"]] = "ready"


@dataclass(frozen=True, slots=True)
class Low:
    """It prints, and the roll is near its end: tell staff."""

    word: ClassVar[Literal["low"]] = "low"


@dataclass(frozen=True, slots=True)
class Out:
    word: ClassVar[Literal["out"]] = "out"


@dataclass(frozen=True, slots=True)
class CoverOpen:
    word: ClassVar[Literal["cover_open"]] = "cover_open"


@dataclass(frozen=True, slots=True)
class Missing:
    """There is nothing at the address: unplugged, switched off, or configured wrongly. `why` is for staff."""

    why: str = ""
    word: ClassVar[Literal["missing"]] = "missing"


@dataclass(frozen=True, slots=True)
class Silent:
    """It is there and has not said how it is. Unknown, never fine. `why` is for staff.

    `stopped` is True when the one thing known is that it has stopped on an error of its own (a jammed
    cutter).
    """

    why: str = ""
    stopped: bool = False
    word: ClassVar[Literal["silent"]] = "silent"


@dataclass(frozen=True, slots=True)
class NoPrinter:
    """This kiosk is meant to have none."""

    word: ClassVar[Literal["none"]] = "none"


PrinterStatus = Ready | Low | Out | CoverOpen | Missing | Silent | NoPrinter


# What became of one paper -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The whole picture is out and cut: the printer answered a question sent behind it. `status` is how it is
    now."""

    status: PrinterStatus
    word: ClassVar[Literal["confirmed"]] = "confirmed"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Some or all of it may have come out. `why` is for staff; `status` is the last that was learned."""

    why: str
    status: PrinterStatus
    word: ClassVar[Literal["unknown"]] = "unknown"


@dataclass(frozen=True, slots=True)
class Refused:
    """Not a dot of it was printed, because of `status`."""

    status: PrinterStatus
    word: ClassVar[Literal["refused"]] = "refused"


PrintOutcome = Confirmed | Unknown | Refused


# Printers ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paper:
    """The printable width in dots and how many dots make an inch. Whoever draws, draws `dots` wide."""

    dots: int
    dots_per_inch: int = 203


@runtime_checkable
class Printer(Protocol):
    """A thermal printer with a roll and, as a rule, a cutter."""

    @property
    def paper(self) -> Paper:
        """MUST be known without touching the device, and stay the same for its life."""

    def status(self) -> PrinterStatus:
        """How it is, asked now. MUST return within the time-out, MUST NOT raise for anything a device can do,
        and MUST answer `Ready` or `Low` only to an answer that says so. MAY open the connection, and keep it.
        """

    def print(self, picture: Image, job: str) -> PrintOutcome:
        """Print one 1-bit picture, `paper.dots` wide, and cut. `job` names it in logs and answers (any text).

        MUST return within the time-out and a little, and MUST NOT print anything twice by itself. MUST raise
        `ValueError` for a picture of another mode or width: that is the caller's fault, and found at once.
        """

    def close(self) -> None:
        """Let go of the device. MUST be harmless when repeated. A later call MAY open it again."""


@runtime_checkable
class Levers(Protocol):
    """What can be made to go wrong with a simulated printer. Each MUST work at any time, also in
    mid-ticket."""

    def set_paper(self, paper: Literal["full", "low", "out"]) -> None:
        """Load, nearly empty, or take out the roll. A ticket that waited for paper goes on when it is
        loaded."""

    def run_out_after(self, rows: int) -> None:
        """The roll ends after this many more rows: in the middle of a ticket, if it is longer."""

    def set_cover(self, *, is_open: bool) -> None: ...

    def set_jammed(self, *, jammed: bool) -> None:
        """The cutter is stuck: the printer stops and says that it has an error."""

    def set_plugged(self, *, plugged: bool) -> None:
        """Pull the plug, or put it back. What had not been printed is lost, as with a real one."""

    def set_manner(self, manner: Literal["honest", "mute", "late", "always_fine", "garbage"]) -> None:
        """How it answers: like a good printer, or like one of the bad ones that are sold."""


@runtime_checkable
class Simulated(Protocol):
    """A simulated printer is a `Printer` and this too, so that a dev dock finds what it can pull without
    knowing the driver."""

    @property
    def levers(self) -> Levers: ...

    def papers(self) -> list[Image]:
        """The papers cut so far, the oldest first (the last few; older ones are dropped)."""


# Cameras and scanners ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dark:
    """It gives pictures, and nothing can be seen in them: the lens is covered, or there is no light."""

    word: ClassVar[Literal["dark"]] = "dark"


@dataclass(frozen=True, slots=True)
class NoDevice:
    """This kiosk is meant to have none."""

    word: ClassVar[Literal["none"]] = "none"


@dataclass(frozen=True, slots=True)
class Stopped:
    """It is there, works, and waits for a hand: a cover is open, a sheet is stuck. `why` says what, for staff."""

    why: str = ""
    word: ClassVar[Literal["stopped"]] = "stopped"


CameraStatus = Ready | Dark | Missing | Silent | NoDevice
ScannerStatus = Ready | Missing | Silent | NoDevice
PlateStatus = Ready | Dark | Missing | Silent | Stopped | NoDevice


@dataclass(frozen=True, slots=True)
class Look:
    """One look through a camera: how it is, and the picture if there is one. Nobody keeps a picture."""

    status: CameraStatus
    picture: Grey | None = None


@runtime_checkable
class Camera(Protocol):
    """Something that sees what a visitor holds up. Off (its light out) until looked through, and after `close`."""

    def look(self) -> Look:
        """The newest picture. MUST return within the time-out and a little, MUST NOT raise for anything a device can do.
        MAY switch the camera on, which may take that long.
        """

    def close(self) -> None:
        """Switch it off. MUST be harmless when repeated. A later `look` switches it on again."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One look at the plate: how the camera is, and the picture if there is one."""

    status: PlateStatus
    picture: Colour | None = None
    more: bool = False
    """Only from a feeder: another sheet lies in it, so `still` may be asked again at once."""


@runtime_checkable
class PageCamera(Protocol):
    """Whatever takes pictures of papers: a camera over a plate, a flatbed, a scanner with a feeder. Off until asked, and after `close`.

    Pictures are as the eye sees them: turned as mounted, in colour, of the whole plate. Nobody here keeps one longer than the next needs.
    """

    @property
    def live(self) -> bool:
        """Whether `look` gives pictures, many a second. False for a scanner: only `still` gives one, when asked. MUST stay the same."""

    @property
    def feeds(self) -> bool:
        """Whether it takes in sheets by itself, so that `still` gives the next one. MUST stay the same."""

    def look(self) -> Frame:
        """The newest picture, small enough to be judged many times a second (1000 to 2000 across): the same view as `still`'s, so places
        in it are found again there by the ratio of the widths. One that is not `live` answers with its status only.

        MUST return within the time-out and a little, MUST NOT raise for anything a device can do. MAY switch the camera on.
        """

    def still(self) -> Frame:
        """One picture at its full size, taken now. MUST return within `STILL_SECONDS` and a little, and MUST NOT raise either.

        `Ready` without a picture: a feeder with no sheet in it.
        """

    def close(self) -> None:
        """Switch it off. MUST be harmless when repeated. A later call switches it on again."""


@runtime_checkable
class Scanner(Protocol):
    """A hand scanner, or one built in: it reads codes by itself and says what stood in them."""

    def status(self) -> ScannerStatus:
        """How it is. `Ready` only where its line is open; one that cannot be told from no scanner at all is `Silent`."""

    def read(self, seconds: float) -> str | None:
        """What stood in the next code, waiting so long at most; None when none was read. MUST NOT raise for anything a
        device can do: one that is gone is looked for again now and then.
        """

    def close(self) -> None:
        """Let go of the device, and let a waiting `read` return soon. MUST be harmless when repeated."""


@runtime_checkable
class TypedScanner(Protocol):
    """A scanner whose signs come through the window, as a keyboard's."""

    def key(self, sign: str, at: float) -> bool:
        """One key, at a steady time; "\n" ends a code. True: it is the scanner's, so nobody else may act on it."""


@runtime_checkable
class SimulatedCamera(Protocol):
    """What can be done before a simulated camera."""

    def hold(self, picture: Image | None, *, across: float = 0.4, turned: float = 0.0) -> None:
        """Hold a picture up, as wide as this part of the view, turned by so many degrees; None takes it away."""

    def set_plugged(self, *, plugged: bool) -> None: ...

    def set_dark(self, *, dark: bool) -> None: ...


@runtime_checkable
class SimulatedPlate(Protocol):
    """What can be done at the plate of a simulated page camera. Each MUST work at any time, also from another thread."""

    def pictures(self) -> list[str]:
        """The names of what can be laid on the plate: pictures and films of its folder, in the order of their names."""

    def lies(self) -> str:
        """What lies on the plate now; empty when nothing does."""

    def lay(self, name: str) -> None:
        """Lay that on the plate, in place of what lies there; an empty name takes it away. A film plays from its beginning, once, and its last
        picture stays. Raises `ValueError` for a name that is not among `pictures`."""

    def lay_next(self) -> str:
        """Lay the next of `pictures`, the first after the last; answers with its name."""

    def put(self, picture: Colour | None) -> None:
        """Lay a picture of the whole plate that is not in the folder; None takes it away."""

    def set_plugged(self, *, plugged: bool) -> None: ...

    def set_frozen(self, *, frozen: bool) -> None:
        """It gives the same picture again and again, whatever happens before it."""

    def set_black(self, *, black: bool) -> None:
        """Covered, or the lamp is off at night."""

    def set_upside_down(self, *, upside_down: bool) -> None:
        """Mounted the wrong way round."""


@runtime_checkable
class SimulatedScanner(Protocol):
    """What can be done with a simulated scanner."""

    def scan(self, text: str) -> None:
        """Read a code in which `text` stands."""

    def set_plugged(self, *, plugged: bool) -> None: ...
