"""What the rows tell of backups: one whose file is gone is none, and it is told when it was the newest, which the house never lets go of."""

from __future__ import annotations

from functools import partial

import pytest

from server.actions.backup_runs import Told, agree
from server.domain.access import SYSTEM
from server.domain.backup_state import BackupState
from server.store.queries.backups import backup_state
from tests.support.house import Rehearsal, running_house

HOUR = 3600 * 1_000_000


async def found(rehearsal: Rehearsal, *there: Told) -> BackupState:
    """After the rows were brought to what lies in the folder."""
    await rehearsal.house.change(SYSTEM, "agree", partial(agree, there=there))
    return await rehearsal.house.look(partial(backup_state, now=rehearsal.clock.micros()))


@pytest.mark.postgres
async def test_a_backup_whose_file_is_gone_is_none_and_a_share_that_came_back_has_it_again(
    database_url: str,
) -> None:
    async with running_house(database_url) as rehearsal:
        now = rehearsal.clock.micros()
        old, new = (
            Told(f"{n:032x}", f"{n}.age", at, at, 9, "", at, "") for n, at in ((1, now - HOUR), (2, now))
        )
        state = await found(rehearsal, old, new)
        assert (state.last_made_at, state.kept) == (rehearsal.clock.now(), 2)
        rehearsal.clock.go(minutes=1)
        state = await found(rehearsal, new)
        assert (state.kept, state.vanished_at) == (1, None), "an older one goes when its time is over"
        rehearsal.clock.go(minutes=1)
        state = await found(rehearsal)
        assert (state.last_made_at, state.kept, state.vanished_at) == (None, 0, rehearsal.clock.now())
        state = await found(rehearsal, old, new)
        assert (state.kept, state.vanished_at) == (2, None)
