"""Reports that were asked for and reports that go out by themselves: made once, stopped, taken up again, sent once, never lost."""

from __future__ import annotations

import asyncio
import email
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from email.message import Message
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from server.actions import reports
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.domain.reports import Every, Wanted, report_id_of
from server.domain.spans import Kind, span_of
from server.jobs.reports import FAULT, make_one, send_due
from server.live.reports import Place, head_of, steps_of
from server.store.tables import Report, ReportPlan
from tests.support.house import Rehearsal, running_house
from tests.support.mailbox import Mailbox, mail_server
from wire.vocabulary import ReportState

LAST_WEEK = span_of(Kind.WEEK, date(2026, 11, 17))
MONDAY = datetime(2026, 11, 30, 6, 30, tzinfo=UTC)
DIRECTOR, OFFICER = "director@council.test", "officer@council.test"


def wanted(form: str = "json", *topics: str, centres: tuple[int, ...] = (1,)) -> Wanted:
    return Wanted(topics or ("footfall",), centres, LAST_WEEK, form)


async def ask(house: Rehearsal, what: Wanted, who: str = "mia") -> str:
    return await house.house.change(house.people[who], "ask_report", partial(reports.ask, wanted=what))


async def row_of(house: Rehearsal, report: str) -> Report:
    def read(session: Session) -> Report:
        row = session.get_one(Report, report)
        session.expunge(row)
        return row

    return await house.house.read(read)


async def until_state(house: Rehearsal, report: str, state: ReportState) -> None:
    give_up = time.monotonic() + 30
    while (await row_of(house, report)).state != state:
        assert time.monotonic() < give_up, f"it never was {state}"
        await asyncio.sleep(0.01)


async def test_a_report_is_made_as_it_was_asked_for(database_url: str) -> None:
    async with running_house(database_url) as house:
        await house.issue()
        report = await ask(house, wanted("pdf"))
        assert (await row_of(house, report)).state == ReportState.WAITING
        assert await make_one(house.house)
        row = await row_of(house, report)
        assert (row.state, row.percent, row.media_type) == (ReportState.DONE, 100, "application/pdf")
        assert row.file_name == "footfall-york-house-2026-11-16-to-2026-11-22.pdf"
        assert row.body is not None
        assert row.body.startswith(b"%PDF")
        assert not await make_one(house.house)


def test_what_tells_of_all_centres_is_read_once_and_first() -> None:
    places = [Place(number, f"c{number}", f"Centre {number}", ZoneInfo("Europe/London")) for number in (1, 2)]
    assert [(place.id, topic) for place, topic in steps_of(places, ("footfall", "centres"))] == [
        (1, "centres"), (1, "footfall"), (2, "footfall"),
    ]  # fmt: skip
    assert steps_of(places[:1], ("footfall", "centres")) == [(places[0], "footfall"), (places[0], "centres")]
    assert head_of(places[0], "centres", places).centre == "All these centres"
    assert head_of(places[0], "footfall", places) == ("Centre 1", "c1", "footfall", "Footfall", True)
    beside = [head_of(places[0], topic, places[:1]).finds for topic in ("centres", "staffing", "waits")]
    assert beside == [False, False, True]


