"""Finds out what is known of a reference: given out here already, among today's, or as the server says.

The hash of a reference takes a fifth of a second on a small machine, so it is reckoned in a thread of its own. The server is asked only when the
reference is none of today's, and is not waited for long: a visitor stands there, and is believed if nobody answers. The reference is in no log.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from kiosk.flow.effects import LookUp
from kiosk.flow.events import LookedUp
from kiosk.flow.found import NO_ANSWER, Found, of_today, read_found
from kiosk.flow.model import Model
from kiosk.journal import Lost
from wire.asks import LookUpBooking
from wire.references import arrival_hash, arrival_salt
from wire.vocabulary import new_id

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.looking")

ANSWER_SECONDS = 4.0


async def look_up(runner: Runner, effect: LookUp) -> None:
    """Raises `DiskError`; whatever else goes wrong, the journey is told."""
    model = runner.model
    arrival = await _arrival(model, effect.reference)
    found = await _given_here(runner, arrival) or _expected(model, arrival)
    if found is None:
        found = await _asked(runner, effect.reference)
    runner.send(LookedUp(effect.order, found, arrival))


async def _arrival(model: Model, reference: str) -> str:
    """What the reference is known by today; empty while the centre has not said that it takes appointments."""
    centre, booking = model.offer.centre, model.offer.booking
    if centre is None or booking is None:
        return ""
    return await asyncio.to_thread(arrival_hash, reference, arrival_salt(centre.slug, booking.on))


async def _given_here(runner: Runner, arrival: str) -> Found | None:
    code = await runner.in_journal(lambda journal: journal.arrived(arrival)) if arrival else ""
    return Found(found="arrived", code=code) if code else None


def _expected(model: Model, arrival: str) -> Found | None:
    row = next((row for row in model.offer.expected if row.hash == arrival), None)
    return of_today(row) if row is not None else None


async def _asked(runner: Runner, reference: str) -> Found:
    link = runner.link
    if link is None or not link.open.is_set():
        return NO_ANSWER
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await link.ask(new_id(), LookUpBooking(reference=reference))
    except TimeoutError:
        log.warning("the server did not answer a look-up in time")
        return NO_ANSWER
    if isinstance(answer, Lost) or answer.result is None:
        if not isinstance(answer, Lost) and answer.refusal is not None:
            log.warning("the server refused a look-up: %s", answer.refusal.code.value)
        return NO_ANSWER
    return read_found(answer.result)
