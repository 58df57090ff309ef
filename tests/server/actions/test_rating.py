"""How a visit was, as a kiosk at the exit hands it over: once, on the day it was said, and without a word in any log or audit line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlmodel import select

from server.actions import device_commands, rating
from server.actions.rating import Given
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.live import views
from server.live.floor import FloorReader
from server.store.queries.rating import Ended, ended_visit
from server.store.sql import Sql
from server.store.tables import Audit, Feedback
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Audience, FeedbackReason, FeedbackWay, Language, new_id


async def answers(rehearsal: Rehearsal) -> list[Feedback]:
    return await rehearsal.house.read(lambda session: list(session.exec(select(Feedback)).all()))


async def test_an_answer_whose_reply_was_lost_counts_once(rehearsal: Rehearsal) -> None:
    rating, ask_id = new_id(), new_id()
    said = asks.Rate(rating=rating, score=2, reason="wait", language="pl", sealed="YWdl")
    for later in (0, 60_000):
        told_again = said.model_copy(update={"age_ms": later})
        assert (await rehearsal.answer(rehearsal.kiosk, told_again, ask_id)).refusal is None
    await rehearsal.ask(
        rehearsal.kiosk, said
    )  # by a kiosk that lost its notes, too: another command, the same answer
    (row,) = await answers(rehearsal)
    assert (row.id, row.score, row.reason, row.language, row.way) == (rating, 2, "wait", "pl", "exit")
    assert (row.sealed, row.service_id, row.device_id) == ("YWdl", None, rehearsal.kiosk.id)
    audit = await rehearsal.house.read(lambda session: session.exec(select(Audit)).all())
    assert not [each for each in audit if "rat" in each.what or "feedback" in each.what]


async def test_handed_over_late_it_belongs_to_the_day_it_was_said(rehearsal: Rehearsal) -> None:
    rehearsal.clock.set(datetime(2026, 7, 2, 8, 0, tzinfo=UTC))
    nine_hours = 9 * 3600 * 1000  # 23:00 UTC before is 00:00 in summer time: the same local day
    await rehearsal.ask(rehearsal.kiosk, asks.Rate(rating=new_id(), score=5, age_ms=nine_hours))
    await rehearsal.ask(rehearsal.kiosk, asks.Rate(rating=new_id(), score=5, age_ms=nine_hours + 1))
    assert sorted(row.given_on for row in await answers(rehearsal)) == [date(2026, 7, 1), date(2026, 7, 2)]


async def test_a_kiosk_learns_in_its_own_row_that_it_stands_at_the_exit(rehearsal: Rehearsal) -> None:
    reader = FloorReader(rehearsal.house.database, "https://centre.test")
    here, kiosk = rehearsal.kiosk.centre, rehearsal.kiosk.id

    async def told() -> dict[int, object]:
        floor = reader.read(here, rehearsal.clock.micros())
        seen = views.view(floor, Audience.KIOSK, "")
        return {number: seen[f"device:{number}"].get("exit") for number in (kiosk, rehearsal.spare.id)}

    assert await told() == {kiosk: None, rehearsal.spare.id: None}
    for exit_, expected in ((True, True), (True, True), (False, None)):
        setting = partial(device_commands.set_exit, device_id=kiosk, exit_=exit_)
        await rehearsal.house.change(rehearsal.people["ada"], "set", setting)
        assert await told() == {kiosk: expected, rehearsal.spare.id: None}
    deeds = await rehearsal.house.read(lambda session: session.exec(select(Audit.what)).all())
    assert [deed for deed in deeds if deed.startswith("exit")] == ["exit_kiosk_set", "exit_kiosk_ended"]


async def test_a_lobby_display_cannot_stand_at_the_exit(rehearsal: Rehearsal) -> None:
    with pytest.raises(Refused):
        await rehearsal.house.change(
            rehearsal.people["ada"],
            "set",
            lambda tx: device_commands.set_exit(tx, rehearsal.display.id, True),
        )


async def test_what_a_page_tells_is_added_to_and_a_ticket_answers_once(rehearsal: Rehearsal) -> None:
    """On both databases: the statements that pages use."""
    here, now = rehearsal.kiosk.centre, rehearsal.clock.micros()
    paper = Given(id=new_id(), centre=here, at=now, way=FeedbackWay.PAPER, score=2)
    for face in (2, 4):
        change = partial(rating.give, given=replace(paper, score=face))
        assert await rehearsal.house.change(SYSTEM, "rate", change)
    for more in ({"reason": FeedbackReason.WAIT}, {"sealed": "YWdl"}):
        refine = partial(rating.refine, rating=paper.id, centre=here, **more)
        assert await rehearsal.house.change(SYSTEM, "rate", refine)
    (row,) = await answers(rehearsal)
    assert (row.score, row.reason, row.sealed) == (4, "wait", "YWdl")

    await rehearsal.sit(services=("housing",))
    issued = await rehearsal.issue("housing", language=Language.UR)

    async def ended() -> Ended | None:
        now = rehearsal.clock.micros()
        return await rehearsal.house.look(
            lambda connection: ended_visit(Sql(connection), issued.follow_hash, now)
        )

    assert await ended() is None, "it goes on"
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=issued.ticket))
    await rehearsal.ask("ann", asks.Finish(ticket=issued.ticket, outcome="resolved"))
    found = await ended()
    assert found is not None
    assert (found.language, found.rated, found.missed, found.service) == (Language.UR, False, False, 2)
    give = partial(rating.give_of_visit, ended=found, score=5, language=Language.UR)
    first = await rehearsal.house.change(SYSTEM, "rate", give)
    assert first is not None
    assert await rehearsal.house.change(SYSTEM, "rate", give) is None
    again = await ended()
    assert again is not None
    assert again.rated
    assert {(each.way, each.score) for each in await answers(rehearsal)} == {("paper", 4), ("phone", 5)}


async def test_who_holds_two_papers_of_one_visit_is_asked_once(rehearsal: Rehearsal) -> None:
    """The second ticket was merged into the first: either paper leads to the one visit, which answers once."""
    await rehearsal.sit(services=("housing",))
    kept, merged = await rehearsal.issue("housing"), await rehearsal.issue("housing")
    await rehearsal.ask("greta", asks.Merge(ticket=merged.ticket, into=kept.ticket))
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=kept.ticket))
    await rehearsal.ask("ann", asks.Finish(ticket=kept.ticket, outcome="resolved"))
    now = rehearsal.clock.micros()
    found = [
        await rehearsal.house.look(lambda connection, key=key: ended_visit(Sql(connection), key, now))  # type: ignore[misc]  # bound at once
        for key in (kept.follow_hash, merged.follow_hash)
    ]
    assert found[0] is not None
    assert found[0] == found[1]
