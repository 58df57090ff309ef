"""Files that were read and wait for the word to enter them: sealed in the database, for half an hour.

The word may come to another server than the file did, so what was read cannot stay in one's memory. It may hold visitors' names: it is sealed to the key that
is outside the database (`server.papers.keyring`), as pieces of no document, which are swept within the hour whatever happens. Only who sent a
file, where they sent it, gets it back.
"""

from __future__ import annotations

import asyncio
import pickle
import secrets
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from sqlmodel import Session, col, select

from server.actions import submissions
from server.domain.access import SYSTEM
from server.edge import House
from server.papers import sealing
from server.papers.keyring import Damaged, ForeignKey
from server.store.tables import Piece
from server.web.identity import Caller
from wire.vocabulary import new_id

T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """`at` microseconds; `read` what the file said."""

    at: int
    staff: int
    centre: int
    name: str
    digest: str
    read: T


class Previews(Generic[T]):
    """Each for `micros`. `what` tells the files of one page from those of another."""

    def __init__(self, what: str, micros: int) -> None:
        self._what, self._micros = what, micros

    async def keep(self, house: House, kept: Kept[T]) -> str:
        """The key by which it is had again."""
        key, own = new_id(), sealing.new_key()
        body = await asyncio.to_thread(pickle.dumps, (self._what, kept))
        mark = house.keyring.mark("preview", body).encode()
        pieces = [house.keyring.wrap(own), *sealing.seal(own, key, mark + b"\n" + body)]
        for number, piece in enumerate(pieces):
            await house.change(
                SYSTEM, "piece", partial(submissions.put_piece, document=key, number=number, body=piece)
            )
        return key

    async def take(self, house: House, key: str, caller: Caller) -> Kept[T] | None:
        """Only for who sent it, where they sent it; it stays until `drop`."""
        pieces = await house.read(partial(_pieces, key=key[:32]))
        if not pieces:
            return None
        try:
            mark, _, body = sealing.unseal(house.keyring.unwrap(pieces[0]), key, pieces[1:]).partition(b"\n")
        except (Damaged, ForeignKey):
            return None  # a document's piece, or what another key file sealed
        if not secrets.compare_digest(mark, house.keyring.mark("preview", body).encode()):
            return None
        # The mark is made with the secret half of the key file: whoever can only write to the database cannot have us load what they like.
        what, kept = await asyncio.to_thread(pickle.loads, body)
        mine = (kept.staff, kept.centre) == (caller.actor.id, caller.actor.centre)
        fresh = house.clock.micros() - kept.at < self._micros
        return kept if mine and fresh and what == self._what else None

    async def drop(self, house: House, key: str) -> None:
        await house.change(SYSTEM, "drop_pieces", partial(submissions.drop_pieces, documents=[key]))


def _pieces(session: Session, *, key: str) -> list[bytes]:
    found = select(Piece.body).where(Piece.document_id == key).order_by(col(Piece.number))
    return [bytes(each) for each in session.exec(found)]
