"""A use of a station or a form is counted once, and a visit once for it, whoever counted it first and whatever comes first."""

from functools import partial

import pytest
from sqlalchemy import Connection

from server.actions import submissions
from server.actions.submissions import Coming
from server.store.queries.counts import tapped_at
from server.store.sql import Sql, Statement
from server.store.tables import Centre, Device
from server.store.tx import Tx
from tests.support.house import Rehearsal, hash_of
from tests.support.packets import packet_of, picture
from wire import asks
from wire.packets import Packet
from wire.vocabulary import Activity, Channel, DeviceKind, HandedIn, UseEnd, UseKind, new_id

SECRET = "the secret in the QR of a ticket"


def scan(use: str, ended: UseEnd = UseEnd.DONE, **more: object) -> asks.Use:
    return asks.Use(use=use, kind=UseKind.SCAN, slug="housing", ended=ended, pages=3, seconds=95, **more)


async def rows(rehearsal: Rehearsal, statement: str) -> list[tuple[object, ...]]:
    found = await rehearsal.house.look(lambda connection: Sql(connection).all(Statement(statement)))
    return [tuple(record) for record in found]


async def counted(rehearsal: Rehearsal) -> list[tuple[object, ...]]:
    return await rows(
        rehearsal,
        "SELECT activity, source, visit_id FROM tally WHERE withdrawn_at IS NULL ORDER BY activity DESC",
    )


async def take_in(rehearsal: Rehearsal, packet: Packet, channel: Channel = Channel.KIOSK) -> None:
    """The last step of taking in, which is where a visit becomes known."""
    coming = Coming(
        packet.manifest,
        "h" * 64,
        rehearsal.kiosk.centre,
        None,
        channel,
        rehearsal.clock.micros(),
        [],
        b"k",
        b"f",
    )
    await rehearsal.house.change(rehearsal.kiosk, "submission", partial(submissions.add, coming=coming))


async def ticket(rehearsal: Rehearsal, service: str = "housing") -> asks.Issue:
    issue = asks.Issue(
        visit=new_id(), ticket=new_id(), code="K01", service=service, follow_hash=hash_of(SECRET)
    )
    await rehearsal.ask(rehearsal.kiosk, issue)
    return issue


async def test_what_was_done_is_an_activity_and_what_was_left_is_not(rehearsal: Rehearsal) -> None:
    done, left, form, search = new_id(), new_id(), new_id(), new_id()
    for use in (
        scan(done),
        scan(left, UseEnd.LEFT),
        asks.Use(use=form, kind=UseKind.FORM, slug="bulky-waste", ended=UseEnd.DONE),
        asks.Use(use=search, kind=UseKind.SEARCH, ended=UseEnd.DONE),
    ):
        for _ in range(2):
            assert await rehearsal.ask(rehearsal.kiosk, use) == {"use": use.use}
    assert await counted(rehearsal) == [
        ("scan_station", "self_service", None),
        ("forms", "self_service", None),
    ]
    kept = await rows(
        rehearsal, "SELECT kind, slug, ended, pages, seconds FROM self_service_use ORDER BY kind, ended"
    )
    assert kept == [
        ("form", "bulky-waste", "done", 0, 0),
        ("scan", "housing", "done", 3, 95),
        ("scan", "housing", "left", 3, 95),
        ("search", "", "done", 0, 0),
    ]


@pytest.mark.parametrize("use_first", [True, False])
async def test_a_scan_is_its_visits_in_whatever_order_the_two_arrive(
    rehearsal: Rehearsal, use_first: bool
) -> None:
    issued = await ticket(rehearsal)
    packet = packet_of([picture()], follow=SECRET)
    if use_first:
        await rehearsal.ask(rehearsal.kiosk, scan(packet.manifest.id))
    await take_in(rehearsal, packet)
    if not use_first:
        await rehearsal.ask(rehearsal.kiosk, scan(packet.manifest.id))
    assert await counted(rehearsal) == [("scan_station", "self_service", issued.visit)]
    (found,) = await rows(rehearsal, "SELECT visit_id, ticket_id FROM submission")
    assert found == (issued.visit, None)


@pytest.mark.parametrize("use_first", [True, False])
async def test_two_scans_of_one_visit_or_a_greeters_tap_for_it_count_once(
    rehearsal: Rehearsal, use_first: bool
) -> None:
    issued = await ticket(rehearsal)
    tapped = asks.Count(tally=new_id(), activity="scan_station", ticket=issued.ticket)
    await rehearsal.ask("greta", tapped)
    for _ in range(2):
        packet = packet_of([picture()], follow=SECRET)
        if use_first:
            await rehearsal.ask(rehearsal.kiosk, scan(packet.manifest.id))
        await take_in(rehearsal, packet)
        if not use_first:
            await rehearsal.ask(rehearsal.kiosk, scan(packet.manifest.id))
    assert await counted(rehearsal) == [("scan_station", "tap", issued.visit)]
    assert len(await rows(rehearsal, "SELECT id FROM self_service_use")) == 2


async def test_where_a_station_counts_by_itself_nobody_is_asked_to_tap_for_it(rehearsal: Rehearsal) -> None:
    centre = rehearsal.kiosk.centre

    def tapped(connection: Connection) -> bool:
        return Activity.SCAN_STATION in tapped_at(Sql(connection), centre)

    def plan(tx: Tx, **extra: object) -> None:
        row = tx.session().get_one(Centre, centre)
        row.extra = {**row.extra, **extra}

    def pair(tx: Tx) -> None:
        device = tx.session().get_one(Device, rehearsal.spare.id)
        device.kind = DeviceKind.SCAN_STATION

    house = rehearsal.house
    assert await house.look(tapped)
    await house.change(
        rehearsal.kiosk, "plan", partial(plan, purposes=[{"slug": "housing", "names": {"en": "Housing"}}])
    )
    assert await house.look(tapped)
    await house.change(rehearsal.kiosk, "pair", pair)
    assert not await house.look(tapped)
    await house.change(rehearsal.kiosk, "plan", partial(plan, activities=["scan_station"]))
    assert await house.look(tapped)


async def test_a_form_sent_from_home_is_a_use_and_no_activity_of_the_centre(rehearsal: Rehearsal) -> None:
    packet = packet_of(kind=HandedIn.FORM, what="bulky-waste", version=1, seconds=240)
    for _ in range(2):
        await take_in(rehearsal, packet, Channel.WEB)
    assert await rows(rehearsal, "SELECT channel, slug, ended, seconds FROM self_service_use") == [
        ("web", "bulky-waste", "done", 240)
    ]
    assert await counted(rehearsal) == []


async def test_it_counts_on_its_own_day(rehearsal: Rehearsal) -> None:
    await rehearsal.ask(rehearsal.kiosk, scan(new_id(), age_ms=26 * 3600 * 1000))
    days = await rows(rehearsal, "SELECT counted_on FROM tally")
    assert [str(day[0]) for day in days] == ["2026-11-23"]


async def test_papers_of_an_ended_visit_or_of_nobodys_secret_belong_to_no_visit(rehearsal: Rehearsal) -> None:
    issued = await ticket(rehearsal)
    await rehearsal.ask("greta", asks.Cancel(ticket=issued.ticket))
    for secret in (SECRET, "never seen"):
        await take_in(rehearsal, packet_of([picture()], follow=secret))
    assert await rows(rehearsal, "SELECT visit_id FROM submission") == [(None,), (None,)]
