"""Deletes what was handed in when its time is over, and sweeps up pieces that belong to nothing.

What nobody has accepted is never deleted here, however old: it is complained of instead (`server.domain.concerns`), because a visitor holds a receipt for it.
"""

from __future__ import annotations

import logging
from functools import partial

from server.actions import deleting, submissions
from server.domain.access import SYSTEM, Actor
from server.domain.refusals import Refused
from server.edge import House

log = logging.getLogger("foyer.jobs")


async def delete_due(house: House) -> int:
    """One round of it; how many were deleted. What fails for one is tried again with the next, and the others go all the same."""
    now, gone = house.clock.micros(), set()
    for number, centre, why in await house.look(partial(deleting.due, now=now)):
        take = partial(deleting.take_keys, submission=number, why=why)
        try:
            if await house.change(Actor(kind="system", centre=centre), "take_keys", take):
                gone.add(number)
        except Refused:
            log.warning("a submission whose time is over could not be deleted; it is tried again")
    for number, centre in await house.look(deleting.unfinished):
        try:
            await _erase(house, number, centre)
            gone.add(number)
        except Exception:
            log.exception("something that was handed in could not be deleted; it is tried again")
    swept = await _sweep(house, now)
    if gone or swept:
        house.lane.clean()
        await house.change(SYSTEM, "clean", lambda _tx: None)
    return len(gone)


async def _erase(house: House, number: str, centre: int) -> None:
    for document, piece in await house.look(partial(deleting.pieces_of, submission=number)):
        await house.change(
            SYSTEM, "drop_piece", partial(deleting.drop_piece, document=document, number=piece)
        )
    finish = partial(deleting.finish, submission=number)
    await house.change(Actor(kind="system", centre=centre), "deleted", finish)


async def _sweep(house: House, now: int) -> int:
    """Pieces of no document: a packet that was not taken in to its end, or a document that another took the place of."""
    found = await house.look(partial(submissions.orphans, now=now))
    for document in found:
        await house.change(SYSTEM, "drop_pieces", partial(submissions.drop_pieces, documents=[document]))
    return len(found)
