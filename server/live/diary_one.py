"""One appointment with what happened to it and what was sent about it, and the search for one.

The history is told from the appointment's own times, its ticket's, and the audit's entries about it; of messages only which, how and in what
state, never an address or a word. A search forgives how a name is spelt (accents, case, order of names) and takes the last digits of a telephone;
it goes over appointments that still have a name. A private one is found by its whole reference only, and is shown masked like everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, func, text, type_coerce
from sqlmodel import Session, col, select

from server.clock import from_micros, to_micros
from server.domain.access import Actor
from server.live.diary import as_seen, bookables_of, may_look, read_bookings, services_of, viewer_of
from server.live.diary_shapes import BookingNow
from server.live.floor import load_set_up
from server.store.tables import Audit, Booking, Post, Staff
from wire.references import read_reference, show_reference
from wire.vocabulary import BookingState

MOST_FOUND = 40
MOST_READ = 50_000
"""Names gone through, the nearest to now first: more than a centre has in four weeks past and a year ahead."""
PAST_DAYS = 28
LEAST_DIGITS = 3
_NAMED = text("booking.erased_at IS NULL")
_FOUND_BY = select(Booking.id, Booking.service_id, Booking.reference, Booking.name)


@dataclass(frozen=True)
class Happened:
    at: int
    say: str
    by: str = ""


@dataclass(frozen=True)
class Sent:
    """A message about it: which, by which way, and what is known of it."""

    letter: str
    way: str
    state: str
    at: int
    why: str


@dataclass(frozen=True)
class OneNow:
    booking: BookingNow
    zone: ZoneInfo
    now: int
    centre: str
    history: tuple[Happened, ...]
    sent: tuple[Sent, ...]
    lookable: bool
    """Private, and who looks may have it revealed."""
    sequence: int


def read_one(
    session: Session, actor: Actor, booking_id: str, now: int, *, revealed: bool = False
) -> OneNow | None:
    """None when there is no such appointment for who looks."""
    row = session.get(Booking, booking_id)
    if row is None or row.centre_id != actor.centre:
        return None
    set_up = load_set_up(session, actor.centre)
    services, bookables = services_of(set_up), bookables_of(session, actor.centre)
    which = select(Booking).where(Booking.id == booking_id)
    full = read_bookings(session, which, services, bookables)[0]
    seen = as_seen(full, viewer_of(session, actor), {booking_id} if revealed else ())
    if seen is None or seen.taken:
        return None
    people = {person.id: person.name for person in session.exec(select(Staff))}
    return OneNow(
        seen,
        ZoneInfo(set_up.centre.timezone),
        now,
        set_up.centre.name,
        () if seen.masked else tuple(_history(session, row, full, people)),
        () if seen.masked else tuple(_sent(session, booking_id)),
        seen.masked and may_look(full, actor),
        row.sequence,
    )


CHANNELS = {
    "web": "by the visitor on the web",
    "staff": "by staff",
    "partner": "by a partner",
    "import": "from a file",
    "api": "by another program",
}
_TOLD_ANYWAY = frozenset({"booked an appointment", "checked in for appointment"})


def _history(
    session: Session, row: Booking, booking: BookingNow, people: dict[int | None, str]
) -> list[Happened]:
    found = []
    made = row.booked_at or row.made_at
    found.append(
        Happened(to_micros(made), f"Booked {CHANNELS.get(row.channel, '')}", people.get(row.booked_by, ""))
    )
    about = (row.reference, show_reference(row.reference), f"booking:{row.id}")
    entries = select(Audit).where(
        Audit.centre_id == row.centre_id, col(Audit.at) >= row.made_at, col(Audit.about).in_(about)
    )
    told = [entry for entry in session.exec(entries.limit(100)) if entry.what not in _TOLD_ANYWAY]
    for entry in told:
        found.append(Happened(to_micros(entry.at), entry.what, people.get(entry.staff_id, "")))
    deeds = {entry.what for entry in told}
    if row.cancelled_at is not None and not any("cancel" in each for each in deeds):
        by = people.get(row.cancelled_by, "") or "the visitor"
        found.append(Happened(to_micros(row.cancelled_at), "Cancelled", by))
    if row.arrived_at is not None:
        code = f" with the number {booking.ticket.code}" if booking.ticket else ""
        found.append(Happened(to_micros(row.arrived_at), f"Checked in{code}"))
    if row.missed_at is not None and not any("mark" in each or "miss" in each for each in deeds):
        found.append(Happened(to_micros(row.missed_at), "Did not come"))
    ticket = booking.ticket
    if ticket is not None and ticket.called_at:
        found.append(Happened(ticket.called_at, f"Called{f' to {ticket.counter}' if ticket.counter else ''}"))
    if ticket is not None and ticket.served_at:
        found.append(Happened(ticket.served_at, "Being served"))
    if ticket is not None and ticket.ended_at:
        how = {"finished": "Served", "no_show": "Did not come when called", "cancelled": "Left"}
        found.append(Happened(ticket.ended_at, how.get(ticket.state, "Passed on")))
    return sorted(found, key=lambda each: each.at)


def _sent(session: Session, booking_id: str) -> list[Sent]:
    rows = select(Post).where(Post.booking_id == booking_id).order_by(col(Post.made_at), col(Post.id))
    return [
        Sent(
            row.letter,
            row.way,
            row.state,
            to_micros(
                row.receipt_at or row.sent_at or (row.due_at if row.state == "queued" else row.made_at)
            ),
            row.why,
        )
        for row in session.exec(rows)
    ]


# Finding ---------------------------------------------------------------------------------------------------------


def folded(words: str) -> str:
    """As a search compares: no case, no accents, one spelling of apostrophes and hyphens."""
    plain = unicodedata.normalize("NFKD", words)
    kept = "".join(
        sign
        for sign in plain
        if unicodedata.category(sign) not in ("Mn", "Cf") and sign not in "'\u2019`\u02bc"
    )
    return " ".join(kept.casefold().replace("-", " ").replace("\u0142", "l").split())


@dataclass(frozen=True)
class Found:
    bookings: tuple[BookingNow, ...]
    more: bool
    """There are more than are shown."""
    zone: ZoneInfo
    now: int


def find(session: Session, actor: Actor, words: str, now: int) -> Found:
    """Appointments of the last four weeks and all ahead that `words` mean: a reference, a name, an e-mail address, last digits, a time."""
    set_up = load_set_up(session, actor.centre)
    zone = ZoneInfo(set_up.centre.timezone)
    services, bookables = services_of(set_up), bookables_of(session, actor.centre)
    viewer = viewer_of(session, actor)
    which = _which(actor.centre, words, now, zone)
    if which is None:
        return Found((), False, zone, now)
    wanted = folded(words).split()
    by_name = not any(sign.isdigit() or sign == "@" for sign in words)
    known = viewer.services
    allowed = frozenset(
        each.id for each in services.values() if (known is None or each.id in known) and not each.discreet
    )
    exact = read_reference(words)
    chosen = []
    for number, service, reference, name in session.exec(which):
        if service not in allowed and reference != exact:
            continue
        if by_name and exact is None and not _means(wanted, folded(name).split()):
            continue
        chosen.append(number)
        if len(chosen) > MOST_FOUND:
            break
    if not chosen:
        return Found((), False, zone, now)
    nearest = select(Booking).where(col(Booking.id).in_(chosen[:MOST_FOUND]))
    found = read_bookings(
        session, nearest.order_by(col(Booking.starts_at), col(Booking.id)), services, bookables
    )
    seen = tuple(each for each in (as_seen(each, viewer) for each in found) if each and not each.taken)
    return Found(seen, len(chosen) > MOST_FOUND, zone, now)


def _means(wanted: list[str], name: list[str]) -> bool:
    """Whether each word typed begins a word of the name, or is one slip of the finger from it."""
    return all(any(word.startswith(each) or _nearly(each, word) for word in name) for each in wanted)


def _nearly(one: str, other: str) -> bool:
    """Whether two words of four letters or more differ by one letter: left out, put in, another, or two swapped."""
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        apart = [at for at in range(len(one)) if one[at] != other[at]]
        swapped = len(apart) == 2 and one[apart[0]] == other[apart[1]] and one[apart[1]] == other[apart[0]]
        return len(apart) == 1 or (swapped and apart[1] - apart[0] == 1)
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _which(centre: int, words: str, now: int, zone: ZoneInfo) -> Any:
    """What to read through; None when nothing could be meant."""
    reference = read_reference(words)
    if reference is not None:
        return _FOUND_BY.where(Booking.centre_id == centre, Booking.reference == reference)
    since = from_micros(now) - timedelta(days=PAST_DAYS)
    which = _FOUND_BY.where(
        Booking.centre_id == centre,
        _NAMED,
        Booking.state != BookingState.HELD.value,
        col(Booking.ends_at) >= since,
    )
    distance = func.abs(type_coerce(Booking.starts_at, BigInteger) - now)  # the nearest to now first
    at = time_meant(words, from_micros(now).astimezone(zone))
    digits = "".join(sign for sign in words if sign.isdecimal())
    if at is not None:
        return which.where(
            col(Booking.starts_at) > at - timedelta(minutes=1),
            col(Booking.starts_at) < at + timedelta(minutes=1),
        ).order_by(col(Booking.starts_at))
    if "@" in words:
        return which.where(col(Booking.email).ilike(f"%{_plain(words.strip())}%", escape="/")).order_by(
            distance
        )
    if len(digits) >= LEAST_DIGITS and not any(sign.isalpha() for sign in words):
        last = digits.removeprefix("44").lstrip("0") if len(digits) > 9 else digits
        return which.where(col(Booking.phone).like(f"%{last}")).order_by(distance)
    if len(folded(words)) < 2 or digits:
        return None
    return which.where(col(Booking.name) != "").order_by(distance).limit(MOST_READ)


def _plain(words: str) -> str:
    return words.replace("/", "//").replace("%", "/%").replace("_", "/_")


def time_meant(words: str, today: datetime) -> datetime | None:
    """`10:15`, `10.15 tomorrow`, `Thursday 10:15`, `10:15 on 26 November`: a time of today, or of the day that is named; None when no time is."""
    parts = words.replace(",", " ").casefold().split()
    times = [(part, at) for part in parts if (at := _time(part)) is not None]
    if not times:
        return None
    said, at = next(
        (each for each in times if ":" in each[0]), times[0]
    )  # `5.10 10:15` is the fifth of October
    parts.remove(said)
    on = _day_meant([each for each in parts if each not in ("at", "on")], today.date())
    return None if on is None else datetime.combine(on, at, tzinfo=today.tzinfo)


def _day_meant(parts: list[str], today: date) -> date | None:
    """Today for nothing; a weekday is the next one, today included; a date without its year the one nearest to today."""
    said = " ".join(parts)
    if said in ("", "today"):
        return today
    if said in ("tomorrow", "yesterday"):
        return today + timedelta(days=1 if said == "tomorrow" else -1)
    for ahead in range(7):
        if len(said) >= 3 and f"{today + timedelta(days=ahead):%A}".casefold().startswith(said):
            return today + timedelta(days=ahead)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", said):
        return _date(*(int(part) for part in said.split("-")))
    found = re.fullmatch(
        r"(?:[a-z]+ )?(\d{1,2})(?:st|nd|rd|th)?[ ./-]?([a-z]+|\d{1,2})[ ./]?(\d{4})?\.?", said
    )
    if found is None:
        return None
    day, month, year = int(found[1]), _month(found[2]), int(found[3] or 0)
    near = [each for each in (today.year - 1, today.year, today.year + 1) if not year] or [year]
    dates = [each for each in (_date(one, month, day) for one in near) if each is not None]
    return min(dates, key=lambda each: abs(each - today), default=None)


def _month(said: str) -> int:
    """1 to 12; 0 for none."""
    if said.isdecimal():
        return int(said)
    return next(
        (
            each
            for each in range(1, 13)
            if len(said) >= 3 and f"{date(2000, each, 1):%B}".casefold().startswith(said)
        ),
        0,
    )


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(word: str) -> time | None:
    """`10:15` or `10.15`."""
    hours, dot, minutes = word.replace(".", ":").partition(":")
    if not dot or not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        return None
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        return None
