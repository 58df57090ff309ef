"""What is let go of, and when: nothing too early, nothing kept for ever; on both databases."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from server.jobs import sweeping
from server.store.sql import Statement
from server.store.tx import Tx
from tests.server.actions.test_needs import rows
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import new_id


async def held(rehearsal: Rehearsal) -> dict[str, int]:
    counted = {}
    for table in ("command", "attention", "print_job", "announcement", "visit", "ticket", "step", "audit"):
        [(counted[table],)] = await rows(rehearsal, f"SELECT COUNT(*) FROM {table}")
    return counted


async def test_everything_goes_when_its_time_has_come_and_visits_stay(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    await rehearsal.ask(
        "greta", asks.PrintTicket(ticket=taken.ticket, device=rehearsal.kiosk.id, job=new_id())
    )
    alarm = await rehearsal.ask("greta", asks.Alarm(request=new_id()))
    told = new_id()
    await rehearsal.ask(
        "greta", asks.Announce(announcement=told, text="The lift is out of order.", minutes=5)
    )
    await rehearsal.ask("greta", asks.EndAnnouncement(announcement=told))
    await rehearsal.ask("greta", asks.DoneAttention(request=alarm["request"]))
    [(job,)] = await rows(rehearsal, "SELECT id FROM print_job")
    await rehearsal.ask(rehearsal.kiosk, asks.Printed(job=job, paper="confirmed"))
    before = await held(rehearsal)
    gone: dict[str, Any] = {}
    for days, what in (
        (30, {}),
        (2, {"print_job": 0}),
        (4, {"command": 0}),
        (55, {"attention": 0, "announcement": 0}),
    ):
        rehearsal.clock.go(days=days)
        await sweeping.sweep(rehearsal.house)
        gone |= what
        assert await held(rehearsal) == {**before, **gone}


async def test_a_command_is_remembered_as_long_as_a_kiosk_may_say_it_again(rehearsal: Rehearsal) -> None:
    body, ask_id = rehearsal.issue_ask(), new_id()
    first = await rehearsal.answer(rehearsal.kiosk, body, ask_id)
    rehearsal.clock.go(days=30)
    await sweeping.sweep(rehearsal.house)
    assert await rehearsal.answer(rehearsal.kiosk, body, ask_id) == first


async def test_thousands_of_old_commands_go_in_portions_and_the_young_stay(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(tx: Tx, *, age: int, number: int) -> None:
        for _ in range(number):
            tx.sql.run(
                Statement(
                    "INSERT INTO command (id, body_hash, actor, at, answer) VALUES (:id, '', '', :at, '{}')"
                ),
                {"id": new_id(), "at": tx.now - age},
            )

    ada = rehearsal.people["ada"]
    await rehearsal.house.change(ada, "old", partial(many, age=sweeping.COMMANDS + 1, number=25))
    await rehearsal.house.change(ada, "young", partial(many, age=sweeping.COMMANDS - 1, number=7))
    monkeypatch.setattr(sweeping, "PORTION", 10)
    monkeypatch.setattr(sweeping, "MOST_PORTIONS", 2)
    for left in (12, 7, 7):
        await sweeping.sweep(rehearsal.house)
        assert (await held(rehearsal))["command"] == left


async def test_one_centre_in_trouble_does_not_keep_what_others_let_go(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = await rehearsal.ask("greta", asks.Alarm(request=new_id()))
    await rehearsal.ask("greta", asks.DoneAttention(request=alarm["request"]))
    rehearsal.clock.go(days=91)
    monkeypatch.setattr(
        sweeping,
        "_CENTRES",
        Statement("SELECT 0 - id FROM centre UNION SELECT id FROM centre ORDER BY 1"),
    )
    good = sweeping._of_centre

    def bad(tx: Tx, *, centre: int) -> None:
        assert centre > 0
        good(tx, centre=centre)

    monkeypatch.setattr(sweeping, "_of_centre", bad)
    await sweeping.sweep(rehearsal.house)
    assert (await held(rehearsal))["attention"] == 0
