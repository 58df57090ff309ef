"""Makes the reports that were asked for, one at a time, and sends those that go out by themselves; beside everything else and in nobody's way.

Figures are read topic by topic, each a look like a page's; the file is made by a process of its own (`server.reports.press`). Between any two steps it is written down how far it is, and seen whether
somebody stopped it. A server that ends gives back what it has in hand; what one that fell has left is taken up by another.

A report by e-mail is made once its time is over (`live.reports.due_plans`), then handed to each address once. What a mail server refuses for now is tried again with growing waits, for as long as it
takes; what it refuses for good is said on the page, and the plan goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from sqlmodel import Session

from server.actions import reports
from server.actions.reports import InHand
from server.clock import from_micros
from server.connectors import report_mail
from server.connectors.report_mail import Enclosed
from server.connectors.smtp import Smtp
from server.domain import posting, publishing, spans
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.domain.reports import Wanted, wanted_of
from server.edge import House
from server.live.reports import (
    Due,
    Place,
    chapter_of,
    due_plans,
    head_of,
    named,
    next_of,
    places_of,
    steps_of,
)
from server.live.telling import TOPICS
from server.reports import Booklet, Chapter, Form, Made
from server.reports.press import Press, PressFailed, starting
from server.store.tables import Centre, Report
from wire.vocabulary import ReportState, Way

log = logging.getLogger("foyer.reports")
T = TypeVar("T")
SoFar = Callable[[float, str], Awaitable[None]]

LOOK_SECONDS = 0.5
PLAN_ROUNDS = 40
FORGET_ROUNDS = 600
WORD_SECONDS = 1.0
"""How often it is written down how far a report is; as often it is seen whether it was stopped."""
READ_PERCENT = 60
"""How far a report is when its figures are read."""
FAULT = "Something went wrong on the server while it was made. Ask again; if it happens again, tell an administrator."


class Stopped(Exception):
    """Somebody stopped it, or another server has it."""


async def keep_reporting(house: House) -> None:
    """Until cancelled."""
    number = 0
    while True:
        try:
            if number % PLAN_ROUNDS == 0 and await house.turns.mine("report plans"):
                await send_due(house)
            if number % FORGET_ROUNDS == 0:
                await house.change(Actor(kind="system"), "forget_reports", reports.forget)
            while await make_one(house):
                pass
            house.process.did("reports")
        except Refused:
            log.info("reports: the database could not be written to; the next look is as usual")
        except Exception:
            house.process.failed("reports")
            log.exception("reports could not be looked after; the next look is as usual")
        number += 1
        await asyncio.sleep(LOOK_SECONDS)


async def make_one(house: House) -> bool:
    """Make the report that has waited longest; False when there is none."""
    report = await house.look(partial(next_of, now=house.clock.micros()))
    if report is None:
        return False
    taken = await house.change(Actor(kind="system"), "take_report", partial(reports.take, report_id=report))
    if taken is not None:
        await _Making(house, taken).run()
    return True


class _Making:
    """One report in hand: reads, makes, and writes down how far it is."""

    def __init__(self, house: House, taken: InHand) -> None:
        self.house, self.taken, self.mine = house, taken, taken.since
        self.actor = Actor(kind="system", centre=taken.centre)
        self.percent, self.say = 0, ""

    async def run(self) -> None:
        try:
            await self._make()
        except Stopped:
            log.info("a report was stopped in the middle")
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await asyncio.shield(self._change("give_back_report", reports.give_back))
            raise
        except PressFailed as error:
            await self._change("report_failed", partial(reports.failed, say=str(error)))
        except Exception:
            log.exception("a report could not be made")
            await self._change("report_failed", partial(reports.failed, say=FAULT))

    async def _make(self) -> None:
        async with starting(Form(self.taken.wanted.form)) as press:
            booklet = await read_booklet(self.house, self.taken.wanted, self._read_so_far)
            made = await self._press(press, booklet)
        await self.at(99, "putting the file down")
        put = partial(reports.made, name=made.name, media_type=made.media_type, body=made.body)
        await self._change("report_made", put)

    async def _press(self, press: Press, booklet: Booklet) -> Made:
        async def pressed_so_far(percent: int, say: str) -> None:
            self.percent = READ_PERCENT + percent * (98 - READ_PERCENT) // 100
            self.say = say

        work = asyncio.create_task(press.make(booklet, pressed_so_far))
        try:
            while not work.done():
                await asyncio.wait({work}, timeout=WORD_SECONDS)
                if not work.done():
                    await self.at(self.percent, self.say)
            return work.result()
        finally:
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)

    async def _read_so_far(self, share: float, say: str) -> None:
        await self.at(round(share * READ_PERCENT), say)

    async def at(self, percent: int, say: str) -> None:
        """Raises `Stopped`."""
        self.percent, self.say = percent, say
        since = await self._change("report_at", partial(reports.at, percent=percent, say=say))
        if since is None:
            raise Stopped
        self.mine = since

    async def _change(self, name: str, action: Callable[..., T]) -> T:
        act = partial(action, report_id=self.taken.id, mine=self.mine)
        return await self.house.change(self.actor, name, act)


async def read_booklet(house: House, wanted: Wanted, so_far: SoFar) -> Booklet:
    """The figures of every topic at every centre, each read by itself. `so_far` is told the share that is read, and what comes next."""
    places = await house.look(partial(places_of, centres=wanted.centres))
    chapters: list[Chapter] = []
    steps = steps_of(places, wanted.topics)
    for number, (place, topic) in enumerate(steps):
        title = TOPICS[topic].title
        await so_far(number / len(steps), f"reading {title}, {place.name}")
        chapters.append(await _chapter(house, wanted, place, topic, places))
    at = from_micros(house.clock.micros()).astimezone(places[0].zone)
    notes = (publishing.NOTE,) if wanted.public else ()
    return Booklet(wanted.title, wanted.span, at, tuple(chapters), wanted.public, notes, named(places))


async def _chapter(
    house: House, wanted: Wanted, place: Place, topic: str, places: Sequence[Place]
) -> Chapter:
    read = partial(
        chapter_of, place=place, topic=topic, wanted=wanted, centres=places, now=house.clock.micros()
    )
    figures = await house.look(read)
    return Chapter(**head_of(place, topic, places)._asdict(), figures=tuple(figures))


# By e-mail -----------------------------------------------------------------------------------------------------------


async def send_due(house: House) -> int:
    """Have due reports made, and send those that are; how many letters were handed over."""
    sent = 0
    for due in await house.read(partial(due_plans, now=house.clock.now())):
        try:
            sent += await _send(house, due)
        except Refused:
            log.info("report plan %d: the database could not be written to; it is tried again", due.plan)
        except Exception:
            log.exception("report plan %d could not be looked after; the others are", due.plan)
    return sent


async def _send(house: House, due: Due) -> int:
    actor = Actor(kind="system", centre=due.centre)
    if due.state == ReportState.DONE:
        return await _send_made(house, actor, due)
    if due.state == ReportState.FAILED:
        await house.change(actor, "put_off_report", partial(reports.put_off, plan_id=due.plan, say=due.say))
    if due.state not in (ReportState.WAITING, ReportState.WORKING):
        await house.change(actor, "ask_for_report", partial(reports.ask_for_plan, plan_id=due.plan))
    return 0


async def _send_made(house: House, actor: Actor, due: Due) -> int:
    enclosed = await house.read(partial(_enclosed, report_id=due.report))
    carrier = house.carriers.by_way.get(Way.EMAIL)
    smtp = carrier if isinstance(carrier, Smtp) else None
    sent = 0
    for address in due.recipients:
        take = partial(reports.take_letter, report_id=due.report, address=address)
        if not await house.change(actor, "take_report_letter", take):
            continue
        state, say = _said(await report_mail.send(smtp, address, enclosed))
        note = partial(reports.note_letter, report_id=due.report, address=address, state=state, say=say)
        await house.change(actor, "note_report_letter", note)
        sent += state == "sent"
    settle = partial(reports.settle, plan_id=due.plan, next_on=due.next_on)
    await house.change(actor, "settle_report", settle)
    return sent


def _said(result: posting.Result) -> tuple[str, str]:
    match result:
        case posting.Later(why=why):
            return "later", why
        case posting.Never(why=why):
            return "never", why
        case _:
            return "sent", ""


def _enclosed(session: Session, report_id: str) -> Enclosed:
    row = session.get_one(Report, report_id)
    wanted = wanted_of(row.asks)
    centre = session.get_one(Centre, row.centre_id)
    when = spans.say(wanted.span)
    assert row.body is not None
    return Enclosed(row.id, centre.name, wanted.title, when, row.file_name, row.media_type, row.body)
