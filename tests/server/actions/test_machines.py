"""One token, two machines: the second is not let in, staff learn it, and an administrator says which is right."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from server.actions import machines
from server.domain.refusals import Refused
from server.store.tables import Audit, Device, DeviceEvent, Trouble
from tests.support.house import Rehearsal

FIRST, SECOND = "a" * 64, "b" * 64


async def meets(rehearsal: Rehearsal, machine: str) -> Any:
    return await rehearsal.house.change(
        rehearsal.kiosk, "meet", lambda tx: machines.meet(tx, rehearsal.kiosk.id or 0, machine)
    )


async def says(rehearsal: Rehearsal, which: Any, by: str = "ada") -> Any:
    return await rehearsal.house.change(
        rehearsal.people[by], "says", lambda tx: which(tx, rehearsal.kiosk.id)
    )


async def troubles(rehearsal: Rehearsal) -> list[str]:
    found = await rehearsal.house.read(
        lambda session: session.exec(select(Trouble).where(Trouble.subject.startswith("copied:"))).all()
    )
    return [each.say for each in found]


async def test_the_first_machine_stays_and_a_second_is_told_once(rehearsal: Rehearsal) -> None:
    assert await meets(rehearsal, FIRST)
    assert await meets(rehearsal, FIRST)
    assert await troubles(rehearsal) == []
    for _ in range(3):
        assert not await meets(rehearsal, SECOND)
    assert await meets(rehearsal, FIRST), "the right one goes on"
    (said,) = await troubles(rehearsal)
    device = await rehearsal.house.read(lambda session: session.get_one(Device, rehearsal.kiosk.id))
    assert device.name in said
    events = await rehearsal.house.read(lambda session: session.exec(select(DeviceEvent)).all())
    assert [event.what for event in events].count("copied") == 1


@pytest.mark.parametrize(("which", "right"), [(machines.move, SECOND), (machines.stay, FIRST)])
async def test_an_administrator_says_which_of_them_is_right(
    rehearsal: Rehearsal, which: Any, right: str
) -> None:
    await meets(rehearsal, FIRST)
    with pytest.raises(Refused, match="No other machine"):
        await says(rehearsal, which)
    await meets(rehearsal, SECOND)
    await says(rehearsal, which)
    assert await troubles(rehearsal) == []
    for machine in (FIRST, SECOND):
        assert await meets(rehearsal, machine) is (machine == right)
    deeds = await rehearsal.house.read(lambda session: session.exec(select(Audit.what)).all())
    assert [deed for deed in deeds if deed in ("device_moved", "device_stays")] == [
        "device_moved" if which is machines.move else "device_stays"
    ]
