"""One person with two numbers, here or at another centre, is one person: nobody has them twice. On both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import select

from server.actions import booking
from server.actions.booking import Who
from server.clock import from_micros
from server.domain.access import NOBODY
from server.domain.refusals import Refused
from server.store.tables import Booking, Centre, StaffRole, StaffSkill
from server.store.tx import Tx
from tests.server.actions.test_needs import rows
from tests.support.house import Rehearsal, fill, running_house
from tests.support.offering import WEEKDAYS, add_bookable, free, offer, offering
from wire.vocabulary import BookableKind, BookingChannel, Role, new_id

TAX = "council-tax"
WEDNESDAY = date(2026, 11, 25)
MINUTE = 60_000_000


def at(hour: int, minute: int = 0) -> int:
    return int(datetime(2026, 11, 25, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000


async def ann_twice(rehearsal: Rehearsal) -> tuple[int, int, int]:
    """Ann takes appointments here under two numbers and at the other house under a third; that house's number is the last."""
    ann = rehearsal.people["ann"]

    def set_up(tx: Tx) -> tuple[int, int, int]:
        session, here = tx.session(), rehearsal.kiosk.centre
        fill(session, "other-house", "L")
        there = session.exec(select(Centre).where(Centre.slug == "other-house")).one().id or 0
        person = BookableKind.PERSON
        first = add_bookable(session, here, person, "Ann", WEEKDAYS, staff_id=ann.id)
        add_bookable(session, here, person, "Ann upstairs", WEEKDAYS, staff_id=ann.id)
        third = add_bookable(session, there, person, "Ann", WEEKDAYS, staff_id=ann.id)
        session.add(StaffRole(staff_id=ann.id, centre_id=there, role=Role.ADVISER))
        session.add(StaffSkill(staff_id=ann.id, centre_id=there, kind="service", value=TAX))
        offer(session, there, TAX, by_people=True, at_once=5)
        return first, third, there

    found: tuple[int, int, int] = await rehearsal.house.change(rehearsal.people["ada"], "set up", set_up)
    await offering(rehearsal, TAX, by_people=True, at_once=5, minutes=20)
    return found


async def book(rehearsal: Rehearsal, centre: int, starts_at: int, **more: Any) -> int | None:
    def make(tx: Tx) -> int | None:
        made = booking.make(
            tx, centre, TAX, starts_at, new_id(), Who(name="Jo"), channel=BookingChannel.STAFF, **more
        )
        return made.person_id

    found: int | None = await rehearsal.house.change(NOBODY, "book", make)
    return found


async def test_whoever_is_taken_under_one_number_is_taken_under_all(rehearsal: Rehearsal) -> None:
    here, (first, third, there) = rehearsal.kiosk.centre, await ann_twice(rehearsal)
    assert await book(rehearsal, here, at(10)) == first
    for centre in (here, there):
        for over in (False, True):
            with pytest.raises(Refused, match=r"just been taken|no person who is there is free"):
                await book(rehearsal, centre, at(10), over=over)
    with pytest.raises(Refused, match="just been taken"):
        await book(rehearsal, there, at(10, 15))  # it overlaps
    assert await book(rehearsal, there, at(10, 30)) == third
    shown = [slot.starts_at for slot in await free(rehearsal, TAX, WEDNESDAY)]
    assert not {at(10), at(10, 15), at(10, 30), at(10, 45)} & set(shown)
    assert at(11) in shown
    # A hold elsewhere keeps her as long as it lasts; her own appointment may still be moved over itself.
    hold = await rehearsal.house.change(
        NOBODY, "hold", lambda tx: booking.hold(tx, there, TAX, at(14), new_id())
    )
    assert hold.person_id == third
    with pytest.raises(Refused):
        await book(rehearsal, here, at(14, 15))
    rehearsal.clock.go(minutes=10)
    assert await book(rehearsal, here, at(14, 15)) == first

    def move(tx: Tx) -> Booking:
        theirs = select(Booking).where(Booking.starts_at == from_micros(at(10)))
        return booking.move(tx, tx.session().exec(theirs).one(), at(9, 45))

    moved = await rehearsal.house.change(rehearsal.people["greta"], "move", move)
    assert moved.person_id == first


@pytest.mark.postgres
async def test_two_servers_for_two_centres_do_not_have_her_twice(postgres_url: str) -> None:
    """Each centre's lock is its own, so she has one besides."""
    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as other:
        _, _, there = await ann_twice(one)
        times = [at(9, 30) + number * 30 * MINUTE for number in range(12)]
        for starts_at in times:
            tries = [book(one, one.kiosk.centre, starts_at), book(other, there, starts_at)]
            done = await asyncio.gather(*tries, return_exceptions=True)
            assert sum(isinstance(each, Refused) for each in done) == 1, done
        assert await rows(one, "SELECT COUNT(*), COUNT(DISTINCT starts_at) FROM booking") == [(12, 12)]
