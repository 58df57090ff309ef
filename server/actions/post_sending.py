"""The outbox's other end: what is due is taken in hand, handed to a carrier outside the lane, and what became of it noted.

Taking in hand is a condition on the row, so of several servers exactly one has it. Whoever dies with a message in hand has not said what became
of it: after `LEASE` another takes it, knowing so (`Parcel.unsure`), and the carrier finds out or leaves it to a person. Before a message
goes, it is held against what is so now: one that nobody needs any more is dropped, a number that was corrected is used, one that is no longer
safe to text is not texted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from server.actions.forms import form_titles
from server.actions.keys import link_to
from server.clock import from_micros, to_micros
from server.domain import posting as rules
from server.domain.handing import purposes
from server.domain.posting import Facts, Later, Never, Parcel, Result, Taken
from server.domain.refusals import Refused
from server.domain.said import ToCome, still_to_come
from server.store.sql import Statement
from server.store.tables import Booking, Centre, Post, Said, Service, Submission, Visit, Wish
from server.store.tx import Tx
from wire.references import show_reference
from wire.vocabulary import (
    HandedIn,
    Language,
    Letter,
    PostState,
    RefusalCode,
    SaidKind,
    SaidState,
    SubmissionState,
    Way,
    new_id,
)

LEASE = 5 * rules.MINUTE
"""Longer than any carrier waits for an answer, several times over."""

_FREE = "state = 'queued' AND (sending_since IS NULL OR sending_since <= :stale)"
_DUE = Statement(
    f"SELECT id FROM post WHERE {_FREE} AND due_at <= :now AND way = :way ORDER BY due_at, id LIMIT :most"
)
_IN_HAND = Statement(
    f"""UPDATE post SET sending_since = :now, attempts = attempts + 1, address = :address WHERE id = :id AND {_FREE}"""
)
_END = Statement(
    f"UPDATE post SET state = :state, why = :why, sending_since = NULL WHERE id = :id AND {_FREE}"
)
_SENT = Statement(
    """UPDATE post SET state = 'sent', provider_id = :provider, sent_at = :now, why = '', sending_since = NULL
    WHERE id = :id AND state = 'queued'"""
)
_AGAIN_LATER = Statement(
    "UPDATE post SET due_at = :due, why = :why, sending_since = NULL WHERE id = :id AND state = 'queued'"
)
_FAILED = Statement(
    "UPDATE post SET state = 'failed', why = :why, sending_since = NULL WHERE id = :id AND state = 'queued'"
)


@dataclass(frozen=True)
class Links:
    """What a visitor's links are made with."""

    public_url: str
    key: str

    def to(self, what: str, page: str, thing: str) -> str:
        return (
            f"{self.public_url.rstrip('/')}{page}{link_to(self.key, what, thing)}" if self.public_url else ""
        )

    def plain(self, page: str) -> str:
        return f"{self.public_url.rstrip('/')}{page}" if self.public_url else ""


BOOKING_PAGE, WISH_PAGE, BOOK_PAGE = "/b/", "/book/wish/", "/book"


def take_due(tx: Tx, *, way: Way, most: int, links: Links) -> list[Parcel]:
    """Take what is due by one way in hand; the parcels to send, oldest first."""
    session = tx.session()
    free = {"now": tx.now, "stale": tx.now - LEASE}
    parcels = []
    for (number,) in tx.sql.all(_DUE, {**free, "way": way.value, "most": most}):
        post = session.get_one(Post, number)
        judged = _judged(session, post, tx, links)
        if isinstance(judged, Parcel):
            if tx.sql.run(_IN_HAND, {**free, "id": number, "address": judged.address}) == 1:
                parcels.append(judged)
        else:
            tx.sql.run(_END, {**free, "id": number, "state": judged[0].value, "why": judged[1]})
            tx.touch(post.centre_id)
    return parcels


Ended = tuple[PostState, str]


