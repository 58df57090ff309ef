"""What to do for whoever holds a reference, by what is known of it; and what it was that they held up. Pure.

A kiosk knows the appointments of its day by their hashes, and asks the server about every other reference. Three of the answers put the visitor
in line: it is time; it was time and they are welcome all the same; or nobody could be asked, and then they are believed and staff sort
it out. All other answers are sentences about their own appointment, each with a way on, and say of nobody else whether they have one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from kiosk.flow import opening
from kiosk.flow.found import Appointment, Found, Standing, Told
from kiosk.flow.line import Line, Value
from wire.references import LENGTH, read_reference

if TYPE_CHECKING:
    from kiosk.flow.model import Model


# Whether they get a ticket ----------------------------------------------------------------------------------


def appointment(model: Model, found: Found) -> Appointment | None:
    """What to give a ticket for; None when there is something to tell instead."""
    if found.found == "no_answer":
        return Appointment(Standing.UNSURE)
    if found.found != "today" or not _is_today(model, found) or _early(model, found):
        return None
    kept = found.kept_until_at is None or model.now <= found.kept_until_at
    return Appointment(Standing.ON_TIME if kept else Standing.LATE, found.starts_at, found.where)


def _early(model: Model, found: Found) -> bool:
    return found.from_at is not None and model.now < found.from_at


def _is_today(model: Model, found: Found) -> bool:
    """The rows may be of yesterday, when the line has been down over night."""
    if found.starts_at is None:
        return False
    return opening.local(model, found.starts_at).date() == opening.local(model).date()


# What is told instead ---------------------------------------------------------------------------------------


def tell(model: Model, found: Found) -> Told:
    when = _when(model, found)
    more = Line("checkin.ticket_more")
    values: dict[str, Value] = {"day": when.date(), "time": when.time()}
    match found.found:
        case "today" if _is_today(model, found):
            since = opening.local(model, found.from_at).time()
            lead = Line("checkin.early_lead", {"time": when.time(), "from": since})
            return Told(Line("checkin.early_title"), lead, Line("checkin.early_more"), ticket=False)
        case "arrived":
            lead = (
                Line("checkin.arrived_lead", {"code": found.code})
                if found.code
                else Line("checkin.arrived_wait")
            )
            return Told(Line("checkin.arrived_title"), lead, ticket=False)
        case "cancelled":
            return Told(Line("checkin.cancelled_title"), Line("checkin.cancelled_lead"), more)
        case "unknown" | "no_answer":
            return Told(Line("checkin.unknown_title"), Line("checkin.unknown_lead"), again=True)
        case "other_centre":
            lead = Line("checkin.centre_lead", {"centre": found.centre} | values)
            return Told(Line("checkin.centre_title"), lead, more)
    if when.date() < opening.local(model).date():
        return Told(Line("checkin.past_title"), Line("checkin.past_lead", values), more)
    key = "checkin.moved_lead" if found.moved else "checkin.day_lead"
    return Told(Line("checkin.day_title"), Line(key, values), more)


def _when(model: Model, found: Found) -> datetime:
    """In the time of where it is."""
    here = opening.local(model, found.starts_at)
    try:
        return here.astimezone(ZoneInfo(found.timezone)) if found.timezone else here
    except (KeyError, OSError, ValueError):
        return here if here.tzinfo else here.replace(tzinfo=UTC)


# What is held up --------------------------------------------------------------------------------------------

CHECK_IN_PATH = "/check-in/"


def read_scan(text: str, public_url: str) -> str | Line:
    """The reference in a code, or the sentence about what was held up instead. Any text at all: it comes from a stranger's paper."""
    if "://" not in text[:12]:
        reference = read_reference(text)
        if reference is not None:
            return reference
        signs = sum(sign.isalnum() for sign in text)
        return Line("checkin.hint_slip" if signs == LENGTH else "checkin.hint_other")
    try:
        address = urlsplit(text.strip())
    except ValueError:  # looks like an address and is none
        return Line("checkin.hint_web")
    if CHECK_IN_PATH in address.path.lower():  # some scanners are set to send capitals
        reference = read_reference(address.path)
        return reference if reference is not None else Line("checkin.hint_unclear")
    ours = address.hostname == urlsplit(public_url).hostname
    if ours and "/t/" in address.path:
        return Line("checkin.hint_ticket")
    if ours and "/b/" in address.path:
        return Line("checkin.hint_link")
    return Line("checkin.hint_web")
