"""The outbox: letters to visitors, written as rows in the transaction of what they tell.

Because the row and the change are committed together, nobody is told of what did not happen and nothing that happened is forgotten, whatever
dies in between (docs/decisions/0013). Each row has a unique subject, so whoever says a thing twice, tells it once. The row keeps who is to be
told of what, not the words: those are made when it is sent, from what is so then. Where the house has no way to send, no row is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from server.clock import from_micros, to_micros
from server.domain import posting as rules
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Booking, Centre, Submission, TextWish, Wish
from server.store.tx import Tx
from wire.vocabulary import BookingEvent, Language, Letter, RefusalCode, Way, new_id

_ADD = Statement(
    """INSERT INTO post (id, subject, centre_id, letter, way, language, address, booking_id, visit_id, wish_id, submission_id, "values", state, made_at,
    due_at, expires_at, attempts, provider_id, receipt, why) VALUES (:id, :subject, :centre, :letter, :way, :language, :address, :booking,
    :visit, :wish, :submission, :values, 'queued', :now, :due, :expires, 0, '', '', '') ON CONFLICT DO NOTHING"""
)
_QUEUED_BY = Statement(
    """SELECT way FROM post WHERE booking_id = :booking AND letter = :letter AND state = 'queued' AND sending_since IS NULL"""
)
_DROP = Statement(
    """UPDATE post SET state = 'dropped', why = :why WHERE booking_id = :booking AND state = 'queued' AND sending_since IS NULL"""
)
_LETTERS = {
    BookingEvent.BOOKED: Letter.CONFIRMED,
    BookingEvent.MOVED: Letter.MOVED,
    BookingEvent.CANCELLED: Letter.CANCELLED,
}


def follow(tx: Tx, event: BookingEvent, booking: Booking, tell: bool, values: Mapping[str, Any]) -> None:
    """What an appointment's change means for its letters (called by `booking_events.happened`).

    A confirmation that has not gone out yet will say the new time by itself, so a move adds nothing to it; a cancellation takes back whatever
    still waits to go out.
    """
    waiting = set()
    if event is BookingEvent.MOVED:
        unsent = {"booking": booking.id, "letter": Letter.CONFIRMED.value}
        waiting = {record[0] for record in tx.sql.all(_QUEUED_BY, unsent)}
    elif event is BookingEvent.CANCELLED:
        tx.sql.run(_DROP, {"booking": booking.id, "why": "The appointment was cancelled."})
    letter = _LETTERS.get(event)
    starts = to_micros(booking.starts_at)
    if not tell or letter is None or not tx.ways or starts <= tx.now:
        return
    zone = _zone(tx, booking.centre_id)
    for way, address in rules.ways(letter, booking.phone, booking.email, booking.safe_to_text, tx.ways):
        if way.value in waiting:
            continue
        _add(
            tx,
            letter,
            way,
            address,
            subject=f"{letter.value}:{booking.id}:{booking.sequence}:{way.value}",
            centre=booking.centre_id,
            zone=zone,
            until=starts,
            language=booking.language,
            booking=booking.id,
            values={"sequence": booking.sequence, "starts_at": starts},
        )


def remind(tx: Tx, booking_id: str, hours: int) -> bool:
    """Remind of an appointment, `hours` before it, once; whether a row was written."""
    booking = tx.session().get(Booking, booking_id)
    if booking is None:
        return False
    starts = to_micros(booking.starts_at)
    values = {"sequence": booking.sequence, "starts_at": starts}
    if rules.not_needed(Letter.REMINDER, booking.state, starts, booking.sequence, values, tx.now):
        return False
    found = rules.ways(Letter.REMINDER, booking.phone, booking.email, booking.safe_to_text, tx.ways)
    return any(
        _add(
            tx,
            Letter.REMINDER,
            way,
            address,
            subject=reminder_subject(booking.id, hours, starts),
            centre=booking.centre_id,
            zone=_zone(tx, booking.centre_id),
            until=starts,
            language=booking.language,
            booking=booking.id,
            values=values,
        )
        for way, address in found
    )


def reminder_subject(booking: str, hours: int, starts: int) -> str:
    """Of the moment reminded of, whichever way: who changes from text to e-mail is not reminded twice."""
    return f"{Letter.REMINDER.value}:{booking}:{hours}:{starts}"


def place_free(tx: Tx, wish: Wish) -> None:
    """Tell somebody on the waiting list of the slot that is now kept for them (`told_of`, until `kept_until`). Their number was given for
    this, so it is safe to text."""
    if wish.told_of is None or not tx.ways:
        return
    until = to_micros(wish.kept_until or wish.told_of)
    for way, address in rules.ways(Letter.PLACE_FREE, wish.phone, wish.email, bool(wish.phone), tx.ways):
        _add(
            tx,
            Letter.PLACE_FREE,
            way,
            address,
            subject=f"{Letter.PLACE_FREE.value}:{wish.id}:{to_micros(wish.told_of)}",
            centre=wish.centre_id,
            zone=_zone(tx, wish.centre_id),
            until=until,
            language=wish.language,
            wish=wish.id,
        )


# "Text me when my turn is near" -----------------------------------------------------------------------------------------

_WISH = Statement(
    """INSERT INTO text_wish (visit_id, centre_id, phone, at) VALUES (:visit, :centre, :phone, :now)
    ON CONFLICT (visit_id) DO UPDATE SET phone = :phone, at = :now"""
)
_UNWISH = Statement("DELETE FROM text_wish WHERE visit_id = :visit")
_VISIT = Statement("SELECT centre_id, language, ended_at FROM visit WHERE id = :visit")
_VISIT_OF = Statement("SELECT visit_id FROM ticket WHERE id = :ticket AND centre_id = :centre")
_TOLD = Statement("UPDATE text_wish SET told_at = :now WHERE visit_id = :visit AND told_at IS NULL")


def wish_text(tx: Tx, visit: str, phone: str) -> None:
    """Text this number (E.164) when the visit's turn is near. Once a visit: a new number after the text went out changes nothing."""
    found = tx.sql.one(_VISIT, {"visit": visit})
    if found is None or found[2] is not None or (tx.actor.centre and found[0] != tx.actor.centre):
        raise Refused(RefusalCode.UNKNOWN, "This visit has ended. There is nothing left to wait for.")
    if Way.SMS not in tx.ways:
        raise Refused(
            RefusalCode.CLOSED, "This house cannot send texts. Tell the visitor to listen for their number."
        )
    if not rules.takes_texts(phone):
        raise Refused(RefusalCode.MALFORMED, "This number takes no texts. Ask for a mobile number.")
    tx.sql.run(_WISH, {"visit": visit, "centre": found[0], "phone": phone, "now": tx.now})


