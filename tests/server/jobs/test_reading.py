"""Scanned papers are made searchable in the background; where that fails, the plain ones stay."""

import asyncio
import io
import os
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageFilter
from sqlmodel import select

from server.actions import deleting
from server.domain.access import SYSTEM
from server.edge import House
from server.jobs import reading as job
from server.jobs.reading import read_one
from server.live import opened
from server.papers import binding, reading
from server.papers.reading import judge
from server.store.sql import Sql, Statement
from server.store.tables import Document
from server.store.tx import Tx
from tests.support.handed_in import documents, handed_in, submission
from tests.support.house import Rehearsal, running_house
from tests.support.packets import picture
from tests.support.waiting import until, until_async
from wire.vocabulary import Readable

PAGE = (992, 1403)


def letter(words: str, blur: float = 0) -> bytes:
    page = Image.open(io.BytesIO(picture(words, size=PAGE, dpi=120)))
    out = io.BytesIO()
    page.filter(ImageFilter.GaussianBlur(blur)).save(out, "JPEG", quality=80, dpi=(120, 120))
    return out.getvalue()


WORDS = "\n".join(["Please bring this letter", "with you when you come", "to the centre next week"])


async def test_a_scan_becomes_searchable_and_its_pictures_stay_as_they_are(
    sqlite_url: str, tmp_path: Path
) -> None:
    page = letter(WORDS)
    plain = binding.bind([binding.Paper("1 Letter", [page])])
    async with running_house(sqlite_url, data=tmp_path) as rehearsal:
        house = rehearsal.house
        number = await handed_in(house, rehearsal.kiosk, files=[("papers.pdf", "application/pdf", plain, 1)])
        await untried(house, number)
        (before,) = await documents(house, number)
        assert await read_one(house, "eng")
        assert not await read_one(house, "eng")
        (after,) = await documents(house, number)
        assert (after.searchable, after.name, after.pages) == (True, "papers.pdf", 1)
        body = (await house.read(lambda session: opened.document(session, house.keyring, after.id))).body
        with pikepdf.open(io.BytesIO(body)) as pdf:
            assert pdf.open_metadata().pdfa_status == "2B"
            (kept,) = [each.read_raw_bytes() for each in pdf.pages[0].get_images().values()]
        assert kept == page
        assert b"Please bring this letter" in text_of(body)
        assert (await submission(house, number)).readable == Readable.YES
        count = Statement("SELECT COUNT(*) FROM piece WHERE document_id = :id")
        left = await house.look(lambda connection: Sql(connection).one(count, {"id": before.id}))
        assert left is not None
        assert left[0] == 0


