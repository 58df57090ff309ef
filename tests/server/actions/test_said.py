"""Complaints and compliments are received with the form that brings them or written down, led to their end, and told of when they are late."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from server.actions import deleting, hand_offs, said, submissions
from server.actions.said import Told
from server.actions.submissions import Coming
from server.clock import from_micros
from server.domain.hand_off import KEPT_DAYS
from server.domain.refusals import Refused
from server.domain.said import Deed, Promise
from server.live.concerns import attention_now
from server.store.sql import Sql
from server.store.tables import Audit, Closure, Said, Submission
from server.store.tx import Tx
from tests.support.house import Rehearsal
from wire import asks
from wire.packets import Manifest
from wire.references import new_reference
from wire.vocabulary import AttentionKind, Channel, HandedIn, SaidKind, SaidState, SubmissionState, new_id

PROMISE = Promise()


async def rows(rehearsal: Rehearsal) -> list[Said]:
    return await rehearsal.house.read(lambda session: list(session.exec(select(Said)).all()))


async def write_down(rehearsal: Rehearsal, kind: SaidKind = SaidKind.COMPLAINT, **more: Any) -> said.Received:
    given: dict[str, Any] = {
        "said_id": new_id(),
        "kind": kind,
        "received_on": date(2026, 11, 24),
        "sealed": "YWdl",
        "service": "",
        "promise": PROMISE,
        **more,
    }
    return await rehearsal.house.change(rehearsal.people["greta"], "said", partial(said.write_down, **given))


async def do(rehearsal: Rehearsal, said_id: str, deed: Deed, who: str = "mia", to: str = "") -> SaidState:
    change = partial(said.do, said_id=said_id, deed=deed, promise=PROMISE, passed_to=to)
    return await rehearsal.house.change(rehearsal.people[who], "said", change)


def coming(rehearsal: Rehearsal, kind: HandedIn = HandedIn.FORM) -> Coming:
    manifest = Manifest(
        id=new_id(),
        kind=kind,
        what="compliment-or-complaint",
        version=1,
        reference=new_reference(secrets.choice),
    )
    return Coming(
        manifest, "h" * 64, rehearsal.kiosk.centre, None, Channel.KIOSK, rehearsal.clock.micros(), [], b"k", b"f",
        told=Told(SaidKind.COMPLAINT, PROMISE),
    )  # fmt: skip


async def test_a_form_brings_its_complaint_in_the_same_transaction_once(rehearsal: Rehearsal) -> None:
    one = coming(rehearsal)
    for _ in range(2):
        await rehearsal.house.change(rehearsal.kiosk, "submission", partial(submissions.add, coming=one))
    (row,) = await rows(rehearsal)
    (submission,) = await rehearsal.house.read(lambda session: session.exec(select(Submission)).all())
    assert (row.id, row.submission_id, row.reference) == (submission.id, submission.id, submission.reference)
    assert (row.kind, row.state, row.way, row.sealed) == ("complaint", "received", "form", None)
    assert (row.received_on, row.acknowledge_due_on, row.answer_due_on) == (
        date(2026, 11, 24),
        date(2026, 12, 1),
        date(2026, 12, 15),
    )


async def test_a_forms_words_are_kept_until_it_is_answered_and_its_days_count_from_then(
    rehearsal: Rehearsal,
) -> None:
    """Also where papers rejected the form: whoever complained waits all the same."""
    accepted, rejected = coming(rehearsal), coming(rehearsal)
    for one in (accepted, rejected):
        await rehearsal.house.change(rehearsal.kiosk, "submission", partial(submissions.add, coming=one))
    await rehearsal.house.change(
        rehearsal.people["greta"], "accept", partial(_accepted, id_=accepted.manifest.id)
    )
    await rehearsal.house.change(
        rehearsal.people["greta"], "reject", partial(_rejected, id_=rejected.manifest.id)
    )

    async def due() -> set[str]:
        now = rehearsal.clock.micros()
        return {each[0] for each in await rehearsal.house.look(partial(deleting.due, now=now))}

    rehearsal.clock.go(days=200)
    assert await due() == set()
    for one in (accepted, rejected):
        await do(rehearsal, one.manifest.id, Deed.ANSWER)
    rehearsal.clock.go(days=KEPT_DAYS - 1)
    assert accepted.manifest.id not in await due(), "so long after it has been dealt with"
    rehearsal.clock.go(days=2)
    assert await due() == {accepted.manifest.id, rejected.manifest.id}
    await do(rehearsal, accepted.manifest.id, Deed.REOPEN)
    assert await due() == {rejected.manifest.id}


def _accepted(tx: Tx, id_: str) -> None:
    assert hand_offs.accept(tx, tx.session().get_one(Submission, id_), "the team")


def _rejected(tx: Tx, id_: str) -> None:
    row = tx.session().get_one(Submission, id_)
    row.state, row.rejected_at = SubmissionState.REJECTED, from_micros(tx.now)
    row.delete_at = row.rejected_at + timedelta(days=deleting.REJECTED_DAYS)


async def test_a_form_that_was_only_begun_is_no_complaint_yet(rehearsal: Rehearsal) -> None:
    begun = coming(rehearsal, HandedIn.BEGUN)
    await rehearsal.house.change(rehearsal.kiosk, "submission", partial(submissions.add, coming=begun))
    assert await rows(rehearsal) == []


async def test_what_a_greeter_writes_down_is_there_once_and_over_bank_holidays(rehearsal: Rehearsal) -> None:
    closed = Closure(
        centre_id=rehearsal.kiosk.centre, first_on=date(2026, 11, 30), last_on=date(2026, 11, 30), reason={"en": "Holiday"}
    )  # fmt: skip
    await rehearsal.house.change(rehearsal.people["ada"], "close", lambda tx: tx.session().add(closed))
    number = new_id()
    first = await write_down(rehearsal, said_id=number, service="housing")
    assert await write_down(rehearsal, said_id=number, service="housing") == first
    (row,) = await rows(rehearsal)
    assert row.acknowledge_due_on == date(2026, 12, 2), "St Andrew's Day does not count here"
    assert (row.way, row.sealed, row.entered_by) == ("staff", "YWdl", rehearsal.people["greta"].id)
    assert row.service_id == 2
    audit = await rehearsal.house.read(lambda session: session.exec(select(Audit)).all())
    assert [(each.what, each.detail) for each in audit if each.what.startswith("said")] == [
        ("said_written_down", {"kind": "complaint"})
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"received_on": date(2026, 11, 25)}, {"service": "no-such-service"}],
    ids=["tomorrow", "service"],
)
async def test_what_cannot_be_is_refused(rehearsal: Rehearsal, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        await write_down(rehearsal, **wrong)
    assert await rows(rehearsal) == []


async def test_a_complaint_is_acknowledged_answered_and_taken_up_again(rehearsal: Rehearsal) -> None:
    told = await write_down(rehearsal)
    await do(rehearsal, told.id, Deed.ACKNOWLEDGE)
    (row,) = await rows(rehearsal)
    assert (row.state, row.acknowledged_by) == ("acknowledged", rehearsal.people["mia"].id)
    assert row.answer_due_on == date(2026, 12, 8), "acknowledged at once, so answered sooner"
    with pytest.raises(Refused):
        await do(rehearsal, told.id, Deed.ACKNOWLEDGE)
    await do(rehearsal, told.id, Deed.ANSWER)
    with pytest.raises(Refused):
        await do(rehearsal, told.id, Deed.ANSWER)
    (row,) = await rows(rehearsal)
    assert (row.state, row.ended_at) == ("answered", from_micros(rehearsal.clock.micros()))
    assert await do(rehearsal, told.id, Deed.REOPEN) is SaidState.ACKNOWLEDGED
    (row,) = await rows(rehearsal)
    assert (row.ended_at, row.ended_by) == (None, None)


async def test_a_compliment_goes_to_whom_it_praises(rehearsal: Rehearsal) -> None:
    told = await write_down(rehearsal, SaidKind.COMPLIMENT)
    for deed in (Deed.ACKNOWLEDGE, Deed.ANSWER, Deed.PASS_ON):
        with pytest.raises(Refused):  # to nobody
            await do(rehearsal, told.id, deed)
    await do(rehearsal, told.id, Deed.PASS_ON, to="The adviser at Desk 3")
    (row,) = await rows(rehearsal)
    assert (row.state, row.passed_to) == ("passed_on", "The adviser at Desk 3")


async def test_one_of_another_centre_is_not_there(rehearsal: Rehearsal) -> None:
    told = await write_down(rehearsal)
    elsewhere = replace(rehearsal.people["mia"], centre=rehearsal.kiosk.centre + 1)
    with pytest.raises(Refused):
        await rehearsal.house.change(
            elsewhere, "said", partial(said.do, said_id=told.id, deed=Deed.ANSWER, promise=PROMISE)
        )
    with pytest.raises(Refused):
        await rehearsal.house.change(elsewhere, "said", partial(said.look, said_id=told.id))


async def test_what_is_late_is_told_on_the_floor_until_somebody_saw_to_it(rehearsal: Rehearsal) -> None:
    told = await write_down(rehearsal)
    await write_down(rehearsal, SaidKind.COMPLIMENT)

    async def late() -> list[tuple[str | None, str]]:
        now, here = rehearsal.clock.micros(), rehearsal.kiosk.centre
        found = await rehearsal.house.look(lambda connection: attention_now(Sql(connection), here, now))
        return [(each.subject, each.say) for each in found if each.kind is AttentionKind.ANSWER_DUE]

    rehearsal.clock.set(datetime(2026, 12, 1, 23, 59, tzinfo=UTC))
    assert await late() == []
    rehearsal.clock.set(datetime(2026, 12, 2, 9, 0, tzinfo=UTC))
    ((subject, say),) = await late()
    assert say.startswith(
        "2 complaints or compliments wait longer than was promised; the oldest was due on 1 December."
    )
    assert subject == "said:2026-12-02:2"
    await rehearsal.ask("mia", asks.TakeConcern(subject=subject))
    await rehearsal.ask("mia", asks.DoneConcern(subject=subject))
    rehearsal.clock.go(hours=7)
    assert await late() == []
    rehearsal.clock.set(datetime(2026, 12, 3, 9, 0, tzinfo=UTC))
    assert len(await late()) == 1
    await do(rehearsal, told.id, Deed.ACKNOWLEDGE)
    ((_, say),) = await late()
    assert say.startswith("1 complaint or compliment waits")
