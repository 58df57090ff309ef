"""How a display is laid out, what it is refused, and what its row says when the centre has changed since."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from server.actions.layouts import set_layout
from server.domain.refusals import Refused
from server.live import views
from server.live.floor import FloorReader
from tests.support.house import Rehearsal
from wire import asks
from wire.frames import Row
from wire.vocabulary import Audience, RefusalCode


def lobby(rehearsal: Rehearsal, audience: Audience = Audience.LOBBY, subject: str = "") -> dict[str, Row]:
    reader = FloorReader(rehearsal.house.database, "https://queue.test")
    return dict(views.view(reader.read(rehearsal.kiosk.centre, rehearsal.clock.micros()), audience, subject))


def row_of(rehearsal: Rehearsal) -> Row:
    return lobby(rehearsal)[f"display:{rehearsal.display.id}"]


async def lay_out(
    rehearsal: Rehearsal,
    device: int | None = None,
    shows: tuple[str, ...] = (),
    counters: tuple[str, ...] = (),
    services: tuple[str, ...] = (),
) -> None:
    def change(tx: Any) -> None:
        set_layout(tx, device or rehearsal.display.id, shows, counters, services)

    await rehearsal.house.change(rehearsal.as_actor("ada"), "lay out", change)


async def run(rehearsal: Rehearsal, sql: str) -> None:
    def change(tx: Any) -> None:
        tx.session().exec(text(sql))
        tx.session().exec(text("UPDATE centre SET version = version + 1"))

    await rehearsal.house.change(rehearsal.as_actor("ada"), "change", change)


async def test_a_display_that_was_never_laid_out_shows_everything(rehearsal: Rehearsal) -> None:
    name = {"kind": "display", "id": str(rehearsal.display.id), "name": "display"}
    assert row_of(rehearsal) == {**name, "shows": [], "counters": [], "services": []}
    await lay_out(rehearsal, None, ("waits", "calls"), ("desk-2", "desk-1", "desk-2"), ("housing",))
    assert row_of(rehearsal) == {
        **name,
        "shows": ["waits", "calls"],
        "counters": ["desk-1", "desk-2"],
        "services": ["housing"],
    }
    await lay_out(rehearsal)
    assert row_of(rehearsal) == {**name, "shows": [], "counters": [], "services": []}
    assert [key for key in lobby(rehearsal, Audience.KIOSK) if key.startswith("display:")] == []


@pytest.mark.parametrize(
    "given",
    [
        {"shows": ("calls", "clock")},
        {"counters": ("desk-9",)},
        {"services": ("no-such",)},
        {"services": ("private",)},
    ],
)
async def test_what_is_not_there_or_not_public_is_refused_and_nothing_changes(
    rehearsal: Rehearsal, given: dict[str, tuple[str, ...]]
) -> None:
    await lay_out(rehearsal, shows=("calls",))
    with pytest.raises(Refused) as refused:
        await lay_out(rehearsal, **given)
    assert refused.value.refusal.code is RefusalCode.UNKNOWN
    assert row_of(rehearsal)["shows"] == ["calls"]


async def test_only_a_display_of_ones_own_centre_has_a_layout(rehearsal: Rehearsal) -> None:
    with pytest.raises(Refused, match="not a lobby display"):
        await lay_out(rehearsal, rehearsal.kiosk.id, ("calls",))
    with pytest.raises(Refused, match="no such device"):
        await lay_out(rehearsal, 10_000, ("calls",))
    await run(rehearsal, f"UPDATE device SET revoked_at = 1 WHERE id = {rehearsal.display.id}")
    with pytest.raises(Refused, match="no such device"):
        await lay_out(rehearsal, shows=("calls",))
    assert f"display:{rehearsal.display.id}" not in lobby(rehearsal)


async def test_a_layout_of_what_is_there_no_more_shows_everything_again(rehearsal: Rehearsal) -> None:
    await lay_out(rehearsal, None, ("calls", "waits"), ("room-1",), ("housing",))
    await run(rehearsal, "UPDATE counter SET retired_at = 1 WHERE slug = 'room-1'")
    await run(rehearsal, "UPDATE service SET retired_at = 1 WHERE slug = 'housing'")
    assert (row_of(rehearsal)["counters"], row_of(rehearsal)["services"]) == ([], [])


async def test_a_visitor_is_sent_where_the_telephone_stands_and_not_to_who_is_elsewhere(
    rehearsal: Rehearsal,
) -> None:
    await run(
        rehearsal,
        "UPDATE counter SET kind = 'telephone', sends_to = 'Telephone 3 by the window' WHERE slug = 'desk-1'",
    )
    one, two = await rehearsal.issue(), await rehearsal.issue()
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.sit("bob", "desk-2")
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("bob", asks.CallNext())
    rows = lobby(rehearsal)
    first, second = rows[f"call:{one.ticket}"], rows[f"call:{two.ticket}"]
    assert (first["where"], first["where_key"]) == ("Telephone 3 by the window", "desk-1")
    assert second["where"] == "Desk 2"
    assert lobby(rehearsal, Audience.PHONE, one.visit)["place"]["where"] == "Telephone 3 by the window"
