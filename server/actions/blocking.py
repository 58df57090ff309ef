"""Time kept free of appointments: of one person or room, of one service, or of the whole centre; and given back.

A block keeps new appointments away and touches none that is there: whoever blocks is told which it meets, so that somebody moves them. An
adviser blocks their own time; the greeter and the manager anybody's.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Block, Bookable, Service
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, Role

Result = dict[str, Any]

_ANYBODYS = frozenset({Role.GREETER, Role.MANAGER})
LONGEST_DAYS = 366
_MICROS_A_DAY = 24 * 3600 * 1_000_000
_MET = Statement(
    """SELECT id FROM booking WHERE centre_id = :centre AND held_until > :starts AND state <> 'cancelled' AND state IN ('booked', 'arrived')
    AND (CASE WHEN :bookable > 0 THEN held_from ELSE starts_at END) < :ends
    AND (CASE WHEN :bookable > 0 THEN held_until ELSE ends_at END) > :starts
    AND (:service = 0 OR service_id = :service)
    AND (:bookable = 0 OR person_id = :bookable OR room_id = :bookable OR interpreter_id = :bookable) ORDER BY starts_at, id"""
)


def block_time(tx: Tx, ask: asks.BlockTime) -> Result:
    """`{"block", "bookings"}`: the appointments it meets, which stay until somebody moves them."""
    session, centre = tx.session(), tx.actor.centre
    starts_at, ends_at = ask.starts_at * 1000, ask.ends_at * 1000
    _refuse_times(tx, starts_at, ends_at)
    if ask.bookable is not None and ask.service is not None:
        raise Refused(
            RefusalCode.MALFORMED, "Block the time of one person or room, or of one service, not of both."
        )
    bookable = _bookable(tx, ask.bookable)
    _refuse_anothers(tx, bookable)
    service = _service(tx, ask.service)
    there = session.get(Block, ask.block)
    made = Block(
        id=ask.block,
        centre_id=centre,
        bookable_id=bookable.id if bookable else None,
        service_id=service.id if service else None,
        starts_at=from_micros(starts_at),
        ends_at=from_micros(ends_at),
        reason=ask.reason,
        staff_id=tx.actor.id,
        made_at=from_micros(tx.now),
    )
    if there is None:
        session.add(made)
        session.flush()
        tx.audit("blocked time", _about(bookable, service), block=ask.block)
        tx.touch(centre)
    elif _what(there) != _what(made):
        raise Refused(RefusalCode.ID_REUSED, "This form has blocked time already. Begin anew for more.")
    values = {
        "centre": centre,
        "starts": starts_at,
        "ends": ends_at,
        "bookable": ask.bookable or 0,
        "service": (service.id if service else 0) or 0,
    }
    return {"block": ask.block, "bookings": [record[0] for record in tx.sql.all(_MET, values)]}


def unblock_time(tx: Tx, ask: asks.UnblockTime) -> Result:
    """The time can be booked again. Given back already, nothing happens."""
    session = tx.session()
    found = session.get(Block, ask.block)
    if found is None:
        return {"block": ask.block}
    if found.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.WRONG_CENTRE, "That time is blocked at another centre.")
    bookable = session.get(Bookable, found.bookable_id) if found.bookable_id is not None else None
    _refuse_anothers(tx, bookable)
    session.delete(found)
    session.flush()
    service = session.get(Service, found.service_id) if found.service_id is not None else None
    tx.audit("unblocked time", _about(bookable, service), block=ask.block)
    tx.touch(tx.actor.centre)
    return {"block": ask.block}


def _what(block: Block) -> tuple[object, ...]:
    return block.centre_id, block.bookable_id, block.service_id, block.starts_at, block.ends_at


def _about(bookable: Bookable | None, service: Service | None) -> str:
    """As the audit says it: numbers, no names."""
    if bookable is not None:
        return f"bookable:{bookable.id}"
    return f"service:{service.id}" if service is not None else "centre"


def _refuse_times(tx: Tx, starts_at: int, ends_at: int) -> None:
    if ends_at <= starts_at:
        raise Refused(RefusalCode.MALFORMED, "The time blocked ends before it begins. Choose a later end.")
    if ends_at <= tx.now:
        raise Refused(RefusalCode.CLOSED, "That time is past, so there is nothing to block.")
    if ends_at - starts_at > LONGEST_DAYS * _MICROS_A_DAY:
        raise Refused(
            RefusalCode.MALFORMED,
            "Block at most a year at once. For longer, an administrator changes the rota.",
        )


def _bookable(tx: Tx, number: int | None) -> Bookable | None:
    if number is None:
        return None
    found = tx.session().get(Bookable, number)
    if found is None or found.centre_id != tx.actor.centre or found.retired_at is not None:
        raise Refused(RefusalCode.UNKNOWN, "They take no appointments here any more. Load the page again.")
    return found


def _service(tx: Tx, slug: str | None) -> Service | None:
    if slug is None:
        return None
    wanted = select(Service).where(Service.centre_id == tx.actor.centre, Service.slug == slug)
    found = tx.session().exec(wanted).first()
    if found is None or found.retired_at is not None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such service any more. Load the page again.")
    return found


def _refuse_anothers(tx: Tx, bookable: Bookable | None) -> None:
    if tx.actor.roles & _ANYBODYS or (bookable is not None and bookable.staff_id == tx.actor.id):
        return
    raise Refused(
        RefusalCode.NOT_ALLOWED, "You can block your own time. A greeter or manager blocks the rest."
    )
