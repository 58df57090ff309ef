"""Visits that need care: called by walking up, kept apart from another, brought to a safe room; and looking at what they are about.

Anybody on the floor may make a visit discreet, at once and without a reason. The way back is narrower, because it shows: only who may see discreet
visits anyway, or whoever made it so today, and never while what the visitor needs is discreet by nature. What a discreet visit is about is shown
to who serves it and to those with the right; every look leaves an entry, and so does every look that was refused.

The reference that keeps visits apart names a case, not a person. It stands on the visit and nowhere else: no entry of the audit repeats it. It says
something while the visit is open, stays through the day so that an end taken back by mistake keeps them apart again, and is erased by the rounds.
"""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from server.actions.attention import where_of
from server.clock import from_micros, to_micros
from server.domain.refusals import Refusal, Refused
from server.store.queries import tickets
from server.store.queries.tickets import TicketNow
from server.store.sql import Statement, document
from server.store.tx import Tx
from wire.asks import KeepApart, MakeDiscreet, SafeRoom
from wire.vocabulary import RefusalCode, Role, TicketState

Result = dict[str, Any]

MADE_DISCREET = "made discreet"
WANTED_DISCREET = "wanted discreet"
"""Somebody pressed for a visit that was discreet already: nobody's to take back, but it stays so when what made it so is."""
LOOKED = "looked at a discreet visit"
LOOK_REFUSED = "was refused a look"

_MAKE = Statement("UPDATE visit SET discreet = :yes WHERE id = :visit")
_BY_NATURE = Statement(
    """SELECT 1 FROM ticket t JOIN service s ON s.id = t.service_id
    WHERE t.visit_id = :visit AND t.ended_at IS NULL AND (s.discreet OR s.private)"""
)
_LAST_WORD = Statement(
    """SELECT what, detail FROM audit WHERE centre_id = :centre AND at >= :since AND about = :code
    AND what IN ('made discreet', 'wanted discreet', 'made public') ORDER BY id DESC"""
)
_JOINED_BY_DISCREET = Statement("SELECT 1 FROM visit WHERE merged_into = :visit AND discreet LIMIT 1")
_MADE_TODAY = Statement(
    """SELECT staff_id, detail FROM audit WHERE centre_id = :centre AND at >= :since AND what = 'made discreet' AND about = :code
    ORDER BY id DESC"""
)
_ZONE = Statement("SELECT timezone FROM centre WHERE id = :centre")


def _open(tx: Tx, ticket: str) -> TicketNow:
    found = tickets.ticket(tx.sql, tx.actor.centre, ticket)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such ticket at this centre.")
    if found.ended_at is not None:
        raise Refused(RefusalCode.WRONG_STATE, f"{found.code} has ended.")
    return found


def make_discreet(tx: Tx, ask: MakeDiscreet) -> Result:
    """From now on, or no longer, call this visit by walking up only."""
    found = _open(tx, ask.ticket)
    if bool(found.discreet) == ask.discreet:
        if ask.discreet and not _wanted_since(tx, found.visit, found.code, _start_of_day(tx)):
            tx.audit(WANTED_DISCREET, found.code, visit=found.visit)
        return {"discreet": ask.discreet}
    if not ask.discreet:
        _refuse_to_show(tx, found)
    tx.sql.run(_MAKE, {"yes": ask.discreet, "visit": found.visit})
    tx.audit(MADE_DISCREET if ask.discreet else "made public", found.code, visit=found.visit)
    tx.touch(tx.actor.centre)
    return {"discreet": ask.discreet}


def _wanted_since(tx: Tx, visit: str, code: str, since: int) -> bool:
    """Whether the last word about it since then was that it be discreet."""
    for what, detail in tx.sql.all(_LAST_WORD, {"centre": tx.actor.centre, "since": since, "code": code}):
        if (document(detail) or {}).get("visit") == visit:
            return str(what) != "made public"
    return False


def show_again(tx: Tx, visit: str, code: str, since: int) -> None:
    """Take back that a visit was made discreet by a deed at `since`; it stays so for any other reason there is now."""
    if (
        tx.sql.one(_BY_NATURE, {"visit": visit}) is None
        and tx.sql.one(_JOINED_BY_DISCREET, {"visit": visit}) is None
        and not _wanted_since(tx, visit, code, since)
    ):
        tx.sql.run(_MAKE, {"yes": False, "visit": visit})


