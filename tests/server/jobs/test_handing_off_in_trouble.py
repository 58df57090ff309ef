"""What goes wrong between a submission and its team, on one database: what is tried here is a rule or the other side, not a way of writing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from server.actions import hand_offs
from server.actions.forms import offer
from server.centrefile.handing import OfferedForm
from server.domain.calling import MOST_TRIES
from server.jobs.handing_off import LOST, hand_off_due, look_for_fetched
from server.papers import sealing
from server.papers.sealing import Facts
from server.store.tables import Document, Submission
from server.store.tx import Tx
from tests.server.jobs.test_handing_off import FOLDER, change, notes, root, rows
from tests.support.handed_in import handed_in, page_picture, submission, with_teams
from tests.support.house import Rehearsal, running_house
from tests.support.otherside import answer, other_side
from wire.vocabulary import HandedIn, SubmissionState

__all__ = ["root"]


@pytest.fixture
async def rehearsal(sqlite_url: str) -> AsyncIterator[Rehearsal]:
    async with running_house(sqlite_url) as found:
        yield found


async def test_a_form_goes_as_its_answers_and_its_pictures(rehearsal: Rehearsal, root: Path) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    await with_teams(house, mia, FOLDER)
    form = OfferedForm("report-a-street-problem", team="housing", keep_days=9)
    await change(rehearsal, lambda tx: offer(tx.session(), mia.centre, [form], rehearsal.clock.now()))
    facts = Facts(phone="+447700900123", answers={"photo": ["photo-1.jpg"]})
    picture = ("photo-1.jpg", "image/jpeg", page_picture("A hole"), 1)
    given: dict[str, Any] = {
        "kind": HandedIn.FORM,
        "what": form.slug,
        "version": 1,
        "language": "ur",
        "papers": [],
    }
    number = await handed_in(house, mia, files=[picture], facts=facts, **given)
    assert await hand_off_due(house) == 1
    (note,) = notes(root)
    told, stem = json.loads(note.read_bytes()), (await submission(house, number)).reference
    assert [each["name"] for each in told["files"]] == [f"{stem}-photo-1.jpg"]
    assert (told["kind"], told["what_name"], told["language"]) == (
        "form",
        "Report a problem in a street",
        "ur",
    )
    assert told["form"]["submission_reference"] == told["reference"]
    assert told["form"]["form_name"] == told["what_name"]
    assert all(each["question_text"] for each in told["form"]["answers"])
    assert (note.parent / f"{stem}-photo-1.jpg").read_bytes() == picture[2]
    await asyncio.to_thread(note.unlink)
    await look_for_fetched(house)
    assert (await submission(house, number)).delete_at == rehearsal.clock.now() + timedelta(days=9)


async def test_a_lost_mount_accepts_nothing(rehearsal: Rehearsal, root: Path) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    await with_teams(house, mia, FOLDER)
    number = await handed_in(house, mia)
    await hand_off_due(house)
    await asyncio.to_thread(root.rename, root.with_name("unmounted"))
    assert await look_for_fetched(house) == 0
    assert "is not there" in (await rows(rehearsal))[0].why
    (root / "housing" / "incoming").mkdir(parents=True)
    assert await look_for_fetched(house) == 0
    assert (await rows(rehearsal))[0].why == LOST
    assert (await submission(house, number)).state == SubmissionState.HANDED_OFF


async def test_a_team_whose_server_is_down_for_a_day_gets_it_once_under_one_id(
    rehearsal: Rehearsal, root: Path
) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    async with other_side(answer(500)) as side:
        await with_teams(house, mia, {**FOLDER, "way": "webhook", "address": side.url})
        number = await handed_in(house, mia)
        began = rehearsal.clock.now()
        while rehearsal.clock.now() < began + timedelta(days=1):
            await hand_off_due(house)
            rehearsal.clock.go(minutes=30)
        tries = len(side.heard)
        assert 8 < tries < 16
        assert (await rows(rehearsal))[0].why == "It answered 500."
        assert (await submission(house, number)).state == SubmissionState.RECEIVED
        side.answers = (answer(200),)
        rehearsal.clock.go(hours=8)
        assert await hand_off_due(house) == 1
        rehearsal.clock.go(days=2)
        assert await hand_off_due(house) == 0
    assert len(side.heard) == tries + 1
    assert len({each.headers["webhook-id"] for each in side.heard}) == 1
    assert (await submission(house, number)).accepted_by == "webhook (200)"


async def test_what_never_gets_there_is_given_up_and_sent_again_by_hand(
    rehearsal: Rehearsal, root: Path
) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    async with other_side(answer(500)) as side:
        await with_teams(house, mia, {**FOLDER, "way": "webhook", "address": side.url})
        number = await handed_in(house, mia)
        for _ in range(MOST_TRIES + 3):
            await hand_off_due(house)
            rehearsal.clock.go(hours=10)
        (row,) = await rows(rehearsal)
        assert row.dead_at is not None
        assert len(side.heard) == MOST_TRIES
        side.answers = (answer(200),)
        await change(rehearsal, lambda tx: hand_offs.begin(tx, tx.session().get_one(Submission, number)))
        await hand_off_due(house)
    first, second = await rows(rehearsal)
    assert (first.round, second.round) == (1, 2)
    assert first.id != second.id
    assert side.heard[-1].event["data"]["files"][0]["name"].split("-")[1] == "2"
    assert (await submission(house, number)).state == SubmissionState.ACCEPTED


async def test_what_waits_to_be_read_has_a_virus_or_was_only_begun_does_not_go(
    rehearsal: Rehearsal, root: Path
) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    await with_teams(house, mia, FOLDER)
    await handed_in(house, mia, virus="found")
    await handed_in(house, mia, kind=HandedIn.BEGUN, what="blue-badge")
    assert await rows(rehearsal) == []
    number = await handed_in(house, mia)

    def unread(tx: Tx) -> None:
        for each in tx.session().exec(select(Document).where(Document.submission_id == number)):
            each.searchable = None

    await change(rehearsal, unread)
    assert await hand_off_due(house) == 0
    rehearsal.clock.go(minutes=4)
    assert await hand_off_due(house) == 0
    rehearsal.clock.go(minutes=2)  # the machine that reads is not waited for any longer
    assert await hand_off_due(house) == 1
    assert len(notes(root)) == 1


async def test_one_that_was_dealt_with_while_it_waited_is_not_sent(rehearsal: Rehearsal, root: Path) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    await with_teams(house, mia, FOLDER)
    number = await handed_in(house, mia)
    await change(rehearsal, lambda tx: hand_offs.accept(tx, tx.session().get_one(Submission, number), "Mia"))
    assert await hand_off_due(house) == 0
    assert notes(root) == []
    (row,) = await rows(rehearsal)
    assert row.why == hand_offs.ELSEWHERE
    assert not await change(
        rehearsal, lambda tx: hand_offs.accept(tx, tx.session().get_one(Submission, number), "Bob")
    )
    assert (await submission(house, number)).accepted_by == "Mia"


async def test_a_damaged_one_is_said_and_holds_up_none(rehearsal: Rehearsal, root: Path) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    await with_teams(house, mia, FOLDER)
    broken = await handed_in(house, mia)
    whole = await handed_in(house, mia)

    def damage(tx: Tx) -> None:
        for each in tx.session().exec(select(Document).where(Document.submission_id == broken)):
            each.key = house.keyring.wrap(sealing.new_key())

    await change(rehearsal, damage)
    assert await hand_off_due(house) == 2
    assert {each.submission_id: each.dead_at is not None for each in await rows(rehearsal)} == {
        broken: True,
        whole: False,
    }
    assert len(notes(root)) == 1
