"""Telling other systems of appointments: which are told, what they are told, and what came of each call.

`follow` writes a call for every webhook in the transaction of the change itself, so nothing is told that did not happen and nothing that did is
forgotten; `server.jobs.calling` sends them. What is told is a CloudEvent: reference, service, times, state, centre. Never a name, a
number or a word of a visitor: whoever may know those asks the JSON API for them with a key that says so.

Of an appointment with a discreet service nothing is told at all. An event without its service would say just as plainly whose
visit is one to be quiet about.

Calls may overtake one another, and the same one may come twice. So each carries a `sequence` that only rises within one appointment, and keeps its
id in every attempt.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select

from server.clock import from_micros, to_micros
from server.domain.calling import Outcome, fault_of_url, wait_after
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Booking, Centre, Hook, HookCall, Service
from server.store.tx import Tx
from wire.body import clean_text
from wire.references import show_reference
from wire.vocabulary import BookingEvent, BookingState, RefusalCode, new_id

TEST = "test"
MOST_HOOKS = 20
MOST_NAME = 80
LEASE = timedelta(minutes=2)
"""A call in hand is nobody else's for so long; a server that died with it in hand leaves it to be made again after that."""
OVERLAP = timedelta(hours=24)
"""After a change of secret calls are signed with the old one as well."""

_HOOKS = Statement("SELECT COUNT(*) FROM hook WHERE centre_id = :centre AND retired_at IS NULL")
_TAKE = Statement(
    """UPDATE hook_call SET attempts = attempts + 1, due_at = :until WHERE id = :id AND attempts = :attempts
    AND due_at <= :now AND done_at IS NULL AND dead_at IS NULL"""
)
_FIRST_DUE = Statement(
    """SELECT c.id, c.attempts FROM hook_call c JOIN hook h ON h.id = c.hook_id WHERE c.hook_id = :hook AND c.due_at <= :now
    AND c.done_at IS NULL AND c.dead_at IS NULL AND h.paused_at IS NULL AND h.retired_at IS NULL ORDER BY c.made_at, c.id LIMIT 1"""
)
_SWEEP = Statement("DELETE FROM hook_call WHERE made_at < :before")


# What is told ------------------------------------------------------------------------------------------------------


def follow(tx: Tx, event: BookingEvent, booking: Booking, tell: bool, values: Mapping[str, Any]) -> None:
    """Write a call for each webhook of the centre that wants this event. Whether the visitor is written to (`tell`) makes no difference."""
    count = tx.sql.one(_HOOKS, {"centre": booking.centre_id})
    if not count or not count[0]:
        return
    session = tx.session()
    service = session.get_one(Service, booking.service_id)
    if service.discreet or service.private:
        return
    here = select(Hook).where(Hook.centre_id == booking.centre_id, col(Hook.retired_at).is_(None))
    body: dict[str, Any] | None = None
    for hook in session.exec(here).all():
        subject = f"{hook.id}:{booking.id}:{event.value}:{booking.sequence}"
        known = session.exec(select(HookCall.id).where(HookCall.subject == subject)).first()
        if known is None and (not hook.events or event.value in hook.events):
            body = body or _body(tx, event, booking, service, values)
            _write(tx, hook, subject, event.value, booking.id, body)


def _body(
    tx: Tx, event: BookingEvent, booking: Booking, service: Service, values: Mapping[str, Any]
) -> dict[str, Any]:
    centre = tx.session().get_one(Centre, booking.centre_id)
    zone = ZoneInfo(centre.timezone)
    data: dict[str, Any] = {
        "centre": centre.slug,
        "reference": show_reference(booking.reference),
        "service": service.slug,
        "state": "served" if event is BookingEvent.SERVED else BookingState(booking.state).value,
        "starts_at": _said(booking.starts_at, zone),
        "ends_at": _said(booking.ends_at, zone),
    }
    if event is BookingEvent.MOVED and values.get("was") is not None:
        data["was_starts_at"] = _said(from_micros(values["was"]), zone)
    sequence = max(tx.now, _last_sequence(tx, booking.id) + 1)
    return {
        "type": f"foyer.booking.{event.value}",
        "source": f"/centres/{centre.slug}",
        "subject": data["reference"],
        "time": _said(from_micros(tx.now), zone, "milliseconds"),
        "sequence": f"{sequence:020d}",
        "data": data,
    }


def _last_sequence(tx: Tx, booking_id: str) -> int:
    told = tx.session().exec(select(HookCall.body).where(HookCall.booking_id == booking_id)).all()
    return max((int(body.get("sequence", 0)) for body in told), default=0)


