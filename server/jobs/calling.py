"""Makes the calls that webhooks wait for, beside everything else and in nobody's way.

Each webhook's calls go one after the other, the oldest first, so that in good days they arrive in the order things happened; the first that fails
ends its turn, and that call comes again when it is due (`server.domain.calling`). A few webhooks are served at once, and a slow one holds up none but
itself. A call is taken in hand in a transaction of its own (a lease) before it is made: of several servers one has it, and one that dies with it leaves it to
be made again under the same id. So a call is made at least once, seldom twice, never none.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection
from standardwebhooks.webhooks import Webhook

from server.actions import hooks
from server.domain.access import Actor
from server.domain.calling import Outcome, networks_of
from server.domain.refusals import Refused
from server.edge import House
from server.store.sql import Sql, Statement

log = logging.getLogger("foyer.hooks")

LOOK_SECONDS = 2.0
MOST_AT_ONCE = 8
MOST_IN_A_ROW = 50
"""Then others get their turn."""
AGENT = "Foyer-Webhooks/1"

_DUE = Statement(
    """SELECT h.id, h.centre_id FROM hook_call c JOIN hook h ON h.id = c.hook_id WHERE c.done_at IS NULL AND c.dead_at IS NULL
    AND c.due_at <= :now AND h.paused_at IS NULL AND h.retired_at IS NULL GROUP BY h.id, h.centre_id ORDER BY MIN(c.due_at), h.id"""
)


async def make_calls(house: House) -> None:
    """Until cancelled: look every two seconds for webhooks with something due, and serve those that are not being served."""
    under_way: dict[int, asyncio.Task[int]] = {}
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            # Or two would call one webhook at once, and out of order.
            if not await house.turns.mine("webhooks"):
                house.process.did("webhooks")
                continue
            under_way = {hook: task for hook, task in under_way.items() if not task.done()}
            try:
                for hook, centre in await _due(house):
                    if hook not in under_way and len(under_way) < MOST_AT_ONCE:
                        under_way[hook] = asyncio.create_task(_serve(house, hook, centre))
                house.process.did("webhooks")
            except Exception:
                house.process.failed("webhooks")
                log.exception("webhooks could not be looked after; the next look is as usual")
    finally:
        for task in under_way.values():
            task.cancel()
        await asyncio.gather(*under_way.values(), return_exceptions=True)


async def call_due(house: House) -> int:
    """Serve every webhook with something due, once; how many calls were made."""
    limit = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(hook: int, centre: int) -> int:
        async with limit:
            return await _serve(house, hook, centre)

    return sum(await asyncio.gather(*(one(*each) for each in await _due(house))))


async def _due(house: House) -> list[tuple[int, int]]:
    def due(connection: Connection) -> list[tuple[int, int]]:
        return [(r[0], r[1]) for r in Sql(connection).all(_DUE, {"now": house.clock.micros()})]

    return await house.look(due)


async def _serve(house: House, hook: int, centre: int) -> int:
    """Make a webhook's due calls until one fails; how many were made."""
    actor, made = Actor(kind="system", centre=centre), 0
    try:
        while made < MOST_IN_A_ROW:
            taken = await house.change(actor, "take_call", partial(hooks.take, hook_id=hook))
            if taken is None:
                break
            made += 1
            outcome = await _call(house, taken)
            await house.change(actor, "note_call", partial(hooks.note, taken=taken, outcome=outcome))
            if not outcome.taken:
                break
    except Refused:
        log.info("webhook %d: the database could not be written to; its call comes again", hook)
    except Exception:
        log.exception("webhook %d could not be served; the others are", hook)
    return made


async def _call(house: House, taken: hooks.Taken) -> Outcome:
    body = _written(taken.body, house.settings.public_url)
    # Loaded at the first call: its HTTP, 10 MB, is for councils that have webhooks.
    from server.connectors import hooks as outside

    return await outside.call(
        taken.url,
        _headers(house, taken, body),
        body.encode(),
        inside=networks_of(house.settings.hook_private),
    )


def _written(body: Mapping[str, object], public_url: str) -> str:
    """The event as it is sent; its source is told with this house's own address."""
    source = f"{public_url.rstrip('/')}{body.get('source', '')}"
    return json.dumps({**body, "source": source}, ensure_ascii=False, separators=(",", ":"))


def _headers(house: House, taken: hooks.Taken, body: str) -> dict[str, str]:
    """As Standard Webhooks has them. Sealed with the machine's own time, for the other side compares it with theirs."""
    at = house.clock.wall()
    signatures = " ".join(Webhook(secret).sign(taken.id, at, body) for secret in taken.secrets)
    return {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "user-agent": AGENT,
        "webhook-id": taken.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures,
    }
