"""Keeps what a kiosk must know to start without the server: the last rows, and how far its calendar is off.

The feed changes with every ticket anywhere in the centre, the offer hardly ever; only a change of the offer
is worth a write, or the card in the machine would wear out on waiting times nobody needs tomorrow.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kiosk.clocks import Told
from kiosk.journal import Journal
from kiosk.journal.kept import Life

log = logging.getLogger("foyer.kiosk.keeping")

PASSING = {
    "service": ("waits",),
    "private": ("waits",),
    "device": ("help", "test_job"),
}
"""What of a row tomorrow does not need, by kind."""
KEPT_KINDS = frozenset(
    {"centre", "choice", "service", "private", "device", "booking", "expected"}
    | {"hand_in", "purpose", "form", "portal"}
)
NUMBERS_APART = 25
"""A rise of the server's last number is kept this seldom: the journal knows its own, this only serves if
the journal is lost.
"""
DRIFT_MS = 2000
HOUR = 3600.0


class Keeping:
    def __init__(
        self,
        journal: Journal,
        in_journal: Callable[..., Awaitable[Any]],
        more: Callable[[], None] = lambda: None,
    ) -> None:
        """`more` is called when something is to be handed in again."""
        self._journal = journal
        self._in_journal = in_journal
        self._more = more
        self._life: Life | None = None
        self._kept: dict[str, Any] | None = None
        self._told: Told | None = None
        self._turn = asyncio.Lock()

    async def rows(self, rows: Mapping[str, Any]) -> None:
        """Write them down if what they offer has changed."""
        lasting = {key: _lasting(row) for key, row in rows.items() if _kind(row) in KEPT_KINDS}
        async with self._turn:
            await self._meet(rows.get("life"))
            if lasting == self._kept:
                return
            await self._in_journal(self._journal.keep_rows, {key: rows[key] for key in lasting})
            self._kept = lasting

    async def _meet(self, row: Any) -> None:
        """Which life the server is in; its key goes to the journal's memory and into no file."""
        life = _life_of(row)
        if life is None or life == self._life:
            return
        again = await self._in_journal(self._journal.meet, life)
        self._life = life
        if again:
            log.warning("the server was restored from a backup: %d entries are handed in again", again)
            self._more()

    def worth_telling(self, told: Told) -> bool:
        """Whether the server's clock is worth a write: a new run of the machine, a drift, or an hour
        since.
        """
        last = self._told
        if last is None or last.boot != told.boot or told.steady - last.steady >= HOUR:
            return True
        return abs((told.now - told.wall) - (last.now - last.wall)) > DRIFT_MS

    async def tell(self, told: Told) -> None:
        self._told = told
        await self._in_journal(self._journal.tell, told)


def _life_of(row: Any) -> Life | None:
    """None from a server that tells none."""
    try:
        until = row["known_until"]
        key = bytes.fromhex(row["keeping"])
        return Life(str(row["id"]), None if until is None else int(until), key) if len(key) == 32 else None
    except (TypeError, KeyError, ValueError):
        return None


def _kind(row: Any) -> str:
    return str(row.get("kind", "")) if isinstance(row, Mapping) else ""


def _lasting(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = _kind(row)
    kept = {name: value for name, value in row.items() if name not in PASSING.get(kind, ())}
    if kind == "device" and isinstance(kept.get("last_number"), int):
        kept["last_number"] //= NUMBERS_APART
    return kept
