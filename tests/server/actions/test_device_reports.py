"""Papers that staff send to a kiosk: whose QR works afterwards, what is known of the paper, and who may say so."""

from typing import Any

from server.clock import from_micros
from server.jobs import watching
from server.live import views
from server.live.floor import FloorReader
from server.store.tables import Device, PrintJob, Ticket, Visit
from tests.support.house import Rehearsal, hash_of
from wire import asks
from wire.vocabulary import Audience, Channel, PaperState, new_id


async def want(rehearsal: Rehearsal, ticket: str | None, device: int | None = None) -> str:
    job = new_id()

    def add(tx: Any) -> None:
        row = PrintJob(
            id=job,
            centre_id=rehearsal.kiosk.centre,
            device_id=device or rehearsal.kiosk.id,
            ticket_id=ticket,
            at=from_micros(tx.now),
        )
        tx.session().add(row)

    await rehearsal.house.change(rehearsal.people["greta"], "want", add)
    return job


async def by_hand(rehearsal: Rehearsal, channel: Channel = Channel.GREETER) -> asks.Issue:
    """A visit as a greeter enters it: with a hash that is nobody's, and no paper yet."""
    issue = await rehearsal.issue()

    def enter(tx: Any) -> None:
        visit = tx.session().get_one(Visit, issue.visit)
        visit.channel, visit.follow_hash = channel, hash_of("nobody's")
        tx.session().add(visit)

    await rehearsal.house.change(rehearsal.people["greta"], "enter", enter)
    return issue


async def visit_of(rehearsal: Rehearsal, issue: asks.Issue) -> Visit:
    return await rehearsal.house.read(lambda session: session.get_one(Visit, issue.visit))


async def ticket_of(rehearsal: Rehearsal, issue: asks.Issue) -> tuple[str, int]:
    ticket = await rehearsal.house.read(lambda session: session.get_one(Ticket, issue.ticket))
    return ticket.paper, ticket.copies


def shown(rehearsal: Rehearsal) -> dict[str, Any]:
    floor = FloorReader(rehearsal.house.database, "https://queue.test").read(
        rehearsal.kiosk.centre, rehearsal.clock.micros()
    )
    return dict(views.view(floor, Audience.KIOSK, ""))


def papers(rehearsal: Rehearsal) -> dict[str, Any]:
    return {key: row for key, row in shown(rehearsal).items() if key.startswith("print:")}


def out(job: str, secret: str, paper: PaperState = PaperState.CONFIRMED) -> asks.Printed:
    return asks.Printed(job=job, paper=paper, follow_hash=hash_of(secret))


async def test_the_kiosk_sees_what_to_print_and_nothing_of_the_need(rehearsal: Rehearsal) -> None:
    discreet, plain = await rehearsal.issue("private"), await rehearsal.issue()
    jobs = [await want(rehearsal, each.ticket) for each in (discreet, plain)]
    test = await want(rehearsal, None)
    seen = papers(rehearsal)
    assert set(seen) == {f"print:{job}" for job in (*jobs, test)}
    assert [seen[f"print:{job}"]["code"] for job in jobs] == [discreet.code, plain.code]
    assert seen[f"print:{jobs[0]}"].keys() == seen[f"print:{jobs[1]}"].keys()
    assert {seen[f"print:{job}"]["service_names"] for job in jobs} == {None}, "the lack of a need would tell"
    assert (seen[f"print:{test}"]["what"], seen[f"print:{test}"]["code"]) == ("test", "")
    await rehearsal.ask(rehearsal.kiosk, asks.Printed(job=test, paper=PaperState.CONFIRMED))
    assert set(papers(rehearsal)) == {f"print:{job}" for job in jobs}


async def test_the_first_paper_of_a_visit_entered_by_hand_has_its_qr_for_good(rehearsal: Rehearsal) -> None:
    issue = await by_hand(rehearsal)
    first = await want(rehearsal, issue.ticket)
    assert papers(rehearsal)[f"print:{first}"]["copy"] is False
    await rehearsal.ask(rehearsal.kiosk, out(first, "first"))
    visit = await visit_of(rehearsal, issue)
    assert (visit.follow_hash, visit.shown_hash) == (hash_of("first"), None)
    assert await ticket_of(rehearsal, issue) == ("confirmed", 0)
    second = await want(rehearsal, issue.ticket)
    assert papers(rehearsal)[f"print:{second}"]["copy"] is True
    await rehearsal.ask(rehearsal.kiosk, out(second, "second"))
    visit = await visit_of(rehearsal, issue)
    assert (visit.follow_hash, visit.shown_hash) == (hash_of("first"), hash_of("second"))
    assert await ticket_of(rehearsal, issue) == ("confirmed", 1)


async def test_a_second_paper_leaves_the_kiosks_own_qr_working(rehearsal: Rehearsal) -> None:
    issue = await rehearsal.issue()
    await rehearsal.ask(rehearsal.kiosk, asks.Paper(ticket=issue.ticket, paper=PaperState.NOT_PRINTED))
    await rehearsal.ask(rehearsal.kiosk, out(await want(rehearsal, issue.ticket), "second"))
    visit = await visit_of(rehearsal, issue)
    assert (visit.follow_hash, visit.shown_hash) == (issue.follow_hash, hash_of("second"))
    assert await ticket_of(rehearsal, issue) == ("confirmed", 0), "the first paper there is is no copy"


