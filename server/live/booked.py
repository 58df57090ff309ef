"""What a visitor told when they made their appointment, for whoever serves their ticket.

Read from the booking each time and copied nowhere, so that what is erased there is gone here too. Whether who looks may know it is for the caller to
say (`console`): it belongs to the need of the visit, and is masked with it.
"""

from __future__ import annotations

from server.domain.offers import read_offer
from server.live.console_shapes import BookedNow
from server.store.sql import Sql, Statement, document

_BOOKED = Statement(
    """SELECT b.starts_at, b.name, b.note, b.answers, s.booking, p.name, r.name, i.name, b.interpreter FROM booking b
    JOIN service s ON s.id = b.service_id LEFT JOIN bookable p ON p.id = b.person_id LEFT JOIN bookable r ON r.id = b.room_id
    LEFT JOIN bookable i ON i.id = b.interpreter_id WHERE b.id = :booking"""
)


def read_booked(sql: Sql, booking: str) -> BookedNow | None:
    row = sql.one(_BOOKED, {"booking": booking})
    if row is None:
        return None
    offer, given = read_offer(document(row[4]) or {}), document(row[3]) or {}
    told = []
    for question in offer.questions if offer is not None else ():
        answer = given.get(question.slug, "")
        if answer:
            words = question.choices.get(answer, {}).get("en", answer)
            told.append((question.text.get("en", question.slug), words))
    bring = tuple(each.get("en", "") for each in offer.bring) if offer is not None else ()
    return BookedNow(
        row[0], row[1], row[2], tuple(told), bring, row[5] or "", row[6] or "", row[7] or "", row[8]
    )
