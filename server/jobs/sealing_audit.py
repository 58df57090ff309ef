"""Seals the audit every few seconds, and looks through the whole chain once a day: what was tampered with must be told, not only be there to be found.

What is sealed is written down outside the database: the newest link goes into the log, and into the file of `FOYER_AUDIT_ANCHOR`, at most every ten minutes and when
the server ends. This server also remembers the last link it saw and holds it against the database with every round, so that an older
copy that is put in its place under a running house is noticed at once; one put there while it stood is noticed by the anchor.

A key file that is missing or unfit does not stop the queue: the house says that its audit is not sealed, and goes on where it stopped once the file is back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from server.actions import sealing
from server.actions.audit_anchor import add_anchor, last_anchor, missing
from server.actions.audit_keys import AuditKeys, AuditKeysUnusable, key_file, open_audit_keys
from server.actions.troubles import end_trouble, note_trouble
from server.domain.access import SYSTEM
from server.domain.audit_chain import Finding, Head, Verifier
from server.domain.troubles import SHARED
from server.edge import House
from server.store.queries import audit_chain as chain
from server.store.sql import Sql, Statement
from server.store.tx import Tx

log = logging.getLogger("foyer.audit")

EVERY_SECONDS = 4.0
MOST_LINKS = 40
"""A round: an old house's audit is sealed over some minutes after it came to this release."""
ANCHOR_MICROS = 10 * 60 * 1_000_000
CHECK_MICROS = 24 * 3600 * 1_000_000
AGAIN_MICROS = 10 * 60 * 1_000_000
"""After a look through the chain that broke off."""
REST_SECONDS = 0.05
"""Between two looks along the chain, so that a long one costs a running house a tenth of a processor at most."""
MOST_TOLD = 3

_OPEN = Statement("SELECT 1 FROM trouble WHERE subject = :subject AND process = :process")

NOT_SEALED, DOES_NOT_FIT, WENT_BACK = "audit not sealed", "audit does not fit", "audit went back"


async def keep_sealing(house: House) -> None:
    """Until cancelled. A round that fails is logged and made again. Looking through the chain of some years takes an hour, so it goes on beside the sealing."""
    sealer = Sealer(house)
    looking = asyncio.create_task(_keep_looking_through(sealer))
    try:
        while True:
            try:
                await sealer.round()
                house.process.did("sealing")
            except Exception:
                house.process.failed("sealing")
                log.exception("the audit could not be sealed; it is tried again")
            await asyncio.sleep(EVERY_SECONDS)
    finally:
        sealer.write_anchor()
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _keep_looking_through(sealer: Sealer) -> None:
    while True:
        try:
            await sealer.check_when_due()
        except Exception:
            log.exception("the audit could not be looked through; it is tried again")
        await asyncio.sleep(EVERY_SECONDS)


