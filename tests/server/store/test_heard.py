"""A server whose own clock is wrong neither loses sight of the others nor is lost to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from server.actions.troubles import note_trouble
from server.clock import Clock
from server.doctor import work
from server.doctor.ground import Ground
from server.domain.access import SYSTEM
from server.domain.troubles import Level
from server.jobs.heartbeat import beat
from server.live.house_state import house_state
from server.live.process import JOBS
from tests.support.house import Rehearsal, running_house


class Off(Clock):
    """A machine's clock that is wrong by some minutes."""

    minutes = 0

    def wall(self) -> datetime:
        return super().wall() + timedelta(minutes=self.minutes)


class Ahead(Off):
    minutes = 30


class FarAhead(Off):
    """As of a machine that started before it knew the time."""

    minutes = 30 * 24 * 60


class Behind(Off):
    minutes = -30


def with_clock(rehearsal: Rehearsal, clock: Clock) -> None:
    process = rehearsal.house.process
    process.clock = clock
    for job in JOBS:
        process.did(job)


@pytest.mark.postgres
async def test_servers_whose_clocks_differ_by_an_hour_still_see_each_other(postgres_url: str) -> None:
    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as two:
        with_clock(one, Behind())
        with_clock(two, Ahead())
        houses = (one.house, two.house)
        await houses[0].change(
            SYSTEM,
            "note",
            lambda tx: note_trouble(tx, "files", "Few.", "Raise it.", process=houses[0].process.id),
        )
        for house in (*houses, *houses):
            await beat(house, sweeping=True)
        for house in houses:
            assert house.process.beside == 2
            state = await house.read(partial(house_state, own=house.process.wall()))
            assert {each.row.id for each in state.servers} == {each.process.id for each in houses}
            assert [each.subject for each in state.troubles] == ["files"]
            found = work.servers(Ground(house.settings, house.process.clock.wall()))
            assert [each.level for each in found] == [Level.FINE, Level.FINE], found
            assert found[0].say.startswith("2 servers run")


async def test_a_server_whose_clock_is_set_right_while_it_runs_stays_ready_and_has_no_job_late(
    sqlite_url: str,
) -> None:
    async with running_house(sqlite_url) as rehearsal:
        house = rehearsal.house
        await beat(house)
        house.process.clock = Ahead()
        assert await house.readiness.why_not_now() == ""
        for job in JOBS.keys() - {"sums"}:  # which has not come to an end yet
            house.process.did(job)
        house.process.clock = FarAhead()
        await beat(house)
        found = work.servers(Ground(house.settings, house.process.clock.wall()))
        assert [each.level for each in found] == [Level.FINE, Level.FINE], "no job is late by the step"