def _judged(session: Session, post: Post, tx: Tx, links: Links) -> Parcel | Ended:
    """The parcel to send, or how the message ends instead."""
    if post.expires_at is not None and to_micros(post.expires_at) <= tx.now:
        return _too_late(post)
    if Way(post.way) not in tx.ways:
        return PostState.FAILED, "There is no way set up to send it any more."
    if post.booking_id is not None and post.letter != Letter.TAKE_BACK:
        found = _of_booking(session, post, tx, links)
    elif post.wish_id is not None:
        found = _of_wish(session, post, tx, links)
    elif post.submission_id is not None:
        found = _of_submission(session, post)
    elif post.visit_id is not None:
        found = _of_visit(session, post)
    else:
        found = post.address, _of_test(session, post, links)
    if isinstance(found[1], str):
        return PostState.DROPPED, found[1]
    return Parcel(
        post.id,
        Letter(post.letter),
        Way(post.way),
        post.language,
        found[0],
        found[1],
        post.attempts + 1,
        post.sending_since is not None,
    )


def _too_late(post: Post) -> Ended:
    if post.letter == Letter.COME_NOW:
        return PostState.DROPPED, "Too late to be of use."
    return PostState.FAILED, f"It could not be sent in time. {post.why}".strip()


def _of_booking(session: Session, post: Post, tx: Tx, links: Links) -> tuple[str, Facts | str]:
    booking = session.get(Booking, post.booking_id)
    if booking is None:
        return "", "The appointment does not exist any more."
    starts = to_micros(booking.starts_at)
    why = rules.not_needed(Letter(post.letter), booking.state, starts, booking.sequence, post.values, tx.now)
    if why:
        return "", why
    found = rules.ways(Letter.CONFIRMED, booking.phone, booking.email, booking.safe_to_text, tx.ways)
    address = dict(found).get(Way(post.way), "")
    if not address:
        return "", "They may not be written to this way any more."
    cancelled = post.letter == Letter.CANCELLED
    link = links.plain(BOOK_PAGE) if cancelled else links.to("booking", BOOKING_PAGE, booking.id)
    return address, _facts(
        session, post.centre_id, booking.service_id, starts, link, show_reference(booking.reference)
    )


def _of_wish(session: Session, post: Post, tx: Tx, links: Links) -> tuple[str, Facts | str]:
    wish = session.get(Wish, post.wish_id)
    if wish is None or wish.told_of is None:
        return "", "They are not on the waiting list any more."
    address = wish.phone if post.way == Way.SMS else wish.email
    if not address:
        return "", "They are not on the waiting list any more."
    link = links.to("wish", WISH_PAGE, wish.id)
    return address, _facts(session, post.centre_id, wish.service_id, to_micros(wish.told_of), link)


def _facts(
    session: Session, centre_id: int, service_id: int, moment: int, link: str, reference: str = ""
) -> Facts:
    """A discreet service's name goes no further than here."""
    centre, service = session.get_one(Centre, centre_id), session.get_one(Service, service_id)
    names = {} if service.discreet or service.private else dict(service.names)
    return Facts(centre.name, centre.timezone, names, centre.address, moment, reference, link=link)


def _of_visit(session: Session, post: Post) -> tuple[str, Facts | str]:
    visit = session.get(Visit, post.visit_id)
    if visit is None or visit.ended_at is not None:
        return "", "Their visit has ended."
    centre = session.get_one(Centre, post.centre_id)
    return post.address, Facts(centre.name, centre.timezone, {}, code=visit.code)


def _of_submission(session: Session, post: Post) -> tuple[str, Facts | str]:
    """What was handed in, as far as its visitor was told it at the station: never what is in it. A receipt is sent also when it was dealt with
    and deleted meanwhile; that it cannot be used, only while that is so."""
    submission = session.get(Submission, post.submission_id)
    if submission is None:
        return "", "It was never handed in."
    if post.letter == Letter.UNUSABLE and submission.state != SubmissionState.REJECTED:
        return "", "It can be used after all."
    centre = session.get_one(Centre, submission.centre_id)
    names, whom = named_for_visitors(session, centre, submission)
    facts = Facts(
        centre.name,
        centre.timezone,
        names,
        centre.address,
        to_micros(submission.made_at),
        show_reference(submission.reference),
        pages=submission.pages if submission.kind == HandedIn.PAPERS else 0,
        whom=whom.get(post.language) or whom.get(Language.EN, ""),
        why=submission.reject_why,
        promised=_promised(session, submission) if post.letter == Letter.RECEIPT else (),
    )
    return post.address, facts


