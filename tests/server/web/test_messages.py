"""The messages page, Notify's two doors, and a walk-in who asks for a text: on a real server that sends through the stand-in of Notify."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect
from sqlmodel import select

from demo.notify import BEARER, StandIn
from server.actions import booking_events, post_receipts
from server.domain.access import SYSTEM
from server.jobs import sending
from server.store.tables import Booking, HeardText, Post, Service, TextWish
from server.store.tx import Tx
from tests.server.web.rehearsal import NOON, Served, serving, token_of
from tests.server.web.test_pages_for_all import enter, look_over
from tests.support.browser import OpenPage, on_one_loop
from tests.support.waiting import until
from tests.support.writing import MOBILE, settings_for, stand_in
from wire.vocabulary import BookingEvent, BookingState, PostState, new_id

TOLD = {"Authorization": f"Bearer {BEARER}"}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[StandIn, str]]:
    with stand_in() as found:
        yield found


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path, running: tuple[StandIn, str]) -> Iterator[Served]:
    running[0].messages.clear()
    with serving(sqlite_url, **settings_for(running[1], tmp_path)) as found:
        found.set_clock(NOON)
        yield found


def book(served: Served, service: str = "council-tax", **fields: Any) -> str:
    """Somebody has an appointment in two days and is written to; its reference."""
    number = new_id()
    starts = NOON + timedelta(days=2)
    given = {"name": "Jane Doe", "phone": MOBILE, "safe_to_text": True, **fields}

    def add(tx: Tx) -> str:
        session = tx.session()
        found = session.exec(
            select(Service).where(Service.slug == service, Service.centre_id == served.ids.centre)
        ).one()
        booking = Booking(
            id=number, centre_id=served.ids.centre, service_id=found.id, reference=number[-8:].upper(), state=BookingState.BOOKED,
            starts_at=starts, ends_at=starts + timedelta(minutes=20), held_from=starts, held_until=starts + timedelta(minutes=20),
            made_at=NOON, booked_at=NOON, place=len(session.exec(select(Booking)).all()), **given,
        )  # fmt: skip
        session.add(booking)
        session.flush()
        booking_events.happened(tx, BookingEvent.BOOKED, booking)
        return booking.reference

    return served.run(served.house.change(SYSTEM, "book", add))


def send(served: Served) -> None:
    served.run(sending.send_due(served.house))
    until(lambda: all(each.state != PostState.QUEUED for each in posts(served)), what="every message's end")


def posts(served: Served) -> list[Post]:
    return served.run(served.house.read(lambda session: list(session.exec(select(Post).order_by(Post.id)))))


def heard(served: Served) -> list[HeardText]:
    return served.run(served.house.read(lambda session: list(session.exec(select(HeardText)))))


# Notify's two doors ------------------------------------------------------------------------------------------------------


def test_receipts_come_in_with_the_token_and_in_any_order(
    served: Served, running: tuple[StandIn, str]
) -> None:
    book(served)
    send(served)
    receipt = running[0].receipt_of(running[0].messages[0])
    with served.client() as notify:

        def tell(headers: dict[str, str] = TOLD, **more: Any) -> int:
            return notify.post("/api/notify/receipt", json={**receipt, **more}, headers=headers).status_code

        assert tell({}, status="permanent-failure") == 403
        assert tell({"Authorization": "Bearer another"}, status="permanent-failure") == 403
        assert posts(served)[0].state == PostState.SENT
        assert [
            tell(status=each) for each in ("delivered", "delivered", "temporary-failure", "sending", "odd")
        ] == [200] * 5
        assert tell(id="unknown", reference="unknown", status="permanent-failure") == 200
        assert tell(reference=None, status="permanent-failure") == 200
        assert tell(id=7, reference=["x"], status={"a": 1}) == 200
        for body in (b"", b"[]", b"nonsense", b"[" * 9000):
            assert notify.post("/api/notify/receipt", content=body, headers=TOLD).status_code == 422
        assert notify.post("/api/notify/receipt", content=b"x" * 20_000, headers=TOLD).status_code == 413
    (post,) = posts(served)
    assert (post.state, post.receipt) == (PostState.DELIVERED, "delivered")


def test_a_receipt_of_failure_is_found_by_the_providers_id_alone(
    served: Served, running: tuple[StandIn, str]
) -> None:
    book(served)
    send(served)
    told = {"id": running[0].messages[0].id, "status": "permanent-failure"}
    with served.client() as notify:
        assert notify.post("/api/notify/receipt", json=told, headers=TOLD).status_code == 200
    (post,) = posts(served)
    assert (post.state, post.why) == (
        PostState.FAILED,
        "There is no such phone, or it takes no texts. Ring them or ask for another number.",
    )


def test_a_text_is_heard_once_and_never_without_the_token(served: Served) -> None:
    book(served)
    told = {
        "id": "t1",
        "source_number": MOBILE[1:],
        "message": "Cancel",
        "date_received": "2026-11-03T12:00:00.000000Z",
    }
    with served.client() as notify:
        assert notify.post("/api/notify/text", json=told).status_code == 403
        assert heard(served) == []
        for _ in range(2):
            assert notify.post("/api/notify/text", json=told, headers=TOLD).status_code == 200
        assert (
            notify.post(
                "/api/notify/text", json={**told, "id": "t2", "message": "\x00 I am late"}, headers=TOLD
            ).status_code
            == 200
        )
        assert notify.post("/api/notify/text", json={"message": "?"}, headers=TOLD).status_code == 422
    assert {each.id: each.did for each in heard(served)} == {"t1": "cancelled", "t2": ""}


# The page ------------------------------------------------------------------------------------------------------------------


def test_who_may_see_messages_sees_no_number_and_no_words(served: Served) -> None:
    reference = book(served, name="Zebedee Quill")
    book(served, "private", email="zebedee@example.org", phone="")
    send(served)
    with closing(served.signed_in("priya")) as adviser:
        assert adviser.get("/admin/messages").status_code == 403
    with closing(served.signed_in("max")) as manager:
        shown = manager.get("/admin/messages").text
    assert "…123" in shown
    assert f"{reference[:4]}-{reference[4:]}" in shown
    assert MOBILE[3:] not in shown
    assert "zebedee@" not in shown
    assert "Zebedee" not in shown
    assert "Talk in private" not in shown
    assert "Texts go out by GOV.UK Notify. The last one went on 3 November at 12:00." in shown


def test_a_dead_letter_is_tried_again_or_seen_to_once(served: Served, running: tuple[StandIn, str]) -> None:
    for _ in range(2):
        book(served)
    send(served)
    for each in posts(served):
        failing = partial(
            post_receipts.receipt, reference=each.id, provider_id="", status="permanent-failure"
        )
        served.run(served.house.change(SYSTEM, "receipt", failing))
    first, second = (each.id for each in posts(served))
    with closing(served.signed_in("max")) as manager:
        form = {"csrf": token_of(manager, "/admin/messages")}
        assert manager.post(f"/admin/messages/{first}/again").status_code == 403
        assert manager.post(f"/admin/messages/{first}/again", data=form).status_code == 303
        assert manager.post(f"/admin/messages/{first}/again", data=form).status_code == 400
        assert manager.post(f"/admin/messages/{second}/let-go", data=form).status_code == 303
        assert manager.post("/admin/messages/unknown/let-go", data=form).status_code == 400
        send(served)
        shown = manager.get("/admin/messages").text
    assert "every message of the last 14 days got through" in shown
    assert len(running[0].messages) == 3
    with closing(served.signed_in("olga")) as elsewhere:
        other = {"csrf": token_of(elsewhere, "/admin/messages")}
        assert elsewhere.post(f"/admin/messages/{first}/let-go", data=other).status_code == 400


def test_words_about_a_discreet_visit_are_for_those_who_may_see_it(served: Served) -> None:
    book(served, "private")
    say = partial(post_receipts.heard, text_id="t", source=MOBILE[1:], words="he is outside the door")
    served.run(served.house.change(SYSTEM, "hear", say))
    with closing(served.signed_in("max")) as manager:
        shown = manager.get("/admin/messages").text
        assert "A colleague who may see those must read it." in shown
        assert "outside the door" not in shown
    with closing(served.signed_in("olga")) as elsewhere:
        assert "outside the door" not in elsewhere.get("/admin/messages").text


def test_a_test_message_goes_to_whoever_asks(served: Served, running: tuple[StandIn, str]) -> None:
    with closing(served.signed_in("ada")) as ada:
        form = {"csrf": token_of(ada, "/admin/messages")}
        landline = ada.post("/admin/messages/test", data={**form, "address": "0116 454 1000"})
        assert landline.status_code == 400
        assert "Type a mobile number or an e-mail address of your own." in landline.text
        for address in ("07700 900123", "ada@example.org"):
            assert ada.post("/admin/messages/test", data={**form, "address": address}).status_code == 200
    send(served)
    assert sorted(each.to for each in running[0].messages) == [MOBILE, "ada@example.org"]
    assert all("This is a test message" in each.body for each in running[0].messages)


def test_without_a_provider_the_page_says_so(sqlite_url: str) -> None:
    with serving(sqlite_url, notify_key="half-a-key") as served, closing(served.signed_in("ada")) as ada:
        shown = ada.get("/admin/messages").text
        assert "Texts are not set up, so none are sent." in shown
        assert "FOYER_NOTIFY_KEY is not a key of GOV.UK Notify." in shown
        assert "Send a test message" not in shown
        _, _, secret = served.visitor()
        with served.client() as phone:
            nothing = {"Authorization": "Bearer"}  # nothing shown is not the nothing that was agreed
            assert phone.post("/api/notify/receipt", json={}, headers=nothing).status_code == 403
            assert "Get a text" not in phone.get(f"/t/{secret}").text
            assert phone.get(f"/t/{secret}/text").status_code == 404


# "Text me" ---------------------------------------------------------------------------------------------------------------


def wishes(served: Served) -> list[str]:
    return served.run(
        served.house.read(lambda session: [each.phone for each in session.exec(select(TextWish))])
    )


def test_a_walk_in_asks_for_a_text_on_their_own_page_and_takes_it_back(served: Served) -> None:
    _, _, secret = served.visitor(language="pl")
    with served.client() as phone:
        assert "Otrzymaj sms, gdy" in phone.get(f"/t/{secret}").text
        address = f"/t/{secret}/text"
        assert phone.get(address).status_code == 200
        assert (
            "Prosimy sprawdzić numer"
            in phone.post(address, data={"phone": "0116 454 1000", "safe": "1"}).text
        )
        unsafe = phone.post(address, data={"phone": "07700 900123"})
        assert "Prosimy zaznaczyć pole" in unsafe.text
        assert 'value="07700 900123"' in unsafe.text
        assert wishes(served) == []
        assert phone.post(address, data={"phone": "07700 900123", "safe": "1"}).status_code == 303
        assert wishes(served) == [MOBILE]
        shown = phone.get(f"/t/{secret}").text
        assert "…123" in shown
        assert MOBILE[3:] not in shown
        assert phone.post(address, data={"stop": "1"}).status_code == 303
        assert wishes(served) == []
        assert phone.post("/t/unknown/text", data={"stop": "1"}).status_code == 404


@on_one_loop
async def test_everything_by_hand_at_every_size(
    served: Served, open_page: OpenPage, running: tuple[StandIn, str]
) -> None:
    """A greeter enters a number; a manager sees to what failed and to what was texted; by keyboard, at every size, axe clean."""

    def furnish() -> None:
        for number in ("+447700900123", "+447700900002", "+447700900456"):
            book(served, phone=number, email="jane@a-rather-long-name-of-a-domain.example.org")
        send(served)
        for each in posts(served):
            status = "permanent-failure" if each.address.endswith("002") else "delivered"
            telling = partial(post_receipts.receipt, reference=each.id, provider_id="", status=status)
            served.run(served.house.change(SYSTEM, "receipt", telling))
        say = partial(
            post_receipts.heard,
            text_id="t",
            source="447700900123",
            words="I am on the bus, ten minutes late, sorry",
        )
        served.run(served.house.change(SYSTEM, "hear", say))

    await asyncio.to_thread(furnish)
    ticket, _, secret = await asyncio.to_thread(served.visitor)
    greeter = await enter(open_page, served, "grace")
    await greeter.goto(f"{served.url}/greeter/arrived/{ticket}")
    await greeter.get_by_role("button", name="Text them when their turn is near").click()
    await greeter.get_by_label("Mobile number").fill("07700 900456")
    await greeter.get_by_role("button", name="Text them", exact=True).click()
    await expect(greeter.get_by_role("alert").filter(has_text="safe to text")).to_be_visible()
    await greeter.get_by_label("They say it is safe").check()
    await look_over(greeter)
    await greeter.get_by_role("button", name="Text them", exact=True).click()
    await expect(greeter.get_by_role("status")).to_contain_text("…456 gets one text")
    assert await asyncio.to_thread(wishes, served) == ["+447700900456"]
    phone = await open_page(f"{served.url}/t/{secret}/text?lang=ur", viewport={"width": 320, "height": 640})
    await expect(phone.get_by_role("button", name="مجھے پیغام نہ بھیجیں")).to_be_visible()
    manager = await enter(open_page, served, "max")
    await manager.goto(f"{served.url}/admin/messages")
    await expect(manager.get_by_role("heading", name=re.compile("Did not get through"))).to_contain_text("1")
    await look_over(manager)
    await manager.get_by_role("button", name="Dealt with").focus()
    await manager.keyboard.press("Enter")
    await expect(manager.get_by_text("on the bus")).to_have_count(0)
    await manager.get_by_role("button", name="Seen to").focus()
    await manager.keyboard.press("Enter")
    await expect(manager.get_by_text("got through or is on its way")).to_be_visible()


def test_the_stand_ins_page_shows_the_phones(served: Served, running: tuple[StandIn, str]) -> None:
    book(served)
    send(served)
    shown = httpx.get(running[1], trust_env=False).text
    assert "Your appointment is booked: Council tax" in shown
    assert f"Text to {MOBILE}" in shown
