"""Makes a backup when the next is due, copies it elsewhere, lets go of old ones, looks whether the others are still whole, and says what is wrong.

The work is done by a process of its own at the lowest priority (`server.backups.child`); here is only decided when. Each look also writes down beside the
newest backup what was taken away since (`server.backups.since`), when something was, and every ten minutes in any case, so that a restore knows how long the
server lived. Of several servers one does all this.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import sys
import time
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from server.actions import audit_keys, backup_runs, paper_keys, troubles
from server.actions.backup_runs import Told
from server.backups import clearing, key_files, plan, shelf, since
from server.backups.manifest import Label
from server.backups.unusable import BackupUnusable
from server.clock import from_micros
from server.domain.access import SYSTEM
from server.domain.backup_state import WHOLE
from server.domain.life import Life
from server.domain.troubles import Verdict, fine, worth_knowing, wrong
from server.edge import House
from server.jobs.copying_backups import Copies
from server.store.queries.backups import backup_state, known_files
from server.store.queries.life import present_life
from server.store.queries.since import since as taken_away
from server.store.sql import Sql, Statement

log = logging.getLogger("foyer.backups")

FIRST_SECONDS, LOOK_SECONDS = 45.0, 60.0
AGAIN_SECONDS = 600.0
"""After one that failed; or at the usual time, if that is sooner."""
SINCE_SECONDS = 600.0
LOOK_AT_FILE_SECONDS = 3600.0
TOLD = 24 * 3600 * 1_000_000
RESTORED = "restored"
MOST_SECONDS = 4 * 3600.0
"""A backup that takes longer hangs."""

ENDS_SECONDS = 3.0
"""That it has to end by itself."""

_OPEN = Statement("SELECT subject FROM trouble WHERE process = '' AND subject = :subject")


async def keep_backing_up(house: House) -> None:
    """Until cancelled."""
    await asyncio.to_thread(throw_away_what_was_left, house)
    backing_up = BackingUp(house)
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        try:
            if await house.turns.mine("backups"):
                await backing_up.look()
            house.process.did("backups")
        except Exception:
            house.process.failed("backups")
            log.exception("backups could not be seen to; the next look is as usual")
        await asyncio.sleep(LOOK_SECONDS)


def throw_away_what_was_left(house: House) -> None:
    """By a backup or a restore on this machine that ended together with all that looks after it (`server.backups.clearing`)."""
    gone = len(clearing.sweep(plan.places_of(house.settings)))
    if gone:
        log.warning(
            "%d folders lay in the clear since a backup or a restore was cut off; they are gone now", gone
        )


class BackingUp:
    """What one server remembers between its looks."""

    def __init__(self, house: House, *, gently: bool = True) -> None:
        """`gently`: whoever else has work goes first."""
        self._house, self._gently = house, gently
        self._failed_at = -1e9
        self._since: tuple[str, str] | None = None
        self._since_at = -1e9
        self._file_at = -1e9
        self._asked: dict[str, float] = {}
        """By file, when it was last found whole."""
        self._copies = Copies(house)

    async def look(self) -> None:
        """What is due. Whether there is a young backup at all is a check of the doctor's, which also finds that this job is not running."""
        await self._say(restored(await self._house.look(_life), self._house.clock.micros()))
        settings = self._house.settings
        if not plan.keys_of(settings):
            return
        files = (paper_keys.key_file(settings), audit_keys.key_file(settings))
        await self._say(await asyncio.to_thread(key_files.verdict, files, settings.data))
        await self._agree()
        if await self._is_due():
            await self.back_up()
        await self._rotate()
        await self._write_since()
        await self._look_at_a_file()
        said = await self._copies.look()
        if said is not None:
            await self._say(said)

    async def back_up(self) -> bool:
        """Now, whatever is due; whether it was made."""
        house = self._house
        id_ = secrets.token_hex(16)
        await house.change(SYSTEM, "backup_begin", partial(backup_runs.begin, id_=id_))
        try:
            label = await self._made(id_)
        except BackupUnusable as error:
            self._failed_at = time.monotonic()
            log.error("the backup failed: %s", error)
            await house.change(SYSTEM, "backup_fail", partial(backup_runs.fail, id_=id_, say=str(error)))
            return False
        self._copies.renew()
        await self._agree()
        await self._rotate()
        log.info(
            "a backup was made: %d bytes, %s", label.size, "compared" if label.checked_at else "not compared"
        )
        return True

    async def _made(self, id_: str) -> Label:
        """By a process of its own. Raises BackupUnusable."""
        settings = self._house.settings
        asked = {
            "plan": plan.as_text(plan.plan_of(settings)),
            "id": id_,
            "now": self._house.clock.now().isoformat(),
            "speed": settings.clock_speed,
            "gently": self._gently,
        }
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server.backups.child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(MOST_SECONDS):
                told, fault = await child.communicate(json.dumps(asked).encode())
        except TimeoutError:
            raise BackupUnusable(
                "It took longer than four hours and was ended. See whether the disk or the database hangs."
            ) from None
        finally:
            if child.returncode is None:
                await _end(child)
        try:
            answer: dict[str, Any] = json.loads(told)
        except ValueError:
            last = fault.decode(errors="replace").strip().rpartition("\n")[2]
            raise BackupUnusable(
                f"The process that makes it fell over: {last[:200] or child.returncode}"
            ) from None
        if "why" in answer:
            raise BackupUnusable(str(answer["why"]))
        return Label(**answer["made"])

    async def _is_due(self) -> bool:
        state = await self._house.look(partial(backup_state, now=self._house.clock.micros()))
        every = timedelta(minutes=self._house.settings.backup_every)
        if time.monotonic() - self._failed_at < min(AGAIN_SECONDS, every.total_seconds()):
            return False
        return state.last_made_at is None or self._house.clock.now() - state.last_made_at >= every

    async def _rotate(self) -> None:
        """Each time, or what is too old would outlive its time where none can be made."""
        settings, now = self._house.settings, self._house.clock.now()
        folder, keep = plan.folder_of(settings), plan.keep_of(settings)
        if await asyncio.to_thread(shelf.rotate, folder, now, keep):
            await self._agree()
        if await asyncio.to_thread(shelf.without_label, folder):
            ours = await self._house.look(known_files)
            for name in await asyncio.to_thread(shelf.let_go_without_label, folder, now, keep, ours):
                log.warning("the backup %s had no label any more; its time was over, and it is gone", name)

    async def _agree(self) -> None:
        folder = plan.folder_of(self._house.settings)
        there = [_told(file.name, label) for file, label in await asyncio.to_thread(shelf.backups, folder)]
        await self._house.change(SYSTEM, "backups_agree", partial(backup_runs.agree, there=there))

    # What was taken away since ----------------------------------------------------------------------------------

    async def _write_since(self) -> None:
        settings, house = self._house.settings, self._house
        folder = plan.folder_of(settings)
        newest = await asyncio.to_thread(shelf.newest, folder, house.clock.now())
        if newest is None:
            return
        label, at = newest[1], house.clock.micros()
        told = await house.look(partial(_taken_away, known_until=label.known_until))
        now = (label.id, since.fingerprint(told))
        if now == self._since and time.monotonic() - self._since_at < SINCE_SECONDS:
            return
        await asyncio.to_thread(since.write, folder, label.id, told, at, plan.keys_of(settings))
        self._since, self._since_at = now, time.monotonic()
        self._copies.renew()

    # Whether they are whole, here and elsewhere -------------------------------------------------------------------

    async def _look_at_a_file(self) -> None:
        """One an hour, the one that was not looked at for longest: a disk forgets quietly."""
        if time.monotonic() - self._file_at < LOOK_AT_FILE_SECONDS:
            return
        self._file_at = time.monotonic()
        there = await asyncio.to_thread(shelf.backups, plan.folder_of(self._house.settings))
        if not there:
            return
        self._asked = {file.name: self._asked[file.name] for file, _ in there if file.name in self._asked}
        file, label = min(there, key=lambda each: self._asked.get(each[0].name, 0.0))
        try:
            whole = await asyncio.to_thread(shelf.is_whole, file, label)
        except FileNotFoundError:
            return  # its time was over meanwhile; or the share is away, of which the next backup tells
        except OSError as error:
            why = f"The backup {file.name} could not be read ({error.strerror})."
            await self._say(worth_knowing(WHOLE, why, "See to the disk or the share it lies on."))
            return
        self._asked[file.name] = time.monotonic() if whole else 0.0
        if whole:
            await self._say(fine(WHOLE, "The backups that were looked at are as they were made."))
            return
        noted = await asyncio.to_thread(shelf.note_damage, file, label)
        await self._house.change(
            SYSTEM, "backup_damaged", partial(backup_runs.put, told=_told(file.name, noted))
        )
        await self._say(
            wrong(
                WHOLE,
                f"The backup {file.name} is not what it was when it was made.",
                "See to the disk it lies on; look at the others with 'foyer backup list --whole', delete this one and run 'foyer backup now'.",
            )
        )

    async def _say(self, found: Verdict) -> None:
        self._house.process.verdicts[found.subject] = found
        if found.troubles or await self._house.look(partial(_is_open, subject=found.subject)):
            await self._house.change(SYSTEM, "note_troubles", partial(troubles.write_down, verdicts=[found]))


