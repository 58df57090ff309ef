"""Messages go out: reminders and "come now" texts are written when their moment has come, and what is due is sent.

Loops of their own, beside the rounds and one for each way, so that a provider that does not answer holds up nobody else: no text waits for a mail
server. They look first and write only when there is something to do. Sending itself happens outside the lane, several at once; each message is
noted as soon as it is known what became of it. Several servers may run it on one database: a message is taken in hand by one of them
(`actions.post_sending`).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection

from server.actions import post_sending, posting
from server.actions.post_sending import LEASE, Links
from server.domain import posting as rules
from server.domain.access import SYSTEM, Actor
from server.domain.offers import read_offer
from server.domain.posting import Later, Parcel
from server.edge import House
from server.live.hub import Topic
from server.store.queries import posts
from server.store.sql import Sql, Statement
from wire.frames import Row
from wire.rows import PlaceRow
from wire.vocabulary import Audience, Way

log = logging.getLogger("foyer.jobs")

EVERY_SECONDS = 2.0
REMIND_ROUNDS = 15
"""Reminders are to the half minute."""
MOST = 32
"""Taken in hand at once: what is in hand when a server dies has to be asked about."""

_ANY_DUE = Statement(
    """SELECT 1 FROM post WHERE state = 'queued' AND way = :way AND due_at <= :now AND (sending_since IS NULL OR sending_since <= :stale)
    LIMIT 1"""
)
_WISHES = Statement("SELECT visit_id, centre_id FROM text_wish WHERE told_at IS NULL")
"""Of the few who wait now: an ended visit's goes with the next sweep, and shows no place meanwhile."""


async def keep_sending(house: House) -> None:
    """Until cancelled: what is due by each way goes out on its own, so that a mail server that answers nobody holds up no text, and what has
    to be written is seen to beside it."""
    if house.carriers.ways:
        await asyncio.gather(_keep_writing(house), *(_keep_sending(house, way) for way in Way))


async def _keep_writing(house: House) -> None:
    number = 0
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        if not await house.turns.mine("writing"):
            house.process.did("writing")
            continue
        try:
            await say_come_now(house)
            if number % REMIND_ROUNDS == 0:
                await remind(house)
            house.process.did("writing")
        except Exception:
            house.process.failed("writing")
            log.exception("messages could not be written this time; the next time is soon")
        number += 1


async def _keep_sending(house: House, way: Way) -> None:
    """What fails is logged, without a word of any message, and tried again."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await send_due(house, way)
            house.process.did(f"sending {way}")
        except Exception:
            house.process.failed(f"sending {way}")
            log.exception("messages could not be seen to this time; the next time is soon")


async def send_due(house: House, *ways: Way) -> int:
    """Send everything that is due now by these ways, or by all; how many were handed to a carrier."""
    links = Links(house.settings.public_url, house.link_key)
    sent = 0
    for way in ways or Way:
        while await house.look(partial(_any_due, way=way, now=house.clock.micros())):
            take = partial(post_sending.take_due, way=way, most=MOST, links=links)
            parcels = await house.change(SYSTEM, "take_messages", take)
            await asyncio.gather(*(_send(house, each) for each in parcels))
            sent += len(parcels)
    return sent


def _any_due(connection: Connection, *, way: Way, now: int) -> bool:
    values = {"way": way.value, "now": now, "stale": now - LEASE}
    return Sql(connection).one(_ANY_DUE, values) is not None


async def _send(house: House, parcel: Parcel) -> None:
    """One message, and what became of it. A fault of ours is like a server that died: it was perhaps taken, so it is asked about."""
    try:
        result = await house.carriers.by_way[parcel.way].send(parcel)
    except Exception:
        log.exception("a message could not be handed over")
        result = Later("Something went wrong on the server.", rules.UNSURE_WAIT)
    note = partial(post_sending.settle, post_id=parcel.id, result=result, roll=random.random())
    await house.change(SYSTEM, "note_message", note)


# Reminders ---------------------------------------------------------------------------------------------------------------


async def remind(house: House) -> int:
    """Write the reminders that have come due, at every centre; how many."""
    if not house.carriers.ways:
        return 0
    written = 0
    for centre, services in (await house.look(posts.services_with_appointments)).items():
        try:
            written += await _remind_centre(house, centre, services)
        except Exception:
            log.exception("reminders of centre %d could not be written; those of the others are", centre)
    return written


async def _remind_centre(house: House, centre: int, services: Mapping[int, Mapping[str, Any]]) -> int:
    hours = {
        service: offer.reminder_hours
        for service, document in services.items()
        if (offer := read_offer(document)) is not None and offer.reminder_hours
    }
    if not hours:
        return 0
    now = house.clock.micros()
    until = now + max(each for of_service in hours.values() for each in of_service) * rules.HOUR
    looking = partial(posts.upcoming, centre=centre, now=now, until=until)
    ahead, reminded = await house.look(looking)
    written = 0
    for each in ahead:
        due = rules.reminder_due(each.starts_at, hours.get(each.service, ()), each.told_at, now)
        if due is None or posting.reminder_subject(each.id, due, each.starts_at) in reminded:
            continue
        write = partial(posting.remind, booking_id=each.id, hours=due)
        written += await house.change(Actor(kind="system", centre=centre), "remind", write)
    return written


# "Please come now" -------------------------------------------------------------------------------------------------------


async def say_come_now(house: House) -> int:
    """Write to the walk-ins whose turn is near, as their own phone's page would show it; how many."""
    if Way.SMS not in house.carriers.ways:
        return 0
    written = 0
    for visit, centre in await house.look(lambda connection: list(Sql(connection).all(_WISHES))):
        rows: Mapping[str, Row] = await house.hub.glance(Topic(centre, Audience.PHONE, visit))
        place = cast("PlaceRow | None", rows.get("place"))
        if place is None or not rules.is_near(place["state"], place["ahead"], place["waits"]["high"]):
            continue
        write = partial(posting.come_now, visit=visit)
        written += await house.change(Actor(kind="system", centre=centre), "come_now", write)
    return written
