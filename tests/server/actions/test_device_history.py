"""A device's history: written when something changes, once for each silence, and not kept for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.actions import device_history
from server.actions.device_history import history
from server.clock import from_micros
from server.domain.access import SYSTEM
from server.store.tables import Device, DeviceEvent
from server.store.tx import Tx
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import DeviceKind, PrinterState


async def told(rehearsal: Rehearsal, device: int | None = None) -> list[str]:
    """Oldest first."""
    number = rehearsal.kiosk.id if device is None else device
    found = await rehearsal.house.read(lambda session: history(session, number))
    return [each.say for each in reversed(found)]


async def report(rehearsal: Rehearsal, **health: object) -> None:
    rehearsal.clock.go(seconds=20)
    await rehearsal.ask(rehearsal.kiosk, asks.Health.model_validate(health))


async def test_only_reports_that_differ_are_remembered(rehearsal: Rehearsal) -> None:
    for state in (PrinterState.READY, PrinterState.READY, PrinterState.OUT, PrinterState.OUT):
        await report(rehearsal, app="2.0.1", printer=state)
    await report(rehearsal, app="2.0.1", printer=PrinterState.READY)
    assert await told(rehearsal) == [
        "Runs version 2.0.1.",
        "The printer is out of paper.",
        "The printer is ready.",
    ]
    assert await told(rehearsal, rehearsal.spare.id) == []


async def note_silent(rehearsal: Rehearsal) -> int:
    return await rehearsal.house.change(SYSTEM, "note_silent", device_history.note_silent)


async def test_a_silence_is_noted_once_and_ends_with_the_next_report(rehearsal: Rehearsal) -> None:
    await report(rehearsal)
    rehearsal.clock.go(minutes=2, seconds=59)
    assert await note_silent(rehearsal) == 2, "the two that never said anything"
    assert await told(rehearsal) == []
    rehearsal.clock.go(seconds=2)
    assert await note_silent(rehearsal) == 1
    assert await note_silent(rehearsal) == 0
    rehearsal.clock.go(minutes=30)
    assert await note_silent(rehearsal) == 0
    await report(rehearsal)
    await report(rehearsal)
    assert await told(rehearsal) == ["Not heard from for 3 minutes.", "Heard from again."]
    rehearsal.clock.go(minutes=4)
    assert await note_silent(rehearsal) == 1, "another silence"


@pytest.mark.parametrize("change", ["revoked", "door counter"])
async def test_what_does_not_report_every_minute_is_not_called_silent(
    rehearsal: Rehearsal, change: str
) -> None:
    def alter(tx: Tx) -> None:
        device = tx.session().get_one(Device, rehearsal.kiosk.id)
        if change == "revoked":
            device.revoked_at = from_micros(tx.now)
        else:
            device.kind = DeviceKind.DOOR_COUNTER

    await rehearsal.house.change(SYSTEM, "alter", alter)
    rehearsal.clock.go(hours=5)
    assert await note_silent(rehearsal) == 2
    assert await told(rehearsal) == []


async def test_history_goes_after_ninety_days_and_is_bounded(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_history, "MOST", 3)

    def add(tx: Tx) -> None:
        for days in (91, 89, 3, 2, 1):
            at = from_micros(tx.now) - timedelta(days=days)
            tx.session().add(DeviceEvent(device_id=rehearsal.kiosk.id, at=at, what="app", say=f"{days}"))
        tx.session().add(
            DeviceEvent(device_id=rehearsal.spare.id, at=from_micros(tx.now), what="app", say="mine")
        )

    await rehearsal.house.change(SYSTEM, "add", add)
    await rehearsal.house.change(SYSTEM, "sweep", device_history.sweep)
    assert await told(rehearsal) == ["3", "2", "1"]
    assert await told(rehearsal, rehearsal.spare.id) == ["mine"]
