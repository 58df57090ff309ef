"""Sending a page to a self-service PC: to one that rests, one page at a time, the centre's own only, and not for ever."""

from __future__ import annotations

import pytest

from server.live import views
from server.live.floor import FloorReader
from tests.support.house import Rehearsal
from tests.support.pcs import pc_beside
from wire import asks
from wire.vocabulary import Audience, RefusalCode


def seen(rehearsal: Rehearsal, audience: Audience, subject: str = "") -> dict[str, object]:
    floor = FloorReader(rehearsal.house.database, "").read(rehearsal.kiosk.centre, rehearsal.clock.micros())
    return dict(views.view(floor, audience, subject))


def free(rehearsal: Rehearsal, pc: int) -> bool:
    row = seen(rehearsal, Audience.KIOSK)[f"pc:{pc}"]
    assert isinstance(row, dict)
    return bool(row["free"])


async def test_a_page_waits_at_the_pc_until_somebody_begins_and_no_longer_than_three_minutes(
    rehearsal: Rehearsal,
) -> None:
    pc = await pc_beside(rehearsal)
    assert not free(rehearsal, pc.id), "it has not said that it rests"
    await rehearsal.ask(pc, asks.PcIs(rests=True))
    assert free(rehearsal, pc.id)
    await rehearsal.ask(rehearsal.kiosk, asks.OpenOnPc(pc=str(pc.id), portal="vote"))
    assert seen(rehearsal, Audience.PC, str(pc.id))["opens"] == {
        "kind": "opens",
        "portal": "vote",
        "name": "PC 1",
    }
    assert not free(rehearsal, pc.id), "one page at a time"
    await rehearsal.ask(pc, asks.PcIs(rests=True))
    assert "opens" in seen(rehearsal, Audience.PC, str(pc.id)), "loading its page anew loses nothing"
    await rehearsal.ask(pc, asks.PcIs(rests=False))
    assert "opens" not in seen(rehearsal, Audience.PC, str(pc.id))
    assert not free(rehearsal, pc.id), "somebody sits at it"
    await rehearsal.ask(pc, asks.PcIs(rests=True))
    await rehearsal.ask(rehearsal.kiosk, asks.OpenOnPc(pc=str(pc.id), portal="vote"))
    rehearsal.clock.go(seconds=181)
    assert "opens" not in seen(rehearsal, Audience.PC, str(pc.id)), "the next person must not find it"
    assert not free(rehearsal, pc.id), "it has not been heard of for three minutes"


@pytest.mark.parametrize(
    ("pc", "portal", "why"),
    [
        ("999", "vote", RefusalCode.UNKNOWN),
        ("", "vote", RefusalCode.BUSY),
        ("", "nowhere", RefusalCode.UNKNOWN),
    ],
)
async def test_what_cannot_be_opened_is_refused(
    rehearsal: Rehearsal, pc: str, portal: str, why: RefusalCode
) -> None:
    """By default one that has never said it rests."""
    there = await pc_beside(rehearsal)
    refusal = await rehearsal.refused(rehearsal.kiosk, asks.OpenOnPc(pc=pc or str(there.id), portal=portal))
    assert refusal.code is why


async def test_a_kiosk_is_no_pc_that_a_page_could_be_sent_to(rehearsal: Rehearsal) -> None:
    await pc_beside(rehearsal)
    ask = asks.OpenOnPc(pc=str(rehearsal.spare.id), portal="vote")
    refusal = await rehearsal.refused(rehearsal.kiosk, ask)
    assert refusal.code is RefusalCode.UNKNOWN
    assert "opens" not in seen(rehearsal, Audience.PC, str(rehearsal.spare.id))
