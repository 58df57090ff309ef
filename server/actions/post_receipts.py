"""What comes back from the message provider: what became of a message, and what visitors text.

Both may be told twice, late, in any order, and of things this house does not know (another system may share the service at Notify): none of that
is a fault. A receipt for a message whose sending we never noted proves that it was taken, so it is not sent again. Of a visitor's text only what
is plain is acted upon (`domain.posting.heard`); everything else waits for a person, who reads it in the messages page.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from forms.contact import Phone, read_phone
from server.actions import booking as bookings
from server.actions import posting
from server.clock import from_micros
from server.domain import posting as rules
from server.domain.posting import Wanted
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Booking, HeardText, Post
from server.store.tx import Tx
from wire.vocabulary import BookingState, Language, PostState, RefusalCode, Way

KEPT = timedelta(days=7)


def receipt(tx: Tx, reference: str, provider_id: str, status: str) -> bool:
    """Note what became of a message; whether it is ours and this said something new."""
    session = tx.session()
    post = session.get(Post, reference) if reference else None
    if post is None and provider_id:
        post = session.exec(select(Post).where(Post.provider_id == provider_id)).first()
    if post is None or post.state == PostState.DROPPED:
        return False
    told = rules.after_receipt(Way(post.way), post.receipt, status)
    if told is None:
        return False
    post.state, post.why = told
    post.receipt, post.receipt_at = status, from_micros(tx.now)
    post.provider_id = post.provider_id or provider_id[:80]
    post.sent_at = post.sent_at or from_micros(tx.now)
    post.sending_since = None
    tx.touch(post.centre_id)
    return True


_SAFE_NO_MORE = Statement("UPDATE booking SET safe_to_text = :no WHERE phone = :phone AND erased_at IS NULL")
_WISHES = Statement("UPDATE wish SET phone = '' WHERE phone = :phone")
_TEXT_WISHES = Statement("DELETE FROM text_wish WHERE phone = :phone")
_UNSENT = Statement(
    """UPDATE post SET state = 'dropped', why = 'They asked not to be texted.' WHERE address = :phone AND way = 'sms'
    AND state = 'queued' AND due_at > 0 AND sending_since IS NULL"""
)


def heard(tx: Tx, text_id: str, source: str, words: str) -> str:
    """A visitor's text, heard once: `cancelled`, `stopped`, or empty when a person must look."""
    session = tx.session()
    if session.get(HeardText, text_id) is not None:
        return ""
    read = read_phone(source if source.startswith(("+", "0")) else f"+{source}")
    phone = read.e164 if isinstance(read, Phone) else ""
    known = _latest(tx, phone)
    entry = HeardText(
        id=text_id,
        at=from_micros(tx.now),
        phone=phone or source[:20],
        words=words[:500],
        booking_id=known.id if known else None,
        centre_id=known.centre_id if known else _centre_that_wrote(tx, phone),
    )
    session.add(entry)
    session.flush()
    wanted = rules.heard(words) if phone else None
    if wanted is Wanted.STOP:
        _stop(tx, phone)
        entry.did, entry.words = "stopped", ""
    elif wanted is Wanted.CANCEL:
        _cancel(tx, entry, phone, known)
    if entry.centre_id is not None:
        tx.touch(entry.centre_id)
    return entry.did


def _stop(tx: Tx, phone: str) -> None:
    tx.session().flush()
    tx.sql.run(_SAFE_NO_MORE, {"phone": phone, "no": False})
    for statement in (_WISHES, _TEXT_WISHES, _UNSENT):
        tx.sql.run(statement, {"phone": phone})


def _cancel(tx: Tx, entry: HeardText, phone: str, known: Booking | None) -> None:
    """Cancel the one appointment that this number has ahead; with none or several, say how it is done instead.

    Whoever has just had one cancelled may mean that one: what they booked before it is not cancelled too, for a text that is sent twice, or
    answers our "Cancelled: ...".
    """
    of_phone = select(Booking).where(Booking.phone == phone, col(Booking.erased_at).is_(None))
    gone = tx.session().exec(
        of_phone.where(
            Booking.state == BookingState.CANCELLED,
            col(Booking.cancelled_at) > from_micros(tx.now - rules.DAY),
        )
    )
    lately = max((each.cancelled_at for each in gone if each.cancelled_at is not None), default=None)
    ahead = of_phone.where(Booking.state == BookingState.BOOKED, col(Booking.starts_at) > from_micros(tx.now))
    found = list(tx.session().exec(ahead))
    if not found and lately is not None:
        entry.did, entry.words = "cancelled", ""
        return
    if len(found) == 1 and (lately is None or (found[0].booked_at or found[0].made_at) > lately):
        try:
            bookings.cancel(tx, found[0], reason="By text")
        except Refused:
            found = []
        else:
            entry.did, entry.words, entry.booking_id = "cancelled", "", found[0].id
            entry.centre_id = found[0].centre_id
            return
    centre = entry.centre_id
    if centre is not None:
        posting.take_back(
            tx, centre, phone, known.language if known else Language.EN, known.id if known else None
        )


def _latest(tx: Tx, phone: str) -> Booking | None:
    if not phone:
        return None
    of_phone = select(Booking).where(Booking.phone == phone, col(Booking.erased_at).is_(None))
    return tx.session().exec(of_phone.order_by(col(Booking.starts_at).desc()).limit(1)).first()


def _centre_that_wrote(tx: Tx, phone: str) -> int | None:
    """The centre whose message this may be the answer to."""
    if not phone:
        return None
    lately = from_micros(tx.now) - KEPT
    wrote = select(Post).where(Post.address == phone, col(Post.made_at) > lately)
    found = tx.session().exec(wrote.order_by(col(Post.made_at).desc()).limit(1)).first()
    return found.centre_id if found else None


def seen(tx: Tx, text_id: str) -> None:
    """A person has dealt with a text; its words are of no more use."""
    entry = tx.session().get(HeardText, text_id)
    if entry is None or entry.centre_id not in (None, tx.actor.centre):
        raise Refused(RefusalCode.UNKNOWN, "There is no such text at this centre.")
    entry.did, entry.words = entry.did or "seen", ""
    tx.audit("text_dealt_with", "")


# Letting go ------------------------------------------------------------------------------------------------------------

_ADDRESSES = Statement(
    """UPDATE post SET address = '' WHERE centre_id = :centre AND address <> '' AND state <> 'queued'
    AND COALESCE(receipt_at, sent_at, made_at) < :before"""
)
_OLD = Statement("DELETE FROM post WHERE centre_id = :centre AND state <> 'queued' AND made_at < :before")
_WISHES_OVER = Statement(
    """DELETE FROM text_wish WHERE centre_id = :centre AND visit_id IN
    (SELECT v.id FROM visit v JOIN text_wish w ON w.visit_id = v.id WHERE w.centre_id = :centre AND v.ended_at IS NOT NULL)"""
)
_HEARD = Statement("DELETE FROM heard_text WHERE at < :before")
COUNTED = 90 * rules.DAY


def sweep_centre(tx: Tx, centre: int) -> None:
    """Addresses of settled messages, wishes of ended visits, and after a quarter the rows that counted them."""
    tx.sql.run(_ADDRESSES, {"centre": centre, "before": tx.now - rules.SETTLED_ADDRESS})
    tx.sql.run(_OLD, {"centre": centre, "before": tx.now - COUNTED})
    tx.sql.run(_WISHES_OVER, {"centre": centre})


def sweep_house(tx: Tx) -> None:
    tx.sql.run(_HEARD, {"before": tx.now - rules.SETTLED_ADDRESS})
