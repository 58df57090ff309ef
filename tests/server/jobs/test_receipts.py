"""Who asked for a receipt gets one, by every way they named, in their language, saying nothing of what was in it."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo.notify import StandIn
from server.actions import posting, said, submissions
from server.actions.said import Told
from server.actions.submissions import Coming
from server.domain.said import SAID_FORM, Deed, Promise
from server.store.tables import Centre, Submission
from server.store.tx import Tx
from tests.support.packets import packet_of, picture
from tests.support.writing import MOBILE, Writing, writing_house
from wire.packets import Packet
from wire.vocabulary import Channel, HandedIn, Language, Letter, PostState, SaidKind, SubmissionState, new_id

PURPOSES = [
    {
        "slug": "housing",
        "names": {"en": "Housing", "pl": "Mieszkanie"},
        "whom": {"en": "Ask at York House, 0116 454 1000."},
    }
]


@pytest.fixture
async def writing(database_url: str, tmp_path: Path, running: tuple[StandIn, str]) -> AsyncIterator[Writing]:
    async with writing_house(database_url, tmp_path, running) as found:

        def plan(tx: Tx) -> None:
            centre = tx.session().get_one(Centre, found.rehearsal.kiosk.centre)
            centre.extra = {**centre.extra, "purposes": PURPOSES}

        await found.rehearsal.house.change(found.rehearsal.people["ada"], "plan", plan)
        yield found


async def take_in(writing: Writing, packet: Packet, told: Told | None = None) -> Any:
    house, manifest = writing.rehearsal.house, packet.manifest
    sealed = submissions.Sealed(new_id(), "papers.pdf", "application/pdf", 3, 9, 1, b"wrapped")
    coming = Coming(
        manifest,
        "h" * 64,
        writing.rehearsal.kiosk.centre,
        None,
        Channel.KIOSK,
        writing.rehearsal.clock.micros(),
        [sealed],
        b"key",
        b"facts",
        case=manifest.case,
        phone=manifest.phone,
        email=manifest.email,
        told=told,
    )
    return await house.change(writing.rehearsal.kiosk, "submission", partial(submissions.add, coming=coming))


def papers(**more: Any) -> Packet:
    return packet_of([picture()], **more)


async def test_a_receipt_by_text_and_by_mail_once_and_never_what_is_in_it(writing: Writing) -> None:
    packet = papers(phone=MOBILE, email="jane@example.org", case="HB 12345", language=Language.PL)
    await take_in(writing, packet)
    await take_in(writing, packet)
    assert await writing.send() == 2
    text, mail = sorted(writing.notify.messages, key=lambda each: each.kind, reverse=True)
    shown = f"{packet.manifest.reference[:4]}-{packet.manifest.reference[4:]}"
    assert text.body == (
        f"Otrzymaliśmy: Mieszkanie, liczba stron: 3, wtorek, 24 listopada, 10:00, York House. Twój numer: {shown}. Prosimy zachować tę wiadomość."
    )
    assert (text.to, mail.to) == (MOBILE, "jane@example.org")
    assert shown in mail.body
    assert "Ask at York House" in mail.body
    assert "HB 12345" not in text.body + mail.body
    assert {(each.letter, each.state) for each in await writing.posts()} == {(Letter.RECEIPT, PostState.SENT)}


async def test_a_form_whose_name_nobody_knows_any_more_and_one_without_address(writing: Writing) -> None:
    await take_in(writing, packet_of(kind=HandedIn.FORM, what="gone", version=1, phone=MOBILE))
    await take_in(writing, papers())
    assert await writing.send() == 1
    (text,) = writing.notify.messages
    assert text.body.startswith(
        "We have received: What you handed in, Tuesday 24 November, 10:00, York House."
    )


async def test_a_complaints_receipt_says_by_when_it_is_acknowledged_and_answered(writing: Writing) -> None:
    """By text and by mail; of praise, by when it is passed on; of what was answered before it was sent, nothing."""

    def about(**to: Any) -> Packet:
        return packet_of(kind=HandedIn.FORM, what=SAID_FORM, version=1, **to)

    complaint = about(phone=MOBILE, email="jane@example.org")
    await take_in(writing, complaint, Told(SaidKind.COMPLAINT, Promise()))
    assert await writing.send() == 2
    promised = (
        "We tell you who looks into it by Tuesday 1 December. You have our answer by Tuesday 15 December."
    )
    text, mail = sorted(writing.notify.messages, key=lambda each: each.kind, reverse=True)
    assert text.body.endswith(f"Please keep this message. {promised}")
    assert f"\n\n{promised}\n" in mail.body
    writing.notify.messages.clear()
    await take_in(writing, about(phone=MOBILE), Told(SaidKind.COMPLIMENT, Promise(3, 4)))
    late = about(phone=MOBILE)
    await take_in(writing, late, Told(SaidKind.COMPLAINT, Promise()))
    answer = partial(said.do, said_id=late.manifest.id, deed=Deed.ANSWER, promise=Promise())
    await writing.rehearsal.house.change(writing.rehearsal.people["mia"], "said", answer)
    assert await writing.send() == 2
    endings = {each.body.split("Please keep this message.")[1].strip() for each in writing.notify.messages}
    assert endings == {"The people it is about hear of it by Friday 27 November.", ""}


async def test_what_was_begun_and_taken_to_a_person_gets_no_receipt(writing: Writing) -> None:
    await take_in(writing, packet_of(kind=HandedIn.BEGUN, what="gone", version=1, phone=MOBILE))
    assert await writing.posts() == []


async def test_that_it_cannot_be_used_is_said_with_why_unless_it_can_after_all(writing: Writing) -> None:
    packet = papers(email="jane@example.org")
    await take_in(writing, packet)
    await writing.send()
    writing.notify.messages.clear()

    def reject(tx: Tx) -> None:
        row = tx.session().get_one(Submission, packet.manifest.id)
        row.state, row.reject_why = SubmissionState.REJECTED, "page_missing"
        row.rejected_at = writing.rehearsal.clock.now()
        assert posting.unusable(tx, row, MOBILE, "jane@example.org") == 2
        assert posting.unusable(tx, row, MOBILE, "jane@example.org") == 0

    def take_back(tx: Tx) -> None:
        tx.session().get_one(Submission, packet.manifest.id).state = SubmissionState.RECEIVED

    house = writing.rehearsal.house
    await house.change(writing.rehearsal.people["mia"], "reject", reject)
    assert await writing.send() == 2
    assert all("A page is missing." in each.body for each in writing.notify.messages)
    writing.rehearsal.clock.go(minutes=1)
    await house.change(writing.rehearsal.people["mia"], "reject", reject)
    await house.change(writing.rehearsal.people["mia"], "take_back", take_back)
    assert await writing.send() == 0
    assert [each.state for each in await writing.posts()].count(PostState.DROPPED) == 2
