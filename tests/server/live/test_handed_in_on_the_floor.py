"""What visitors handed in, where staff on the floor hear of it: at the ticket, and as something that needs a person."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import select

from server.jobs.handing_off import hand_off_due
from server.live.console import read_floor
from server.live.console_shapes import FloorNow
from server.live.floor import FloorReader
from server.live.views import view
from server.store.tables import HandOff
from server.store.tx import Tx
from tests.support.handed_in import handed_in, with_teams
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Audience, HandedIn


async def floor(rehearsal: Rehearsal, who: str) -> FloorNow:
    actor = rehearsal.people[who]
    read = partial(read_floor, centre=actor.centre, staff=actor.id, now=rehearsal.clock.micros())
    return await rehearsal.house.look(read)


def mark(rehearsal: Rehearsal) -> Any:
    reader = FloorReader(rehearsal.house.database, "https://queue.test")
    seen = reader.read(rehearsal.kiosk.centre, rehearsal.clock.micros())
    return view(seen, Audience.STAFF, "")["floor"]


async def test_the_adviser_sees_what_was_handed_in_and_others_nothing_of_a_private_visit(
    rehearsal: Rehearsal,
) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    plain, secret = await rehearsal.issue(), await rehearsal.issue("private")
    before = mark(rehearsal)
    await handed_in(house, mia, visit_id=plain.visit, send=False)
    await handed_in(house, mia, visit_id=secret.visit, pages=("Only",), send=False)
    begun = await handed_in(
        house, mia, kind=HandedIn.BEGUN, what="x", visit_id=None, ticket_id=plain.ticket, send=False
    )
    assert mark(rehearsal) != before
    said = {
        each.code: [one.says for one in each.handed_in] for each in (await floor(rehearsal, "greta")).waiting
    }
    assert said == {plain.code: ["3 pages received", "A form begun"], secret.code: []}
    await rehearsal.sit("ann", services=("private",))
    await rehearsal.ask("ann", asks.CallNext())
    serving = (await floor(rehearsal, "ann")).current
    assert serving is not None
    assert [one.says for one in serving.handed_in] == ["1 page received"]
    await rehearsal.sit("bob", "desk-2")
    await rehearsal.ask("bob", asks.CallNext())
    other = (await floor(rehearsal, "bob")).current
    assert other is not None
    assert begun in [one.id for one in other.handed_in]


async def test_what_does_not_go_on_is_a_concern_of_its_team_and_goes_with_its_cause(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    house, mia = rehearsal.house, rehearsal.people["mia"]
    teams = (
        {"slug": "housing", "name": "Housing team", "way": "folder", "address": "housing"},
        {"slug": "benefits", "name": "Benefits team"},
    )
    await with_teams(house, mia, *teams)
    await handed_in(house, mia)
    await handed_in(house, mia, team="benefits")
    await hand_off_due(house)  # there is no folder for hand-offs

    async def told() -> list[str]:
        return [each.say for each in (await floor(rehearsal, "greta")).concerns if each.kind == "hand_off"]

    assert await told() == []  # a short break of the other side is nobody's business
    rehearsal.clock.go(minutes=31)
    end = " Whoever sorts papers sees under Papers what to do."
    failing = "One thing handed in for Housing team cannot be sent now; it is tried again."
    assert await told() == [failing + end]
    rehearsal.clock.go(days=3)
    waiting = "One thing handed in for {} has been waiting for more than three days."
    assert await told() == [
        waiting.format("Benefits team") + end,
        f"{failing} {waiting.format('Housing team')}{end}",
    ]
    (tmp_path / "root").mkdir()
    house.settings.handoff_folder = tmp_path / "root"
    await hand_off_due(house)

    def fetched(tx: Tx) -> None:
        row = tx.session().exec(select(HandOff)).one()
        row.dead_at, row.sent_at, row.why = row.made_at, None, "It answered 410."

    await house.change(mia, "kill", fetched)
    assert "One thing handed in for Housing team could not be sent." in " ".join(await told())
    await rehearsal.ask("greta", asks.TakeConcern(subject="hand_off:housing"))
    await rehearsal.ask("greta", asks.DoneConcern(subject="hand_off:housing"))
    assert len(await told()) == 1