class Sealer:
    """One server's part in it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._seen: Head | None = None
        self._lost: Head | None = None
        self._written: Head | None = None
        self._written_at = 0
        self._checked_at: int | None = None
        self._told: set[str] = set()

    async def round(self) -> None:
        """Hold the last link against the database, and seal what there is."""
        await self._hold_against()
        if await self._house.turns.mine("sealing") and (keys := await self.keys()) is not None:
            await self._seal(keys)
        self._seen = await self._house.look(chain.head) or self._seen
        if self._house.clock.micros() - self._written_at >= ANCHOR_MICROS:
            self.write_anchor()

    async def check_when_due(self) -> None:
        """Look through all of it once a day."""
        if not await self._house.turns.mine("sealing") or not await self._check_is_due():
            return
        if (keys := await self.keys()) is not None:
            now = self._house.clock.micros()
            self._checked_at = now - CHECK_MICROS + AGAIN_MICROS  # where it is not got through
            await self.check(keys)
            self._checked_at = now

    async def _seal(self, keys: AuditKeys) -> None:
        for _ in range(MOST_LINKS):
            if not await self._house.look(chain.any_unsealed):
                break
            made: Head | None = await self._house.change(
                SYSTEM, "seal", partial(sealing.seal_some, keys=keys)
            )
            if made is None:
                break

    async def _check_is_due(self) -> bool:
        now = self._house.clock.micros()
        if self._checked_at is None:
            checked = await self._house.look(lambda connection: chain.checked(Sql(connection)))
            self._checked_at = checked[2] if checked and checked[2] <= now else 0
        return (
            not 0 <= now - self._checked_at < CHECK_MICROS
        )  # one of later was made while the clock was wrong

    async def keys(self) -> AuditKeys | None:
        """The keys as they are now; None, and a trouble, when they cannot be used."""
        path = key_file(self._house.settings)
        may_make = await self._house.look(chain.head) is None and self._seen is None
        try:
            keys = await asyncio.to_thread(open_audit_keys, path, may_make=may_make)
        except AuditKeysUnusable as error:
            await self._tell(NOT_SEALED, "The audit is not sealed any more.", str(error))
            return None
        await self._well(NOT_SEALED)
        return keys

    async def _hold_against(self) -> None:
        """The last link this server saw must be where it was. One that is gone stays a trouble until it is back or a person has said that they know: a trouble of this
        server's own, for another that was started later has seen nothing and could not tell."""
        own = self._house.process.id
        seen = (
            self._lost
            or self._seen
            or await asyncio.to_thread(last_anchor, self._house.settings.audit_anchor)
        )
        gone = await self._house.look(partial(missing, anchor=seen)) if seen else None
        if seen is None or gone is None:
            self._lost = None
            await self._well(WENT_BACK, own)
        elif gone.known:
            self._lost = self._seen = None
            await self._well(WENT_BACK, own)
        else:
            self._lost = seen
            await self._tell(
                WENT_BACK,
                gone.say,
                f"See docs/audit.md. Once it is explained: foyer audit accept-gap {seen.number}",
                grave=not gone.restored,
                process=own,
            )

    async def check(self, keys: AuditKeys) -> Sequence[Finding]:
        """Look through the whole chain as it is now, a little at a time; what does not fit is a trouble until it fits. What is sealed meanwhile, with a newer key
        perhaps, is for the next time."""
        found: list[Finding] = []
        verifier = Verifier(keys.known)
        newest = await self._house.look(chain.head)
        while True:
            after = verifier.head.number if verifier.head else 0
            there = await self._house.look(partial(chain.some_links, after=after))
            some = [(link, rows) for link, rows in there if newest is not None and link.id <= newest.number]
            for link, rows in some:
                found += [each for each in verifier.look_at(link, rows) if each.grave]
                await asyncio.sleep(0)
            if len(some) < chain.LINKS_AT_ONCE:
                break
            await asyncio.sleep(REST_SECONDS)
        if found:
            say = " ".join(each.say for each in found[:MOST_TOLD])
            more = f" And {len(found) - MOST_TOLD} more." if len(found) > MOST_TOLD else ""
            await self._tell(DOES_NOT_FIT, say + more, "Run foyer audit verify, and see docs/audit.md.")
        else:
            await self._well(DOES_NOT_FIT)
            if verifier.head is not None:
                note = partial(sealing.note_checked, number=verifier.head.number)
                await self._house.change(SYSTEM, "audit_checked", note)
        return found

    def write_anchor(self) -> None:
        """The newest link goes into the log and the anchor's file, if it is another than the last written; never after a lost one, which would hide it."""
        head = self._seen
        if head is None or head == self._written or self._lost is not None:
            return
        self._written, self._written_at = head, self._house.clock.micros()
        log.info("the audit is sealed up to link %s", head)
        path = self._house.settings.audit_anchor
        if path is not None:
            try:
                add_anchor(path, head)
            except OSError as error:
                log.warning("the audit's anchor could not be written: %s", error.strerror)

    async def _tell(
        self, subject: str, say: str, act: str, *, grave: bool = True, process: str = SHARED
    ) -> None:
        if subject not in self._told:
            log.error("%s: %s %s", subject, say, act)
            self._told.add(subject)
        note = partial(note_trouble, subject=subject, say=say, act=act, grave=grave, process=process)
        await self._house.change(SYSTEM, "trouble", note)

    async def _well(self, subject: str, process: str = SHARED) -> None:
        """Over: also where another server, or this one before its last start, noted it."""
        told = partial(_is_open, subject=subject, process=process)
        if subject in self._told or await self._house.look(told):
            self._told.discard(subject)
            await self._house.change(SYSTEM, "trouble", partial(_end, subject=subject, process=process))


def _is_open(connection: Connection, subject: str, process: str) -> bool:
    return Sql(connection).one(_OPEN, {"subject": subject, "process": process}) is not None


def _end(tx: Tx, subject: str, process: str) -> None:
    end_trouble(tx, subject, process)
