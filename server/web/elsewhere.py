"""A server that lost its database while others have it sends its screens to them.

A screen that hears no beat leaves by itself, but only after eleven seconds, for a beat may just be late. The server knows sooner. It asks at the house's public
address, where the balancer leads to whoever is ready: an answer from there comes from a server of this house (not from another, nor from a proxy's page that
says sorry) that has just taken a command, and not from this one, which cannot. Only then its screens are told to come again, and nobody new is let in until it can
take commands itself. Where all have lost the database nobody is ready, and the screens stay: two hundred centres that knock everywhere in turn would be right again
later than those that wait. Servers keep for a second that they are ready, so others are asked when whatever they knew before this one lost it is forgotten.

That the lane is slow is not enough, for then an overloaded server would load its neighbours: the line that only listens for the doorbell must have gone as well.

Who asks is a thread that nobody waits for beyond its time. Where the whole network is cut a name server may be silent for half a minute, which nothing interrupts, and
whoever stops this server then should not wait for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
import time
from urllib.parse import SplitResult

from server.doctor.line import ask, web_address
from server.edge import House
from server.live.health import KEEP_SECONDS
from server.live.nonce import answer_to
from server.web.socket import ELSEWHERE, open_conversations
from wire import frames

log = logging.getLogger("foyer.elsewhere")

EVERY_SECONDS = 0.5
ANSWER_SECONDS = 2.0
"""For each of two questions."""


async def send_elsewhere(house: House) -> None:
    """Until cancelled; returns at once where nobody else can have the database."""
    address = web_address(house.settings.public_url)
    if house.database.is_sqlite or address is None:
        return
    others = Others(address)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await _once(house, others)
        except Exception:
            log.exception("whether others have the database could not be found out; trying again")


async def _once(house: House, others: Others) -> None:
    process = house.process
    if process.elsewhere:
        process.elsewhere = bool(await house.readiness.why_not())
        if process.elsewhere:
            part_with_all(ELSEWHERE)
        else:
            log.warning("the database answers here again; screens are welcome")
    elif process.deaf and process.beside > 1 and await _is_lost_here_only(house, others):
        process.elsewhere = True
        log.warning("the database does not answer here, and does elsewhere: screens are sent there")
        part_with_all(ELSEWHERE)


async def _is_lost_here_only(house: House, others: Others) -> bool:
    began = time.monotonic()
    if not await house.readiness.why_not_now():
        return False
    await asyncio.sleep(began + KEEP_SECONDS - time.monotonic())
    if not await others.are_ready(house.link_key):
        return False
    # Looked at last as well: where the database comes back for all, this line may only be late to notice.
    return bool(await house.readiness.why_not_now())


class Others:
    """The servers that the public address leads to."""

    def __init__(self, address: SplitResult) -> None:
        self._address = address
        self._asking: threading.Thread | None = None

    async def are_ready(self, key: str) -> bool:
        """Whether one of the house with this key is. No second question while the first hangs."""
        if self._asking is not None and self._asking.is_alive():
            return False
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()

        def heard(found: bool) -> None:
            if not answer.done():
                answer.set_result(found)

        def look() -> None:
            found = _another_is_ready(self._address, key)
            with contextlib.suppress(RuntimeError):  # the server has stopped meanwhile
                loop.call_soon_threadsafe(heard, found)

        self._asking = threading.Thread(target=look, name="elsewhere", daemon=True)
        self._asking.start()
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS):
                return await answer
        except TimeoutError:
            return False


def _another_is_ready(address: SplitResult, key: str) -> bool:
    nonce = secrets.token_hex(16)
    whose = ask(address, f"/health/house/{nonce}", ANSWER_SECONDS)
    if whose.status != 200 or not secrets.compare_digest(whose.body.encode(), answer_to(key, nonce).encode()):
        return False
    answer = ask(address, "/health/ready", ANSWER_SECONDS)
    return answer.status == 200 and answer.body == "ready"


def part_with_all(farewell: frames.Bye) -> None:
    for conversation in tuple(open_conversations):
        if not conversation.over.done():
            conversation.part(farewell)
