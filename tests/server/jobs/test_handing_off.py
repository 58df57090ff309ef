"""From a submission to its team on a running house, on both databases: once, whatever happens between; and known when it was fetched."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from server.actions import hand_offs
from server.domain.hand_off import Laid, Later
from server.edge import House
from server.jobs import handing_off
from server.jobs.handing_off import hand_off_due, look_for_fetched, take_back
from server.store.database import open_database
from server.store.tables import HandOff, Submission
from server.store.tx import Tx
from tests.support.handed_in import handed_in, submission, with_teams
from tests.support.house import Rehearsal
from tests.support.otherside import answer, other_side
from wire.references import show_reference
from wire.vocabulary import SubmissionState

FOLDER = {"slug": "housing", "name": "Housing team", "way": "folder", "address": "housing/incoming"}
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


@pytest.fixture
def root(rehearsal: Rehearsal, tmp_path: Path) -> Path:
    found = tmp_path / "handed-off"
    found.mkdir()
    keys = tmp_path / "teams.toml"
    keys.write_text(f'[housing]\nwebhook = "{SECRET}"\n')
    keys.chmod(0o600)
    settings = rehearsal.house.settings
    settings.handoff_folder, settings.handoff_keys, settings.hook_private = found, keys, "127.0.0.0/8"
    return found


async def rows(rehearsal: Rehearsal) -> Sequence[HandOff]:
    def read(session: Session) -> Sequence[HandOff]:
        return session.exec(select(HandOff).order_by(col(HandOff.made_at), col(HandOff.round))).all()

    return await rehearsal.house.read(read)


async def change(rehearsal: Rehearsal, action: Any) -> Any:
    return await rehearsal.house.change(rehearsal.people["mia"], "change", action)


def notes(root: Path) -> list[Path]:
    return sorted(root.rglob("*.json"))


async def test_from_the_visitor_to_the_folder_to_acceptance(rehearsal: Rehearsal, root: Path) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    await with_teams(house, mia, {**FOLDER, "keep_minutes": 60})
    number = await handed_in(house, mia)
    assert await hand_off_due(house) == 1
    assert await hand_off_due(house) == 0
    (note,) = notes(root)
    told, row = json.loads(note.read_bytes()), await submission(house, number)
    assert note.name == f"{row.reference}.json"
    (file,) = told["files"]
    body = (note.parent / file["name"]).read_bytes()
    assert body.startswith(b"%PDF")
    assert (file["sha256"], file["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))
    assert told | {"files": [], "id": ""} == {
        "format": "foyer.submission/1",
        "id": "",
        "round": 1,
        "submission": number,
        "reference": show_reference(row.reference),
        "kind": "papers",
        "what": "housing",
        "what_name": "Housing",
        "version": 0,
        "team": "housing",
        "centre": "york-house",
        "centre_name": "York House",
        "channel": "kiosk",
        "language": "en",
        "made_at": "2026-11-24T10:00:00.000Z",
        "received_at": "2026-11-24T10:00:00.000Z",
        "case": "HB 12345",
        "phone": "+447700900123",
        "email": "jane@example.org",
        "papers": [{"kind": "letter", "pages": 3}],
        "pages": 3,
        "readable": "unknown",
        "form": {},
        "files": [],
    }
    assert row.state == SubmissionState.HANDED_OFF
    assert await look_for_fetched(house) == 0
    rehearsal.clock.go(minutes=5)
    note.unlink()
    assert await look_for_fetched(house) == 1
    assert await look_for_fetched(house) == 0
    row = await submission(house, number)
    assert (row.state, row.accepted_by) == (SubmissionState.ACCEPTED, "Housing team, from the team's folder")
    assert row.accepted_at == rehearsal.clock.now()
    assert row.delete_at == rehearsal.clock.now() + timedelta(minutes=60)
    assert list((root / "housing" / "incoming" / ".foyer").iterdir()) == []


async def test_what_goes_elsewhere_is_taken_back_first_and_named_anew(
    rehearsal: Rehearsal, root: Path
) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    other = {"slug": "benefits", "name": "Benefits team", "way": "folder", "address": "benefits"}
    await with_teams(house, mia, FOLDER, other)
    number = await handed_in(house, mia)
    await hand_off_due(house)

    def refile(team: str) -> Any:
        def change_(tx: Tx) -> None:
            row = tx.session().get_one(Submission, number)
            row.team, row.state = team, SubmissionState.RECEIVED
            hand_offs.begin(tx, row)

        return change_

    await change(rehearsal, refile("benefits"))
    assert await hand_off_due(house) == 0  # not while the other team could still fetch it
    assert await take_back(house) == 1
    assert [each for each in (root / "housing").rglob("*") if each.is_file()] == []
    rehearsal.clock.go(minutes=1)
    assert await hand_off_due(house) == 1
    (note,) = notes(root)
    assert note.parent.name == "benefits"
    note.unlink()
    await change(rehearsal, refile("housing"))  # and the team is quicker than the one who takes it back
    assert await take_back(house) == 1
    rehearsal.clock.go(minutes=1)
    await hand_off_due(house)
    assert [each.why for each in await rows(rehearsal)] == [
        hand_offs.TAKEN_BACK,
        hand_offs.FETCHED_BEFORE,
        "",
    ]
    assert await take_back(house) == 0


async def test_a_server_that_died_with_it_in_hand_leaves_it_to_another_under_the_same_id(
    rehearsal: Rehearsal, root: Path
) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    await with_teams(house, mia, FOLDER)
    await handed_in(house, mia)
    (row,) = await rows(rehearsal)
    taken = await change(rehearsal, partial(hand_offs.take, hand_off_id=row.id))
    assert await handing_off.attempt(house, taken) == Laid()  # and the server dies before it is noted
    (note,) = notes(root)
    note.unlink()  # the team is quick
    assert await hand_off_due(house) == 0
    rehearsal.clock.go(minutes=11)
    assert await hand_off_due(house) == 1
    assert notes(root) == []  # it was laid down before, so it is not again
    assert await look_for_fetched(house) == 1
    late = await change(rehearsal, partial(hand_offs.note, taken=taken, result=Later("too late")))
    assert late is None
    assert (await rows(rehearsal))[0].picked_at is not None


async def test_of_two_servers_each_is_sent_by_one(rehearsal: Rehearsal, root: Path) -> None:
    """Both look at once, over and over; every submission is heard of once."""
    house, mia = rehearsal.house, rehearsal.people["mia"]
    second = House(
        house.settings, open_database(house.settings.database, alone=False), rehearsal.clock, house.keyring
    )
    await second.start()
    try:
        async with other_side(answer(200)) as side:
            await with_teams(house, mia, {**FOLDER, "way": "webhook", "address": side.url})
            sent = {await handed_in(house, mia, pages=("Only",)) for _ in range(6)}
            await asyncio.gather(*(hand_off_due(each) for each in (house, second) * 3))
        assert sorted(each.event["data"]["submission"] for each in side.heard) == sorted(sent)
    finally:
        await second.stop()
        second.database.close()
