"""How the house itself is, for administrators: what is wrong since when and what to do, which servers run, the last backups, and all that was looked at.

The page shows what the minute's look last wrote down (`server.jobs.looking_after`); it looks at nothing itself, so it is quick when a mail server
hangs, and there when the disk is full: what could not be written down it has at hand. What was found fine is this server's own view.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from server.backups.shelf import DAMAGED
from server.clock import from_micros
from server.domain.troubles import Level
from server.live.house_state import house_state
from server.live.process import Process, version
from server.store.tables import Centre, Trouble
from server.web.gate import Guarded, house_of
from server.web.render import page

router = APIRouter()

BACKUP_STATES = {
    "running": "being made",
    "made": "made, not tried out yet",
    "checked": "made and tried out",
    "failed": "failed",
    DAMAGED: "made, and damaged since",
}
WORDS = {
    Level.FINE: "fine",
    Level.WORTH_KNOWING: "worth knowing",
    Level.WRONG: "wrong",
    Level.UNKNOWN: "not looked at",
}


@router.get("/admin/house")
async def house_page(request: Request, caller: Guarded) -> Response:
    house = house_of(request)
    state = await house.read(partial(house_state, own=house.process.wall()))
    zone = await house.read(partial(_zone, centre=caller.actor.centre))
    looked = house.process.done.get("doctor")
    ahead = house.clock.now() - house.clock.wall()
    at_hand = _not_written(house.process, {each.subject for each in state.troubles}, house.clock.now())
    return page(
        request,
        "house.html",
        state=replace(state, troubles=[*at_hand, *state.troubles]),
        zone=zone,
        verdicts=list(house.process.verdicts.values()),
        looked_at=from_micros(house.process.when(looked)) + ahead if looked else None,
        ahead=ahead if abs(ahead) > timedelta(minutes=1) else timedelta(),
        backup_states=BACKUP_STATES,
        levels=WORDS,
        release=version(),
        own=house.process.id,
    )


def _not_written(process: Process, known: set[str], now: datetime) -> list[Trouble]:
    """What this server found gravely wrong and could not write down: on a full disk that is the very thing to read here."""
    return [
        Trouble(subject=each.subject, grave=True, say=each.say, act=each.act, since_at=now, seen_at=now)
        for each in process.verdicts.values()
        if each.grave and each.say in process.grave and each.subject not in known
    ]


def _zone(session: Session, *, centre: int) -> ZoneInfo:
    return ZoneInfo(session.get_one(Centre, centre).timezone)
