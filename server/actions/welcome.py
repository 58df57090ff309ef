"""A visitor entered by hand, and a ticket sent to a printer.

A greeter has no letter of their own: the house numbers for everybody at the front with the centre's desk letter. The number is the one after
the highest of that letter on the visitor's local day, read and written under the centre's lock, so twenty greeters on two servers still get
codes without a gap and none twice. Who holds a paper ticket of the emergency pack keeps its code, and only that pack's letter is taken.

A greeter may take somebody in although the service takes no more at the kiosk: they stand before a person, who knows better. What is refused is
what would leave the visitor waiting for nobody: a service that is retired or by appointment only, a centre that has been closed for more
than an hour, a building that everyone must leave.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from server.actions import lives, queue
from server.actions.centre_hours import read_hours
from server.actions.devices import free_letter
from server.actions.discreet import keep_apart_from, reference_of
from server.actions.issuing import local_date
from server.clock import from_micros
from server.domain import tickets as rules
from server.domain.concerns import SILENT_AFTER, cannot_print
from server.domain.hours import Hours, Timetable
from server.domain.numbering import read_code, write_code
from server.domain.refusals import Refused
from server.store.queries import tickets
from server.store.sql import Statement, document
from server.store.tables import Centre, Service
from server.store.tx import Tx
from wire.asks import PrintTicket, Welcome
from wire.codes import LARGEST_NUMBER
from wire.vocabulary import Channel, DeviceKind, Language, PaperState, RefusalCode, TicketState

Result = dict[str, Any]

STILL_IN = timedelta(hours=1)
"""So long after closing a greeter may still enter who is in the house."""
WANTS = frozenset({*(language.value for language in Language), "sign_language"})

_LAST_CODE = Statement(
    """SELECT code, arrived_at FROM visit WHERE centre_id = :centre AND arrived_on = :on AND code >= :low AND code < :high
    ORDER BY LENGTH(code) DESC, code DESC LIMIT 1"""
)
_ADD_VISIT = Statement(
    """INSERT INTO visit (id, centre_id, arrived_on, code, language, needs, discreet, channel, follow_hash, arrived_at, people, apart)
    VALUES (:id, :centre, :arrived_on, :code, :language, :needs, :discreet, :channel, :follow_hash, :arrived_at, :people, :apart)
    ON CONFLICT DO NOTHING"""
)
_ADD_TICKET = Statement(
    """INSERT INTO ticket (id, visit_id, centre_id, service_id, state, ticket_class, arrived_at, counts_from, calls, paper, copies,
    quick, wants, added_by)
    VALUES (:id, :visit, :centre, :service, 'waiting', :ticket_class, :arrived_at, :arrived_at, 0, :paper, 0, :quick, :wants, :staff)
    ON CONFLICT DO NOTHING"""
)
_ADD_NOTE = Statement(
    "INSERT INTO note (visit_id, ticket_id, staff_id, at, text) VALUES (:visit, :ticket, :staff, :at, :text)"
)


def welcome(tx: Tx, ask: Welcome) -> Result:
    """Enter a visitor with their first ticket: `{"ticket", "visit", "code", "apart", "closed"}`, the codes of those not to be met here, and
    a sentence when the service is not open now (empty when it is)."""
    session = tx.session()
    centre = session.get_one(Centre, tx.actor.centre)
    if centre.evacuated_at is not None:
        raise Refused(
            RefusalCode.CLOSED, "Everyone is leaving the building. Wait until it is over, then enter them."
        )
    service = _service(session, tx.actor.centre, ask.service)
    if ask.wants is not None and ask.wants not in WANTS:
        raise Refused(
            RefusalCode.MALFORMED, "Nobody can be asked for in that language here. Write it as a note."
        )
    arrived = tx.now - ask.age_ms * 1000
    on = local_date(arrived, centre.timezone)
    if ask.code is None:
        _refuse_if_long_closed(session, centre, arrived)
        code = next_code(tx, centre, on)
    else:
        code = _paper_code(centre, ask.code)
    apart = reference_of(ask.apart)
    visit = {
        "id": ask.visit,
        "centre": tx.actor.centre,
        "arrived_on": on,
        "code": code,
        "language": ask.language.value,
        "needs": json.dumps([need.value for need in ask.needs]),
        "discreet": ask.discreet or service.discreet,
        "channel": (Channel.GREETER if ask.code is None else Channel.PAPER).value,
        "follow_hash": secrets.token_hex(32),  # of no secret: nobody's, until a QR is shown
        "arrived_at": arrived,
        "people": ask.people,
        "apart": apart,
    }
    if tx.sql.run(_ADD_VISIT, visit) != 1:
        if tickets.visit_exists(tx.sql, ask.visit):
            raise Refused(RefusalCode.ID_REUSED, "This visitor is already entered.")
        raise Refused(
            RefusalCode.CODE_TAKEN,
            f"{code} is already entered for that day. If this is somebody else, leave the number out and give them the new one.",
        )
    _add_ticket(tx, ask, service, arrived)
    if ask.discreet and not service.discreet:
        tx.audit("made discreet", code, visit=ask.visit)
    if arrived < tx.now - rules.NIGHT and on != local_date(tx.now, centre.timezone):
        queue.end_gone_home(tx, ask.ticket)
    tx.touch(tx.actor.centre)
    met = keep_apart_from(tx, ask.visit, apart)
    closed = _not_open(session, centre, service, arrived)
    return {"ticket": ask.ticket, "visit": ask.visit, "code": code, "apart": met, "closed": closed}


def _not_open(session: Session, centre: Centre, service: Service, at: int) -> str:
    assert centre.id is not None
    hours = read_hours(session, centre.id)
    timetable = Timetable(centre.timezone, hours.get(None, Hours()), hours.get(service.id))
    return timetable.not_open(service.names.get("en", service.slug), from_micros(at))


def _service(session: Session, centre: int, slug: str) -> Service:
    found = session.exec(select(Service).where(Service.centre_id == centre, Service.slug == slug)).first()
    if found is None or found.retired_at is not None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such service now. Choose another.")
    if not found.walk_in:
        name = found.names.get("en", slug)
        raise Refused(
            RefusalCode.CLOSED,
            f"{name} is by appointment only. Help them to book, or choose another service.",
        )
    return found


def _refuse_if_long_closed(session: Session, centre: Centre, arrived: int) -> None:
    """Judged by when they came: a tap that was held up on its way is as good as it was then."""
    assert centre.id is not None
    timetable = Timetable(centre.timezone, read_hours(session, centre.id).get(None, Hours()))
    came = from_micros(arrived)
    on = timetable.local_date(came)
    spans = [*timetable.spans_on(on - timedelta(days=1)), *timetable.spans_on(on)]
    if any(span.opens_at <= came < span.closes_at + STILL_IN for span in spans):
        return
    raise Refused(
        RefusalCode.CLOSED,
        "The centre is closed and nobody would call them. Tell them when it opens, or open it for today in the administration.",
    )


def next_code(tx: Tx, centre: Centre, on: str) -> str:
    """The desk's next code on that day; a centre that has no desk letter yet gets one, for good."""
    if not centre.desk_letter:
        assert centre.id is not None
        centre.desk_letter = free_letter(tx.session(), centre.id, from_micros(tx.now))
        centre.version += 1
        tx.session().flush()
    letter = centre.desk_letter
    last = tx.sql.one(
        _LAST_CODE, {"centre": centre.id, "on": on, "low": letter, "high": chr(ord(letter) + 1)}
    )
    given = read_code(last[0]) if last is not None else None
    number = 1 if given is None else given[1] + 1
    number += lives.numbers_lost(tx, on, centre.timezone, None if last is None else last[1])
    if number > LARGEST_NUMBER:
        raise Refused(
            RefusalCode.CLOSED, "There are no more numbers today. See to the visitor without a ticket."
        )
    return write_code(letter, number)