def _write(tx: Tx, hook: Hook, subject: str, event: str, booking_id: str, body: Mapping[str, Any]) -> str:
    now, number = from_micros(tx.now), new_id()
    envelope = {"specversion": "1.0", "id": number, "datacontenttype": "application/json", **body}
    tx.session().add(
        HookCall(
            id=number,
            subject=subject,
            hook_id=hook.id or 0,
            event=event,
            booking_id=booking_id,
            body=envelope,
            made_at=now,
            due_at=now,
        )
    )
    return number


def _said(at: datetime, zone: ZoneInfo, precision: str = "seconds") -> str:
    return at.astimezone(zone).isoformat(timespec=precision)


# Sending -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """A call in hand: what to send where, and what seals it."""

    id: str
    attempts: int
    url: str
    body: Mapping[str, Any]
    secrets: tuple[str, ...]


def take(tx: Tx, hook_id: int) -> Taken | None:
    """Take the earliest due call of a webhook in hand; None when there is none, or another server has it."""
    first = tx.sql.one(_FIRST_DUE, {"hook": hook_id, "now": tx.now})
    if first is None:
        return None
    until = tx.now + LEASE // timedelta(microseconds=1)
    if not tx.sql.run(_TAKE, {"id": first[0], "attempts": first[1], "now": tx.now, "until": until}):
        return None
    session = tx.session()
    hook, call = session.get_one(Hook, hook_id), session.get_one(HookCall, first[0])
    signing = [hook.secret]
    if hook.old_secret and hook.old_until is not None and to_micros(hook.old_until) > tx.now:
        signing.append(hook.old_secret)
    return Taken(call.id, first[1] + 1, hook.url, call.body, tuple(signing))


def note(tx: Tx, taken: Taken, outcome: Outcome) -> None:
    """What came of it. One that another has taken since is theirs to note, unless this one was taken by the other side."""
    call = tx.session().get(HookCall, taken.id)
    if call is None or call.done_at is not None or call.dead_at is not None:
        return
    now = from_micros(tx.now)
    if outcome.taken:
        call.done_at, call.why = now, ""
        return
    if call.attempts != taken.attempts:
        return
    call.why = outcome.why[:300]
    hook = tx.session().get_one(Hook, call.hook_id)
    if outcome.gone:
        call.due_at = now
        _pause_by_itself(tx, hook, "The other side answered 410: it wants no calls any more.")
        return
    wait = wait_after(call.id, call.attempts, outcome.retry_after)
    if wait is None:
        call.dead_at = now
        tx.audit("hook_call_given_up", f"hook:{hook.id}", name=hook.name, call=call.id)
    else:
        call.due_at = now + wait


def _pause_by_itself(tx: Tx, hook: Hook, why: str) -> None:
    if hook.paused_at is None:
        hook.paused_at, hook.paused_why = from_micros(tx.now), why
        tx.audit("hook_paused_by_itself", f"hook:{hook.id}", name=hook.name)
        tx.touch(hook.centre_id)


def sweep(tx: Tx, before: int) -> None:
    """Let go of calls made before that instant, whatever came of them."""
    tx.sql.run(_SWEEP, {"before": before})


# Setting up --------------------------------------------------------------------------------------------------------


def add(tx: Tx, name: str, url: str, events: tuple[str, ...]) -> tuple[int, str]:
    """A new webhook of the actor's centre: its number, and its secret, which is shown once."""
    cleaned, address = clean_text(name), url.strip()
    if not cleaned or len(cleaned) > MOST_NAME:
        raise Refused(
            RefusalCode.MALFORMED,
            f"Give it a name of at most {MOST_NAME} characters, such as the system that is told.",
        )
    if fault := fault_of_url(address):
        raise Refused(RefusalCode.MALFORMED, fault)
    _judge_events(events)
    session = tx.session()
    here = select(func.count()).where(Hook.centre_id == tx.actor.centre, col(Hook.retired_at).is_(None))
    if session.exec(here).one() >= MOST_HOOKS:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"A centre has at most {MOST_HOOKS} webhooks. Remove one that is not used any more.",
        )
    secret = _new_secret()
    hook = Hook(
        centre_id=tx.actor.centre,
        name=cleaned,
        url=address,
        secret=secret,
        events=list(events),
        made_by=tx.actor.id or None,
        made_at=from_micros(tx.now),
    )
    session.add(hook)
    session.flush()
    tx.audit("hook_added", f"hook:{hook.id}", name=cleaned)
    return hook.id or 0, secret


def change(tx: Tx, hook_id: int, url: str, events: tuple[str, ...]) -> None:
    """Another address or other events; the secret stays."""
    hook, address = _ours(tx, hook_id), url.strip()
    if fault := fault_of_url(address):
        raise Refused(RefusalCode.MALFORMED, fault)
    _judge_events(events)
    hook.url, hook.events = address, list(events)
    tx.audit("hook_changed", f"hook:{hook_id}", name=hook.name)