def _promised(session: Session, submission: Submission) -> tuple[tuple[ToCome, date], ...]:
    """By when they hear, if it is a complaint, praise or an idea."""
    row = session.get(Said, submission.id)
    if row is None:
        return ()
    return still_to_come(SaidKind(row.kind), SaidState(row.state), row.acknowledge_due_on, row.answer_due_on)


def named_for_visitors(
    session: Session, centre: Centre, submission: Submission
) -> tuple[dict[str, str], dict[str, str]]:
    """What it was for in its visitor's words, and whom to ask about it; both by language, empty where nobody knows any more."""
    if submission.kind == HandedIn.PAPERS:
        for purpose in purposes(centre.extra):
            if purpose.slug == submission.what:
                return dict(purpose.names), dict(purpose.whom)
        return {}, {}
    assert centre.id is not None
    return form_titles(session, centre.id, submission.what, submission.version), {}


def _of_test(session: Session, post: Post, links: Links) -> Facts:
    centre = session.get_one(Centre, post.centre_id)
    return Facts(
        centre.name,
        centre.timezone,
        {"en": "This is a test message"},
        centre.address,
        post.values.get("starts_at"),
        "TEST-TEST",
        link=links.plain(BOOK_PAGE),
    )


def settle(tx: Tx, post_id: str, result: Result, roll: float) -> None:
    """Note what became of a message that was in hand. What a receipt has settled meanwhile stays."""
    post = tx.session().get(Post, post_id)
    if post is None:
        return
    match result:
        case Taken(provider):
            tx.sql.run(_SENT, {"id": post_id, "provider": provider[:80], "now": tx.now})
        case Never(why):
            tx.sql.run(_FAILED, {"id": post_id, "why": why[:300]})
        case Later(why, wait):
            due = tx.now + rules.back_off(post.attempts, roll, wait)
            tx.sql.run(_AGAIN_LATER, {"id": post_id, "due": due, "why": why[:300]})
    tx.touch(post.centre_id)


# What a person does with one that failed -------------------------------------------------------------------------------


def try_again(tx: Tx, post_id: str) -> None:
    """Send a dead letter once more, as a message of its own: the provider is not asked about the first, which it may well have."""
    post = _dead(tx, post_id)
    number = len(
        tx.session()
        .exec(select(Post.id).where(col(Post.subject).startswith(f"{_root(post.subject)}:again")))
        .all()
    )
    until = rules.DAY if post.letter != Letter.COME_NOW else rules.COME_NOW_LASTS
    tx.session().add(
        Post(
            id=new_id(),
            subject=f"{_root(post.subject)}:again{number + 1}"[:120],
            centre_id=post.centre_id,
            letter=post.letter,
            way=post.way,
            language=post.language,
            address=post.address,
            booking_id=post.booking_id,
            visit_id=post.visit_id,
            wish_id=post.wish_id,
            submission_id=post.submission_id,
            values=dict(post.values),
            made_at=from_micros(tx.now),
            due_at=from_micros(tx.now),
            expires_at=from_micros(tx.now + until),
        )
    )
    post.state, post.why = PostState.DROPPED, f"Sent again as another message. Before: {post.why}"[:300]
    tx.audit("message_again", post.letter, post=post.id)
    tx.touch(post.centre_id)


def _root(subject: str) -> str:
    return subject.partition(":again")[0]


def let_go(tx: Tx, post_id: str) -> None:
    """Nobody need see to this one any more: they rang, or it is of no use now."""
    post = _dead(tx, post_id)
    post.state, post.why, post.address = PostState.DROPPED, f"Seen to. Before: {post.why}"[:300], ""
    tx.audit("message_let_go", post.letter, post=post.id)
    tx.touch(post.centre_id)


def _dead(tx: Tx, post_id: str) -> Post:
    post = tx.session().get(Post, post_id)
    if post is None or post.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such message at this centre.")
    if post.state != PostState.FAILED:
        raise Refused(RefusalCode.WRONG_STATE, "Somebody has already seen to this message.")
    return post
