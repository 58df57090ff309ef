"""Changes of the set-up on both databases: made, done at the centre's midnight by the rounds, refused to the second of two, undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, col, select

from server.actions import changes
from server.actions.centres import export
from server.actions.changes import Draft, consider
from server.actions.changes_reach import touches
from server.centrefile import CentrePlan
from server.centrefile.applying import standing
from server.domain.changes import Part, Table, mark_of, part_of
from server.domain.refusals import Refused
from server.jobs.planned import do_due_changes
from server.store.tables import Audit, Centre, Change, Service
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Language

MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)


async def plan(rehearsal: Rehearsal) -> CentrePlan:
    found = await rehearsal.house.read(lambda session: export(session, "york-house"))
    assert found is not None
    return found


async def version(rehearsal: Rehearsal) -> int:
    return await rehearsal.house.read(lambda session: session.exec(select(Centre.version)).one())


async def table_of(rehearsal: Rehearsal, part: str) -> Table:
    table = standing(await plan(rehearsal), said(part))
    assert table is not None
    return table


def said(part: str) -> Part:
    known = part_of(part)
    assert known is not None
    return known


async def draft(rehearsal: Rehearsal, part: str, after: Table | None) -> Draft:
    """As a form makes it that was opened just now."""
    return Draft(said(part), after, mark_of(standing(await plan(rehearsal), said(part))))


async def make(rehearsal: Rehearsal, wanted: Draft, at: datetime | None = None, who: str = "ada") -> int:
    return await rehearsal.house.change(
        rehearsal.people[who], "make", partial(changes.make, draft=wanted, at=at)
    )


async def change(rehearsal: Rehearsal, part: str, at: datetime | None = None, **values: Any) -> int:
    after = {**await table_of(rehearsal, part), **values}
    return await make(rehearsal, await draft(rehearsal, part, after), at)


async def refusal(rehearsal: Rehearsal, wanted: Draft, at: datetime | None = None) -> str:
    with pytest.raises(Refused) as refused:
        await make(rehearsal, wanted, at)
    return refused.value.refusal.say


async def undo(rehearsal: Rehearsal, number: int) -> int:
    now = rehearsal.clock.now()

    def reading(session: Session) -> Draft:
        return changes.undoing(session, session.exec(select(Centre)).one(), number, now)

    return await make(rehearsal, await rehearsal.house.read(reading))


async def row(rehearsal: Rehearsal, number: int) -> Change:
    return await rehearsal.house.read(lambda session: session.get_one(Change, number))


NEW: Table = {"slug": "blue-badge", "names": {"en": "Blue badge"}, "choice": "money", "icon": "badge"}


async def test_a_change_now_is_done_at_once_and_touches_nothing_else(rehearsal: Rehearsal) -> None:
    before, at = await plan(rehearsal), await version(rehearsal)
    number = await change(rehearsal, "service:council-tax", target_minutes=7)
    after = await plan(rehearsal)
    first, *rest = before.services
    assert after == replace(before, services=(replace(first, target_minutes=7), *rest))
    assert await version(rehearsal) == at + 1
    assert (await row(rehearsal, number)).done_at == rehearsal.clock.now()


async def test_a_change_that_changes_nothing_is_told_so_and_does_not_raise_the_version(
    rehearsal: Rehearsal,
) -> None:
    at = await version(rehearsal)
    same = await table_of(rehearsal, "service:council-tax")
    assert "Nothing is different" in await refusal(
        rehearsal, await draft(rehearsal, "service:council-tax", same)
    )
    assert await version(rehearsal) == at


async def test_what_is_planned_is_done_at_the_centre_s_midnight_and_not_before(rehearsal: Rehearsal) -> None:
    number = await make(rehearsal, await draft(rehearsal, "service:blue-badge", NEW), MIDNIGHT)
    rehearsal.clock.set(MIDNIGHT - timedelta(seconds=1))
    assert await do_due_changes(rehearsal.house) == 0
    assert "blue-badge" not in [each.slug for each in (await plan(rehearsal)).services]
    rehearsal.clock.set(MIDNIGHT)
    assert await do_due_changes(rehearsal.house) == 1
    assert [each.slug for each in (await plan(rehearsal)).services][-1] == "blue-badge"
    assert await do_due_changes(rehearsal.house) == 0
    assert (await row(rehearsal, number)).done_at == MIDNIGHT


async def test_what_rests_on_what_is_planned_earlier_may_be_planned_and_is_done_in_order(
    rehearsal: Rehearsal,
) -> None:
    choice = {"slug": "travel", "names": {"en": "Travel"}, "icon": "car"}
    within = {**NEW, "choice": "travel"}
    assert "not there then" in await refusal(
        rehearsal, await draft(rehearsal, "service:blue-badge", within), MIDNIGHT
    )
    await make(rehearsal, await draft(rehearsal, "choice:travel", choice), MIDNIGHT)
    await make(rehearsal, await draft(rehearsal, "service:blue-badge", within), MIDNIGHT)
    assert "not there then" in await refusal(rehearsal, await draft(rehearsal, "service:blue-badge", within))
    rehearsal.clock.set(MIDNIGHT)
    assert await do_due_changes(rehearsal.house) == 2
    assert (await plan(rehearsal)).services[-1].choice == "travel"


async def test_of_two_administrators_the_second_is_told_who_changed_what_when(rehearsal: Rehearsal) -> None:
    seen = await table_of(rehearsal, "service:council-tax")
    second = await draft(rehearsal, "service:council-tax", {**seen, "usual_minutes": 30})
    await change(rehearsal, "service:council-tax", target_minutes=7)
    rehearsal.clock.go(minutes=5)
    told = await refusal(rehearsal, second)
    assert told == "Ada changed this at 10:00: the target. Look at it again."
    again = await draft(
        rehearsal,
        "service:council-tax",
        {**await table_of(rehearsal, "service:council-tax"), "usual_minutes": 30},
    )
    await make(rehearsal, again)
    tax = (await plan(rehearsal)).services[0]
    assert (tax.target_minutes, tax.usual_minutes) == (7, 30)


async def test_a_form_of_what_was_taken_away_meanwhile_is_refused(rehearsal: Rehearsal) -> None:
    old = await draft(rehearsal, "message:welcome", {"slug": "welcome", "text": {"en": "Hello."}})
    await make(rehearsal, await draft(rehearsal, "message:welcome", None))
    assert await refusal(rehearsal, old) == "Ada took this away at 10:00. Look at it again."


async def test_a_planned_change_keeps_what_others_changed_meanwhile(rehearsal: Rehearsal) -> None:
    await change(rehearsal, "service:council-tax", MIDNIGHT, target_minutes=7)
    await change(rehearsal, "service:council-tax", names={"en": "Council tax bills"})
    rehearsal.clock.set(MIDNIGHT)
    assert await do_due_changes(rehearsal.house) == 1
    tax = (await plan(rehearsal)).services[0]
    assert (tax.target_minutes, tax.names["en"]) == (7, "Council tax bills")


async def test_a_planned_change_of_what_was_changed_meanwhile_fails_with_its_reason(
    rehearsal: Rehearsal,
) -> None:
    number = await change(rehearsal, "service:council-tax", MIDNIGHT, target_minutes=7)
    later = await make(rehearsal, await draft(rehearsal, "service:blue-badge", NEW), MIDNIGHT)
    wanted = await draft(
        rehearsal,
        "service:council-tax",
        {**await table_of(rehearsal, "service:council-tax"), "target_minutes": 9},
    )
    upset = await rehearsal.house.read(
        lambda session: (
            consider(
                session,
                session.exec(select(Centre)).one(),
                wanted,
                rehearsal.clock.now(),
                rehearsal.clock.now(),
            ).upset
        )
    )
    assert len(upset) == 1
    assert "could then not be done: the target will have been changed" in upset[0]
    await make(rehearsal, wanted)
    rehearsal.clock.set(MIDNIGHT)
    assert await do_due_changes(rehearsal.house) == 1, "the other one is done all the same"
    failed = await row(rehearsal, number)
    assert failed.done_at is None
    assert (
        failed.failed
        == "Ada changed this on Tuesday 24 November 2026 at 10:00: the target. Look at it again."
    )
    assert (await row(rehearsal, later)).done_at == MIDNIGHT
    assert (await plan(rehearsal)).services[0].target_minutes == 9
    assert await do_due_changes(rehearsal.house) == 0
    seen = await rehearsal.house.read(lambda session: changes.failed_of(session, failed.centre_id))
    assert [each.id for each in seen] == [number]


async def test_a_second_plan_for_the_same_thing_is_refused_before_it_is_made(rehearsal: Rehearsal) -> None:
    await change(rehearsal, "service:council-tax", MIDNIGHT, target_minutes=7)
    tax = await table_of(rehearsal, "service:council-tax")
    other = await draft(rehearsal, "service:council-tax", {**tax, "target_minutes": 9})
    assert await refusal(rehearsal, other, MIDNIGHT) == (
        "A change of the target is planned already, on Wednesday 25 November 2026. "
        "Cancel that one first, or choose an earlier day."
    )
    both = await draft(rehearsal, "service:council-tax", {**tax, "usual_minutes": 9})
    await make(rehearsal, both, MIDNIGHT)
    rehearsal.clock.set(MIDNIGHT)
    assert await do_due_changes(rehearsal.house) == 2
    done = (await plan(rehearsal)).services[0]
    assert (done.target_minutes, done.usual_minutes) == (7, 9)


async def test_a_done_change_is_undone_and_the_undoing_too(rehearsal: Rehearsal) -> None:
    before = await plan(rehearsal)
    number = await change(rehearsal, "service:council-tax", target_minutes=7, names={"en": "Tax"})
    first = await undo(rehearsal, number)
    assert await plan(rehearsal) == before
    assert (await row(rehearsal, first)).undoes == number
    await undo(rehearsal, first)
    assert (await plan(rehearsal)).services[0].target_minutes == 7


async def test_undoing_takes_back_its_own_values_only_and_not_what_was_changed_again(
    rehearsal: Rehearsal,
) -> None:
    number = await change(rehearsal, "service:council-tax", target_minutes=7)
    await change(rehearsal, "service:council-tax", usual_minutes=33)
    await undo(rehearsal, number)
    tax = (await plan(rehearsal)).services[0]
    assert (tax.target_minutes, tax.usual_minutes) == (20, 33)
    number = await change(rehearsal, "service:council-tax", target_minutes=7)
    await change(rehearsal, "service:council-tax", target_minutes=8)
    with pytest.raises(Refused, match="Ada changed this at 10:00: the target"):
        await undo(rehearsal, number)


async def test_what_was_added_or_taken_away_is_undone_under_its_old_number(rehearsal: Rehearsal) -> None:
    added = await make(rehearsal, await draft(rehearsal, "service:blue-badge", NEW))
    await undo(rehearsal, added)
    before = await plan(rehearsal)

    def number_of(session: Session) -> int | None:
        return session.exec(select(Service.id).where(Service.slug == "housing")).one()

    old = await rehearsal.house.read(number_of)
    away = await make(rehearsal, await draft(rehearsal, "service:housing", None))
    assert "housing" not in [each.slug for each in (await plan(rehearsal)).services]
    await undo(rehearsal, away)
    again = await plan(rehearsal)
    assert {each.slug: each for each in again.services} == {each.slug: each for each in before.services}
    assert await rehearsal.house.read(number_of) == old


async def test_a_closure_is_planned_done_moved_and_undone(rehearsal: Rehearsal) -> None:
    closure = {"first": "2026-12-24", "last": "2027-01-01", "reason": {"en": "Christmas"}}
    await make(rehearsal, await draft(rehearsal, "closure:2026-12-24..2027-01-01", closure))
    moved = {**closure, "last": "2027-01-02"}
    number = await make(rehearsal, await draft(rehearsal, "closure:2026-12-24..2027-01-01", moved))
    assert (await plan(rehearsal)).hours.closures[0].last_on == date(2027, 1, 2)
    await undo(rehearsal, number)
    assert (await plan(rehearsal)).hours.closures[0].last_on == date(2027, 1, 1)


async def test_a_planned_change_that_is_cancelled_is_not_done(rehearsal: Rehearsal) -> None:
    number = await change(rehearsal, "service:council-tax", MIDNIGHT, target_minutes=7)
    ada = rehearsal.people["ada"]
    await rehearsal.house.change(ada, "cancel", partial(changes.cancel, number=number))
    rehearsal.clock.set(MIDNIGHT)
    assert await do_due_changes(rehearsal.house) == 0
    assert (await plan(rehearsal)).services[0].target_minutes == 20
    done = await change(rehearsal, "service:council-tax", target_minutes=8)
    with pytest.raises(Refused, match="Undo it instead"):
        await rehearsal.house.change(ada, "cancel", partial(changes.cancel, number=done))


async def test_a_change_of_another_centre_cannot_be_seen_or_cancelled(rehearsal: Rehearsal) -> None:
    number = await change(rehearsal, "service:council-tax", MIDNIGHT, target_minutes=7)
    stranger = replace(rehearsal.people["ada"], centre=999)
    with pytest.raises(Refused, match="no such change"):
        await rehearsal.house.change(stranger, "cancel", partial(changes.cancel, number=number))


# What is in use ---------------------------------------------------------------------------------------


async def test_a_service_people_wait_for_stays_until_tomorrow(rehearsal: Rehearsal) -> None:
    for _ in range(3):
        await rehearsal.issue("housing")
    away = await draft(rehearsal, "service:housing", None)
    assert await refusal(rehearsal, away) == (
        "3 people wait for housing. Pass them on or finish with them first, or choose tomorrow."
    )
    await make(rehearsal, away, MIDNIGHT)
    rehearsal.clock.set(MIDNIGHT)
    assert await do_due_changes(rehearsal.house) == 1, "who waited the evening before has gone home"


async def test_a_service_people_wait_for_when_its_moment_comes_stays_and_says_why(
    rehearsal: Rehearsal,
) -> None:
    number = await make(rehearsal, await draft(rehearsal, "service:housing", None), MIDNIGHT)
    rehearsal.clock.set(MIDNIGHT + timedelta(hours=10))  # the server was off
    await rehearsal.issue("housing")
    assert await do_due_changes(rehearsal.house) == 0
    assert "1 person waits for housing." in (await row(rehearsal, number)).failed


async def test_a_counter_somebody_sits_at_stays(rehearsal: Rehearsal) -> None:
    await rehearsal.sit("ann", "desk-1")
    away = await draft(rehearsal, "counter:desk-1", None)
    assert (
        await refusal(rehearsal, away) == "Ann sits at Desk 1. Ask them to get up first, or choose tomorrow."
    )
    await rehearsal.ask("ann", asks.GetUp())
    await make(rehearsal, away)


async def test_what_others_stand_in_stays(rehearsal: Rehearsal) -> None:
    assert await refusal(rehearsal, await draft(rehearsal, "choice:money", None)) == (
        "council-tax, housing and safety are under this choice. Put them elsewhere first."
    )
    assert "Send them to another service first, on the page “Talks in private”" in await refusal(
        rehearsal, await draft(rehearsal, "service:private", None)
    )
    await make(rehearsal, await draft(rehearsal, "area:hall", {"slug": "hall", "names": {"en": "Hall"}}))
    await change(rehearsal, "counter:desk-1", area="hall")
    assert await refusal(rehearsal, await draft(rehearsal, "area:hall", None)) == (
        "Desk 1 is in this area. Put it elsewhere first."
    )


async def test_the_last_service_stays(rehearsal: Rehearsal) -> None:
    for slug in ("council-tax", "housing"):
        await make(rehearsal, await draft(rehearsal, f"service:{slug}", None))
    await change(rehearsal, "service:private", private=False, discreet=True, choice="money")
    await make(rehearsal, await draft(rehearsal, "service:safety", None))
    assert "This is the last service" in await refusal(
        rehearsal, await draft(rehearsal, "service:private", None)
    )


async def met(rehearsal: Rehearsal, wanted: Draft) -> list[str]:
    now = rehearsal.clock.now()

    def reading(session: Session) -> list[str]:
        centre = session.exec(select(Centre)).one()
        return touches(session, centre, consider(session, centre, wanted, now, now).now, now)

    return await rehearsal.house.read(reading)


async def test_closing_today_says_who_is_inside(rehearsal: Rehearsal) -> None:
    await rehearsal.issue("housing")
    await rehearsal.issue("council-tax")
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.ask("ann", asks.CallNext())
    closure = {"first": "2026-11-24", "last": "2026-11-24", "reason": {"en": "A burst pipe"}}
    told = await met(rehearsal, await draft(rehearsal, "closure:2026-11-24..2026-11-24", closure))
    assert told[0] == (
        "The centre is open now and would be closed at once. 1 person waits and 1 is called: they can still be called and served."
    )
    assert "Tue 24 Nov (09:30 to 16:30, then closed)" in told[1]


async def test_closing_a_service_by_its_own_hours_says_who_waits_for_it(rehearsal: Rehearsal) -> None:
    await rehearsal.issue("housing")
    await rehearsal.issue("council-tax")
    table = await table_of(rehearsal, "service:housing")
    hours = [{"days": ["friday"], "opens": "10:00", "closes": "12:00"}]
    told = await met(rehearsal, await draft(rehearsal, "service:housing", {**table, "hours": hours}))
    assert (
        "The service is open now and would be closed at once. 1 person waits: they can still be called and served."
        in told
    )
    assert not any(
        "closed at once" in say
        for say in await met(rehearsal, await draft(rehearsal, "service:housing", {**table, "lgsl": 5}))
    )


async def test_taking_a_language_away_says_who_reads_it(rehearsal: Rehearsal) -> None:
    await rehearsal.issue("housing", language=Language.PL)
    centre = await table_of(rehearsal, "centre")
    told = await met(rehearsal, await draft(rehearsal, "centre", {**centre, "languages": ["en"]}))
    assert told[0].startswith("1 visitor who chose a language you take away is inside.")


async def test_changing_a_service_says_who_waits_and_who_serves(rehearsal: Rehearsal) -> None:
    await rehearsal.issue("council-tax")
    await rehearsal.sit("ann", "desk-1")
    told = await met(
        rehearsal,
        await draft(
            rehearsal, "service:council-tax", {**await table_of(rehearsal, "service:council-tax"), "lgsl": 57}
        ),
    )
    assert told[:2] == ["1 person waits for it now. They keep their places.", "Ann at Desk 1 serves it now."]
    assert "K01" not in " ".join(told)


# Bad input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "values", "say"),
    [
        ("service:council-tax", {"names": {"en": "x" * 300}}, "This has 300 characters; at most 60 fit."),
        ("service:council-tax", {"names": {"en": "   "}}, "Fill this in."),
        ("service:council-tax", {"names": {"pl": "Podatek"}}, "Fill this in, in English at least"),
        ("service:council-tax", {"icon": "dragon"}, "Choose one of the list."),
        ("service:council-tax", {"target_minutes": -1}, "Write a whole number from 1 to 480."),
        (
            "hours",
            {"hours": [{"days": ["monday"], "opens": "17:00", "closes": "09:00"}]},
            "This closes before it opens.",
        ),
        ("counter:desk-1", {"name": "Desk 2"}, "Another counter has this name already."),
        ("centre", {"timezone": "Europe/Nowhere"}, "Choose one of the list."),
        ("centre", {"languages": ["pl"]}, "English must stay"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_done(
    rehearsal: Rehearsal, part: str, values: Table, say: str
) -> None:
    before = await plan(rehearsal)
    wanted = await draft(rehearsal, part, {**await table_of(rehearsal, part), **values})
    assert (await refusal(rehearsal, wanted)).startswith(say)
    assert await plan(rehearsal) == before


@pytest.mark.parametrize("name", ["કાઉન્સિલ ટેક્સ", "ضريبة", "Council tax 🏠", "<script>alert(1)</script>"])
async def test_names_in_any_script_are_kept_as_they_are(rehearsal: Rehearsal, name: str) -> None:
    await change(rehearsal, "service:council-tax", names={"en": name})
    assert (await plan(rehearsal)).services[0].names["en"] == name


async def test_a_draft_that_names_another_part_than_it_is_does_nothing(rehearsal: Rehearsal) -> None:
    before = await plan(rehearsal)
    other = await draft(rehearsal, "service:council-tax", {**await table_of(rehearsal, "service:housing")})
    assert await refusal(rehearsal, other)
    assert await refusal(rehearsal, Draft(Part("hours"), None, mark_of({"hours": []})))
    assert await plan(rehearsal) == before


async def test_what_was_done_is_audited_without_the_words(rehearsal: Rehearsal) -> None:
    await change(rehearsal, "service:council-tax", target_minutes=7)
    await change(rehearsal, "service:council-tax", MIDNIGHT, usual_minutes=3)
    rehearsal.clock.set(MIDNIGHT)
    await do_due_changes(rehearsal.house)
    entries = await rehearsal.house.read(
        lambda session: session.exec(
            select(Audit).where(col(Audit.what).like("setup%")).order_by(col(Audit.id))
        ).all()
    )
    assert [(each.what, each.about, each.staff_id is None) for each in entries] == [
        ("setup_changed", "Service: council-tax", False),
        ("setup_planned", "Service: council-tax", False),
        ("setup_changed", "Service: council-tax", True),
    ]
    assert entries[0].detail["did"] == "changed the target"
