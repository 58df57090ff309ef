"""Taps: late, twice, in the wrong order, of another centre, of another day; corrected and entered from paper."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from server.actions import counting
from server.domain.refusals import Refused
from server.store.queries import counts
from server.store.sql import Sql
from tests.support.house import TUESDAY, Rehearsal, cast_of, fill
from wire import asks
from wire.vocabulary import Activity, RefusalCode, new_id

DAY = TUESDAY.date()
HOUR_MS = 3600 * 1000


async def sums(rehearsal: Rehearsal, on: date = DAY) -> dict[str, int]:
    centre = rehearsal.people["greta"].centre
    found = await rehearsal.house.look(lambda c: counts.tally_sums(Sql(c), centre, on, on))
    return {each.activity: each.people for each in found}


async def corrections(rehearsal: Rehearsal) -> list[counts.Correction]:
    centre = rehearsal.people["greta"].centre
    return await rehearsal.house.look(lambda c: counts.corrections_of(Sql(c), centre, DAY, DAY, 50))


def tap(activity: Activity = Activity.TELEPHONE, **more: Any) -> asks.Count:
    return asks.Count(tally=new_id(), activity=activity, **more)


async def test_the_same_tap_sent_twenty_times_counts_once(rehearsal: Rehearsal) -> None:
    body, ask_id = tap(), new_id()
    retold = [body.model_copy(update={"age_ms": 1000 * each}) for each in range(10)]
    answers = await asyncio.gather(
        *(rehearsal.answer("greta", each, ask_id) for each in retold),  # the same command again
        *(rehearsal.answer("greta", each) for each in retold),  # the same tap under another command's number
    )
    assert {answer.result["counted"] for answer in answers if answer.result} == {True}
    assert await sums(rehearsal) == {"telephone": 1}


async def test_two_taps_are_two(rehearsal: Rehearsal) -> None:
    await asyncio.gather(*(rehearsal.ask(who, tap()) for who in ("greta", "ann", "greta")))
    assert await sums(rehearsal) == {"telephone": 3}


async def test_a_tap_taken_back_before_it_was_heard_of_never_counts(rehearsal: Rehearsal) -> None:
    body = tap()
    await rehearsal.ask("greta", asks.Uncount(tally=body.tally))
    assert (await rehearsal.ask("greta", body))["counted"] is False
    assert await sums(rehearsal) == {}
    (only,) = await corrections(rehearsal)
    assert (only.activity, only.who, only.by) == ("telephone", "Greta", "Greta")


async def test_a_tap_taken_back_stays_visible_with_who_and_when(rehearsal: Rehearsal) -> None:
    body = tap()
    await rehearsal.ask("ann", body)
    rehearsal.clock.go(minutes=5)
    await rehearsal.ask("greta", asks.Uncount(tally=body.tally))
    await rehearsal.ask("greta", asks.Uncount(tally=body.tally))
    assert await sums(rehearsal) == {}
    (only,) = await corrections(rehearsal)
    assert (only.who, only.by, only.withdrawn_at - only.at) == ("Ann", "Greta", 5 * 60 * 1_000_000)


async def test_an_adviser_takes_back_only_their_own(rehearsal: Rehearsal) -> None:
    own, anothers = tap(), tap()
    await rehearsal.ask("ann", own)
    await rehearsal.ask("bob", anothers)
    await rehearsal.ask("ann", asks.Uncount(tally=own.tally))
    refusal = await rehearsal.refused("ann", asks.Uncount(tally=anothers.tally))
    assert refusal.code == RefusalCode.NOT_ALLOWED
    assert await sums(rehearsal) == {"telephone": 1}


async def test_a_tap_of_yesterday_is_left_to_a_manager(rehearsal: Rehearsal) -> None:
    body = tap()
    await rehearsal.ask("greta", body)
    rehearsal.clock.go(days=1)
    assert (await rehearsal.refused("greta", asks.Uncount(tally=body.tally))).code == RefusalCode.CLOSED
    # ... unless it was taken back on its day and only told today.
    await rehearsal.ask("greta", asks.Uncount(tally=body.tally, age_ms=24 * HOUR_MS))
    assert await sums(rehearsal) == {}


async def test_a_tap_counts_on_the_centres_date_when_it_was_made(rehearsal: Rehearsal) -> None:
    rehearsal.clock.set(TUESDAY.replace(hour=0, minute=30))
    await rehearsal.ask("greta", tap(age_ms=HOUR_MS))
    assert await sums(rehearsal) == {}
    assert await sums(rehearsal, DAY - timedelta(days=1)) == {"telephone": 1}


async def test_a_tap_of_more_than_a_week_ago_is_refused(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("greta", tap(age_ms=7 * 24 * HOUR_MS))
    assert (await rehearsal.refused("greta", tap(age_ms=7 * 24 * HOUR_MS + 1))).code == RefusalCode.CLOSED


async def test_a_tap_of_another_centre_is_as_if_it_were_not_there(rehearsal: Rehearsal) -> None:
    await rehearsal.house.change(
        rehearsal.people["ada"], "fill", lambda tx: fill(tx.session(), "other-house", "L")
    )
    people, _ = cast_of(rehearsal.house.database, "other-house")
    body = tap()
    await rehearsal.ask("greta", body)
    for ask in (asks.Uncount(tally=body.tally), body):
        assert (await rehearsal.refused(people["greta"], ask)).code == RefusalCode.UNKNOWN
    recount = asks.Recount(tally=body.tally, new=new_id(), reason="Not ours.")
    assert (await rehearsal.refused(people["mia"], recount)).code == RefusalCode.UNKNOWN
    assert await sums(rehearsal) == {"telephone": 1}


async def test_help_at_the_door_keeps_what_about_and_whether_it_was_solved(rehearsal: Rehearsal) -> None:
    for solved, avoidable in ((True, None), (False, "chasing")):
        await rehearsal.ask(
            "greta",
            asks.DoorHelp(tally=new_id(), service="housing", solved=solved, avoidable=avoidable),
        )
    await rehearsal.ask("greta", asks.DoorHelp(tally=new_id(), solved=True))
    centre = rehearsal.people["greta"].centre
    found = await rehearsal.house.look(lambda c: counts.door_helps(Sql(c), centre, DAY, DAY))
    assert sorted((each.service is None, *each[1:]) for each in found) == [(False, 2, 1, 1), (True, 1, 1, 0)]
    unknown = asks.DoorHelp(tally=new_id(), service="no-such", solved=True)
    assert (await rehearsal.refused("greta", unknown)).code == RefusalCode.UNKNOWN


async def test_a_manager_puts_another_activity_in_its_place(rehearsal: Rehearsal) -> None:
    body = tap()
    await rehearsal.ask("greta", body)
    rehearsal.clock.go(days=3)
    recount = asks.Recount(tally=body.tally, new=new_id(), activity=Activity.FORMS, reason="It was forms.")
    assert (await rehearsal.refused("greta", recount)).code == RefusalCode.NOT_ALLOWED
    await rehearsal.ask("mia", recount)
    assert await sums(rehearsal) == {"forms": 1}
    (only,) = await corrections(rehearsal)
    assert (only.activity, only.instead, only.by, only.reason) == (
        "telephone",
        "forms",
        "Mia",
        "It was forms.",
    )
    again = recount.model_copy(update={"new": new_id()})
    assert (await rehearsal.refused("mia", again)).code == RefusalCode.WRONG_STATE
    same = asks.Recount(tally=recount.new, new=new_id(), activity=Activity.FORMS, reason="The same.")
    assert (await rehearsal.refused("mia", same)).code == RefusalCode.WRONG_STATE


# Of a visit ----------------------------------------------------------------------------------------------------------


async def test_what_a_known_visitor_did_besides_is_an_activity_of_the_visit_once(
    rehearsal: Rehearsal,
) -> None:
    visitor = await rehearsal.issue()
    phone = tap(ticket=visitor.ticket)
    ask_id = new_id()
    for _ in range(3):
        assert (await rehearsal.answer("greta", phone, ask_id)).refusal is None
    again = await rehearsal.refused("greta", tap(ticket=visitor.ticket))
    assert again.say == f"{visitor.code} is counted for that already. Nothing is counted twice."
    own = await rehearsal.refused("greta", tap(Activity.ADVICE, ticket=visitor.ticket))
    assert own.say == again.say, "its ticket counts as advice"
    await rehearsal.ask("greta", tap(Activity.FORMS, ticket=visitor.ticket))
    assert await sums(rehearsal) == {"telephone": 1, "forms": 1}
    visits = await rehearsal.house.look(
        lambda c: {row[0] for row in c.exec_driver_sql("SELECT visit_id FROM tally")}
    )
    assert visits == {visitor.visit}
    await rehearsal.ask("greta", asks.Uncount(tally=phone.tally))
    await rehearsal.ask("greta", tap(ticket=visitor.ticket))
    assert (await sums(rehearsal))["telephone"] == 1


async def test_what_a_private_visitor_did_is_not_tried_out_by_counting(rehearsal: Rehearsal) -> None:
    visitor = await rehearsal.issue(discreet=True)
    said = {
        (await rehearsal.refused("greta", tap(each, ticket=visitor.ticket))).say
        for each in (Activity.ADVICE, Activity.TELEPHONE)
    }
    assert len(said) == 1
    assert await sums(rehearsal) == {}


# Sheets --------------------------------------------------------------------------------------------------------------


async def enter(rehearsal: Rehearsal, on: date, sheet: str = "", another: bool = False, **marks: int) -> int:
    lines = {Activity(name): number for name, number in marks.items()}
    return await rehearsal.house.change(
        rehearsal.people["mia"],
        "sheet",
        lambda tx: counting.enter_sheet(tx, sheet or new_id(), on, lines, another=another),
    )


async def test_a_tally_sheet_is_entered_for_its_day_and_once(rehearsal: Rehearsal) -> None:
    day, sheet = DAY - timedelta(days=4), new_id()
    for _ in range(2):
        assert await enter(rehearsal, day, sheet, telephone=12, forms=0, scan_station=40) == 52
    assert await sums(rehearsal, day) == {"telephone": 12, "scan_station": 40}
    with pytest.raises(Refused, match="already entered"):
        await enter(rehearsal, day, telephone=12)
    await enter(rehearsal, day, another=True, telephone=12)
    assert (await sums(rehearsal, day))["telephone"] == 24


@pytest.mark.parametrize(
    ("on", "marks", "says"),
    [
        (DAY + timedelta(days=1), {"telephone": 1}, "has not come"),
        (date(1999, 12, 31), {"telephone": 1}, "too long ago"),
        (DAY, {}, "empty"),
        (DAY, {"telephone": 0}, "empty"),
        (DAY, {"telephone": 3, "forms": -1}, "from 0 to"),
        (DAY, {"telephone": 5_001}, "from 0 to"),
    ],
)
async def test_a_sheet_that_cannot_be_is_refused_whole(
    rehearsal: Rehearsal, on: date, marks: dict[str, int], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        await enter(rehearsal, on, **marks)
    assert await sums(rehearsal, on) == {}
