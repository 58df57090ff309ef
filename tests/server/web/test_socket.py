"""Conversations over real sockets: what is malformed, huge, foreign, replayed, late or cut off meets a sentence, and nobody else notices."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.server.web.rehearsal import TOKENS, Served
from wire import asks, frames
from wire.frames import Answer, Ask, Beat, Bye, Delta, Hello, Snapshot, read_server_frame
from wire.vocabulary import PROTOCOL, DeviceKind, RefusalCode, new_id

ServerFrame = Snapshot | Delta | Beat | Answer | Bye


def bearer(kind: DeviceKind = DeviceKind.KIOSK) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[kind]}"}


@asynccontextmanager
async def line(
    served: Served, path: str = "/ws/device", headers: dict[str, str] | None = None
) -> AsyncIterator[ClientConnection]:
    address = served.url.replace("http", "ws") + path
    async with connect(
        address, additional_headers=bearer() if headers is None else headers, ping_interval=None
    ) as socket:
        yield socket


async def heard(socket: ClientConnection) -> ServerFrame:
    return read_server_frame(await asyncio.wait_for(socket.recv(), 10))


async def until(socket: ClientConnection, kind: type[ServerFrame]) -> ServerFrame:
    while not isinstance(frame := await heard(socket), kind):
        assert not isinstance(frame, Bye), frame
    return frame


async def for_ever(socket: ClientConnection) -> None:
    while True:
        await heard(socket)


async def greet(socket: ClientConnection, cursor: frames.Cursor | None = None) -> ServerFrame:
    await socket.send(Hello(protocol=PROTOCOL, cursor=cursor).encode())
    return await heard(socket)


async def told(socket: ClientConnection, body: asks.AnyAsk, ask_id: str | None = None) -> Answer:
    await socket.send(Ask(id=ask_id or new_id(), body=body).encode())
    answer = await until(socket, Answer)
    assert isinstance(answer, Answer)
    return answer


def an_issue(code: str) -> asks.Issue:
    return asks.Issue(
        visit=new_id(),
        ticket=new_id(),
        code=code,
        service="council-tax",
        follow_hash=hashlib.sha256(new_id().encode()).hexdigest(),
    )


async def test_a_cursor_is_resumed_with_exactly_what_was_missed(served: Served) -> None:
    async with line(served, headers=bearer(DeviceKind.DISPLAY)) as staying, line(served) as kiosk:
        await greet(kiosk)
        first = await greet(staying)
        assert isinstance(first, Snapshot)
        async with line(served, headers=bearer(DeviceKind.DISPLAY)) as leaving:
            away = await greet(leaving)
            assert isinstance(away, Snapshot)
        await told(kiosk, an_issue("K01"))
        change = await until(staying, Delta)
        async with line(served, headers=bearer(DeviceKind.DISPLAY)) as back:
            missed = await greet(back, away.cursor)
            assert missed == change
            assert isinstance(await heard(back), Beat)


@pytest.mark.parametrize(
    "message",
    [
        '{"type":"ask"',
        "[]",
        "null",
        '"hello"',
        '{"type":"ask","id":5,"body":{}}',
        "\x00\x01",
        "[" * 3000,
    ],
)
async def test_what_is_no_frame_is_hung_up_on_with_a_sentence(served: Served, message: str) -> None:
    async with line(served) as socket:
        await greet(socket)
        await socket.send(message)
        bye = await until(socket, Bye)
        assert isinstance(bye, Bye)
        assert (bye.code, bye.say.startswith("Not understood")) == ("malformed", True)


@pytest.mark.parametrize(
    "body",
    [
        {"do": "no_such_thing"},
        {"do": "issue"},
        {"do": "issue", "visit": "x", "surprise": 1},
        {},
        None,
        {"do": "help", "request": "0" * 33},
    ],
)
async def test_an_ask_that_is_not_understood_is_refused_by_name_and_the_line_goes_on(
    served: Served, body: object
) -> None:
    async with line(served) as socket:
        await greet(socket)
        number = new_id()
        await socket.send(json.dumps({"type": "ask", "id": number, "body": body}))
        answer = await until(socket, Answer)
        assert isinstance(answer, Answer)
        assert answer.id == number
        assert answer.refusal is not None
        assert answer.refusal.code is RefusalCode.MALFORMED
        assert (await told(socket, an_issue("K01"))).refusal is None


async def test_a_message_over_the_limit_closes_the_line_and_only_that(served: Served) -> None:
    async with line(served) as calm, line(served) as loud:
        await greet(calm)
        await greet(loud)
        await loud.send("x" * (frames.MAX_MESSAGE_BYTES + 1))
        with pytest.raises(ConnectionClosed):
            await for_ever(loud)
        assert (await told(calm, an_issue("K01"))).refusal is None


async def test_a_binary_message_closes_the_line_without_a_trace(served: Served) -> None:
    async with line(served) as socket:
        await greet(socket)
        await socket.send(b"\xff\xfe")
        with pytest.raises(ConnectionClosed):
            await for_ever(socket)


async def test_whoever_does_not_greet_first_is_sent_away(served: Served) -> None:
    async with line(served) as socket:
        await socket.send(Ask(id=new_id(), body=an_issue("K01")).encode())
        bye = await heard(socket)
        assert isinstance(bye, Bye)
        assert bye.code == "malformed"


async def test_another_release_is_told_to_update(served: Served) -> None:
    async with line(served) as socket:
        await socket.send(Hello(protocol=PROTOCOL + 1).encode())
        bye = await heard(socket)
        assert isinstance(bye, Bye)
        assert (bye.code, "Update" in bye.say) == ("protocol", True)


@pytest.mark.parametrize("token", ["", "wrong", "x" * 43, TOKENS[DeviceKind.KIOSK] + "x"])
async def test_a_wrong_token_hears_that_it_is_not_paired(served: Served, token: str) -> None:
    async with line(served, headers={"Authorization": f"Bearer {token}"}) as socket:
        bye = await heard(socket)
        assert isinstance(bye, Bye)
        assert (bye.code, bye.retry_seconds) == ("revoked", None)


async def test_a_page_of_another_site_is_not_let_in(served: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with line(served, headers={**bearer(), "Origin": "https://evil.example"}):
            pass
    assert refused.value.response.status_code == 403


async def test_a_display_may_not_issue_and_a_kiosk_may_not_call(served: Served) -> None:
    for kind, body in ((DeviceKind.DISPLAY, an_issue("K01")), (DeviceKind.KIOSK, asks.CallNext())):
        async with line(served, headers=bearer(kind)) as socket:
            await greet(socket)
            answer = await told(socket, body)
            assert answer.refusal is not None
            assert answer.refusal.code is RefusalCode.NOT_ALLOWED


async def test_the_same_message_twenty_times_is_one_ticket(served: Served) -> None:
    async with line(served) as socket:
        await greet(socket)
        body, number = an_issue("K01"), new_id()
        answers = [await told(socket, body, number) for _ in range(20)]
        assert len({answer.model_dump_json() for answer in answers}) == 1
        assert answers[0].refusal is None


async def test_messages_out_of_order_are_all_kept(served: Served) -> None:
    async with line(served) as socket:
        await greet(socket)
        for number in (3, 1, 2):
            assert (await told(socket, an_issue(f"K0{number}"))).refusal is None


async def test_a_revoked_device_is_cut_off_within_five_seconds(served: Served) -> None:
    async with line(served) as socket:
        await greet(socket)
        device = served.ids.devices[DeviceKind.KIOSK]

        def revoke(tx):
            tx.session().connection().execute(text(f"UPDATE device SET revoked_at = 1 WHERE id = {device}"))

        await asyncio.to_thread(
            lambda: served.run(served.house.change(served.actor("ada"), "revoke", revoke))
        )
        began = asyncio.get_running_loop().time()
        bye = await asyncio.wait_for(until(socket, Bye), 5)
        assert isinstance(bye, Bye)
        assert bye.code == "revoked"
        assert asyncio.get_running_loop().time() - began < 5


async def test_a_phone_sees_its_own_place_and_nothing_after_the_visit(served: Served) -> None:
    _, code, secret = await asyncio.to_thread(served.visitor)
    async with line(served, f"/ws/t/{secret}", {}) as phone:
        snapshot = await greet(phone)
        assert isinstance(snapshot, Snapshot)
        assert snapshot.rows["place"]["code"] == code
        assert (await told(phone, asks.Leave())).refusal is None
        change = await until(phone, Delta)
        assert isinstance(change, Delta)
        assert "place" in change.drop
    served.app.state.identity.forget()  # as two seconds do: who was known is remembered for so long
    async with line(served, f"/ws/t/{secret}", {}) as again:
        bye = await heard(again)
        assert isinstance(bye, Bye)
        assert bye.code == "ended"


async def test_both_papers_follow_the_visit_that_two_tickets_became(served: Served) -> None:
    goes, own, secret = await asyncio.to_thread(served.visitor, "housing")
    stays, code, other = await asyncio.to_thread(served.visitor)
    last, third, _ = await asyncio.to_thread(served.visitor, "parking")
    greeter = served.actor("grace")

    async def page() -> tuple[int, bool]:
        with served.client() as client:
            answer = await asyncio.to_thread(client.get, f"/t/{secret}/now")
        return answer.status_code, third in answer.text

    async with line(served, f"/ws/t/{secret}", {}) as phone:
        await greet(phone)
        await asyncio.to_thread(served.ask, greeter, asks.Merge(ticket=goes, into=stays))
        await asyncio.to_thread(served.ask, greeter, asks.Merge(ticket=stays, into=last))
        assert await page() == (200, True), "at once, though the secret was looked up a moment ago"
        bye = await asyncio.wait_for(until(phone, Bye), 5)
        assert isinstance(bye, Bye)
        assert bye.code == "restarting", "the phone comes back by itself"
    for each in (secret, other):
        async with line(served, f"/ws/t/{each}", {}) as phone:
            snapshot = await greet(phone)
            assert isinstance(snapshot, Snapshot)
            assert snapshot.rows["place"]["code"] == third
    await asyncio.to_thread(served.ask, greeter, asks.Undo(ticket=stays))
    served.app.state.identity.forget()
    async with line(served, f"/ws/t/{other}", {}) as phone:
        snapshot = await greet(phone)
        assert isinstance(snapshot, Snapshot)
        assert snapshot.rows["place"]["code"] == code != own
        assert (await told(phone, asks.Leave())).refusal is None
    served.app.state.identity.forget()
    assert (await page())[0] == 404, "what it became has ended"


async def test_a_guessed_secret_hears_the_same_as_an_ended_one(served: Served) -> None:
    _, _, secret = await asyncio.to_thread(served.visitor)
    async with line(served, f"/ws/t/{secret}", {}) as phone:
        await greet(phone)
        await told(phone, asks.Leave())
    served.app.state.identity.forget()
    byes = []
    for tried in (secret, "A" * 22):
        async with line(served, f"/ws/t/{tried}", {}) as socket:
            byes.append(await heard(socket))
    assert byes[0] == byes[1]


async def test_two_hundred_screens_reconnecting_at_once_are_all_served(served: Served) -> None:
    async def come_back() -> ServerFrame:
        async with line(served, headers=bearer(DeviceKind.DISPLAY)) as socket:
            return await greet(socket)

    seen = await asyncio.gather(*(come_back() for _ in range(200)))
    assert all(isinstance(frame, Snapshot) for frame in seen)


async def test_a_note_keeps_its_words_and_loses_what_could_mislead(served: Served) -> None:
    ticket, _, _ = await asyncio.to_thread(served.visitor)
    note = "see \u202eletter\u202c\x00 of\r\n3 May"
    body = asks.AddNote(ticket=ticket, note=note)
    assert body.note == "see letter of 3 May"
    with pytest.raises(ValueError, match="at most 500"):
        asks.AddNote(ticket=ticket, note="x" * 10_000)
