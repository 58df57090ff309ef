"""Who chooses another centre in one window is at that centre in every window: an open page must not go on listening to the first."""

from __future__ import annotations

import asyncio

from server.actions import sessions
from server.actions.keys import hash_of
from server.store.tables import StaffRole
from server.store.tx import Tx
from tests.server.web.rehearsal import Served
from tests.server.web.test_socket import greet, heard, line
from wire.frames import Bye, Snapshot
from wire.vocabulary import Role


async def test_an_open_page_follows_to_the_centre_chosen_elsewhere(served: Served) -> None:
    client = await asyncio.to_thread(served.signed_in, "priya")
    (key,) = client.cookies.values()
    cookie = {"Cookie": f"foyer_session={key}"}
    priya, other = served.ids.staff["priya"], served.ids.other

    def move(tx: Tx) -> None:
        tx.session().add(StaffRole(staff_id=priya, centre_id=other, role=Role.ADVISER))
        tx.session().flush()
        sessions.choose_centre(tx, hash_of(key), priya, other)

    async with line(served, "/ws/staff", cookie) as page:
        snapshot = await greet(page)
        assert isinstance(snapshot, Snapshot)
        assert snapshot.rows["centre"]["slug"] == "york-house"
        await asyncio.to_thread(served.run, served.house.change(served.actor("priya"), "move", move))
        while not isinstance(frame := await heard(page), Bye):
            pass
        assert frame.retry_seconds is not None, "the page comes back by itself"
    async with line(served, "/ws/staff", cookie) as page:
        snapshot = await greet(page)
        assert isinstance(snapshot, Snapshot)
        assert snapshot.rows["centre"]["slug"] == "elsewhere"