def _paper_code(centre: Centre, code: str) -> str:
    pack = centre.emergency_letter
    if not pack or code[0] != pack:
        told = f"Its tickets begin with {pack}." if pack else "This centre has none."
        raise Refused(
            RefusalCode.CODE_TAKEN,
            f"{code} is not a paper ticket of the emergency pack. {told} Leave the number out, and a new one is given.",
        )
    return code


def _add_ticket(tx: Tx, ask: Welcome, service: Service, arrived: int) -> None:
    ticket = {
        "id": ask.ticket,
        "visit": ask.visit,
        "centre": tx.actor.centre,
        "service": service.id,
        "ticket_class": service.ticket_class,
        "arrived_at": arrived,
        "paper": PaperState.CONFIRMED.value if ask.code else PaperState.RESERVED.value,
        "quick": ask.quick,
        "wants": ask.wants,
        "staff": tx.actor.id,
    }
    if tx.sql.run(_ADD_TICKET, ticket) != 1:
        raise Refused(RefusalCode.ID_REUSED, "This ticket is already entered.")
    if ask.note:
        note = {
            "visit": ask.visit,
            "ticket": ask.ticket,
            "staff": tx.actor.id,
            "at": tx.now,
            "text": ask.note,
        }
        tx.sql.run(_ADD_NOTE, note)