def _refuse_to_show(tx: Tx, found: TicketNow) -> None:
    if tx.sql.one(_BY_NATURE, {"visit": found.visit}) is not None:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            f"{found.code} waits for something that is always discreet. Pass it on to another service first.",
        )
    if Role.DISCREET in tx.actor.roles:
        return
    since = {"centre": tx.actor.centre, "since": _start_of_day(tx), "code": found.code}
    for staff, detail in tx.sql.all(_MADE_TODAY, since):
        if (document(detail) or {}).get("visit") == found.visit:
            if staff == tx.actor.id:
                return
            break
    raise Refused(
        RefusalCode.NOT_ALLOWED,
        "The visitor, or a colleague, wanted this visit discreet. Ask somebody with the right for discreet visits.",
    )


def _start_of_day(tx: Tx) -> int:
    record = tx.sql.one(_ZONE, {"centre": tx.actor.centre})
    assert record is not None, "an actor's centre exists"
    zone = ZoneInfo(record[0])
    local = from_micros(tx.now).astimezone(zone)
    return to_micros(datetime.combine(local.date(), time(), zone))


# Kept apart -----------------------------------------------------------------------------------------------------

_KEEP = Statement("UPDATE visit SET apart = :apart WHERE id = :visit AND ended_at IS NULL")
_OTHERS = Statement(
    """SELECT code FROM visit WHERE centre_id = :centre AND apart = :apart AND ended_at IS NULL AND id <> :visit
    ORDER BY arrived_at, id"""
)
_LET_GO = Statement("UPDATE visit SET apart = NULL WHERE id = :visit AND apart = :apart")
_KEPT = Statement("SELECT apart FROM visit WHERE id = :visit")


def reference_of(typed: str) -> str | None:
    """A case's reference as it is kept: two people who write it in other letters mean the same case."""
    return typed.upper()[:40] or None


def keep_apart(tx: Tx, ask: KeepApart) -> Result:
    """Name the case whose visitors must not meet; the answer has the codes of those who are here already."""
    found = _open(tx, ask.ticket)
    apart = reference_of(ask.reference)
    before = tx.sql.one(_KEPT, {"visit": found.visit})
    if before is not None and before[0] != apart:
        tx.sql.run(_KEEP, {"apart": apart, "visit": found.visit})
        tx.audit("kept apart" if apart else "no longer kept apart", found.code)
        tx.touch(tx.actor.centre)
    return {"apart": keep_apart_from(tx, found.visit, apart)}


def keep_apart_from(tx: Tx, visit: str, apart: str | None) -> list[str]:
    """The codes of other open visits of the same case at this centre."""
    if apart is None:
        return []
    here = {"centre": tx.actor.centre, "apart": apart, "visit": visit}
    return [record[0] for record in tx.sql.all(_OTHERS, here)]


def carry_apart(tx: Tx, goes: str, stays: str) -> bool:
    """One visit becomes part of another: the reference that keeps it apart goes with it; whether there was one to carry. Two of
    different cases are refused."""
    going, staying = (tx.sql.one(_KEPT, {"visit": visit}) for visit in (goes, stays))
    carried = going[0] if going is not None else None
    if carried is None or staying is None or staying[0] == carried:
        return False
    if staying[0] is not None:
        raise Refused(
            RefusalCode.WRONG_STATE,
            "These two are kept apart from others for different cases, so they cannot be one visit. Take one reference back first.",
        )
    tx.sql.run(_KEEP, {"apart": carried, "visit": stays})
    return True


def carry_apart_back(tx: Tx, goes: str, stays: str) -> None:
    """The two are two again: a reference that only came along leaves the one that stayed, unless it was given another meanwhile."""
    going = tx.sql.one(_KEPT, {"visit": goes})
    if going is not None and going[0] is not None:
        tx.sql.run(_LET_GO, {"apart": going[0], "visit": stays})


# A safe room ----------------------------------------------------------------------------------------------------

