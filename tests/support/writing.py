"""A house that writes to visitors: through the demonstration's stand-in of GOV.UK Notify, which runs here as it does there."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from sqlmodel import col, select

from demo.notify import BEARER, KEY, Faults, StandIn, write_letters
from server.actions import booking_events
from server.jobs import sending
from server.store.tables import Booking, HeardText, Post
from server.store.tx import Tx
from tests.support.booked import appointment
from tests.support.house import TUESDAY, Rehearsal, running_house
from tests.support.waiting import until
from wire.vocabulary import BookingEvent

MOBILE = "+447700900123"
DAY = 24 * 60
"""In minutes."""


@contextmanager
def stand_in(back: str = "") -> Iterator[tuple[StandIn, str]]:
    """Notify, and its address; in a thread of its own, since the client that speaks to it blocks."""
    notify = StandIn(back=back)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(notify.app(), log_level="warning", timeout_graceful_shutdown=1))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve([listener])), daemon=True)
    thread.start()
    until(lambda: server.started, seconds=20.0, what="the stand-in's start")
    try:
        yield notify, f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        loop.close()
        listener.close()


def settings_for(url: str, folder: Path) -> dict[str, Any]:
    file = folder / "letters.toml"
    write_letters(file)
    return {"notify_key": KEY, "notify_url": url, "notify_bearer": BEARER, "letters": file}


@dataclass
class Writing:
    rehearsal: Rehearsal
    notify: StandIn

    async def send(self) -> int:
        return await sending.send_due(self.rehearsal.house)

    async def posts(self) -> list[Post]:
        """The outbox in the order it was written."""
        return await self.rehearsal.house.read(
            lambda session: list(session.exec(select(Post).order_by(col(Post.made_at), col(Post.id))))
        )

    async def post(self) -> Post:
        """The only one."""
        (only,) = await self.posts()
        return only

    async def heard(self) -> list[HeardText]:
        return await self.rehearsal.house.read(lambda session: list(session.exec(select(HeardText))))


@asynccontextmanager
async def writing_house(
    database_url: str, folder: Path, running: tuple[StandIn, str], at: Any = TUESDAY, **settings: Any
) -> AsyncIterator[Writing]:
    """`running`: a stand-in that other tests use too; it forgets what it was told and sent."""
    notify, url = running
    notify.faults = Faults()
    notify.messages.clear()
    notify.calls.clear()
    async with running_house(database_url, at=at, **{**settings_for(url, folder), **settings}) as rehearsal:
        yield Writing(rehearsal, notify)


async def booked(
    writing: Writing,
    minutes: float = 3 * DAY,
    event: BookingEvent | None = BookingEvent.BOOKED,
    **fields: Any,
) -> Booking:
    """Somebody with a phone that may be texted books; the house is told."""
    given = {"phone": MOBILE, "safe_to_text": True, "booked_at": writing.rehearsal.clock.now(), **fields}
    booking = await appointment(writing.rehearsal, minutes=minutes, **given)
    if event is not None:
        await happens(writing, event, booking)
    return booking


async def happens(writing: Writing, event: BookingEvent, booking: Booking, **more: Any) -> None:
    def say(tx: Tx) -> None:
        booking_events.happened(tx, event, tx.session().get_one(Booking, booking.id), **more)

    await writing.rehearsal.house.change(writing.rehearsal.people["ada"], "say", say)


async def change(writing: Writing, action: Any) -> Any:
    return await writing.rehearsal.house.change(writing.rehearsal.people["mia"], "change", action)
