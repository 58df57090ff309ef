"""The rounds a server makes every few seconds, through the same edge as everybody.

* A ticket called often enough, and then waited for, becomes a no-show by itself, so a counter is not held by somebody who has gone.
* When a new local day has begun and the centre is closed, tickets left from the day before are ended: their visitors went home. Where
  the server was off at night this is made good while the centre is open, for those who came longer ago than any centre is open. A
  counter left open is closed likewise, and as soon as nobody is left to be served after closing; but nobody is put off a counter while
  those who came in time still wait.
* Announcements whose time is over end, and at closing those that were told while the centre was open. That everyone must leave the
  building does not end by itself, not even overnight: a person must say that it may be entered.
* That a device fell silent is written into its history; a rollout halts when one did after switching.
* Papers that nothing was heard of are given up, and entries of what has settled itself closed (`server.jobs.watching`).
* Planned changes of a centre's set-up are done when their moment has come.
* Today's references of appointments are made known to kiosks, and who did not come is marked (`server.jobs.arrivals`).
* Places that came free are offered to who waits for one (`server.jobs.places`).
* What has run out or nobody needs any more goes (`server.jobs.sweeping`).

Of several servers on one database one makes the rounds (`server.live.turns`). Where two do for a moment, as when one had stood still, each step is refused when the other did it
first, which is no fault.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.actions import announcing, device_history, queue, releases, seats
from server.clock import from_micros, to_micros
from server.domain.access import Actor
from server.domain.hours import Open
from server.domain.refusals import Refused
from server.domain.tickets import NIGHT
from server.edge import House
from server.jobs import arrivals
from server.jobs.deleting import delete_due
from server.jobs.erasing import erase_due
from server.jobs.places import offer_places
from server.jobs.planned import do_due_changes
from server.jobs.sweeping import sweep
from server.jobs.watching import watch
from server.live.floor import SetUp, load_set_up
from server.store.sql import Sql, Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, TicketState

log = logging.getLogger("foyer.jobs")

EVERY_SECONDS = 5.0
SEAT = round(timedelta(hours=4).total_seconds()) * 1_000_000
"""Who sat down later than so long ago may be at work though the centre is closed."""
SWEEP_ROUNDS = 60
"""Every so many rounds the seldom things are done too: the end of the day, sweeping up."""
PLACES_ROUNDS = 6
"""Every half minute."""
DELETE_ROUNDS = 6
"""Every half minute: a team may say that what it has is gone here after minutes."""
SILENCE_ROUNDS = 12
"""Every minute, but not in the first: after a restart devices get their moment to come back."""

_CENTRES = Statement("SELECT id, no_show_minutes, max_calls FROM centre")
_UNANSWERED = Statement(
    """SELECT t.id FROM ticket t WHERE t.centre_id = :centre AND t.ended_at IS NULL AND t.state = 'called'
    AND t.calls >= :calls AND t.called_at <= :before AND NOT EXISTS
    (SELECT 1 FROM step s WHERE s.ticket_id = t.id AND s.action = 'no_show' AND s.undone_at >= t.called_at)
    AND NOT EXISTS (SELECT 1 FROM centre c WHERE c.id = :centre AND c.evacuated_at IS NOT NULL)"""
)
"""Whom a person took back from being a no-show is that person's to deal with; and nobody comes to a counter while all must leave."""
_LEFT_OVER = Statement(
    """SELECT t.id, t.state FROM ticket t JOIN visit v ON v.id = t.visit_id
    WHERE t.centre_id = :centre AND t.ended_at IS NULL AND v.arrived_on < :today AND v.arrived_at < :before ORDER BY t.id"""
)
_SEATED = Statement(
    """SELECT staff_id FROM seat WHERE centre_id = :centre AND until_at IS NULL AND (since_at < :long_ago OR (since_at < :before
    AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.centre_id = :centre AND t.ended_at IS NULL)))"""
)


def _system(centre: int) -> Actor:
    return Actor(kind="system", centre=centre)


async def make_rounds(house: House) -> None:
    """Until cancelled. A round that fails is logged and made again."""
    number = 0
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        if not await house.turns.mine("rounds"):
            house.process.did("rounds")
            continue
        try:
            await no_shows(house)
            await watch(house)
            await do_due_changes(house)
            await arrivals.make_known(house)
            if number % SWEEP_ROUNDS == 0:
                await end_days(house)
                await arrivals.mark_missed(house)
                await sweep(house)
                await erase_due(house)
            if number % PLACES_ROUNDS == 1:
                await offer_places(house)
            if number % DELETE_ROUNDS == DELETE_ROUNDS - 2:
                await delete_due(house)
            if number % SILENCE_ROUNDS == SILENCE_ROUNDS - 1:
                await house.change(_system(0), "note_silent", device_history.note_silent)
                await house.change(_system(0), "look_at_rollout", releases.look)
            house.process.did("rounds")
        except Exception:
            house.process.failed("rounds")
            log.exception("a round failed; the next is made as usual")
        number += 1


