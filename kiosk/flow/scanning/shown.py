"""What the screens show of a scan, as one frozen value in `Visitor.scanning`; None while nobody is at it.

No picture is in it: pages are names, and what stands behind a name lies in the scan station's memory (`kiosk.scanning`), by `session`. Each
visitor is a session of their own, and whatever is answered late names the session it was asked in, so pages of two people cannot meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.flow.line import Line
from wire.vocabulary import PaperKind, PaperState, PartState

Corners = tuple[tuple[float, float], ...]
"""Four points: top left, top right, bottom right, bottom left; each as parts of a picture's width and height."""


class At(StrEnum):
    """The pages of the journey. The words are also told as where a use ended (`Use.step`)."""

    PURPOSE = "purpose"
    REFERENCE = "reference"
    BEFORE = "before"
    """What will happen to the pictures."""
    PLATE = "plate"
    PAGE = "page"
    """One page, large."""
    CORNERS = "corners"
    KIND = "kind"
    CHECK = "check"
    RECEIPT = "receipt"
    """Where a receipt goes besides the paper."""
    PHONE = "phone"
    EMAIL = "email"
    SENDING = "sending"
    FAILED = "failed"
    """Could not be kept; the pages are still here."""
    SENT = "sent"
    PERSON = "person"


TYPING = frozenset({At.REFERENCE, At.PHONE, At.EMAIL})


class Hint(StrEnum):
    """The one sentence under the live picture; `scan.hint_<value>` in the catalogue."""

    LAY = "lay"
    HOLD = "hold"
    """Good so far; it is taken as soon as it lies still."""
    TAKING = "taking"
    NEXT = "next"
    """Taken; the next may be laid there."""
    SAME = "same"
    """This page was taken already."""
    DARK = "dark"
    SHINY = "shiny"
    OUTSIDE = "outside"
    BLURRED = "blurred"
    SMALL = "small"
    COVERED = "covered"
    NOT_FOUND = "not_found"
    """Something lies there in which no page is seen."""
    FOREIGN = "foreign"
    """It lay there before this visitor came."""
    FULL = "full"
    LAY_FLAT = "lay_flat"
    """For a scanner with a glass."""
    NO_SHEET = "no_sheet"
    """For one with a feeder."""
    NOT_TAKEN = "not_taken"
    CAMERA = "camera"
    """It cannot take pictures: unplugged, mute."""
    BLACK = "black"
    FROZEN = "frozen"
    UPSIDE_DOWN = "upside_down"


TROUBLE = frozenset({Hint.CAMERA, Hint.BLACK, Hint.FROZEN, Hint.UPSIDE_DOWN})
"""The camera's, which no visitor can mend."""


class Wanted(StrEnum):
    """What the camera over the plate is to do."""

    NOTHING = "nothing"
    PAGES = "pages"
    """Look for pages, and show them."""
    CODES = "codes"
    """Look for the square on a letter or a ticket that is laid there, before anything was chosen."""
    WHETHER_IT_LIES = "whether_it_lies"
    """Look whether a paper still lies there; nothing is shown."""


@dataclass(frozen=True)
class Station:
    """The camera over the plate, as far as the journey knows it; part of the kiosk, not of a visitor."""

    state: PartState = PartState.NONE
    trouble: Hint | None = None
    live: bool = True
    feeds: bool = False
    first: bool = False
    """Papers come before anything else here."""
    left: bool = False
    """A paper lies there whose visitor has gone."""


NO_STATION = Station()


@dataclass(frozen=True)
class Page:
    """One page that was taken. `version` rises whenever its picture changes."""

    id: str
    version: int = 1
    wide: int = 0
    high: int = 0
    corners: Corners = ()
    """In the photograph it was cut from; empty where that is not kept."""
    begins: bool = False
    """The first of a paper."""
    kind: PaperKind = PaperKind.OTHER
    """Of the paper, at its first page."""


@dataclass(frozen=True)
class Receipt:
    """Proof that it was handed in. The reference is made here, so it holds without a line."""

    packet: str
    reference: str
    at: int
    """Milliseconds since 1970."""
    pages: int
    kinds: tuple[PaperKind, ...] = ()
    paper: PaperState = PaperState.NOT_PRINTED
    copies: int = 0
    received: bool = False
    """The server has it."""


@dataclass(frozen=True)
class Scanning:
    session: int = 0
    begun: float = 0.0
    at: At = At.PURPOSE
    back_to: At | None = None
    """From a page that is entered from several."""
    purpose: str = ""
    case: str = ""
    """The visitor's own reference."""
    follow: str = ""
    """The secret of the ticket they hold."""
    typed: str = ""
    keys: bool = False
    """The field was touched: on a small panel the keys show."""
    wrong: Line | None = None
    """About what was typed."""
    meant: str = ""
    """An address that was probably meant."""
    phone: str = ""
    email: str = ""
    pages: tuple[Page, ...] = ()
    page: str = ""
    """The one that is looked at."""
    replaces: str = ""
    """The one that is taken anew."""
    next_begins: bool = False
    colour: bool = True
    hint: Hint = Hint.LAY
    outlined: bool = False
    """A page is seen, and nothing is wrong with it."""
    lies: bool = False
    """Something lies on the plate."""
    fresh: bool = False
    """What lies there has not been taken yet."""
    working: int = 0
    """The order whose answer is awaited; 0: none."""
    since: float = 0.0
    feeding: bool = False
    """Sheet after sheet is taken, until the feeder is empty."""
    retakes: int = 0
    failed: str = ""
    """Why it could not be kept: `scan.failed_<word>`."""
    receipt: Receipt | None = None

    @property
    def now(self) -> Page | None:
        return next((page for page in self.pages if page.id == self.page), None)

    @property
    def papers(self) -> tuple[tuple[Page, ...], ...]:
        """The pages, paper by paper."""
        found: list[list[Page]] = []
        for page in self.pages:
            if page.begins or not found:
                found.append([])
            found[-1].append(page)
        return tuple(tuple(paper) for paper in found)

    @property
    def kind(self) -> PaperKind:
        """Of the paper that the page looked at belongs to."""
        return next((paper[0].kind for paper in self.papers if self.now in paper), PaperKind.OTHER)

    @property
    def sent(self) -> bool:
        return self.receipt is not None
