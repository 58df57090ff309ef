"""A row written by plain SQL is the row the session would have written, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from server.clock import from_micros
from server.store.inserting import insert, inserted
from server.store.tables import Audit, Booking, Service
from server.store.tx import Tx
from tests.server.actions.test_needs import rows
from tests.support.house import Rehearsal
from wire.vocabulary import BookingChannel, Language, new_id

AT = from_micros(1_795_000_000_000_001)


def told(rehearsal: Rehearsal, service: int, one: str, reference: str) -> dict[str, Any]:
    return {
        "id": one,
        "centre_id": rehearsal.kiosk.centre,
        "service_id": service,
        "reference": reference,
        "starts_at": AT,
        "ends_at": AT,
        "held_from": AT,
        "held_until": AT,
        "made_at": AT,
        "language": Language.GU,
        "channel": BookingChannel.API,
        "needs": ["step_free"],
        "answers": {"what": 'Zoë\'s "house" 100% :now'},
        "over": True,
        "people": 3,
    }


async def test_it_is_the_row_the_session_would_have_written(rehearsal: Rehearsal) -> None:
    ours, theirs = new_id(), new_id()

    def write(tx: Tx) -> tuple[dict[str, Any], dict[str, Any]]:
        session = tx.session()
        service = session.get_one(Service, 1).id or 0
        made = inserted(tx.sql, session, Booking, **told(rehearsal, service, ours, "BCDFGHJK"))
        made.note, made.needs = "changed later", [*made.needs, "quiet"]
        session.add(Booking(**told(rehearsal, service, theirs, "BCDFGHJL")))
        session.flush()
        session.expire_all()
        return session.get_one(Booking, ours).model_dump(), session.get_one(Booking, theirs).model_dump()

    one, other = await rehearsal.house.change(rehearsal.people["ada"], "write", write)
    assert (one.pop("id"), one.pop("reference"), one.pop("note"), one.pop("needs")) == (
        ours,
        "BCDFGHJK",
        "changed later",
        ["step_free", "quiet"],
    )
    for name in ("id", "reference", "note", "needs"):
        other.pop(name)
    assert one == other
    kept = "SELECT language, channel, starts_at, needs FROM booking WHERE reference = 'BCDFGHJL'"
    assert len(await rows(rehearsal, kept)) == 1


async def test_what_the_database_numbers_it_numbers_and_what_it_refuses_is_refused(
    rehearsal: Rehearsal,
) -> None:
    def write(tx: Tx) -> None:
        for what in ("one", "two"):
            insert(tx.sql, Audit, at=AT, what=what, detail={"n": 1})

    await rehearsal.house.change(rehearsal.people["ada"], "write", write)
    kept = "SELECT what, about, centre_id FROM audit WHERE what IN ('one', 'two') ORDER BY id"
    assert await rows(rehearsal, kept) == [("one", "", None), ("two", "", None)]

    def bad(tx: Tx) -> None:
        with pytest.raises(ValueError, match="not named"):
            insert(tx.sql, Audit, what="without its time")
        with pytest.raises(AssertionError, match="no colour"):
            insert(tx.sql, Audit, at=AT, what="x", colour="red")
        with pytest.raises(TypeError):
            insert(tx.sql, Audit, at=AT.replace(tzinfo=None), what="x")

    await rehearsal.house.change(rehearsal.people["ada"], "bad", bad)