async def no_shows(house: House) -> int:
    """End the calls nobody answered; how many."""
    ended = 0
    for centre, minutes, calls in await house.look(lambda connection: Sql(connection).all(_CENTRES)):
        before = house.clock.micros() - minutes * 60_000_000
        values = {"centre": centre, "calls": calls, "before": before}
        try:
            for ticket in await house.look(partial(_ids, statement=_UNANSWERED, values=values)):
                ended += await _quietly(house, centre, partial(_end_call, ticket=ticket, values=values))
        except Exception:
            log.exception("centre %d could not be looked after; the others are", centre)
    return ended


def _ids(connection: Connection, *, statement: Statement, values: Mapping[str, int | str]) -> list[str]:
    return [record[0] for record in Sql(connection).all(statement, values)]


def _end_call(tx: Tx, *, ticket: str, values: Mapping[str, int | str]) -> None:
    if (ticket,) not in [tuple(record) for record in tx.sql.all(_UNANSWERED, values)]:
        raise Refused(RefusalCode.WRONG_STATE, "It was called again, or answered, since it was looked at.")
    queue.no_show(tx, asks.NoShow(ticket=ticket))


async def _quietly(house: House, centre: int, action: partial[None]) -> int:
    """1 when it was done; 0 when somebody was quicker."""
    try:
        await house.change(_system(centre), "round", action)
    except Refused:
        return 0
    return 1


async def end_days(house: House) -> int:
    """End what is left of earlier days at every centre; how many tickets."""
    ended = 0
    for centre, *_rest in await house.look(lambda connection: Sql(connection).all(_CENTRES)):
        try:
            ended += await _end_day(house, centre, await house.read(partial(load_set_up, centre_id=centre)))
        except Exception:
            log.exception("the day of centre %d could not be ended; those of the others are", centre)
    return ended


async def _end_day(house: House, centre: int, set_up: SetUp) -> int:
    now = house.clock.micros()
    is_open = isinstance(set_up.timetable.standing(from_micros(now)), Open)
    today = set_up.timetable.local_date(from_micros(now))
    night_ago = now - NIGHT
    before = night_ago if is_open else now

    def left_over(connection: Connection) -> list[tuple[str, str]]:
        values = {"centre": centre, "today": today.isoformat(), "before": before}
        return [(r[0], r[1]) for r in Sql(connection).all(_LEFT_OVER, values)]

    await _end_announcements(house, centre, set_up)
    ended = 0
    for ticket, state in await house.look(left_over):
        ended += await _quietly(house, centre, partial(_end_left_over, ticket=ticket, state=state))
    midnight = to_micros(datetime.combine(today, time(), ZoneInfo(set_up.centre.timezone)).astimezone(UTC))
    values = {
        "centre": centre,
        "long_ago": night_ago if is_open else min(midnight, now - SEAT),
        "before": night_ago if is_open else now - SEAT,
    }
    for staff in await house.look(partial(_ids, statement=_SEATED, values=values)):
        await _quietly(house, centre, partial(_close_seat, staff=int(staff), values=values))
    return ended


_TOLD = Statement("SELECT at FROM announcement WHERE centre_id = :centre AND ended_at IS NULL ORDER BY at")


async def _end_announcements(house: House, centre: int, set_up: SetUp) -> None:
    """What was told in opening hours was for those who were there then; what was told to a closed house (when it opens) stays its time."""

    def told(connection: Connection) -> list[int]:
        return [record[0] for record in Sql(connection).all(_TOLD, {"centre": centre})]

    def was_open(at: int) -> bool:
        return isinstance(set_up.timetable.standing(from_micros(at)), Open)

    all_told = await house.look(told)
    if not all_told:
        return
    of_the_day = [at for at in all_told if was_open(at)]
    before = of_the_day[-1] + 1 if of_the_day and not was_open(house.clock.micros()) else 0
    await _quietly(house, centre, partial(_end_old, before=before))


def _end_old(tx: Tx, *, before: int) -> None:
    announcing.end_old(tx, before)


def _end_left_over(tx: Tx, *, ticket: str, state: str) -> None:
    """Whoever still waited or was parked has left; whoever was called did not come; whoever was served, was."""
    if state == TicketState.CALLED:
        queue.no_show(tx, asks.NoShow(ticket=ticket))
    elif state == TicketState.SERVING:
        queue.end_unattended(tx, ticket)
    else:
        queue.cancel(tx, asks.Cancel(ticket=ticket))


def _close_seat(tx: Tx, *, staff: int, values: Mapping[str, int | str]) -> None:
    if staff not in [record[0] for record in tx.sql.all(_SEATED, values)]:
        raise Refused(RefusalCode.WRONG_STATE, "They sat down anew since it was looked at.")
    seats.close_seat_of(tx, staff, left_open=True)