async def test_asked_for_twice_it_is_the_same_while_it_is_made(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as house:
        first, again, other = [await ask(house, each) for each in (wanted(), wanted(), wanted("xlsx"))]
        assert first == again != other
        assert await ask(house, wanted(), "ada") != first, "somebody else's is their own"
        await make_one(house.house)
        assert await ask(house, wanted()) != first, "what is made does not hold what came since"


async def test_nobody_has_more_made_at_once_than_a_few(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as house:
        for number in range(reports.MOST_OPEN):
            await ask(
                house, Wanted(("footfall",), (1,), span_of(Kind.MONTH, date(2026, number + 1, 1)), "pdf")
            )
        with pytest.raises(Refused, match="Wait for one of them"):
            await ask(house, wanted())


async def test_stopped_in_the_middle_nothing_is_kept(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as house:
        report = await ask(house, wanted("pdf"))
        work = asyncio.create_task(make_one(house.house))
        await until_state(house, report, ReportState.WORKING)
        stop = partial(reports.stop, report_id=report, own=[1])
        await house.house.change(house.people["mia"], "stop_report", stop)
        await work
        row = await row_of(house, report)
        assert (row.state, row.body, row.file_name) == (ReportState.CANCELLED, None, "")


async def test_a_server_that_ends_leaves_it_to_the_next(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as house:
        report = await ask(house, wanted("pdf"))
        work = asyncio.create_task(make_one(house.house))
        await until_state(house, report, ReportState.WORKING)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert (await row_of(house, report)).state == ReportState.WAITING
        await make_one(house.house)
        assert (await row_of(house, report)).state == ReportState.DONE


async def test_what_a_server_that_fell_had_in_hand_is_taken_up_and_its_word_no_longer_counts(
    database_url: str,
) -> None:
    async with running_house(database_url) as house:
        report, system = await ask(house, wanted()), Actor(kind="system")
        take = partial(reports.take, report_id=report)
        fallen = await house.house.change(system, "take", take)
        assert fallen is not None
        assert await house.house.change(system, "take", take) is None, "one server at a time"
        assert not await make_one(house.house)
        house.clock.go(minutes=3)
        await make_one(house.house)
        assert (await row_of(house, report)).state == ReportState.DONE
        late = partial(reports.made, report_id=report, mine=fallen.since, name="x", media_type="x", body=b"x")
        assert not await house.house.change(system, "made", late)
        assert (await row_of(house, report)).file_name.endswith(".json")


async def test_a_fault_is_said_and_the_next_report_is_made(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_house(sqlite_url) as house:
        broken = await ask(house, wanted("json", "no-such-topic"))
        sound = await ask(house, wanted())
        await make_one(house.house)
        await make_one(house.house)
        row = await row_of(house, broken)
        assert (row.state, row.say) == (ReportState.FAILED, FAULT)
        assert (await row_of(house, sound)).state == ReportState.DONE
        assert "a report could not be made" in caplog.text


async def test_a_file_is_gone_after_a_day(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as house:
        await ask(house, wanted())
        await make_one(house.house)
        forget = partial(house.house.change, Actor(kind="system"), "forget", reports.forget)
        house.clock.go(hours=23)
        assert await forget() == 0
        house.clock.go(hours=2)
        assert await forget() == 1


# By e-mail -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def planned(database_url: str, box: Mailbox, every: Every = Every.WEEK) -> AsyncIterator[Rehearsal]:
    """A house with a mail server and one plan, made on a Tuesday."""
    async with (
        mail_server(box) as port,
        running_house(
            database_url, smtp_host="127.0.0.1", smtp_port=port, smtp_from="foyer@council.test"
        ) as house,
    ):
        plan = partial(
            reports.plan,
            every=every,
            wanted=wanted("xlsx"),
            recipients=[DIRECTOR, OFFICER],
            today=date(2026, 11, 24),
        )
        await house.house.change(house.people["mia"], "plan", plan)
        yield house


async def plan_of(house: Rehearsal) -> ReportPlan:
    def read(session: Session) -> ReportPlan:
        row = session.exec(select(ReportPlan)).one()
        session.expunge(row)
        return row

    return await house.house.read(read)


async def rounds(house: Rehearsal) -> int:
    """Have it made, and sent."""
    sent = await send_due(house.house)
    while await make_one(house.house):
        pass
    return sent + await send_due(house.house)


def letters(box: Mailbox) -> list[Message]:
    return [email.message_from_bytes(each) for each in box.mails]


async def test_a_report_goes_out_once_when_its_week_is_over(database_url: str) -> None:
    box = Mailbox()
    async with planned(database_url, box) as house:
        for at in (MONDAY - timedelta(days=3), MONDAY - timedelta(hours=1)):
            house.clock.set(at)
            assert await rounds(house) == 0
        house.clock.set(MONDAY)
        assert await rounds(house) == 2
        assert await rounds(house) == 0
        told = letters(box)
        assert sorted(each["To"] for each in told) == [DIRECTOR, OFFICER]
        assert len({each["Message-ID"] for each in told}) == 2
        assert told[0]["Subject"] == "Figures of the customer centre, week of 23 November 2026: York House"
        enclosed = [part.get_filename() for part in told[0].walk() if part.get_filename()]
        assert enclosed == ["footfall-york-house-2026-11-23-to-2026-11-29.xlsx"]
        plan = await plan_of(house)
        assert (plan.next_on, plan.tries, plan.say) == (date(2026, 12, 7), 0, "")
        house.clock.set(MONDAY + timedelta(days=7))
        assert await rounds(house) == 2


async def test_it_waits_for_visits_that_are_open_until_noon(sqlite_url: str) -> None:
    box = Mailbox()
    async with planned(sqlite_url, box) as house:
        await house.issue()
        house.clock.set(MONDAY)
        assert await rounds(house) == 0
        house.clock.set(MONDAY.replace(hour=12))
        assert await rounds(house) == 2


async def test_a_mail_server_that_refuses_is_told_of_and_asked_again_and_nobody_gets_it_twice(
    sqlite_url: str,
) -> None:
    box = Mailbox(rcpt="451 come back later")
    async with planned(sqlite_url, box) as house:
        house.clock.set(MONDAY)
        assert await rounds(house) == 0
        plan = await plan_of(house)
        assert (plan.tries, plan.next_on) == (1, MONDAY.date())
        assert plan.say == "The mail server does not take mail for this address just now."
        assert await rounds(house) == 0
        assert (await plan_of(house)).tries == 1, "not before its time"
        house.clock.go(days=2)
        await house.house.change(Actor(kind="system"), "forget", reports.forget)
        box.rcpt = ""
        assert await rounds(house) == 2, "the report was kept for as long as it was not sent"
        assert await rounds(house) == 0
        plan = await plan_of(house)
        assert (plan.tries, plan.say, len(box.mails)) == (0, "", 2)


async def test_an_address_refused_for_good_is_said_and_the_others_get_theirs(sqlite_url: str) -> None:
    class NoSuchOfficer(Mailbox):
        async def handle_RCPT(  # noqa: N802 - the library names it
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            if address == OFFICER:
                return "550 no such user"
            return await super().handle_RCPT(server, session, envelope, address, options)

    box = NoSuchOfficer()
    async with planned(sqlite_url, box) as house:
        house.clock.set(MONDAY)
        assert await rounds(house) == 1
        plan = await plan_of(house)
        assert plan.say.startswith(f"{OFFICER}: The mail server says that there is no such mailbox.")
        assert plan.next_on == date(2026, 12, 7)
        assert [each["To"] for each in letters(box)] == [DIRECTOR]


async def test_one_a_server_died_over_is_not_sent_again_by_itself(sqlite_url: str) -> None:
    box = Mailbox()
    async with planned(sqlite_url, box) as house:
        house.clock.set(MONDAY)
        await send_due(house.house)
        await make_one(house.house)
        plan = await plan_of(house)
        report = report_id_of(plan.id or 0, plan.next_on)
        take = partial(reports.take_letter, report_id=report, address=OFFICER)
        assert await house.house.change(Actor(kind="system", centre=1), "take", take)
        assert await send_due(house.house) == 1
        assert (await plan_of(house)).next_on == MONDAY.date(), "it may be in hand still"
        house.clock.go(minutes=10)
        assert await send_due(house.house) == 0
        plan = await plan_of(house)
        assert (plan.next_on, plan.say) == (date(2026, 12, 7), f"{OFFICER}: {reports.UNSURE}")
        assert [each["To"] for each in letters(box)] == [DIRECTOR]


@pytest.mark.parametrize(("weeks", "next_on"), [(0, date(2026, 11, 30)), (5, date(2027, 1, 11))])
async def test_stopped_it_sends_nothing_and_started_again_nothing_of_what_it_missed(
    sqlite_url: str, weeks: int, next_on: date
) -> None:
    box = Mailbox()
    async with planned(sqlite_url, box) as house:
        mia = house.people["mia"]
        number = (await plan_of(house)).id or 0
        await house.house.change(mia, "stop", partial(reports.stop_plan, plan_id=number))
        house.clock.set(MONDAY + timedelta(weeks=weeks))
        assert await rounds(house) == 0
        today = house.clock.now().date()
        await house.house.change(mia, "start", partial(reports.start_plan, plan_id=number, today=today))
        assert (await plan_of(house)).next_on == next_on
        elsewhere = Actor(kind="staff", id=mia.id, centre=999)
        with pytest.raises(Refused, match="no such plan"):
            await house.house.change(elsewhere, "stop", partial(reports.stop_plan, plan_id=number))


async def test_a_year_after_it_was_stopped_a_plan_goes_with_its_addresses(sqlite_url: str) -> None:
    async with planned(sqlite_url, Mailbox()) as house:
        number = (await plan_of(house)).id or 0
        forget = partial(house.house.change, Actor(kind="system"), "forget", reports.forget)
        house.clock.go(days=400)
        await forget()
        assert await plan_of(house), "one that goes out stays"
        await house.house.change(house.people["mia"], "stop", partial(reports.stop_plan, plan_id=number))
        for days, left in ((366, 1), (1, 0)):
            house.clock.go(days=days)
            await forget()
            assert await house.house.read(partial(_plans, number=number)) == left


def _plans(session: Session, *, number: int) -> int:
    return len(session.exec(select(ReportPlan).where(ReportPlan.id == number)).all())


async def test_without_a_mail_server_it_says_so_and_is_not_lost(sqlite_url: str) -> None:
    box = Mailbox()
    async with planned(sqlite_url, box) as house:
        house.house.carriers = type(house.house.carriers)()
        house.clock.set(MONDAY)
        assert await rounds(house) == 0
        plan = await plan_of(house)
        assert "FOYER_SMTP_HOST" in plan.say
        assert plan.next_on == MONDAY.date()
