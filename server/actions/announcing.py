"""Telling everyone waiting: prepared sentences, words typed by staff, and that the building must be left.

An announcement is text by language, made once when it is told, so that changing a message later does not change what was said. Prepared
sentences are the catalogue's own, or the centre's kept-ready messages; typed words are English and are shown as English to everybody.
What was typed is in the announcement alone and not in the audit.

Leaving the building is a state of the centre, not an announcement: it has no end of its own, every screen shows it over all else, calls stop,
and only who may resume ends it. The order of those waiting is not touched by either. Who was being called when everybody had to leave is
called anew when they may come in again, because nobody could have come to the counter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from server.actions.queue import advance
from server.domain.refusals import Refused
from server.store.queries import tickets
from server.store.sql import Statement, document
from server.store.tables import Message
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import Prepared, RefusalCode, TicketAction, new_id
from words import Catalogue

Result = dict[str, Any]

MOST_OPEN = 5
"""More than these nobody reads; a board takes them in turn."""
ALL_CLEAR_MINUTES = 10
OFFERED = (Prepared.LONG_WAIT, Prepared.CLOSING_SOON, Prepared.NO_MORE_TICKETS, Prepared.SYSTEM_SLOW)
"""What staff choose from; that everybody must leave, and may come in again, has its own two buttons."""

_catalogue = Catalogue()

_MESSAGE = Statement("SELECT text, standing FROM message WHERE centre_id = :centre AND slug = :slug")
_OPEN = Statement(
    """SELECT id, prepared, text FROM announcement WHERE centre_id = :centre AND ended_at IS NULL
    AND (until_at IS NULL OR until_at > :now)"""
)
_ADD = Statement(
    """INSERT INTO announcement (id, centre_id, prepared, text, at, until_at, staff_id)
    VALUES (:id, :centre, :prepared, :text, :at, :until_at, :staff) ON CONFLICT DO NOTHING"""
)
_FIND = Statement("SELECT prepared, ended_at FROM announcement WHERE id = :id AND centre_id = :centre")
_END = Statement("UPDATE announcement SET ended_at = :now WHERE id = :id")
_END_PREPARED = Statement(
    "UPDATE announcement SET ended_at = :now WHERE centre_id = :centre AND prepared = :prepared AND ended_at IS NULL"
)
_END_BEFORE = Statement(
    "UPDATE announcement SET ended_at = :now WHERE centre_id = :centre AND ended_at IS NULL AND (until_at <= :now OR at < :before)"
)
OTHER_BUILDING = "You work at another centre now than this page shows, so nothing was done. Load the page anew, and see which building it names."

_EVACUATED = Statement("SELECT evacuated_at FROM centre WHERE id = :centre")
_EVACUATE = Statement("UPDATE centre SET evacuated_at = :at, version = version + 1 WHERE id = :centre")
_CALLED = Statement(
    "SELECT id FROM ticket WHERE centre_id = :centre AND ended_at IS NULL AND state = 'called' ORDER BY called_at, id"
)


class Choice(NamedTuple):
    """A sentence kept ready. `key` is what `Announce.prepared` takes, `say` its English."""

    key: str
    say: str


def choices(messages: Iterable[Message]) -> list[Choice]:
    """What staff may announce with one tap: the house's sentences, then the centre's that do not stand on the board anyway."""
    own = [Choice(each.slug, each.text.get("en", "")) for each in messages if not each.standing]
    return [*(Choice(each.value, _catalogue.say("en", f"announce.{each.value}")) for each in OFFERED), *own]


def announce(tx: Tx, ask: asks.Announce) -> Result:
    """Tell everyone in the centre for so many minutes."""
    if (ask.prepared is None) == (ask.text == ""):
        raise Refused(RefusalCode.MALFORMED, "Choose a sentence or type one: one of the two, and not both.")
    text = {"en": ask.text} if ask.prepared is None else _prepared(tx, ask.prepared)
    opened = tx.sql.all(_OPEN, {"centre": tx.actor.centre, "now": tx.now})
    if any(document(each[2]) == text for each in opened):
        raise Refused(
            RefusalCode.WRONG_STATE, "This is already being told. End it first to tell it for longer."
        )
    if len(opened) >= MOST_OPEN:
        raise Refused(
            RefusalCode.BUSY, f"{MOST_OPEN} announcements are told at once already. End one of them first."
        )
    _add(tx, ask.announcement, ask.prepared, text, ask.minutes)
    tx.audit("announced", ask.prepared or "typed words", minutes=ask.minutes)
    return {"announcement": ask.announcement}


def _prepared(tx: Tx, name: str) -> Mapping[str, str]:
    """The words of a prepared sentence by language; of the catalogue's in every language there is."""
    if name in (Prepared.EVACUATE, Prepared.ALL_CLEAR):
        raise Refused(
            RefusalCode.MALFORMED,
            "That is not an announcement. Use Evacuate, and Resume when the building may be entered again.",
        )
    if name in OFFERED:
        return _in_every_language(Prepared(name))
    record = tx.sql.one(_MESSAGE, {"centre": tx.actor.centre, "slug": name})
    if record is None:
        raise Refused(
            RefusalCode.UNKNOWN, "This centre has no such sentence now. Choose another, or type it."
        )
    if record[1]:
        raise Refused(RefusalCode.WRONG_STATE, "This sentence is on the boards already, all the time.")
    text: dict[str, str] = document(record[0])
    return text


