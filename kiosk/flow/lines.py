"""Which sentence is said when: model in, catalogue key and values out.

The words are in `locale/`, so this stays the same in every language. Values that need a language to be said
are passed as they are: a `date` is said as its weekday, a `time` as 14:30 kept left to right; the screens
do both, since only they know the script.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kiosk.flow import opening
from kiosk.flow.found import Standing
from kiosk.flow.line import Line, Value
from kiosk.flow.shown import Help, Screen
from wire.vocabulary import PaperState, PartState, PrinterState

if TYPE_CHECKING:
    from kiosk.flow.model import Model
    from kiosk.flow.offer import Waits

WITHOUT_PAPER = frozenset(
    {PrinterState.OUT, PrinterState.COVER_OPEN, PrinterState.MISSING, PrinterState.NONE}
)
"""Nothing can come out. SILENT is not among them: a mute printer may well print, so it is tried and the
visitor asked.
"""

CAMERA_SECONDS = 4.0
"""How long a camera may take to give its first picture."""
ROUND_MINUTES = 5
"""A single figure is only ever 'about'; under this many minutes it is 'less than'."""


def help_state(model: Model) -> Help:
    if not model.visitor.help_asked:
        return Help.NONE
    if not model.link_up:
        return Help.ALONE
    told = model.offer.device.help if model.offer.device else "none"
    return Help.COMING if told == "coming" else Help.ASKED


def help_lines(model: Model) -> tuple[Line, Line] | None:
    """Title and what to do, while the help panel shows."""
    if not model.visitor.help_shown:
        return None
    name = {"asked": "asked", "coming": "coming", "alone": "offline"}.get(help_state(model))
    return (Line(f"help.{name}_title"), Line(f"help.{name}_lead")) if name else None


def banner(model: Model) -> tuple[Line, Line] | None:
    """That papers of somebody else's lie under the camera; that there is no paper, said before anything is chosen and until the ticket shows."""
    before_ticket = model.screen in (Screen.START, Screen.NEEDS, Screen.SERVICES)
    if model.at_exit:
        return None
    if before_ticket and model.station.left:
        return Line("scan.left_title"), Line("scan.left_lead")
    if before_ticket and model.printer in WITHOUT_PAPER:
        return Line("paper.none_title"), Line("paper.none_lead")
    return None


def wait_line(waits: Waits) -> Line:
    """The wait as a range when there is an honest one, else that we cannot say, and why."""
    if waits.low is None or waits.high is None:
        return Line(f"wait.{waits.why or 'unknown'}")
    low, high = sorted((waits.low, waits.high))
    if high == 0:
        return Line("wait.none")
    if low == 0:
        return Line("wait.less", {"count": max(high, ROUND_MINUTES)})
    if low == high:
        return Line("wait.about", {"count": high})
    return Line("wait.range", {"low": low, "high": high, "count": high})


_STANDING = {
    Standing.ON_TIME: "checkin.ticket_on_time",
    Standing.LATE: "checkin.ticket_late",
    Standing.UNSURE: "checkin.ticket_unsure",
}


def appointment_line(model: Model) -> Line | None:
    given = model.ticket.appointment if model.ticket else None
    if given is None:
        return None
    values: dict[str, Value] = (
        {} if given.starts_at is None else {"time": opening.local(model, given.starts_at).time()}
    )
    return Line(_STANDING[given.standing], values)


def check_in_hint(model: Model) -> Line | None:
    """The one sentence under the camera's picture or over the keys: about what was held up, else about the camera."""
    checking = model.checking
    if checking.reference:
        return Line("checkin.looking")
    if model.screen is not Screen.CHECK_IN:
        return checking.hint
    if model.camera is PartState.MISSING and not model.scanner_there:
        return Line("checkin.hint_camera")  # whatever was held up before: no other can be
    if checking.hint is not None:
        return checking.hint
    if model.camera is PartState.DARK:
        return Line("checkin.hint_dark")
    slow = model.camera is PartState.SILENT and model.steady - model.last_change > CAMERA_SECONDS
    return Line("checkin.hint_camera") if slow else None


def paper_line(model: Model) -> Line | None:
    """What to do about the paper; None while it is on its way or being asked about."""
    ticket = model.ticket
    if ticket is None:
        return None
    if ticket.paper is PaperState.CONFIRMED:
        return Line("ticket.take_paper")
    return Line("ticket.no_paper") if ticket.paper is PaperState.NOT_PRINTED else None


def closed_line(model: Model) -> Line:
    opens = model.opens
    if opens is None:
        return Line("closed.unknown")
    return Line(f"closed.{_day_key(model, opens)}", _day_values(model, opens))


def tile_line(model: Model, opens: datetime | None) -> Line:
    """For a closed tile: when it opens."""
    if opens is None:
        return Line("service.closed_today")
    if _day_key(model, opens) == "opens_today":
        return Line("service.opens_at", {"time": opens.time()})
    return Line("service.opens_on", {"day": opens.date(), "time": opens.time()})


def _day_key(model: Model, opens: datetime) -> str:
    days = (opens.date() - opening.local(model).date()).days
    return {0: "opens_today", 1: "opens_tomorrow"}.get(days, "opens_on")


def _day_values(model: Model, opens: datetime) -> dict[str, Value]:
    values: dict[str, Value] = {"time": opens.time()}
    if opens.date() - opening.local(model).date() > timedelta(days=1):
        values["day"] = opens.date()
    return values


def setup_line(model: Model) -> Line:
    return Line("setup.lead" if model.setup and model.setup.code else "setup.connecting")


def idle_left(model: Model) -> int | None:
    quiet = model.steady - model.last_sign - model.idle_after
    if quiet < 0 or not model.personal:
        return None
    return max(0, -int(-(model.limits.warning - quiet) // 1))
