"""What is rejected or filed elsewhere just while it is on its way to a team: nothing of it stays there, and what arrives late decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from server.actions import hand_offs, sorting
from server.domain.hand_off import Accepted, Laid, Later
from server.jobs import handing_off
from server.jobs.handing_off import hand_off_due, take_back
from tests.server.jobs.test_handing_off import FOLDER, change, root, rows
from tests.support.handed_in import handed_in, submission, with_teams
from tests.support.house import Rehearsal, running_house
from wire.vocabulary import Role, SubmissionState

__all__ = ["root"]
OTHER = {"slug": "benefits", "name": "Benefits team", "way": "folder", "address": "benefits"}


@pytest.fixture
async def rehearsal(sqlite_url: str) -> AsyncIterator[Rehearsal]:
    async with running_house(sqlite_url) as found:
        yield found


def files(root: Path) -> list[str]:
    return sorted(each.name for each in root.rglob("*") if each.is_file())


async def in_hand(rehearsal: Rehearsal, *teams: Any) -> tuple[str, hand_offs.InHand]:
    """One that a server has in hand."""
    house, mia = rehearsal.house, rehearsal.people["mia"]
    await with_teams(house, mia, *teams)
    number = await handed_in(house, mia)
    (row,) = await rows(rehearsal)
    taken = await change(rehearsal, partial(hand_offs.take, hand_off_id=row.id))
    assert taken is not None
    return number, taken


async def sort(rehearsal: Rehearsal, deed: Any, number: str, **more: Any) -> None:
    mia = rehearsal.people["mia"]
    sorter = type(mia)(**{**vars(mia), "roles": frozenset({*mia.roles, Role.PAPERS})})
    await rehearsal.house.change(sorter, "sort", partial(deed, submission_id=number, **more))


async def reject(rehearsal: Rehearsal, number: str) -> None:
    await sort(rehearsal, sorting.reject, number, why="blurred", phone="", email="", nobody=True)


async def note(rehearsal: Rehearsal, taken: hand_offs.InHand, result: Any) -> None:
    await change(rehearsal, partial(hand_offs.note, taken=taken, result=result))


@pytest.mark.parametrize("result", [Laid(), Later("The line broke.")])
async def test_rejected_while_it_is_laid_down_it_is_taken_back(
    rehearsal: Rehearsal, root: Path, result: Any
) -> None:
    number, taken = await in_hand(rehearsal, FOLDER)
    assert await handing_off.attempt(rehearsal.house, taken) == Laid()
    await reject(rehearsal, number)
    assert await take_back(rehearsal.house) == 0  # not while the other server may still be writing
    assert len(files(root)) == 3
    await note(rehearsal, taken, result)
    assert await take_back(rehearsal.house) == 1
    assert files(root) == []
    assert [each.why for each in await rows(rehearsal)] == [hand_offs.TAKEN_BACK]
    assert (await submission(rehearsal.house, number)).state == SubmissionState.REJECTED


async def test_what_a_server_that_died_had_laid_down_is_taken_back(rehearsal: Rehearsal, root: Path) -> None:
    number, taken = await in_hand(rehearsal, FOLDER, OTHER)
    assert await handing_off.attempt(rehearsal.house, taken) == Laid()  # and it dies
    await sort(rehearsal, sorting.refile, number, what="", team="benefits")
    assert await take_back(rehearsal.house) == 0
    rehearsal.clock.go(minutes=11)
    assert await take_back(rehearsal.house) == 1
    assert files(root) == []
    assert await hand_off_due(rehearsal.house) == 1
    assert files(root / "housing") == []
    assert len(files(root / "benefits")) == 3


async def test_a_team_that_answers_late_does_not_have_what_is_another_s_now(
    rehearsal: Rehearsal, root: Path
) -> None:
    hook = {**FOLDER, "way": "webhook", "address": "https://example.org/in"}
    number, taken = await in_hand(rehearsal, hook, OTHER)
    await sort(rehearsal, sorting.refile, number, what="", team="benefits")
    await note(rehearsal, taken, Accepted("webhook (200)"))
    assert (await submission(rehearsal.house, number)).state == SubmissionState.RECEIVED
    assert (await rows(rehearsal))[0].why == hand_offs.ARRIVED
    assert await hand_off_due(rehearsal.house) == 1
    assert len(files(root / "benefits")) == 3


async def test_a_folder_that_cannot_be_reached_holds_up_no_other_and_is_tried_again(
    rehearsal: Rehearsal, root: Path
) -> None:
    number, taken = await in_hand(rehearsal, FOLDER, OTHER)
    second = await handed_in(rehearsal.house, rehearsal.people["mia"], team="benefits")
    await note(rehearsal, taken, await handing_off.attempt(rehearsal.house, taken))
    await hand_off_due(rehearsal.house)
    for each in (number, second):
        await reject(rehearsal, each)
    away = root / "housing"
    await asyncio.to_thread(away.rename, root / "away")
    in_vain: set[tuple[int, str]] = set()
    assert await take_back(rehearsal.house, in_vain) == 1
    assert in_vain == {(rehearsal.people["mia"].centre, "housing")}
    await asyncio.to_thread((root / "away").rename, away)
    assert await take_back(rehearsal.house, in_vain) == 0
    assert await take_back(rehearsal.house) == 1
    assert files(root) == []


async def test_of_a_team_that_is_reached_another_way_now_a_person_is_told(
    rehearsal: Rehearsal, root: Path
) -> None:
    number, taken = await in_hand(rehearsal, FOLDER)
    await note(rehearsal, taken, await handing_off.attempt(rehearsal.house, taken))
    await with_teams(rehearsal.house, rehearsal.people["mia"], {"slug": "housing", "name": "Housing team"})
    await reject(rehearsal, number)
    await take_back(rehearsal.house)
    assert [each.why for each in await rows(rehearsal)] == [hand_offs.STRANDED]
