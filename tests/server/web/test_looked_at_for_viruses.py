"""What a scanner finds something in nobody opens; what it could not look at waits, and is looked at when it is there."""

from pathlib import Path

import pytest
from sqlmodel import select

from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.jobs.reading import look_again
from server.store.sql import Statement
from server.store.tables import HandOff
from server.web.taking_in import open_document, take_in
from tests.support.clamd_side import scanner
from tests.support.handed_in import documents, submission, with_teams
from tests.support.house import Rehearsal, running_house
from tests.support.packets import packet_of, picture
from wire.packets import Packet
from wire.vocabulary import Channel

FOLDER = {"slug": "housing", "name": "Housing", "way": "folder", "address": "housing"}


async def taken(rehearsal: Rehearsal, packet: Packet) -> str:
    await take_in(
        rehearsal.house,
        rehearsal.kiosk,
        packet,
        centre_id=rehearsal.kiosk.centre,
        device_id=rehearsal.kiosk.id,
        channel=Channel.KIOSK,
        made_at=rehearsal.clock.micros(),
    )
    return packet.manifest.id


async def opened(rehearsal: Rehearsal, number: str) -> bytes:
    (document,) = await documents(rehearsal.house, number)
    return await open_document(rehearsal.house, document.id)


async def hand_offs(rehearsal: Rehearsal) -> list[HandOff]:
    return await rehearsal.house.read(lambda session: list(session.exec(select(HandOff))))


async def test_what_was_clean_opens_and_what_was_not_does_not(sqlite_url: str, tmp_path: Path) -> None:
    async with scanner(tmp_path) as clamd, running_house(sqlite_url, clamd=clamd.address) as rehearsal:
        clean = await taken(rehearsal, packet_of([picture()]))
        assert (await submission(rehearsal.house, clean)).virus == "clean"
        assert (await opened(rehearsal, clean)).startswith(b"%PDF-")
        clamd.finds = b"%PDF-"
        found = await taken(rehearsal, packet_of([picture()]))
        assert (await submission(rehearsal.house, found)).virus == "found"
        with pytest.raises(Refused, match="virus was found"):
            await opened(rehearsal, found)


async def test_with_the_scanner_away_papers_are_taken_and_wait_for_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    away = f"unix:{tmp_path / 'clamd.ctl'}"
    async with running_house(sqlite_url, clamd=away) as rehearsal:
        await with_teams(rehearsal.house, rehearsal.kiosk, FOLDER)
        first, second, damaged = [await taken(rehearsal, packet_of([picture()])) for _ in range(3)]
        spoil = Statement(
            "DELETE FROM piece WHERE document_id IN (SELECT id FROM document WHERE submission_id = :id)"
        )
        await rehearsal.house.change(SYSTEM, "spoil", lambda tx: tx.sql.run(spoil, {"id": damaged}))
        assert (await submission(rehearsal.house, first)).virus == "waits"
        with pytest.raises(Refused, match="not looked at this yet"):
            await opened(rehearsal, first)
        assert await look_again(rehearsal.house) == 0
        async with scanner(tmp_path):
            assert await look_again(rehearsal.house) == 2, "one that cannot be opened stands before nobody"
            assert await look_again(rehearsal.house) == 0
        for number in (first, second):
            assert (await submission(rehearsal.house, number)).virus == "clean"
            assert (await opened(rehearsal, number)).startswith(b"%PDF-")
        waiting = [each for each in await hand_offs(rehearsal) if each.dead_at is None]
        assert {each.submission_id for each in waiting} == {first, second, damaged}