_ASKED_FOR = Statement(
    """SELECT id FROM attention WHERE centre_id = :centre AND done_at IS NULL AND kind = 'safe_room'
    AND (ticket_id = :ticket OR id = :request)"""
)
_ASK_FOR = Statement(
    """INSERT INTO attention (id, centre_id, kind, staff_id, ticket_id, at, detail)
    VALUES (:request, :centre, 'safe_room', :staff, :ticket, :at, :detail) ON CONFLICT DO NOTHING"""
)
_FREE = Statement(
    """SELECT c.slug, c.name, c.kind FROM counter c WHERE c.centre_id = :centre AND c.retired_at IS NULL AND c.kind IN ('crisis_room', 'room')
    AND NOT EXISTS (SELECT 1 FROM seat s WHERE s.counter_id = c.id AND s.until_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.counter_id = c.id AND t.state IN ('called', 'serving'))
    ORDER BY CASE c.kind WHEN 'crisis_room' THEN 0 ELSE 1 END, c.position, c.id"""
)


def safe_room(tx: Tx, ask: SafeRoom) -> Result:
    """Tell all staff that a safe room is wanted: `{"request", "free"}`, the rooms where nobody is, crisis rooms first."""
    code = _open(tx, ask.ticket).code if ask.ticket is not None else ""
    here = {"centre": tx.actor.centre, "ticket": ask.ticket, "request": ask.request}
    asked = tx.sql.one(_ASKED_FOR, here)
    if asked is None:
        where = ask.where or ("" if ask.ticket else where_of(tx))
        entry = {**here, "staff": tx.actor.id, "at": tx.now, "detail": json.dumps({"where": where})}
        if tx.sql.run(_ASK_FOR, entry) != 1:
            raise Refused(RefusalCode.ID_REUSED, "This was already asked for and seen to. Ask again.")
        tx.audit("asked for a safe room", code)
        tx.touch(tx.actor.centre)
    free = [
        {"counter": slug, "name": name, "kind": kind}
        for slug, name, kind in tx.sql.all(_FREE, {"centre": tx.actor.centre})
    ]
    return {"request": asked[0] if asked is not None else ask.request, "free": free}


# Looking --------------------------------------------------------------------------------------------------------


class NoteSeen(NamedTuple):
    at: int
    by: str
    text: str


class Looked(NamedTuple):
    """What a visit is about, in plain English."""

    ticket: str
    code: str
    service: str
    choice: str
    notes: tuple[NoteSeen, ...]


_ABOUT = Statement(
    """SELECT s.names, c.names FROM ticket t JOIN service s ON s.id = t.service_id LEFT JOIN choice c ON c.id = s.choice_id
    WHERE t.id = :ticket"""
)
_NOTES = Statement(
    """SELECT n.at, f.name, n.text FROM note n LEFT JOIN staff f ON f.id = n.staff_id WHERE n.visit_id = :visit ORDER BY n.id"""
)


def look(tx: Tx, ticket: str) -> Looked | Refusal:
    """What an open ticket's visit is about. A refusal is answered, not raised, so its entry in the audit stands; the edge raises it."""
    found = tickets.ticket(tx.sql, tx.actor.centre, ticket)
    if found is None:
        return Refusal(RefusalCode.UNKNOWN, "There is no such ticket at this centre.")
    if found.ended_at is not None:
        return Refusal(RefusalCode.WRONG_STATE, f"{found.code} has ended. There is nothing left to look at.")
    if found.discreet or tx.sql.one(_BY_NATURE, {"visit": found.visit}) is not None:
        allowed = Role.DISCREET in tx.actor.roles or _serves(tx, found)
        tx.audit(LOOKED if allowed else LOOK_REFUSED, found.code, ticket=found.id)
        if not allowed:
            return Refusal(
                RefusalCode.NOT_ALLOWED,
                "This visit is discreet: what it is about is shown to who serves it and to those with the right. Your try was noted.",
            )
    about = tx.sql.one(_ABOUT, {"ticket": found.id})
    assert about is not None, "a ticket has a service"
    notes = tuple(NoteSeen(at, by or "", text) for at, by, text in tx.sql.all(_NOTES, {"visit": found.visit}))
    names, choices = document(about[0]) or {}, document(about[1]) or {}
    return Looked(found.id, found.code, names.get("en", ""), choices.get("en", ""), notes)


def _serves(tx: Tx, found: TicketNow) -> bool:
    """Called to, served or parked at the counter where the one asking sits."""
    if found.state not in (TicketState.CALLED, TicketState.SERVING, TicketState.PARKED):
        return False
    sits = tickets.seat_of(tx.sql, tx.actor.id, tx.actor.centre)
    return sits is not None and sits.counter == found.counter