async def test_paper_of_the_emergency_pack_has_no_qr_so_the_first_printed_one_stays(
    rehearsal: Rehearsal,
) -> None:
    issue = await by_hand(rehearsal, Channel.PAPER)
    await rehearsal.ask(rehearsal.kiosk, asks.Paper(ticket=issue.ticket, paper=PaperState.CONFIRMED))
    for secret in ("first", "second"):
        await rehearsal.ask(rehearsal.kiosk, out(await want(rehearsal, issue.ticket), secret))
    visit = await visit_of(rehearsal, issue)
    assert (visit.follow_hash, visit.shown_hash) == (hash_of("first"), hash_of("second"))


async def test_a_paper_that_did_not_come_out_changes_no_qr_and_takes_no_paper_back(
    rehearsal: Rehearsal,
) -> None:
    issue = await by_hand(rehearsal)
    job = await want(rehearsal, issue.ticket)
    await rehearsal.ask(rehearsal.kiosk, out(job, "never seen", PaperState.NOT_PRINTED))
    visit = await visit_of(rehearsal, issue)
    assert (visit.follow_hash, visit.shown_hash) == (hash_of("nobody's"), None)
    assert await ticket_of(rehearsal, issue) == ("not_printed", 0)
    await rehearsal.ask(
        rehearsal.kiosk, out(await want(rehearsal, issue.ticket), "first", PaperState.UNKNOWN)
    )
    assert await ticket_of(rehearsal, issue) == ("unknown", 0)
    assert (await visit_of(rehearsal, issue)).follow_hash == hash_of("first"), "it may be out"
    await rehearsal.ask(
        rehearsal.kiosk, out(await want(rehearsal, issue.ticket), "no", PaperState.NOT_PRINTED)
    )
    assert await ticket_of(rehearsal, issue) == ("unknown", 0)
    await rehearsal.ask(rehearsal.kiosk, out(await want(rehearsal, issue.ticket), "second"))
    assert await ticket_of(rehearsal, issue) == ("confirmed", 1)


async def test_only_the_jobs_own_kiosk_may_say_and_its_first_word_stands(rehearsal: Rehearsal) -> None:
    issue = await by_hand(rehearsal)
    job = await want(rehearsal, issue.ticket)
    assert "no such paper" in (await rehearsal.refused(rehearsal.spare, out(job, "a thief's"))).say
    assert "no such paper" in (await rehearsal.refused(rehearsal.kiosk, out(new_id(), "x"))).say
    assert "what became" in (await rehearsal.refused(rehearsal.kiosk, out(job, "x", PaperState.SENT))).say
    assert (await visit_of(rehearsal, issue)).follow_hash == hash_of("nobody's")
    await rehearsal.ask(rehearsal.kiosk, out(job, "first"))
    await rehearsal.ask(rehearsal.kiosk, out(job, "again"))
    visit = await visit_of(rehearsal, issue)
    assert (visit.follow_hash, visit.shown_hash) == (hash_of("first"), None)
    row = await rehearsal.house.read(lambda session: session.get_one(PrintJob, job))
    assert (row.paper, row.done_at) == ("confirmed", from_micros(rehearsal.clock.micros()))


async def test_a_paper_nobody_heard_of_is_given_up_and_may_be_told_later(rehearsal: Rehearsal) -> None:
    issue = await by_hand(rehearsal)
    job = await want(rehearsal, issue.ticket)
    rehearsal.clock.go(minutes=1)
    await watching.watch(rehearsal.house)
    assert papers(rehearsal)
    rehearsal.clock.go(minutes=2)
    await watching.watch(rehearsal.house)
    assert papers(rehearsal) == {}
    await rehearsal.ask(rehearsal.kiosk, out(job, "first", PaperState.UNKNOWN))
    assert (await visit_of(rehearsal, issue)).follow_hash == hash_of("first")


async def test_a_self_test_is_kept_and_answers_whoever_asked(rehearsal: Rehearsal) -> None:
    asked, other = new_id(), new_id()

    def lock(tx: Any) -> None:
        device = tx.session().get_one(Device, rehearsal.kiosk.id)
        device.locked_say, device.test_job = "Being cleaned.", asked
        tx.session().add(device)

    await rehearsal.house.change(rehearsal.people["ada"], "lock", lock)
    row = shown(rehearsal)[f"device:{rehearsal.kiosk.id}"]
    assert (row["locked"], row["test_job"]) == ("Being cleaned.", asked)
    assert "locked" not in shown(rehearsal)[f"device:{rehearsal.spare.id}"]
    findings = (
        asks.Finding(part="printer", fine=False, say="Put paper in."),
        asks.Finding(part="disk", fine=True),
    )
    await rehearsal.ask(rehearsal.kiosk, asks.SelfTest(job=other, findings=findings[1:]))
    assert shown(rehearsal)[f"device:{rehearsal.kiosk.id}"]["test_job"] == asked
    await rehearsal.ask(rehearsal.kiosk, asks.SelfTest(job=asked, findings=findings))
    device = await rehearsal.house.read(lambda session: session.get_one(Device, rehearsal.kiosk.id))
    assert (device.test_job, device.tested_at) == (None, from_micros(rehearsal.clock.micros()))
    assert [(each["part"], each["fine"], each["say"]) for each in device.tested] == [
        ("printer", False, "Put paper in."),
        ("disk", True, ""),
    ]


async def test_a_paper_that_comes_out_after_a_merge_follows_what_the_visit_became(
    rehearsal: Rehearsal,
) -> None:
    goes, stays = await by_hand(rehearsal), await rehearsal.issue("housing")
    job = await want(rehearsal, goes.ticket)
    await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=stays.ticket))
    await rehearsal.ask(rehearsal.kiosk, out(job, "late"))
    visit = await visit_of(rehearsal, goes)
    assert (visit.follow_hash, visit.merged_into) == (hash_of("late"), stays.visit)
