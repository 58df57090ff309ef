"""The sockets: `/ws/device` for kiosks, displays and signs, `/ws/staff` for staff pages, `/ws/t/{secret}` for a visitor's phone.

All three are one conversation (wire/frames.py): Hello, then a snapshot or what was missed, then changes as they happen; asks are answered in
the order they came. Who is speaking is settled at the handshake and asked again every few seconds, so whoever is signed out, disabled or
revoked is hung up on while connected. A message over the limit, a client that does not read or does not say Hello is hung up on with a
reason.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial, wraps
from typing import Any

from sqlalchemy import Connection
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.actions import machines
from server.domain.refusals import Refused
from server.edge import House
from server.live.feed import KEPT_CHANGES
from server.live.hub import Topic
from server.store.faults import fault_of
from server.store.sql import Sql, Statement
from server.web.gate import house_of, identity_of, origin_allowed, route_path, rule_of
from server.web.identity import Caller, address_of
from wire import frames
from wire.frames import MACHINE_HEADER
from wire.vocabulary import PROTOCOL, Audience, DeviceKind, RefusalCode

log = logging.getLogger("foyer.socket")

HELLO_SECONDS = 10.0
CHECK_SECONDS = 2.0
GOODBYE_SECONDS = 2.0
MOST_MESSAGES = 2 * KEPT_CHANGES
"""More than any return brings at once, or a screen that comes back would be hung up on for what it missed, again and again."""
MOST_BYTES = 4 * 1024 * 1024
MOST_OF_A_VISIT = 8
"""Lines that one ticket's secret may hold: a family's phones, and those that were lost on the way."""

REVOKED = frames.Bye(code="revoked", say="This device is no longer paired with this server. Pair it anew.")
SIGNED_OUT = frames.Bye(code="signed_out", say="You are signed out. Sign in again.")
ENDED = frames.Bye(code="ended", say="This visit has ended.")
SLOW = frames.Bye(
    code="slow", say="This screen fell too far behind. It will connect again.", retry_seconds=1.0
)
CROWDED = frames.Bye(
    code="slow", say="This ticket is followed on too many screens. Close some.", retry_seconds=60.0
)
NO_HELLO = frames.Bye(code="malformed", say="No greeting came. Connect again.", retry_seconds=5.0)
PROTOCOL_DIFFERS = frames.Bye(
    code="protocol", say="This device's program is of another release. Update it.", retry_seconds=300.0
)
RESTARTING = frames.Bye(
    code="restarting", say="The server is starting anew. Back in a moment.", retry_seconds=1.0
)
MOVED = frames.Bye(
    code="restarting", say="You work at another centre now. Back in a moment.", retry_seconds=1.0
)
MERGED = frames.Bye(
    code="restarting", say="Your two tickets are one now. Back in a moment.", retry_seconds=1.0
)
COPIED = frames.Bye(
    code="copied",
    say="This card belongs to another machine. An administrator can say on the device's page that it was moved here.",
    retry_seconds=15.0,
)
ELSEWHERE = frames.Bye(
    code="restarting", say="This server cannot reach its database. Another can.", retry_seconds=0.5
)
FAULT = frames.Bye(code="fault", say="Something went wrong on the server. Connect again.", retry_seconds=3.0)


class Outbox:
    """Messages on their way to one socket. `put` never waits; one that is not read is marked `choked`, and `over` is done.

    It is empty nearly always, and there are a thousand: an empty deque or event holds 0.7 KB, an empty list 0.05."""

    __slots__ = ("_awaited", "_bytes", "_messages", "_over", "choked")

    def __init__(self, over: asyncio.Future[None] | None = None) -> None:
        self._over = over
        self._messages: list[str] = []
        self._bytes = 0
        self._awaited: asyncio.Future[None] | None = None
        self.choked = False

    def put(self, message: str) -> None:
        if self.choked:
            return
        self._messages.append(message)
        self._bytes += len(message)
        if len(self._messages) > MOST_MESSAGES or self._bytes > MOST_BYTES:
            self.choked = True
            self._messages.clear()
            if self._over is not None:
                _end(self._over)  # whoever writes may be held up by the very message that is not read
        if self._awaited is not None:
            _end(self._awaited)

    async def take(self) -> str | None:
        """The next message; None when choked."""
        while not self._messages:
            if self.choked:
                return None
            self._awaited = asyncio.get_running_loop().create_future()
            await self._awaited
        message = self._messages.pop(0)
        self._bytes -= len(message)
        return message


def _end(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Conversation:
    """One live socket. `over`: we part with it; `ended`: it is."""

    __slots__ = (
        "_house",
        "began",
        "caller",
        "ended",
        "farewell",
        "outbox",
        "over",
        "socket",
        "topic",
    )

    def __init__(self, socket: WebSocket, caller: Caller, topic: Topic, farewell: frames.Bye) -> None:
        self.socket = socket
        self.caller = caller
        self.topic = topic
        self.farewell = farewell
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.outbox = Outbox(self.over)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.began = time.monotonic()
        self._house: House = house_of(socket)

    async def hold(self) -> None:
        """Speak until either side hangs up."""
        hello = await self._greeting()
        if hello is None:
            return
        self._make_room()
        open_conversations.add(self)
        joining = asyncio.create_task(self._house.hub.follow(self.topic, self.outbox, hello.cursor))
        tasks = [asyncio.create_task(each) for each in (self._write(), self._read())]
        try:
            await asyncio.wait([joining, *tasks, self.over], return_when=asyncio.FIRST_COMPLETED)
            if joining.done():
                joining.result()
                await asyncio.wait([*tasks, self.over], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (joining, *tasks):
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(joining, return_exceptions=True)
            self._house.hub.unfollow(self.topic, self.outbox)
            open_conversations.discard(self)
        if self.outbox.choked:
            await hang_up(self.socket, SLOW)
        elif self.over.done():
            await hang_up(self.socket, self.farewell)
        _end(self.ended)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    def _make_room(self) -> None:
        """A visit's lines beyond `MOST_OF_A_VISIT` end, the oldest first: it is likely one that its phone has lost."""
        visit = self.caller.actor.visit
        if visit is None:
            return
        own = [
            each for each in open_conversations if each.caller.actor.visit == visit and not each.over.done()
        ]
        own.sort(key=lambda each: each.began, reverse=True)
        for oldest in own[MOST_OF_A_VISIT - 1 :]:
            oldest.part(CROWDED)

    async def _greeting(self) -> frames.Hello | None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = await self.socket.receive_text()
            hello = frames.read_client_frame(first)
        except (TimeoutError, frames.Malformed, KeyError):
            await hang_up(self.socket, NO_HELLO)
            return None
        if not isinstance(hello, frames.Hello):
            await hang_up(self.socket, NO_HELLO)
            return None
        if hello.protocol != PROTOCOL:
            await hang_up(self.socket, PROTOCOL_DIFFERS)
            return None
        return hello

    async def _write(self) -> None:
        while (message := await self.outbox.take()) is not None:
            await self.socket.send_text(message)

    async def _read(self) -> None:
        identity = identity_of(self.socket)
        while True:
            try:
                message = await self.socket.receive_text()
            except (WebSocketDisconnect, KeyError):  # KeyError: a binary message, which nobody of ours sends
                return
            try:
                frame = frames.read_client_frame(message)
            except frames.Malformed as error:
                if not self._refuse_malformed(message, error):
                    self.part(
                        frames.Bye(code="malformed", say=f"Not understood: {error}.", retry_seconds=5.0)
                    )
                    return
                continue
            if isinstance(frame, frames.Hello):
                continue
            caller = identity.remembered(self.caller) or await identity.still(self.caller)
            if caller is None:
                self.part(self.farewell)
                return
            if caller.signed_in:
                await identity.note_use(caller)
            answer = await self._house.perform(caller.actor, frame.id, frame.body)
            await self.socket.send_text(answer.encode())

    def _refuse_malformed(self, message: str, error: frames.Malformed) -> bool:
        """An ask that can at least be named is refused by name, so that a kiosk sets this one aside and goes on."""
        try:
            ask_id = json.loads(message)["id"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return False
        if not isinstance(ask_id, str) or len(ask_id) > 64 or not ask_id.isascii():
            return False
        refusal = frames.Refusal(code=RefusalCode.MALFORMED, say=f"Not understood: {error}.")
        self.outbox.put(frames.Answer(id=ask_id, refusal=refusal).encode())
        return True

    def part(self, farewell: frames.Bye) -> None:
        self.farewell = farewell
        _end(self.over)


open_conversations: set[Conversation] = set()
"""Of this process; `cut_off` walks them."""


async def say_goodbye() -> None:
    """Tell every live socket that the server stops, and wait a moment until they are told."""
    for conversation in tuple(open_conversations):
        conversation.part(RESTARTING)
    ended = [conversation.ended for conversation in open_conversations]
    if ended:
        await asyncio.wait(ended, timeout=GOODBYE_SECONDS)


async def hang_up(socket: WebSocket, farewell: frames.Bye) -> None:
    """Say why, then close. The other side may be gone already."""
    try:
        if (
            socket.client_state is WebSocketState.CONNECTED
            and socket.application_state is WebSocketState.CONNECTED
        ):
            async with asyncio.timeout(3):
                await socket.send_text(farewell.encode())
                await socket.close(code=1000)
    except (TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
        log.debug("a socket was gone before it was closed")


def _or_not_now(serve: Callable[[WebSocket], Awaitable[None]]) -> Callable[[WebSocket], Awaitable[None]]:
    """Where the database cannot say who is there: 503, and neither an error of ours nor, as any close before the line is open would be, a 403, which
    sounds as if the key were wrong. A balancer or the next try may find a server that can look."""

    @wraps(serve)
    async def served(socket: WebSocket) -> None:
        if house_of(socket).process.elsewhere:  # a look would only wait for a line that is silent
            await socket.send_denial_response(PlainTextResponse("elsewhere\n", 503, {"retry-after": "1"}))
            return
        try:
            await serve(socket)
        except Exception as error:
            for_now = fault_of(error) is not None or isinstance(error, Refused)
            if not for_now or socket.application_state is not WebSocketState.CONNECTING:
                raise
            await socket.send_denial_response(PlainTextResponse("not now\n", 503, {"retry-after": "2"}))

    return served


async def _converse(
    socket: WebSocket,
    find: Callable[[WebSocket], Awaitable[Caller | None]],
    topic_of: Callable[[Caller, WebSocket], Awaitable[Topic]],
    farewell: frames.Bye,
) -> None:
    if not origin_allowed(socket):
        await socket.close(code=1008)
        return
    caller = await find(socket)
    await socket.accept()
    rule = rule_of("WEBSOCKET", route_path(socket))
    if caller is None or rule is None or not rule.lets_in(caller.actor):
        await hang_up(socket, farewell)
        return
    try:
        await Conversation(socket, caller, await topic_of(caller, socket), farewell).hold()
    except (WebSocketDisconnect, RuntimeError):
        return
    except Exception as error:
        if fault_of(error) is None and not isinstance(error, TimeoutError):  # the hub says what it waits for
            log.exception("a conversation failed")
        await hang_up(socket, FAULT)


_MACHINE = Statement("SELECT machine FROM device WHERE id = :device")
_SIGN = Statement("SELECT counter_id FROM device WHERE id = :device")


async def _device_topic(caller: Caller, socket: WebSocket) -> Topic:
    actor = caller.actor
    if actor.device is DeviceKind.DISPLAY:
        return Topic(actor.centre, Audience.LOBBY)
    if actor.device is DeviceKind.PC:
        return Topic(actor.centre, Audience.PC, str(actor.id))
    if actor.device is DeviceKind.SIGN:

        def counter(connection: Connection) -> str:
            record = Sql(connection).one(_SIGN, {"device": actor.id})
            return str(record[0]) if record is not None and record[0] is not None else ""

        return Topic(actor.centre, Audience.SIGN, await house_of(socket).look(counter))
    return Topic(actor.centre, Audience.KIOSK)


@_or_not_now
async def device_socket(socket: WebSocket) -> None:
    """A paired device, known by its token (header) or its cookie (browser); a kiosk says besides which machine it runs on."""
    at_the_door = partial(identity_of(socket).device, anywhere=True)  # a copy is not told that it is revoked
    caller = await at_the_door(socket) if origin_allowed(socket) else None
    if caller is not None and not await _on_its_machine(caller, socket):
        await socket.accept()
        await hang_up(socket, COPIED)
        return
    await _converse(socket, at_the_door, _device_topic, REVOKED)


async def _on_its_machine(caller: Caller, socket: WebSocket) -> bool:
    machine = socket.headers.get(MACHINE_HEADER, "")
    device = caller.actor.id
    house = house_of(socket)

    def told(connection: Connection) -> str:
        record = Sql(connection).one(_MACHINE, {"device": device})
        return "" if record is None else str(record[0])

    belongs = await house.look(told)
    if device is None or not machines.MACHINE.fullmatch(machine):
        return not belongs  # a browser, or a kiosk of an older release: neither ever named one

    meeting = partial(machines.meet, device_id=device, machine=machine)
    return belongs == machine or bool(await house.change(caller.actor, "meet_machine", meeting))


@_or_not_now
async def staff_socket(socket: WebSocket) -> None:
    """A signed-in member of staff's page."""

    async def find(connection: WebSocket) -> Caller | None:
        """Whoever must choose a password or set up their app first is told nothing before: their pages are closed to them too."""
        caller = await identity_of(connection).staff(connection)
        return None if caller is None or caller.must_change or caller.must_enrol else caller

    async def topic(caller: Caller, _socket: WebSocket) -> Topic:
        return Topic(caller.actor.centre, Audience.STAFF)

    await _converse(socket, find, topic, SIGNED_OUT)


@_or_not_now
async def phone_socket(socket: WebSocket) -> None:
    """A visitor's phone, known by the secret in the ticket's QR. Wrong and ended are the same."""

    async def find(connection: WebSocket) -> Caller | None:
        secret = str(connection.path_params["secret"])
        return await identity_of(connection).visitor(secret, address_of(connection))

    async def topic(caller: Caller, _socket: WebSocket) -> Topic:
        return Topic(caller.actor.centre, Audience.PHONE, caller.actor.visit or "")

    await _converse(socket, find, topic, ENDED)


_PAIRED = Statement("SELECT id, machine FROM device WHERE revoked_at IS NULL")
_IN_THE_HOUSE = Statement("SELECT visit_id FROM ticket WHERE centre_id = :centre AND ended_at IS NULL")


async def cut_off(app: Any) -> None:
    """Every `CHECK_SECONDS`, hang up on devices revoked, staff signed out and visits ended since. One look-up serves all of a kind."""
    house: House = app.state.house
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        try:
            await _cut_off_once(house, app.state.identity)
        except Exception:
            log.exception("live sockets could not be checked; trying again")


def _paired(connection: Connection) -> dict[int, str]:
    """Each device with the machine it belongs to."""
    return {int(record[0]): str(record[1]) for record in Sql(connection).all(_PAIRED)}


def _in_the_house(connection: Connection, centres: Iterable[int]) -> set[str]:
    sql = Sql(connection)
    return {record[0] for centre in centres for record in sql.all(_IN_THE_HOUSE, {"centre": centre})}


async def _cut_off_once(house: House, identity: Any) -> None:
    mine = list(open_conversations)
    if not mine:
        return
    paired = await house.look(_paired)
    visited = {each.topic.centre for each in mine if each.caller.actor.kind == "visitor"}
    visits = await house.look(partial(_in_the_house, centres=visited)) if visited else set()
    for conversation in mine:
        actor = conversation.caller.actor
        if actor.kind == "device":
            gone = actor.id not in paired
            here = conversation.socket.headers.get(MACHINE_HEADER, "")
            if not gone and paired[actor.id or 0] not in ("", here):
                conversation.part(COPIED)  # moved to another machine
        elif actor.kind == "staff":
            now = await identity.still(conversation.caller)
            gone = now is None
            if now is not None and now.actor.centre != conversation.topic.centre:
                conversation.part(MOVED)  # chosen in another window: this one would listen to the wrong house
        else:
            gone = actor.visit not in visits
            became = await identity.anew(conversation.caller) if gone else None
            if became is not None and became.actor.visit in visits:
                conversation.part(MERGED)  # this line would listen to a visit that is no more
        if gone:
            _end(conversation.over)
