"""Begun forms, their files and the forms themselves, as rows: on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import select

from forms.carrying import id_of, new_secret
from forms.versions import digest_of
from server.actions import carrying, form_editing, submissions
from server.actions.carrying import Kind, document_of
from server.actions.forms import judge_submission, library_text, offer, offered_here
from server.actions.submissions import Taken
from server.centrefile.handing import OfferedForm
from server.clock import from_micros, to_micros
from server.domain.refusals import Refused
from server.store.tables import Audit, Carried, Document, Form, Piece, SelfServiceUse
from server.web.taking_in import open_facts, take_in
from tests.support.house import TUESDAY, Rehearsal, running_house
from tests.support.packets import packet_of, picture
from wire.packets import Manifest, Packet
from wire.vocabulary import Channel, HandedIn, RefusalCode, new_id

STREET = "report-a-street-problem"
WHAT = {"centre_id": 1, "slug": STREET, "version": 1, "language": "en"}
HOUR = 3600 * 1_000_000


@pytest_asyncio.fixture
async def here(database_url: str) -> AsyncIterator[Rehearsal]:
    async with running_house(database_url) as house:
        yield house


async def do(here: Rehearsal, function: Any, **values: Any) -> Any:
    return await here.house.change(here.people["ada"], "test", lambda tx: function(tx, **values))


async def rows(here: Rehearsal, table: Any) -> list[Any]:
    found: list[Any] = await here.house.read(lambda session: list(session.exec(select(table)).all()))
    return found


async def test_what_lies_with_a_form_goes_with_it_and_with_no_other(here: Rehearsal) -> None:
    kept, left = id_of(new_secret()), id_of(new_secret())
    for carried_id in (kept, left):
        await do(here, carrying.begin, carried_id=carried_id, body=b"sealed", **WHAT)
        for number in (0, 1, carrying.BODY):
            await do(here, carrying.add_piece, document=document_of(carried_id, number), number=0, body=b"x")
    here.clock.go(minutes=50)
    await do(here, carrying.keep, carried_id=kept, language="ur", body=b"sealed again")
    here.clock.go(minutes=20)
    orphans = await here.house.look(lambda connection: submissions.orphans(connection, here.clock.micros()))
    assert orphans == [], "a form that is being filled in keeps its files, also older than an hour"
    await do(here, carrying.sweep)
    assert {each.document_id for each in await rows(here, Piece)} == {
        document_of(kept, n) for n in (0, 1, 0xFFFF)
    }
    assert {each.id: each.body for each in await rows(here, Carried)} == {kept: b"sealed again", left: None}
    (use,) = await rows(here, SelfServiceUse)
    assert (use.slug, use.ended, use.channel) == (STREET, "left", "web")
    here.clock.go(days=2)
    await do(here, carrying.sweep)
    await do(here, carrying.sweep)
    assert await rows(here, Carried) == []
    assert await rows(here, Piece) == []


async def test_one_for_a_phone_is_opened_once_and_one_for_the_day_again(here: Rehearsal) -> None:
    phone, day = id_of(new_secret()), id_of(new_secret())
    ends = here.clock.micros() + HOUR
    for carried_id, kind in ((phone, Kind.PHONE), (day, Kind.DAY)):
        handing = {**WHAT, "carried_id": carried_id, "kind": kind, "body": b"sealed", "expires_at": ends}
        await do(here, carrying.hand_over, **handing)
        await do(here, carrying.hand_over, **handing)
        await do(here, carrying.use, carried_id=carried_id)
    await do(here, carrying.use, carried_id=day)
    with pytest.raises(Refused):
        await do(here, carrying.use, carried_id=phone)
    assert {each.id: each.body for each in await rows(here, Carried)} == {phone: None, day: b"sealed"}
    assert await rows(here, SelfServiceUse) == [], "what goes on elsewhere is counted there"


async def test_of_many_who_open_one_at_once_one_has_it(here: Rehearsal) -> None:
    carried_id = id_of(new_secret())
    ends = here.clock.micros() + HOUR
    handing = {**WHAT, "carried_id": carried_id, "kind": Kind.PHONE, "body": b"sealed", "expires_at": ends}
    await do(here, carrying.hand_over, **handing)
    opening = (do(here, carrying.use, carried_id=carried_id) for _ in range(5))
    found = await asyncio.gather(*opening, return_exceptions=True)
    refused = [each for each in found if isinstance(each, Refused)]
    assert [each.refusal.code for each in refused] == [RefusalCode.WRONG_STATE] * 4
    assert found.count(None) == 1


async def test_a_file_offers_forms_and_takes_none_away(here: Rehearsal) -> None:
    def offering(tx: Any, *forms: OfferedForm) -> Any:
        return offer(tx.session(), 1, forms, from_micros(tx.now))

    street, own = OfferedForm(STREET, team="streets"), OfferedForm("of-our-own", on_web=False)
    first = await here.house.change(here.people["ada"], "test", lambda tx: offering(tx, street, own))
    assert (first.added, first.changed) == ((STREET, "of-our-own"), ())
    assert await here.house.read(lambda session: offered_here(session, 1)) == (street, own)
    again = await here.house.change(here.people["ada"], "test", lambda tx: offering(tx, street))
    assert (again.added, again.changed) == ((), ())
    versions = {each.slug: each.version for each in await rows(here, Form)}
    assert versions == {STREET: 1, "of-our-own": 0}, "one that has no words yet waits for them"


async def test_only_what_was_never_a_form_of_ours_is_refused(here: Rehearsal) -> None:
    await here.house.change(
        here.people["ada"],
        "test",
        lambda tx: offer(tx.session(), 1, [OfferedForm(STREET)], from_micros(tx.now)),
    )
    (form,) = await rows(here, Form)
    text = (library_text(STREET) or "").replace("minutes: 4", "minutes: 5")
    seen = await here.house.read(
        lambda session: form_editing.text_now(session, session.get_one(Form, form.id))[0]
    )
    assert await do(here, form_editing.publish, form_id=form.id, text=text, seen=digest_of(seen)) == 2
    await do(here, form_editing.retire, form_id=form.id)

    def judged(version: int, kind: HandedIn = HandedIn.FORM, **answers: Any) -> Any:
        manifest = Manifest(
            id=new_id(), kind=kind, reference="BBBBBBBB", what=STREET, version=version, answers=answers
        )
        return here.house.read(lambda session: judge_submission(session, 1, manifest, TUESDAY.date()))

    old = await judged(1, danger="perhaps", photos=["a.jpg"])
    assert "danger: choose_one" in old.faults
    assert all("perhaps" not in fault for fault in old.faults), "never a visitor's words"
    assert (await judged(2, HandedIn.BEGUN)).faults == (), "what was only begun need not be whole"
    for version in (0, 3):
        with pytest.raises(Refused) as refused:
            await judged(version)
        assert refused.value.refusal.code is RefusalCode.UNKNOWN


async def offered(here: Rehearsal, *slugs: str) -> None:
    def offering(tx: Any) -> Any:
        return offer(tx.session(), 1, [OfferedForm(slug) for slug in slugs], from_micros(tx.now))

    await here.house.change(here.people["ada"], "test", offering)


async def hand_in(here: Rehearsal, packet: Packet, at: datetime) -> Taken:
    return await take_in(
        here.house,
        here.people["ada"],
        packet,
        centre_id=1,
        device_id=None,
        channel=Channel.KIOSK,
        made_at=to_micros(at),
    )


BREAKS = "submission_breaks_rules"
REPORT = {
    "danger": False,
    "problem": "road",
    "where": "Outside 4 High Street",
    "details": "A deep hole",
    "photo": ["photo-1.jpg"],
    "reply": "none",
}
"""Who first wished an answer by text, and then none: the number they typed is on a page they are not shown any more."""
TURNED_FROM = {"phone": "+447700900123", "seen": "A white van", "planted": {"<script>": 1}}


async def test_what_nobody_was_told_would_be_sent_is_not_kept(here: Rehearsal) -> None:
    await offered(here, STREET)
    packet = packet_of(
        kind=HandedIn.FORM,
        what=STREET,
        version=1,
        answers={**REPORT, **TURNED_FROM},
        files={"photo-1.jpg": picture(), "photo-9.jpg": picture("Somebody")},
    )
    taken = await hand_in(here, packet, from_micros(here.clock.micros()))
    facts = await open_facts(here.house, taken.id)
    assert facts.answers == REPORT
    assert facts.phone == "", "nobody is texted at a number they took back"
    assert [each.name for each in await rows(here, Document)] == ["photo-1.jpg"]
    assert not [each for each in await rows(here, Audit) if each.what == BREAKS]


@pytest.mark.parametrize(("day", "faults"), [(10, []), (11, [["missed_on: date_future"]])])
async def test_a_form_is_judged_by_the_day_at_the_centre_when_it_was_sent(
    here: Rehearsal, day: int, faults: list[list[str]]
) -> None:
    """Sent a minute after midnight there, in summer, when it is the day before by the world's clock still; and taken in a day later."""
    slug = "missed-bin-or-bulky-collection"
    await offered(here, slug)
    sent = datetime(2026, 6, 9, 23, 1, tzinfo=UTC)
    here.clock.set(sent + timedelta(hours=36))
    answers = {
        "need": "missed",
        "bins": ["food"],
        "missed_on": f"2026-06-{day}",
        "out_in_time": True,
        "address": {"lines": ["4 High Street"], "postcode": "LE1 6RN"},
    }
    await hand_in(here, packet_of(kind=HandedIn.FORM, what=slug, version=1, answers=answers), sent)
    assert [each.detail["places"] for each in await rows(here, Audit) if each.what == BREAKS] == faults
