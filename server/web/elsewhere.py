"""A server that lost its database while others have it sends its screens to them.

A screen that hears no beat leaves by itself, but only after eleven seconds, for a beat may just be late. The server knows sooner. It asks at the house's public
address, where the balancer leads to whoever is ready: an answer from there comes from a server of this house (not from another, nor from a proxy's page that
says sorry) that has just taken a command, and not from this one, which cannot. Only then its screens are told to come again, and nobody new is let in until it can
take commands itself. Where all have lost the database nobody is ready, and the screens stay: two hundred centres that knock everywhere in turn would be right again
later than those that wait. Servers keep for a second that they are ready, so others are asked when whatever they knew before this one lost it is forgotten.

That the lane is slow is not enough, for then an overloaded server would load its neighbours: the line that only listens for the doorbell must have gone as well.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from urllib.parse import SplitResult, urlsplit

from server.doctor.line import ask
from server.edge import House
from server.live.health import KEEP_SECONDS
from server.live.nonce import answer_to
from server.web.socket import ELSEWHERE, open_conversations
from wire import frames

log = logging.getLogger("foyer.elsewhere")

EVERY_SECONDS = 0.5
ANSWER_SECONDS = 2.0


async def send_elsewhere(house: House) -> None:
    """Until cancelled; returns at once where nobody else can have the database."""
    address = urlsplit(house.settings.public_url)
    if house.database.is_sqlite or not address.hostname:
        return
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await _once(house, address)
        except Exception:
            log.exception("whether others have the database could not be found out; trying again")


async def _once(house: House, address: SplitResult) -> None:
    process = house.process
    if process.elsewhere:
        process.elsewhere = bool(await house.readiness.why_not())
        if process.elsewhere:
            part_with_all(ELSEWHERE)
        else:
            log.warning("the database answers here again; screens are welcome")
    elif process.deaf and process.beside > 1 and await _is_lost_here_only(house, address):
        process.elsewhere = True
        log.warning("the database does not answer here, and does elsewhere: screens are sent there")
        part_with_all(ELSEWHERE)


async def _is_lost_here_only(house: House, address: SplitResult) -> bool:
    began = time.monotonic()
    if not await house.readiness.why_not_now():
        return False
    await asyncio.sleep(began + KEEP_SECONDS - time.monotonic())
    if not await asyncio.to_thread(_another_is_ready, address, house.link_key):
        return False
    # Looked at last as well: where the database comes back for all, this line may only be late to notice.
    return bool(await house.readiness.why_not_now())


def _another_is_ready(address: SplitResult, key: str) -> bool:
    nonce = secrets.token_hex(16)
    whose = ask(address, f"/health/house/{nonce}", ANSWER_SECONDS)
    if whose.status != 200 or not secrets.compare_digest(whose.body.encode(), answer_to(key, nonce).encode()):
        return False
    answer = ask(address, "/health/ready", ANSWER_SECONDS)
    return answer.status == 200 and answer.body == "ready"


def part_with_all(farewell: frames.Bye) -> None:
    for conversation in tuple(open_conversations):
        if not conversation.over.is_set():
            conversation.part(farewell)