# On paper -------------------------------------------------------------------------------------------------------

_DEVICE = Statement(
    """SELECT kind, name, health, health_at, seen_at, approved_at FROM device
    WHERE id = :device AND centre_id = :centre AND revoked_at IS NULL"""
)
_OPEN_JOB = Statement(
    """SELECT id FROM print_job WHERE centre_id = :centre AND done_at IS NULL AND device_id = :device AND ticket_id = :ticket"""
)
_ADD_JOB = Statement(
    """INSERT INTO print_job (id, centre_id, device_id, ticket_id, staff_id, at, paper)
    VALUES (:job, :centre, :device, :ticket, :staff, :at, '') ON CONFLICT DO NOTHING"""
)


def print_ticket(tx: Tx, ask: PrintTicket) -> Result:
    """Send an open ticket to a kiosk's printer: `{"job", "device"}`. While a job for both is open, that one is answered."""
    found = tickets.ticket(tx.sql, tx.actor.centre, ask.ticket)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such ticket at this centre.")
    if not rules.is_open(TicketState(found.state)):
        raise Refused(RefusalCode.WRONG_STATE, f"{found.code} has ended. There is nothing to print.")
    name = _printing_device(tx, ask.device)
    here = {"centre": tx.actor.centre, "device": ask.device, "ticket": ask.ticket}
    open_job = tx.sql.one(_OPEN_JOB, here)
    if open_job is not None:
        return {"job": open_job[0], "device": name}
    if tx.sql.run(_ADD_JOB, {**here, "job": ask.job, "staff": tx.actor.id, "at": tx.now}) != 1:
        raise Refused(RefusalCode.ID_REUSED, "This was already sent to a printer.")
    tx.touch(tx.actor.centre)
    return {"job": ask.job, "device": name}


def _printing_device(tx: Tx, device: int) -> str:
    """The device's name; refused when no paper can come out of it."""
    record = tx.sql.one(_DEVICE, {"device": device, "centre": tx.actor.centre})
    if record is None or record[0] not in (DeviceKind.KIOSK, DeviceKind.SCAN_STATION):
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such printer. Choose another.")
    heard_at = max(at for at in record[3:] if at is not None)
    why = cannot_print(document(record[2]) or {})
    if tx.now - heard_at > SILENT_AFTER:
        why = "is not heard from. Check that it is switched on"
    if why:
        raise Refused(RefusalCode.BUSY, f"{record[1] or 'That kiosk'} {why}, or choose another printer.")
    return str(record[1])


# On a screen ----------------------------------------------------------------------------------------------------

_SHOW = Statement("UPDATE visit SET shown_hash = :hash WHERE id = :visit AND ended_at IS NULL")


def show_square(tx: Tx, ticket: str, secret_hash: str) -> str:
    """Let the secret of this hash follow the ticket's visit, instead of one shown before; the code. Paper goes on working."""
    found = tickets.ticket(tx.sql, tx.actor.centre, ticket)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such ticket at this centre.")
    if tx.sql.run(_SHOW, {"hash": secret_hash, "visit": found.visit}) != 1:
        raise Refused(RefusalCode.WRONG_STATE, f"{found.code} has ended. There is nothing left to follow.")
    tx.audit("showed a square", found.code, ticket=found.id)
    return found.code