def rotate(tx: Tx, hook_id: int) -> str:
    """A new secret, shown once. For a day calls are signed with both."""
    hook = _ours(tx, hook_id)
    hook.old_secret, hook.old_until = hook.secret, from_micros(tx.now) + OVERLAP
    hook.secret = _new_secret()
    tx.audit("hook_secret_changed", f"hook:{hook_id}", name=hook.name)
    return hook.secret


def pause(tx: Tx, hook_id: int) -> None:
    """Hold its calls back; they wait. One that is paused stays so."""
    hook = _ours(tx, hook_id)
    if hook.paused_at is None:
        hook.paused_at, hook.paused_why = from_micros(tx.now), ""
        tx.audit("hook_paused", f"hook:{hook_id}", name=hook.name)


def resume(tx: Tx, hook_id: int) -> None:
    """Go on with it; what has waited is sent at once, the oldest first."""
    hook = _ours(tx, hook_id)
    if hook.paused_at is None:
        return
    hook.paused_at, hook.paused_why = None, ""
    waiting = select(HookCall).where(
        HookCall.hook_id == hook_id, col(HookCall.done_at).is_(None), col(HookCall.dead_at).is_(None)
    )
    for call in tx.session().exec(waiting):
        call.due_at = from_micros(tx.now)
    tx.audit("hook_resumed", f"hook:{hook_id}", name=hook.name)


def retire(tx: Tx, hook_id: int) -> None:
    """It is told nothing any more, and what waits for it is not sent."""
    hook, now = _ours(tx, hook_id), from_micros(tx.now)
    hook.retired_at = now
    waiting = select(HookCall).where(
        HookCall.hook_id == hook_id, col(HookCall.done_at).is_(None), col(HookCall.dead_at).is_(None)
    )
    for call in tx.session().exec(waiting):
        call.dead_at, call.why = now, "The webhook was removed before this was sent."
    tx.audit("hook_removed", f"hook:{hook_id}", name=hook.name)


def send_test(tx: Tx, hook_id: int) -> str:
    """Queue an event that says it is a test; the call's id."""
    hook = _ours(tx, hook_id)
    if hook.paused_at is not None:
        raise Refused(
            RefusalCode.WRONG_STATE, f"{hook.name} is paused. Let it go on first, then send a test."
        )
    centre = tx.session().get_one(Centre, hook.centre_id)
    body = {
        "type": "foyer.test",
        "source": f"/centres/{centre.slug}",
        "time": _said(from_micros(tx.now), ZoneInfo(centre.timezone), "milliseconds"),
        "data": {"centre": centre.slug, "say": "A test from Foyer. Nothing happened."},
    }
    return _write(tx, hook, f"{hook.id}:test:{new_id()}", TEST, "", body)


def send_again(tx: Tx, call_id: str) -> int:
    """Try a call that was given up anew, for another three days; its webhook."""
    call = tx.session().get(HookCall, call_id)
    hook = None if call is None else tx.session().get_one(Hook, call.hook_id)
    if call is None or hook is None or hook.centre_id != tx.actor.centre or hook.retired_at is not None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such call any more.")
    if call.dead_at is None:
        raise Refused(RefusalCode.WRONG_STATE, "This call was not given up; there is nothing to send again.")
    call.dead_at, call.attempts, call.due_at = None, 0, from_micros(tx.now)
    tx.audit("hook_call_again", f"hook:{hook.id}", name=hook.name, call=call_id)
    return hook.id or 0


def send_all_again(tx: Tx, hook_id: int) -> int:
    """The same for all its calls that were given up; how many."""
    hook = _ours(tx, hook_id)
    dead = select(HookCall).where(HookCall.hook_id == hook_id, col(HookCall.dead_at).is_not(None))
    calls = tx.session().exec(dead).all()
    for call in calls:
        call.dead_at, call.attempts, call.due_at = None, 0, from_micros(tx.now)
    tx.audit("hook_calls_again", f"hook:{hook_id}", name=hook.name, count=len(calls))
    return len(calls)


def _ours(tx: Tx, hook_id: int) -> Hook:
    hook = tx.session().get(Hook, hook_id)
    if hook is None or hook.centre_id != tx.actor.centre or hook.retired_at is not None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such webhook at this centre.")
    return hook


def _judge_events(events: tuple[str, ...]) -> None:
    if not set(events) <= {event.value for event in BookingEvent}:
        raise Refused(RefusalCode.MALFORMED, "Choose from the events that are listed.")


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
