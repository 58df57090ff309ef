"""Makes scanned papers searchable in the background, one at a time, and asks the virus scanner again where it was away.

The searchable PDF takes the plain one's place as a document of its own (a new key, new pieces), in one change that looks whether the plain one is still
there: staff may have split, turned or deleted it meanwhile, and theirs stands. If it cannot be made, the plain one stays and says so. Whoever waits for
it (a hand-off) waits minutes and no longer. Whoever begins to read writes down until when they may: of several servers on one database one reads it, and
of one that died the next takes it up after that.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from server.actions import submissions
from server.actions.submissions import Sealed
from server.clock import from_micros
from server.domain.access import SYSTEM, Actor
from server.domain.refusals import Refused
from server.edge import House
from server.live import opened
from server.papers import clamd, reading, sealing
from server.papers.clamd import Virus
from server.papers.reading import Read
from server.store.sql import Sql, Statement
from server.store.tables import Document, Submission
from server.store.tx import Tx
from wire.vocabulary import Readable, new_id

log = logging.getLogger("foyer.reading")

LOOK_SECONDS = 3.0
SCAN_SECONDS = 60.0
TO_PUT_SECONDS = 60.0
"""For what comes after the reading: sealing it and putting it into the database."""
MOST_TRIES = 2
MOST_SILENT = 3
"""So many files one after the other that the scanner says nothing of: then it is away, and is asked again later."""
PDF = "application/pdf"

_NEXT = Statement(
    f"""SELECT d.id, s.id, s.centre_id, d.tried, d.pages FROM document d JOIN submission s ON s.id = d.submission_id
    WHERE d.searchable IS NULL AND d.type = '{PDF}' AND s.deleted_at IS NULL AND s.virus NOT IN ('found', 'waits')
    AND (d.reading_until IS NULL OR d.reading_until <= :now)
    ORDER BY d.tried, d.made_at LIMIT 1"""
)
_TAKE = Statement(
    """UPDATE document SET tried = tried + 1, reading_until = :until WHERE id = :id AND tried = :tried AND searchable IS NULL
    AND (reading_until IS NULL OR reading_until <= :now)"""
)
_UNTRY = Statement(
    "UPDATE document SET tried = tried - 1, reading_until = NULL WHERE id = :id AND tried = :tried AND searchable IS NULL"
)
_GIVE_UP = Statement(
    "UPDATE document SET searchable = :no WHERE id = :id AND tried = :tried AND searchable IS NULL"
)
_WAITING = Statement(
    "SELECT id, centre_id FROM submission WHERE deleted_at IS NULL AND delete_at IS NULL AND virus = 'waits'"
)
_LOOKED_AT = Statement("UPDATE submission SET virus = :virus WHERE id = :id AND virus = 'waits'")


@dataclass(frozen=True)
class Unread:
    """A document nobody has made searchable yet."""

    document: str
    submission: str
    centre: int
    tried: int
    pages: int


async def keep_reading(house: House) -> None:
    """Until cancelled."""
    place = reading.place_for(house.settings.data)
    await asyncio.to_thread(reading.clear_away, place)
    languages: str | None = None
    scan_at = 0.0
    while True:
        try:
            if house.settings.clamd and (now := asyncio.get_running_loop().time()) >= scan_at:
                scan_at = now + SCAN_SECONDS
                if await house.turns.mine("scanning"):
                    await look_again(house)
            if await next_of(house) is not None:
                languages = await _languages(house) if languages is None else languages
                await read_one(house, languages)
                house.process.did("reading")
                continue
            house.process.did("reading")
        except Exception:
            house.process.failed("reading")
            log.exception("a paper could not be made searchable")
        await asyncio.sleep(LOOK_SECONDS)


async def _languages(house: House) -> str:
    """Those that are set and installed; asked for when there is something to read."""
    wanted = house.settings.reading_languages
    found = await asyncio.to_thread(reading.languages_of, wanted) if wanted else ""
    if wanted != found:
        log.warning("of the languages %s, tesseract reads %s here", wanted, found or "none")
    return found


async def read_one(house: House, languages: str) -> bool:
    """Make the next one searchable; False when there is none."""
    unread = await next_of(house)
    if unread is None:
        return False
    if unread.tried >= MOST_TRIES or not languages:
        await house.change(_system(unread), "not_read", partial(_keep_plain, unread=unread))
        return True
    if not await house.change(_system(unread), "take_reading", partial(_take, unread=unread)):
        return True  # another server has it
    unread = replace(unread, tried=unread.tried + 1)
    plain = await house.read(lambda session: opened.document(session, house.keyring, unread.document))
    place = reading.place_for(house.settings.data)
    stop = threading.Event()
    try:
        read = await asyncio.to_thread(reading.read, plain.body, unread.pages, languages, place, stop)
    except asyncio.CancelledError:
        stop.set()  # a server that is told to stop does not wait for it, and this was no try
        await house.change(_system(unread), "not_tried", partial(_not_tried, unread=unread))
        raise
    if read.body is None:
        await house.change(_system(unread), "not_read", partial(_keep_plain, unread=unread))
        return True
    await _put(house, unread, plain, read)
    return True


async def _put(house: House, unread: Unread, plain: opened.Opened, read: Read) -> None:
    assert read.body is not None
    key, document = sealing.new_key(), new_id()
    for number, piece in enumerate(sealing.seal(key, document, read.body)):
        write = partial(submissions.put_piece, document=document, number=number, body=piece)
        await house.change(SYSTEM, "piece", write)
    sealed = Sealed(
        document,
        plain.name,
        PDF,
        plain.pages,
        len(read.body),
        sealing.how_many(len(read.body)),
        house.keyring.wrap(key),
    )
    put = partial(_exchange, unread=unread, sealed=sealed, readable=read.readable)
    taken = await house.change(_system(unread), "read", put)
    left_over = unread.document if taken else document
    await house.change(SYSTEM, "drop_pieces", partial(submissions.drop_pieces, documents=[left_over]))


async def next_of(house: House) -> Unread | None:
    """What nobody reads yet."""
    return await house.look(partial(_next, now=house.clock.micros()))


def _next(connection: Connection, *, now: int) -> Unread | None:
    found = Sql(connection).one(_NEXT, {"now": now})
    return None if found is None else Unread(*found)


def _system(unread: Unread) -> Actor:
    return Actor(kind="system", centre=unread.centre)


def _take(tx: Tx, *, unread: Unread) -> bool:
    until = tx.now + int((reading.longest(unread.pages) + TO_PUT_SECONDS) * 1_000_000)
    values = {"id": unread.document, "tried": unread.tried, "now": tx.now, "until": until}
    return tx.sql.run(_TAKE, values) == 1


def _not_tried(tx: Tx, *, unread: Unread) -> None:
    tx.sql.run(_UNTRY, {"id": unread.document, "tried": unread.tried})


def _keep_plain(tx: Tx, *, unread: Unread) -> None:
    tx.sql.run(_GIVE_UP, {"id": unread.document, "tried": unread.tried, "no": False})
    tx.touch(unread.centre)


def _exchange(tx: Tx, *, unread: Unread, sealed: Sealed, readable: Readable) -> bool:
    """The searchable one for the plain one, unless that is gone or was changed."""
    session = tx.session()
    plain = session.get(Document, unread.document)
    submission = session.get(Submission, unread.submission)
    if (
        plain is None
        or plain.searchable is not None
        or submission is None
        or submission.deleted_at is not None
    ):
        return False
    session.add(
        Document(
            id=sealed.id,
            submission_id=unread.submission,
            position=plain.position,
            name=plain.name,
            type=plain.type,
            pages=plain.pages,
            size=sealed.size,
            pieces=sealed.pieces,
            key=sealed.key,
            searchable=True,
            tried=plain.tried,
            made_at=from_micros(tx.now),
        )
    )
    session.delete(plain)
    if readable is not Readable.UNKNOWN and submission.readable != Readable.POOR:
        submission.readable = readable
        session.add(submission)
    session.flush()
    tx.touch(unread.centre)
    return True


# The virus scanner, where it was away -----------------------------------------------------------------------------------


async def look_again(house: House) -> int:
    """Ask the scanner about what it has not looked at; how many it did look at. In any order, so that one it chokes on, or one that is
    damaged, does not stand before all others for good."""
    looked = silent = 0
    waiting = [(record[0], record[1]) for record in await house.look(_not_looked_at)]
    random.shuffle(waiting)
    for number, centre in waiting:
        try:
            bodies = await house.read(partial(_bodies, house=house, submission=number))
        except Refused:
            log.warning("something that was handed in waits for the virus scanner and cannot be opened")
            continue
        virus = await clamd.scan(house.settings.clamd, bodies)
        if virus is Virus.WAITS:
            silent += 1
            if silent == MOST_SILENT:
                return looked
            continue
        silent = 0
        note = partial(_looked_at, submission=number, virus=virus)
        await house.change(Actor(kind="system", centre=centre), "looked_at", note)
        looked += 1
    return looked


def _not_looked_at(connection: Connection) -> list[Sequence[Any]]:
    return Sql(connection).all(_WAITING)


def _bodies(session: Session, *, house: House, submission: str) -> list[bytes]:
    ids = select(Document.id).where(Document.submission_id == submission).order_by(col(Document.position))
    return [
        opened.document(session, house.keyring, each, for_scanner=True).body for each in session.exec(ids)
    ]


def _looked_at(tx: Tx, *, submission: str, virus: Virus) -> None:
    if tx.sql.run(_LOOKED_AT, {"id": submission, "virus": virus.value}) != 1:
        return
    row = tx.session().get_one(Submission, submission)
    if virus is Virus.FOUND:
        tx.audit("virus_found", f"submission:{submission}")
    tx.touch(row.centre_id)
