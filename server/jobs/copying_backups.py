"""Copies of backups on another machine: brought when something is new, one of them read again whole each day, and what is wrong with them told.

A copy that somebody cut short or changed is sent anew while the backup here is well, but for a day it is told all the same: who did it may do it again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from functools import partial
from pathlib import Path

from server.backups import away, copied, plan, shelf
from server.backups.away import Away
from server.backups.copied import Copied
from server.backups.manifest import Label
from server.backups.unusable import BackupUnusable
from server.clock import from_micros
from server.domain.backup_state import AWAY
from server.domain.keeping_backups import Kept, is_ahead, to_keep
from server.domain.troubles import Verdict, fine, worth_knowing, wrong
from server.edge import House

log = logging.getLogger("foyer.backups")

READ_SECONDS = 24 * 3600.0
TOLD_SECONDS = 24 * 3600.0


class Copies:
    """What one server remembers between its looks."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._brought: frozenset[str] | None = None
        self._read_at = -1e9
        self._read: dict[str, float] = {}
        self._changed: frozenset[str] = frozenset()
        """Found not to be what was sent; to be sent anew."""
        self._told: tuple[str, float] | None = None

    def renew(self) -> None:
        """Something is new here."""
        self._brought = None

    async def look(self) -> Verdict | None:
        """What is to be said; None where nothing is, or nothing was due."""
        settings = self._house.settings
        if not settings.backup_sftp:
            return None
        place = Away(settings.backup_sftp, settings.backup_sftp_key, settings.backup_sftp_known_hosts)
        folder = plan.folder_of(settings)
        there = await asyncio.to_thread(shelf.backups, folder)
        names = frozenset(file.name for file, _ in there)
        try:
            if self._brought == names and await self._is_one_changed(place, _by_name(there)):
                self._brought = None
            if self._brought == names:
                return None
            newest = await asyncio.to_thread(shelf.newest, folder, self._house.clock.now())
            beside = [] if newest is None else _beside(*newest)
            done = await away.bring(
                place, there, beside, partial(self._stays, labels=_by_name(there)), self._changed
            )
        except BackupUnusable as error:
            return worth_knowing(AWAY, str(error), "Until it works, a fire takes the backups too.")
        self._brought = names
        await self._note(place, {file.name: label.made_at for file, label in there}, done.damaged)
        anew = set(done.anew) - self._changed
        self._changed -= set(done.sent)
        if anew:
            self._tell(
                f"The copy {min(anew)} at {place.host} was not as long as what was sent. It was sent anew."
            )
        if done.damaged:
            return wrong(
                AWAY,
                f"The backup {done.damaged[0]} is not what it was when it was made, and was not copied.",
                "See to the disk it lies on, and run 'foyer backup now'.",
            )
        return self._verdict(place)

    async def _note(self, place: Away, made: dict[str, int], damaged: Collection[str]) -> None:
        """How far the other machine is, for the doctor. What was made by a clock that was ahead says nothing of that."""
        now = self._house.clock.now()
        sound = [
            at for name, at in made.items() if name not in damaged and not is_ahead(from_micros(at), now)
        ]
        if not sound:
            return
        folder = plan.folder_of(self._house.settings)
        try:
            await asyncio.to_thread(copied.note, folder, Copied(place.host, max(sound)))
        except OSError as error:  # the copies are there; what was found of them is told all the same
            log.warning("what was copied could not be noted in %s: %s", folder, error.strerror)

    def _verdict(self, place: Away) -> Verdict:
        if self._told is not None and time.monotonic() - self._told[1] < TOLD_SECONDS:
            return worth_knowing(
                AWAY, self._told[0], "Find out who can write there, and see to the disk there."
            )
        return fine(AWAY, f"Copies of all backups are at {place.host}.")

    def _tell(self, say: str) -> None:
        self._told = say, time.monotonic()

    def _stays(self, names: Collection[str], *, labels: dict[str, Label]) -> frozenset[str]:
        there = {
            name: shelf.kept(labels[name]) if name in labels else Kept(shelf.moment_of(name))
            for name in names
        }
        return to_keep(there, self._house.clock.now(), plan.keep_of(self._house.settings))

    async def _is_one_changed(self, place: Away, labels: dict[str, Label]) -> bool:
        """Once a day one copy is read whole, the one that was not for longest; one that was changed is sent anew."""
        if not labels or time.monotonic() - self._read_at < READ_SECONDS:
            return False
        self._read_at = time.monotonic()
        self._read = {name: at for name, at in self._read.items() if name in labels}
        name = min(labels, key=lambda each: (self._read.get(each, 0.0), each))
        self._read[name] = self._read_at
        if await away.is_whole(place, name, labels[name]):
            return False
        self._changed |= {name}
        self._tell(f"The copy {name} at {place.host} is not what was sent: it was changed. It is sent anew.")
        return True


def _by_name(there: list[tuple[Path, Label]]) -> dict[str, Label]:
    return {file.name: label for file, label in there}


def _beside(file: Path, label: Label) -> list[Path]:
    return [shelf.label_of(file), *shelf.beside(file.parent, label.id)]
