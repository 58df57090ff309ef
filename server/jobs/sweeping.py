"""What the house lets go of, so that it runs for years: what has run out, what nobody can repeat or take back any more, what was only of use on its day.

A done command is kept for as long as a kiosk may still hand it over (30 days), and a little more: within that time whatever is said again gets its
first answer. It goes in small portions, so that nobody waits for it. What needed a person, was told to everyone or was sent to a
printer is kept for questions about the last weeks. Of a visit that ended half a day ago goes what was kept for the stay only; whom an appointment
was for goes four weeks after it (`actions.booking_erasing`).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from server.actions import (
    booking_erasing,
    carrying,
    device_history,
    drafts,
    hooks,
    post_receipts,
    tries,
    wishes,
)
from server.domain.access import Actor
from server.domain.tickets import NIGHT
from server.edge import House
from server.store.sql import Sql, Statement
from server.store.tx import Tx

log = logging.getLogger("foyer.jobs")


def _micros(**span: float) -> int:
    return round(timedelta(**span).total_seconds()) * 1_000_000


DAY = _micros(days=1)
COMMANDS = _micros(days=35)
PAPERS = _micros(days=31)
CALLS = _micros(days=31)
REQUESTS = _micros(days=90)
SEEN = _micros(days=366)
"""That a paper was seen is asked for as long as a case may be reviewed."""
PORTION, MOST_PORTIONS = 500, 40

_CENTRES = Statement("SELECT id FROM centre")
_ENROLMENTS = Statement("DELETE FROM enrolment WHERE expires_at < :before")
_TRIES = Statement("DELETE FROM login_try WHERE at < :before")
_ANNOUNCEMENTS = Statement("DELETE FROM announcement WHERE ended_at < :before")
_OLD_COMMANDS = Statement(
    "SELECT COUNT(*) FROM (SELECT id FROM command WHERE at < :before LIMIT :most) AS old"
)
_COMMANDS = Statement(
    "DELETE FROM command WHERE id IN (SELECT id FROM command WHERE at < :before LIMIT :most)"
)
_ATTENTION = Statement("DELETE FROM attention WHERE centre_id = :centre AND done_at < :before")
_PAPERS = Statement("DELETE FROM print_job WHERE centre_id = :centre AND done_at < :before")
_APART = Statement(
    "UPDATE visit SET apart = NULL WHERE centre_id = :centre AND apart IS NOT NULL AND ended_at < :before"
)
_SHOWN = Statement(
    "UPDATE visit SET shown_hash = NULL WHERE shown_hash IS NOT NULL AND centre_id = :centre AND ended_at < :before"
)
_SEEN = Statement("DELETE FROM sighting WHERE centre_id = :centre AND at < :before")
_OF_CENTRE = ((_SEEN, SEEN), (_ATTENTION, REQUESTS), (_PAPERS, PAPERS), (_APART, NIGHT), (_SHOWN, NIGHT))


async def sweep(house: House) -> None:
    """One round of it. What fails for one centre is done for the others all the same."""
    await house.change(Actor(kind="system"), "sweep", _of_the_house)
    await _commands(house)
    for (centre,) in await house.look(lambda connection: Sql(connection).all(_CENTRES)):
        try:
            await house.change(
                Actor(kind="system", centre=centre), "sweep", partial(_of_centre, centre=centre)
            )
        except Exception:
            log.exception("what is old at centre %d could not be let go; at the others it is", centre)


def _of_the_house(tx: Tx) -> None:
    tx.sql.run(_ENROLMENTS, {"before": tx.now - DAY})
    tx.sql.run(_TRIES, {"before": tx.now - DAY})
    tx.sql.run(_ANNOUNCEMENTS, {"before": tx.now - REQUESTS})
    device_history.sweep(tx)
    hooks.sweep(tx, tx.now - CALLS)
    post_receipts.sweep_house(tx)
    booking_erasing.sweep_house(tx)
    drafts.sweep(tx)
    carrying.sweep(tx)
    tries.sweep(tx)
    wishes.sweep(tx)


def _of_centre(tx: Tx, *, centre: int) -> None:
    for statement, kept in _OF_CENTRE:
        tx.sql.run(statement, {"centre": centre, "before": tx.now - kept})
    post_receipts.sweep_centre(tx, centre)
    booking_erasing.sweep_centre(tx, centre)


async def _commands(house: House) -> None:
    """As many as the reader found and no more: the last portion would look through all that are young."""
    before = house.clock.micros() - COMMANDS
    values = {"before": before, "most": PORTION * MOST_PORTIONS}
    left = await house.look(lambda connection: (Sql(connection).one(_OLD_COMMANDS, values) or (0,))[0])
    while left > 0:
        remove = partial(_some_commands, before=before, most=min(left, PORTION))
        await house.change(Actor(kind="system"), "sweep", remove)
        left -= PORTION


def _some_commands(tx: Tx, *, before: int, most: int) -> None:
    tx.sql.run(_COMMANDS, {"before": before, "most": most})
