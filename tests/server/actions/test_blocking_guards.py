"""Time blocked: once, here, of what is there, and meeting what it meets; and no appointment of another centre. On both databases."""

from __future__ import annotations

from sqlmodel import select

from server.actions import booking
from server.clock import from_micros
from server.domain.access import Actor
from server.store.tables import Bookable, Centre, Service
from server.store.tx import Tx
from tests.server.actions.test_booking_by_staff import TAX, at, booked
from tests.server.actions.test_needs import rows
from tests.support.house import Rehearsal, cast_of, fill
from tests.support.offering import WEEKDAYS, add_bookable, offering, people, visitor
from wire import asks
from wire.vocabulary import BookableKind, RefusalCode, new_id


def block(**more: object) -> asks.BlockTime:
    told = {"block": new_id(), "starts_at": at(9), "ends_at": at(12), "reason": "a training", **more}
    return asks.BlockTime.model_validate(told)


async def other_house(rehearsal: Rehearsal) -> tuple[Actor, int]:
    """Its greeter, and somebody bookable there."""

    def add(tx: Tx) -> int:
        fill(tx.session(), "other-house", "L")
        there = tx.session().exec(select(Centre.id).where(Centre.slug == "other-house")).one()
        return add_bookable(tx.session(), there or 0, BookableKind.PERSON, "Olu", WEEKDAYS)

    number = await rehearsal.house.change(rehearsal.people["ada"], "other", add)
    return cast_of(rehearsal.house.database, "other-house")[0]["greta"], number


async def test_nothing_of_another_centre_is_changed_from_here(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX)
    greta, olu = await other_house(rehearsal)
    made, blocked = booked(at(10)), block()
    await rehearsal.ask("greta", made)
    await rehearsal.ask("greta", blocked)
    rehearsal.people["stranger"] = greta
    for ask in (
        asks.AmendBooking(booking=made.booking, name="Another"),
        asks.MoveBooking(booking=made.booking, starts_at=at(14), reason="no reason"),
        asks.CancelBooking(booking=made.booking, reason="no reason"),
    ):
        assert (await rehearsal.refused("stranger", ask)).code == RefusalCode.UNKNOWN
    unblocking = await rehearsal.refused("stranger", asks.UnblockTime(block=blocked.block))
    assert unblocking.code == RefusalCode.WRONG_CENTRE
    assert (await rehearsal.refused("greta", block(bookable=olu))).code == RefusalCode.UNKNOWN
    assert await rows(rehearsal, "SELECT name, state, starts_at FROM booking") == [
        ("Jo", "booked", at(10) * 1000)
    ]
    assert len(await rows(rehearsal, "SELECT 1 FROM block")) == 1


async def test_a_block_is_one_and_says_what_it_meets(rehearsal: Rehearsal) -> None:
    numbers = await people(rehearsal)
    await offering(rehearsal, TAX, by_people=True, at_once=9)
    await offering(rehearsal, "housing", at_once=9)
    tax, housing = booked(at(10)), booked(at(10), "housing")
    for made in (tax, housing):
        await rehearsal.ask("greta", made)
    await rehearsal.house.change(
        visitor(rehearsal),
        "hold",
        lambda tx: booking.hold(tx, rehearsal.kiosk.centre, TAX, at(11) * 1000, new_id()),
    )
    of_tax = block(service=TAX)
    assert (await rehearsal.ask("greta", of_tax))["bookings"] == [
        tax.booking
    ]  # nobody is told of a mere hold
    longer = of_tax.model_copy(update={"ends_at": at(13)})
    assert (await rehearsal.refused("greta", longer)).code == RefusalCode.ID_REUSED
    assert sorted((await rehearsal.ask("greta", block()))["bookings"]) == sorted(
        [tax.booking, housing.booking]
    )

    def retire(tx: Tx) -> None:
        tx.session().get_one(Bookable, numbers["ann"]).retired_at = from_micros(tx.now)
        here = select(Service).where(Service.centre_id == tx.actor.centre, Service.slug == "housing")
        tx.session().exec(here).one().retired_at = from_micros(tx.now)

    await rehearsal.house.change(rehearsal.people["ada"], "retire", retire)
    for gone in ({"bookable": numbers["ann"]}, {"service": "housing"}):
        assert (await rehearsal.refused("greta", block(**gone))).code == RefusalCode.UNKNOWN


async def test_a_move_beyond_what_is_offered_is_not_everybodys_and_a_hold_is_nobodys_to_amend(
    rehearsal: Rehearsal,
) -> None:
    await offering(rehearsal, TAX)
    made = booked(at(10))
    await rehearsal.ask("greta", made)
    over = asks.MoveBooking(booking=made.booking, starts_at=at(18), over=True, reason="it is urgent")
    assert (await rehearsal.refused("ann", over)).code == RefusalCode.NOT_ALLOWED
    centre = rehearsal.kiosk.centre
    held = await rehearsal.house.change(
        visitor(rehearsal), "hold", lambda tx: booking.hold(tx, centre, TAX, at(11) * 1000, new_id())
    )
    refusal = await rehearsal.refused("greta", asks.AmendBooking(booking=held.id, name="Jo"))
    assert refusal.code == RefusalCode.WRONG_STATE
    assert (await rehearsal.ask("greta", over))["starts_at"] == at(18)
