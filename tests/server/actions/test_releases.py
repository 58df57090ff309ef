"""A rollout as it is written down: who may be given what and when, what halts it, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from server.actions import releases
from server.domain.refusals import Refused
from server.domain.rollout import Told
from server.store.tables import Audit, Trouble
from server.store.tx import Tx
from server.web.api.releases import _is_given, _wanted
from tests.support.house import Rehearsal, running_house

NEW = "1.4.0"


async def does(rehearsal: Rehearsal, change: Callable[[Tx], Any]) -> Any:
    return await rehearsal.house.change(rehearsal.people["ada"], "does", change)


async def tells(
    rehearsal: Rehearsal, state: Told, runs: str = "1.3.0", version: str = NEW, say: str = ""
) -> None:
    tell = partial(releases.told, runs=runs, version=version, state=state, say=say)
    await rehearsal.house.change(rehearsal.kiosk, "tells", tell)


async def asks(rehearsal: Rehearsal, runs: str = "1.3.0") -> dict[str, Any]:
    kiosk, now = rehearsal.kiosk, rehearsal.house.clock.micros()
    return await rehearsal.house.read(partial(_wanted, kiosk.id, kiosk.centre, runs, now))


async def troubles(rehearsal: Rehearsal) -> list[str]:
    found = select(Trouble.say).where(Trouble.subject == releases.TROUBLE)
    return list(await rehearsal.house.read(lambda session: session.exec(found).all()))


async def begun(rehearsal: Rehearsal, version: str = NEW) -> None:
    await does(rehearsal, partial(releases.set_rings, rings=[(rehearsal.kiosk.id, "first")]))
    await does(rehearsal, partial(releases.add, version=version, digest="a" * 64, size=9, notes=""))
    await does(rehearsal, partial(releases.start, version=version))


async def test_a_device_switches_while_its_centre_is_closed_and_stays_so(rehearsal: Rehearsal) -> None:
    await begun(rehearsal)
    wanted = (await asks(rehearsal))["wanted"]
    assert wanted == {"version": NEW, "sha256": "a" * 64, "size": 9, "again": False}
    assert (await asks(rehearsal, runs=NEW))["wanted"] is None
    for hour, minute, may in ((10, 0, False), (18, 0, True), (9, 9, True), (9, 15, False)):
        rehearsal.clock.set(datetime(2026, 11, 25, hour, minute, tzinfo=UTC))
        assert (await asks(rehearsal))["may_switch"] is may, (hour, minute)
    await does(rehearsal, partial(releases.set_any_time, any_time=True))
    assert (await asks(rehearsal))["may_switch"] is True
    await does(rehearsal, releases.pause)
    assert (await asks(rehearsal))["wanted"] is None


async def test_the_rounds_halt_it_when_a_device_fell_silent(rehearsal: Rehearsal) -> None:
    await begun(rehearsal)
    rehearsal.clock.go(minutes=1)
    await tells(rehearsal, Told.SWITCHING)
    rehearsal.clock.go(minutes=14)
    await tells(rehearsal, Told.SWITCHING)  # said again, it is no younger
    rehearsal.clock.go(minutes=2)
    await does(rehearsal, releases.look)
    (said,) = await troubles(rehearsal)
    assert "has not been heard of since it switched" in said
    assert (await asks(rehearsal))["wanted"] is None
    await does(rehearsal, releases.end)
    assert await troubles(rehearsal) == []


async def test_what_failed_is_tried_again_only_after_a_person_sent_it_on(rehearsal: Rehearsal) -> None:
    await begun(rehearsal)
    rehearsal.clock.go(minutes=1)
    await tells(rehearsal, Told.FAILED, say="it draws nothing")
    assert len(await troubles(rehearsal)) == 1
    with pytest.raises(Refused, match="paused"):
        await does(rehearsal, releases.send_on)
    rehearsal.clock.go(minutes=1)
    await does(rehearsal, releases.go_on)
    assert await troubles(rehearsal) == []
    assert (await asks(rehearsal))["wanted"]["again"] is True
    with pytest.raises(Refused, match="failed somewhere"):
        await does(rehearsal, releases.send_on)
    rehearsal.clock.go(minutes=1)
    await tells(rehearsal, Told.RUNNING, runs=NEW)
    await does(rehearsal, releases.send_on)
    audited = select(Audit.what).where(Audit.what.startswith("rollout_"))
    found = list(await rehearsal.house.read(lambda session: session.exec(audited).all()))
    assert sorted(found) == ["rollout_begun", "rollout_goes_on", "rollout_halted", "rollout_sent_on"]


async def test_what_must_not_be_begun_is_refused(rehearsal: Rehearsal) -> None:
    add = partial(releases.add, size=9, notes="")
    await does(rehearsal, partial(add, version=NEW, digest="a" * 64))
    await does(rehearsal, partial(add, version=NEW, digest="a" * 64))
    with pytest.raises(Refused, match="Another file"):
        await does(rehearsal, partial(add, version=NEW, digest="b" * 64))
    with pytest.raises(Refused, match="not the name"):
        await does(rehearsal, partial(add, version="../1.0", digest="a" * 64))
    with pytest.raises(Refused, match=r"Bring the server to 1\.4\.0 first"):
        await does(rehearsal, partial(releases.start, version=NEW, own="1.3.9"))
    with pytest.raises(Refused, match="no such release"):
        await does(rehearsal, partial(releases.start, version="1.9.0"))
    await does(rehearsal, partial(releases.start, version=NEW, own=NEW))
    with pytest.raises(Refused, match="on its way already"):
        await does(rehearsal, partial(releases.start, version=NEW))
    await does(rehearsal, partial(releases.withdraw, version=NEW))
    with pytest.raises(Refused, match="withdrawn"):
        await does(rehearsal, partial(releases.start, version=NEW))
    with pytest.raises(Refused, match="No release is on its way"):
        await does(rehearsal, releases.pause)


@pytest.mark.postgres
async def test_a_name_that_is_none_does_not_reach_the_database(postgres_url: str) -> None:
    async with running_house(postgres_url) as one:
        assert await one.house.read(partial(_is_given, "1.0\0")) is False