def wish_text_for_ticket(tx: Tx, ticket: str, phone: str) -> None:
    """The same, entered by staff for the visitor before them."""
    found = tx.sql.one(_VISIT_OF, {"ticket": ticket, "centre": tx.actor.centre})
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such ticket at this centre.")
    wish_text(tx, found[0], phone)


def unwish_text(tx: Tx, visit: str) -> None:
    tx.sql.run(_UNWISH, {"visit": visit})


def come_now(tx: Tx, visit: str) -> bool:
    """Their turn is near: write the text that was wished for, once. Whether it was written."""
    wish = tx.session().get(TextWish, visit)
    found = tx.sql.one(_VISIT, {"visit": visit})
    if wish is None or wish.told_at is not None or found is None or found[2] is not None:
        return False
    if tx.sql.run(_TOLD, {"visit": visit, "now": tx.now}) != 1 or Way.SMS not in tx.ways:
        return False
    return _add(
        tx,
        Letter.COME_NOW,
        Way.SMS,
        wish.phone,
        subject=f"{Letter.COME_NOW.value}:{visit}",
        centre=wish.centre_id,
        zone=_zone(tx, wish.centre_id),
        until=None,
        language=found[1],
        visit=visit,
    )


# What was handed in ------------------------------------------------------------------------------------------------------