def text_of(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened_pdf:
        assert len(opened_pdf.pages) == 1
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout


async def untried(house: House, number: str) -> None:
    """As it is when it was just taken in."""

    def change(tx: Tx) -> None:
        for each in tx.session().exec(select(Document).where(Document.submission_id == number)):
            each.searchable = None

    await house.change(SYSTEM, "untried", change)


async def test_what_cannot_be_read_stays_as_it_is_and_is_given_up_after_two_tries(
    sqlite_url: str, tmp_path: Path
) -> None:
    """No tesseract, a PDF that is broken, a server that dies each time it tries."""
    async with running_house(sqlite_url, data=tmp_path) as rehearsal:
        house = rehearsal.house
        files = [("papers.pdf", "application/pdf", b"%PDF-1.4 broken", 1)]
        without, broken, deadly = [await handed_in(house, rehearsal.kiosk, files=files) for _ in range(3)]
        await untried(house, without)
        assert await read_one(house, "")
        await untried(house, broken)
        assert await read_one(house, "eng")
        await untried(house, deadly)
        tried = Statement("UPDATE document SET tried = 2 WHERE submission_id = :id")
        await house.change(SYSTEM, "died", lambda tx: tx.sql.run(tried, {"id": deadly}))
        assert await read_one(house, "eng")
        for number in (without, broken, deadly):
            (document,) = await documents(house, number)
            assert document.searchable is False
            kept = await house.read(partial(opened.document, keyring=house.keyring, document_id=document.id))
            assert kept.body == b"%PDF-1.4 broken"
            assert (await submission(house, number)).readable == Readable.UNKNOWN
        assert not await read_one(house, "eng")


async def test_what_was_changed_while_it_was_read_is_left_alone(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as rehearsal:
        house = rehearsal.house
        number = await handed_in(house, rehearsal.kiosk)
        await untried(house, number)
        unread = await job.next_of(house)
        assert unread is not None
        plain = await house.read(lambda session: opened.document(session, house.keyring, unread.document))
        take = partial(deleting.take_keys, submission=number, why=deleting.Why.STAFF)
        assert await house.change(SYSTEM, "staff", take)
        await job._put(house, unread, plain, reading.Read(b"%PDF-late", Readable.YES))
        assert [each.id for each in await documents(house, number)] == [unread.document]
        pieces = Statement("SELECT DISTINCT document_id FROM piece")
        kept = await house.look(lambda connection: Sql(connection).all(pieces))
        assert [record[0] for record in kept] == [unread.document]


async def test_a_server_that_stops_does_not_wait_for_it_and_tries_anew_at_its_next_start(
    sqlite_url: str, tmp_path: Path
) -> None:
    plain = binding.bind([binding.Paper("1 Letter", [letter(WORDS)] * 20)])
    async with running_house(sqlite_url, data=tmp_path) as rehearsal:
        house, place = rehearsal.house, reading.place_for(tmp_path)
        before = set(place.glob(f"{reading.PREFIX}*"))
        number = await handed_in(house, rehearsal.kiosk, files=[("papers.pdf", "application/pdf", plain, 20)])
        await untried(house, number)
        under_way = asyncio.create_task(read_one(house, "eng"))
        ours = await until_async(lambda: grown(place, before), 20)
        under_way.cancel()
        with pytest.raises(asyncio.CancelledError):
            await under_way
        await until_async(lambda: not any(each.exists() for each in ours), 10, "the end of what was read")
        (document,) = await documents(house, number)
        assert (document.searchable, document.tried) == (None, 0)


def grown(place: Path, before: set[Path]) -> set[Path]:
    return set(place.glob(f"{reading.PREFIX}*")) - before


def test_how_sure_a_machine_is_decides_whether_it_is_readable() -> None:
    assert judge([[90.0] * 20, [85.0] * 20]) is Readable.YES
    assert judge([[90.0] * 20, [40.0] * 20]) is Readable.POOR
    assert judge([[10.0] * 3]) is Readable.UNKNOWN
    assert judge([]) is Readable.UNKNOWN


def test_a_blurred_page_is_called_poor(tmp_path: Path) -> None:
    pdf = binding.bind([binding.Paper("1 Letter", [letter(f"{WORDS}\n{WORDS}", blur=7)])])
    read = reading.read(pdf, 1, "eng", tmp_path)
    assert read.readable is not Readable.YES


def test_what_a_killed_server_left_is_removed_at_the_next_start_and_nobody_elses(tmp_path: Path) -> None:
    left = tmp_path / f"{reading.PREFIX}dead"
    left.mkdir()
    (left / "in.pdf").write_bytes(b"somebody's papers")
    with reading._folder(tmp_path) as alive:
        (alive / "in.pdf").write_bytes(b"being read")
        assert alive.stat().st_mode & 0o777 == 0o700
        assert reading.clear_away(tmp_path) == 1
        assert (alive / "in.pdf").exists()
    assert not list(tmp_path.iterdir())


def test_who_takes_too_long_is_ended_with_all_they_started(tmp_path: Path) -> None:
    assert (
        reading._run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, 0.1, threading.Event())
        == -1
    )
    script = "import subprocess, time; subprocess.Popen(['sleep', '60']); open('begun', 'w'); time.sleep(60)"
    stop = threading.Event()

    def stop_when_begun() -> None:
        until(lambda: (tmp_path / "begun").exists(), 20, "its beginning")
        stop.set()

    watching = threading.Thread(target=stop_when_begun)
    watching.start()
    assert reading._run([sys.executable, "-c", script], tmp_path, 60, stop) == -1
    watching.join()
    until(lambda: not running_in(tmp_path), 10, "the end of what it started")


def running_in(folder: Path) -> list[Path]:
    places = (name for name in Path("/proc").glob("[0-9]*/cwd") if os.access(name, os.R_OK))
    return [name for name in places if os.path.realpath(name) == str(folder)]


async def test_of_two_servers_one_reads_and_the_other_takes_up_what_it_left(
    rehearsal: Rehearsal,
) -> None:
    house = rehearsal.house
    number = await handed_in(house, rehearsal.kiosk)
    await untried(house, number)
    first = await job.next_of(house)
    assert first is not None
    take = partial(job._take, unread=first)
    assert await house.change(SYSTEM, "one", take)
    assert await job.next_of(house) is None
    assert not await house.change(SYSTEM, "another that had looked before", take)
    rehearsal.clock.go(minutes=10)
    second = await job.next_of(house)
    assert second is not None
    assert second.tried == 1
    assert await house.change(SYSTEM, "another", partial(job._take, unread=second))
    late = replace(first, tried=1)
    await house.change(SYSTEM, "late", partial(job._keep_plain, unread=late))
    await house.change(SYSTEM, "late", partial(job._not_tried, unread=late))
    (document,) = await documents(house, number)
    assert (document.searchable, document.tried) == (None, 2)
