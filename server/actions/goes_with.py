"""With whom it goes what a visitor handed in: the visit, the ticket and the appointment of the same person, whichever of them is known first.

Papers and tickets reach the server by different roads. A ticket may come after the packet that names it, an appointment's visitor may have handed in papers
before they check in, and two tickets may turn out to be one person's. So the link is looked for when papers come (`found`), made when
the ticket or the visitor comes (`ticket_came`, `visitor_came`), and goes along when one visit becomes part of another (`carry`, `carry_back`).
Whoever asks afterwards need look at the visit alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.actions import uses
from server.actions.keys import hash_of
from server.store.sql import Statement
from server.store.tx import Tx
from wire.packets import Manifest
from wire.references import read_reference

MOST_MERGES = 8

_FOLLOWED = Statement(
    "SELECT id FROM visit WHERE (follow_hash = :hash OR shown_hash = :hash) AND centre_id = :centre AND ended_at IS NULL"
)
_MERGED = Statement(
    "SELECT merged_into FROM visit WHERE (follow_hash = :hash OR shown_hash = :hash) AND centre_id = :centre AND merged_into IS NOT NULL"
)
_VISIT = Statement("SELECT merged_into, ended_at FROM visit WHERE id = :visit AND centre_id = :centre")
_TICKET = Statement("SELECT visit_id, centre_id FROM ticket WHERE id = :ticket")
_BOOKED = Statement(
    """SELECT b.id, t.visit_id FROM booking b LEFT JOIN ticket t ON t.id = b.ticket_id
    WHERE b.reference = :reference AND b.centre_id = :centre AND b.state NOT IN ('held', 'cancelled')"""
)
_OF_TICKET = Statement(
    "SELECT id FROM submission WHERE ticket_id = :ticket AND centre_id = :centre AND visit_id IS NULL"
)
_OF_BOOKING = Statement(
    """SELECT id FROM submission WHERE booking_id = :booking AND centre_id = :centre AND visit_id IS NULL
    AND deleted_at IS NULL"""
)
_OF_VISIT = Statement(
    """SELECT id FROM submission WHERE visit_id = :visit UNION SELECT s.id FROM submission s JOIN ticket t ON t.id = s.ticket_id
    WHERE t.visit_id = :visit AND s.visit_id IS NULL ORDER BY 1"""
)
_JOIN = Statement("UPDATE submission SET visit_id = :visit WHERE id = :id")


def found(tx: Tx, manifest: Manifest, centre: int, case: str) -> tuple[str | None, str | None, str | None]:
    """Visit, ticket and appointment, of what comes in now. A ticket that this kiosk gave may be on its way still: it is named all the same."""
    visit, booking = None, None
    ticket = manifest.ticket
    if manifest.follow:
        visit = _followed(tx, manifest.follow, centre)
    if ticket is not None:
        known = tx.sql.one(_TICKET, {"ticket": ticket})
        if known is not None and known[1] != centre:
            ticket = None
        elif known is not None:
            visit = visit or _become(tx, known[0], centre)
    reference = read_reference(case) if case else None
    if reference is not None:
        booked = tx.sql.one(_BOOKED, {"reference": reference, "centre": centre})
        if booked is not None:
            booking, visit = booked[0], visit or booked[1]
    return visit, ticket, booking


def ticket_came(tx: Tx, ticket: str, visit: str) -> None:
    """What was handed in with this ticket before the ticket itself was heard of."""
    for record in tx.sql.all(_OF_TICKET, {"ticket": ticket, "centre": tx.actor.centre}):
        tx.sql.run(_JOIN, {"id": record[0], "visit": visit})
        uses.with_visit(tx, record[0], visit)


def visitor_came(tx: Tx, booking: str, ticket: str) -> None:
    """What was handed in for this appointment before its visitor checked in, perhaps days ago: it is no activity of this visit."""
    known = tx.sql.one(_TICKET, {"ticket": ticket})
    if known is None:
        return
    for record in tx.sql.all(_OF_BOOKING, {"booking": booking, "centre": tx.actor.centre}):
        tx.sql.run(_JOIN, {"id": record[0], "visit": known[0]})


def carry(tx: Tx, goes: str, stays: str) -> list[str]:
    """All that was handed in with one visit goes with the other from now on; which it was."""
    carried = [record[0] for record in tx.sql.all(_OF_VISIT, {"visit": goes})]
    _join(tx, carried, stays)
    return carried


def carry_back(tx: Tx, carried: Sequence[str], visit: str) -> None:
    _join(tx, carried, visit)


def _join(tx: Tx, submissions: Sequence[str], visit: str) -> None:
    for each in submissions:
        tx.sql.run(_JOIN, {"id": each, "visit": visit})


def _followed(tx: Tx, secret: str, centre: int) -> str | None:
    """The open visit whose ticket carries this secret, here; also where it has become part of another."""
    here = {"hash": hash_of(secret), "centre": centre}
    known = tx.sql.one(_FOLLOWED, here)
    if known is not None:
        return str(known[0])
    merged = tx.sql.one(_MERGED, here)
    return None if merged is None else _become(tx, str(merged[0]), centre, open_only=True)


def _become(tx: Tx, visit: str, centre: int, *, open_only: bool = False) -> str | None:
    """The visit that this one has become part of, if it has; itself otherwise."""
    for _ in range(MOST_MERGES):
        became: Any = tx.sql.one(_VISIT, {"visit": visit, "centre": centre})
        if became is None:
            return None
        if became[0] is None:
            return None if open_only and became[1] is not None else visit
        visit = str(became[0])
    return None
