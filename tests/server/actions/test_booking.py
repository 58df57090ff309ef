"""Holding, confirming, moving and cancelling: to the second, once, and never for two; on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from server.actions import booking
from server.actions.booking import Who
from server.clock import from_micros
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.store.tables import Block, Booking, Closure, Service
from server.store.tx import Tx
from tests.server.actions.test_needs import rows
from tests.support.house import TUESDAY, Rehearsal, cast_of, fill
from tests.support.offering import free, offering, service_of, visitor
from wire.references import read_reference
from wire.vocabulary import BookingChannel, RefusalCode, new_id

MINUTE = 60_000_000
TAX = "council-tax"


async def do(rehearsal: Rehearsal, work: Callable[[Tx], Any], who: Actor | None = None) -> Any:
    return await rehearsal.house.change(who or visitor(rehearsal), "test", work)


async def hold(rehearsal: Rehearsal, at: int, one: str = "", slug: str = TAX, **more: Any) -> Booking:
    centre, one = rehearsal.kiosk.centre, one or new_id()
    found: Booking = await do(rehearsal, lambda tx: booking.hold(tx, centre, slug, at, one, **more))
    return found


async def confirm(rehearsal: Rehearsal, one: str, name: str = "Jo") -> Booking:
    found: Booking = await do(rehearsal, lambda tx: booking.confirm(tx, one, Who(name=name)))
    return found


async def no(coming: Any, code: RefusalCode = RefusalCode.CLOSED) -> str:
    with pytest.raises(Refused) as refused:
        await coming
    assert refused.value.refusal.code == code
    return refused.value.refusal.say


async def test_a_hold_keeps_its_time_to_the_second_and_not_longer(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX)
    ten, at = [slot.starts_at for slot in await free(rehearsal, TAX, date(2026, 11, 25))][2:4]
    mine = await hold(rehearsal, at)
    assert mine.expires_at == from_micros(rehearsal.clock.micros() + 10 * MINUTE)
    rehearsal.clock.set(from_micros(rehearsal.clock.micros() + 10 * MINUTE - 1))
    assert await no(hold(rehearsal, at)) == (
        "Wednesday 25 November at 10:15 has just been taken. Still free that day: 09:30, 09:45 and 10:45."
    )
    rehearsal.clock.set(from_micros(rehearsal.clock.micros() + 1))
    assert at in [slot.starts_at for slot in await free(rehearsal, TAX, date(2026, 11, 25))]
    theirs = await hold(rehearsal, at)
    assert theirs.id != mine.id
    assert "kept for some minutes only" in await no(confirm(rehearsal, mine.id))
    assert (await confirm(rehearsal, theirs.id)).state == "booked"
    # One that nobody took meanwhile is taken again; one whose time overlaps another's by now is not.
    late = await hold(rehearsal, ten - 30 * MINUTE)
    rehearsal.clock.go(hours=1)
    assert (await confirm(rehearsal, late.id)).state == "booked"


async def test_a_hold_that_expired_and_was_overtaken_by_an_overlapping_one_is_told_what_is_free(
    rehearsal: Rehearsal,
) -> None:
    await offering(rehearsal, TAX)
    first, second = [slot.starts_at for slot in await free(rehearsal, TAX, date(2026, 11, 25))][:2]
    slow = await hold(rehearsal, first)
    rehearsal.clock.go(minutes=11)
    await hold(rehearsal, second)
    assert "Still free that day: " in await no(confirm(rehearsal, slow.id))
    assert await rows(rehearsal, "SELECT COUNT(*) FROM booking WHERE state = 'booked'") == [(0,)]


async def test_everything_may_be_said_twice(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX)
    first, second, third = [slot.starts_at for slot in await free(rehearsal, TAX, date(2026, 11, 25))][:5:2]
    one = new_id()
    held = await asyncio.gather(*(hold(rehearsal, first, one) for _ in range(8)))
    assert {(each.reference, each.expires_at) for each in held} == {(held[0].reference, held[0].expires_at)}
    assert read_reference(held[0].reference) == held[0].reference
    await hold(rehearsal, second, one)  # the same form, another time: the first is free again
    assert first in [slot.starts_at for slot in await free(rehearsal, TAX, date(2026, 11, 25))]
    done = await asyncio.gather(*(confirm(rehearsal, one) for _ in range(8)))
    assert {(each.state, each.sequence, each.reference) for each in done} == {
        ("booked", 0, held[0].reference)
    }
    assert (await hold(rehearsal, second, one)).state == "booked"
    await no(hold(rehearsal, first, one), RefusalCode.ID_REUSED)
    greta = rehearsal.people["greta"]
    for _ in range(2):
        moved = await do(rehearsal, lambda tx: booking.move(tx, done[0], third), greta)
        assert (moved.sequence, moved.starts_at, moved.reference) == (
            1,
            from_micros(third),
            held[0].reference,
        )
    for _ in range(2):
        gone = await do(rehearsal, lambda tx: booking.cancel(tx, done[0], reason="rang us"), greta)
        assert (gone.sequence, gone.state, gone.cancelled_by) == (2, "cancelled", greta.id)
    assert {first, second, third} <= {
        slot.starts_at for slot in await free(rehearsal, TAX, date(2026, 11, 25))
    }
    await no(confirm(rehearsal, one), RefusalCode.WRONG_STATE)
    let_go = await hold(rehearsal, first)
    for _ in range(2):
        await do(rehearsal, lambda tx: booking.release(tx, let_go.id))
    assert await rows(rehearsal, "SELECT COUNT(*) FROM booking") == [(1,)]


async def test_what_cannot_be_had_is_told_why(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX, notice_hours=2, ahead_days=28)
    noon = int(datetime(2026, 11, 25, 12, 0, tzinfo=UTC).timestamp()) * 1_000_000
    day = 24 * 60 * MINUTE
    told = {
        "past": await no(hold(rehearsal, rehearsal.clock.micros() - MINUTE)),
        "soon": await no(hold(rehearsal, rehearsal.clock.micros() + 90 * MINUTE)),
        "closed": await no(hold(rehearsal, noon + 9 * 60 * MINUTE)),
        "off the grid": await no(hold(rehearsal, noon + 7 * MINUTE)),
        "far": await no(hold(rehearsal, noon + 28 * day)),
        "far beyond": await no(hold(rehearsal, 10**18 - 10**18 % MINUTE)),
        "unknown": await no(hold(rehearsal, noon, slug="no-such"), RefusalCode.UNKNOWN),
        "none": await no(hold(rehearsal, noon, slug="housing")),
        "second": await no(hold(rehearsal, noon + 1), RefusalCode.MALFORMED),
    }
    assert told["past"] == "That time is past. Choose a later one."
    assert "at least 2 hours before" in told["soon"]
    assert told["closed"].startswith(
        "There are no appointments on Wednesday 25 November at 21:00. Still free"
    )
    assert "12:00" in told["off the grid"]
    assert "until Tuesday 22 December" in told["far"]
    assert "There are no appointments for housing here" in told["none"]
    assert len(set(told.values())) == 8  # too far is too far
    soon = rehearsal.clock.micros() + 30 * MINUTE
    assert (
        await hold(rehearsal, soon, channel=BookingChannel.STAFF)
    ).state == "held"  # staff up to the last minute

    def elsewhere(tx: Tx) -> None:
        fill(tx.session(), "other-house", "L")

    await do(rehearsal, elsewhere)
    stranger = cast_of(rehearsal.house.database, "other-house")[0]["greta"]
    made = await hold(rehearsal, noon)
    await no(do(rehearsal, lambda tx: booking.move(tx, made, noon), stranger), RefusalCode.WRONG_CENTRE)

    def change(tx: Tx) -> None:
        service = service_of(tx.session(), rehearsal.kiosk.centre, TAX)
        service.booking = {**service.booking, "public": False}
        tx.session().flush()

    await do(rehearsal, change)
    assert "ask us" in await no(hold(rehearsal, noon + 60 * MINUTE))
    assert (await hold(rehearsal, noon + 60 * MINUTE, channel=BookingChannel.STAFF)).state == "held"

    def retire(tx: Tx) -> None:
        service: Service = service_of(tx.session(), rehearsal.kiosk.centre, TAX)
        service.retired_at = TUESDAY
        tx.session().flush()

    await do(rehearsal, retire)
    assert "no appointments for council-tax here" in await no(
        hold(rehearsal, noon + 120 * MINUTE, channel=BookingChannel.STAFF)
    )


async def test_a_visitor_moves_and_cancels_by_themselves_until_the_notice(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX, cancel_hours=24)
    times = [slot.starts_at for slot in await free(rehearsal, TAX, date(2026, 11, 26))]
    mine = await confirm(rehearsal, (await hold(rehearsal, times[0])).id)
    moved = await do(rehearsal, lambda tx: booking.move(tx, mine, times[1]))  # over its own old time
    assert (moved.starts_at, moved.sequence) == (from_micros(times[1]), 1)
    rehearsal.clock.set(from_micros(times[1] - 24 * 60 * MINUTE + 1))
    assert "Please ring us" in await no(do(rehearsal, lambda tx: booking.move(tx, mine, times[5])))
    assert "Please ring us" in await no(do(rehearsal, lambda tx: booking.cancel(tx, mine)))
    rehearsal.clock.set(from_micros(times[1] - 24 * 60 * MINUTE))
    assert (await do(rehearsal, lambda tx: booking.cancel(tx, mine))).cancelled_by is None


async def test_what_is_blocked_or_closed_meanwhile_cannot_be_had(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX)
    centre, at = rehearsal.kiosk.centre, (await free(rehearsal, TAX, date(2026, 11, 26)))[3].starts_at

    def block(tx: Tx) -> None:
        starts, ends = from_micros(at + 19 * MINUTE), from_micros(at + 25 * MINUTE)
        tx.session().add(
            Block(
                id=new_id(),
                centre_id=centre,
                starts_at=starts,
                ends_at=ends,
                reason="a drill",
                made_at=starts,
            )
        )

    await do(rehearsal, block)
    assert "There are no appointments on" in await no(hold(rehearsal, at))
    held = await hold(rehearsal, at + 30 * MINUTE)
    assert held.state == "held"

    def close(tx: Tx) -> None:
        day = date(2026, 11, 26)
        tx.session().add(Closure(centre_id=centre, first_on=day, last_on=day, reason={"en": "Flood"}))

    await do(rehearsal, close)
    await offering(rehearsal, TAX)  # a change of set-up, as a closure is
    assert "Free nearest to it: " in await no(confirm(rehearsal, held.id))
    say = await no(hold(rehearsal, at + 60 * MINUTE))
    assert "Free nearest to it: " in say
    assert "26 November at 1" not in say.split("nearest")[1]
    over = partial(booking.make, over=True, channel=BookingChannel.STAFF)
    even_so = do(rehearsal, lambda tx: over(tx, centre, TAX, at, new_id(), Who(safe_to_text=True)))
    assert await no(even_so) == "The centre is closed on Thursday 26 November. Choose another day."
    late = at + (24 + 8) * 60 * MINUTE  # a Friday evening: no hours, but no closure either
    made = await do(rehearsal, lambda tx: over(tx, centre, TAX, late, new_id(), Who(safe_to_text=True)))
    assert (made.over, made.safe_to_text) == (True, False)  # nothing to text to