async def _end(child: asyncio.subprocess.Process) -> None:
    """So that it can throw away what it has in the clear; what does not end is killed, and swept away by the next."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
        try:
            async with asyncio.timeout(ENDS_SECONDS):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


def restored(life: Life | None, now: int) -> Verdict:
    """For a day staff are told what a restore means for them."""
    if life is None or life.restored_at is None or life.known_until is None or now - life.restored_at > TOLD:
        return fine(RESTORED, "The house was not restored lately.")
    known = f"{from_micros(life.known_until):%d %B %H:%M} UTC"
    return worth_knowing(
        RESTORED,
        f"The house was restored from a backup of {known}. What kiosks gave out since is back; what staff entered, called and finished since is not.",
        "Tickets that were served since may be waiting again: call them once, then mark them. Ask the greeter which numbers were given by hand.",
    )


def _is_open(connection: Connection, *, subject: str) -> bool:
    return Sql(connection).one(_OPEN, {"subject": subject}) is not None


def _life(connection: Connection) -> Life | None:
    return present_life(Sql(connection))


def _taken_away(connection: Connection, *, known_until: int) -> dict[str, Any]:
    return taken_away(Sql(connection), known_until)


def _told(name: str, label: Label) -> Told:
    return Told(
        *(
            label.id,
            name,
            label.made_at,
            label.known_until,
            label.size,
            label.digest,
            label.checked_at,
            label.say,
        )
    )