def receipt(tx: Tx, submission: Submission, phone: str, email: str) -> int:
    """Tell its visitor that it is here, by every way they named; how many letters were written. A number typed for this may be texted."""
    return _of_submission(tx, Letter.RECEIPT, submission, phone, email, "")


def unusable(tx: Tx, submission: Submission, phone: str, email: str) -> int:
    """Tell them that it cannot be used, and what to do: `submission.reject_why` is a word of the catalogue. How many letters were written;
    none when they named no way, or the house has none."""
    at = to_micros(submission.rejected_at) if submission.rejected_at else tx.now
    return _of_submission(tx, Letter.UNUSABLE, submission, phone, email, f":{at}")


def _of_submission(tx: Tx, letter: Letter, submission: Submission, phone: str, email: str, again: str) -> int:
    written = 0
    for way, address in rules.ways(letter, phone, email, bool(phone), tx.ways):
        written += _add(
            tx,
            letter,
            way,
            address,
            subject=f"{letter.value}:{submission.id}{again}:{way.value}",
            centre=submission.centre_id,
            zone=_zone(tx, submission.centre_id),
            until=None,
            language=submission.language,
            submission=submission.id,
        )
    return written


# Others -----------------------------------------------------------------------------------------------------------------


def take_back(tx: Tx, centre: int, phone: str, language: str, booking: str | None) -> bool:
    """Answer a text that could not be acted upon; once a day a number, for two machines could go on for ever."""
    if Way.SMS not in tx.ways or not rules.takes_texts(phone):
        return False
    zone = _zone(tx, centre)
    named = hashlib.sha256(phone.encode()).hexdigest()[:24]
    return _add(
        tx,
        Letter.TAKE_BACK,
        Way.SMS,
        phone,
        subject=f"{Letter.TAKE_BACK.value}:{named}:{from_micros(tx.now).astimezone(zone).date()}",
        centre=centre,
        zone=zone,
        until=None,
        language=language,
        booking=booking,
    )


def try_out(tx: Tx, way: Way, address: str) -> str:
    """A confirmation of an appointment that does not exist, to see that messages go out; its id."""
    if way not in tx.ways:
        raise Refused(
            RefusalCode.CLOSED,
            "This house has no way to send that yet. Look at the settings named on this page.",
        )
    test = new_id()
    values = {"test": True, "starts_at": tx.now + rules.DAY}
    _add(
        tx,
        Letter.CONFIRMED,
        way,
        address,
        subject=f"test:{test}",
        centre=tx.actor.centre,
        zone=_zone(tx, tx.actor.centre),
        until=tx.now + rules.HOUR,
        language=Language.EN,
        values=values,
        now=True,
    )
    tx.audit("test_message_sent", way.value)
    return test


def _zone(tx: Tx, centre: int) -> ZoneInfo:
    return ZoneInfo(tx.session().get_one(Centre, centre).timezone)


def _add(
    tx: Tx,
    letter: Letter,
    way: Way,
    address: str,
    *,
    subject: str,
    centre: int,
    zone: ZoneInfo,
    until: int | None,
    language: str,
    booking: str | None = None,
    visit: str | None = None,
    wish: str | None = None,
    submission: str | None = None,
    values: Mapping[str, Any] | None = None,
    now: bool = False,
) -> bool:
    due = tx.now if now else rules.due_at(letter, way, tx.now, zone, until)
    row = {
        "id": new_id(),
        "subject": subject,
        "centre": centre,
        "letter": letter.value,
        "way": way.value,
        "language": language,
        "address": address,
        "booking": booking,
        "visit": visit,
        "wish": wish,
        "submission": submission,
        "values": json.dumps(dict(values or {})),
        "now": tx.now,
        "due": due,
        "expires": rules.expires_at(letter, due, until),
    }
    return tx.sql.run(_ADD, row) == 1