def _in_every_language(sentence: Prepared) -> dict[str, str]:
    key = f"announce.{sentence.value}"
    return {language: _catalogue.say(language, key) for language in _catalogue.languages()}


def _add(tx: Tx, announcement: str, prepared: str | None, text: Mapping[str, str], minutes: int) -> None:
    values = {
        "id": announcement,
        "centre": tx.actor.centre,
        "prepared": prepared,
        "text": json.dumps(text),
        "at": tx.now,
        "until_at": tx.now + minutes * 60_000_000,
        "staff": tx.actor.id if tx.actor.kind == "staff" else None,
    }
    if tx.sql.run(_ADD, values) != 1:
        raise Refused(RefusalCode.ID_REUSED, "This was announced before. Tell it anew.")
    tx.touch(tx.actor.centre)


def end_announcement(tx: Tx, ask: asks.EndAnnouncement) -> Result:
    """Take it from all screens now. Ending what has ended does no harm."""
    record = tx.sql.one(_FIND, {"id": ask.announcement, "centre": tx.actor.centre})
    if record is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such announcement at this centre.")
    if record[1] is None:
        tx.sql.run(_END, {"id": ask.announcement, "now": tx.now})
        tx.audit("ended announcement", record[0] or "typed words")
        tx.touch(tx.actor.centre)
    return {}


def end_old(tx: Tx, before: int) -> int:
    """End those of the actor's centre whose time is over, and those told earlier than `before`; how many."""
    ended = tx.sql.run(_END_BEFORE, {"centre": tx.actor.centre, "now": tx.now, "before": before})
    if ended:
        tx.touch(tx.actor.centre)
    return ended


def evacuated_since(tx: Tx, centre: int) -> int | None:
    """Since when (microseconds) everybody must leave this centre; None when all is well."""
    record = tx.sql.one(_EVACUATED, {"centre": centre})
    return record[0] if record is not None else None


def _meant(tx: Tx, shown: int | None) -> int:
    """The actor's centre. Another may have been chosen in another window since this page named one."""
    if shown not in (None, tx.actor.centre):
        raise Refused(RefusalCode.WRONG_CENTRE, OTHER_BUILDING)
    return tx.actor.centre


def evacuate(tx: Tx, ask: asks.Evacuate) -> Result:
    """Everybody leaves. Asked again while it lasts it is so already, which is no refusal: two people may press at once."""
    centre = _meant(tx, ask.centre)
    since = evacuated_since(tx, centre)
    if since is None:
        since = tx.now
        tx.sql.run(_EVACUATE, {"at": since, "centre": centre})
        tx.sql.run(_END_PREPARED, {"centre": centre, "prepared": Prepared.ALL_CLEAR.value, "now": since})
        tx.audit("evacuated")
        tx.touch(centre)
    return {"evacuated_at": since // 1000, "already": since != tx.now}


def resume(tx: Tx, ask: asks.Resume) -> Result:
    """Everybody may come in: who was called is called anew, the others wait where they stood. Pressed twice it is done once."""
    centre = _meant(tx, ask.centre)
    since = evacuated_since(tx, centre)
    if since is None:
        return {"renewed": 0, "already": True}
    tx.sql.run(_EVACUATE, {"at": None, "centre": centre})
    renewed = 0
    for (ticket,) in tx.sql.all(_CALLED, {"centre": centre}):
        found = tickets.ticket(tx.sql, centre, ticket)
        assert found is not None
        changes = {"calls": found.calls + 1, "called_at": tx.now}
        advance(tx, found, TicketAction.RECALL, changes, found.counter)
        renewed += 1
    _add(tx, new_id(), Prepared.ALL_CLEAR.value, _in_every_language(Prepared.ALL_CLEAR), ALL_CLEAR_MINUTES)
    tx.audit("resumed", minutes=round((tx.now - since) / 60_000_000), renewed=renewed)
    return {"renewed": renewed, "already": False}
