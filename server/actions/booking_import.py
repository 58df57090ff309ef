"""Appointments from a file: booked whole in the order of its lines, or not at all; and taken back whole.

Each line is booked as if a member of staff booked it (`actions.booking.make`), so what the file asks for is judged by the same rules, and each line
by the diary as the lines before it left it. The preview does exactly that and then lets nothing stand. Ids are worked out from the file and the
line, so the same file is known again, and what it made can be found to be taken back without being noted anywhere. A line whose visitor has
the same service at the same time already is a duplicate of an earlier import or of what somebody booked by hand, and a fault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlmodel import col, select

from server.actions import booking
from server.actions.booking import Who
from server.clock import from_micros, to_micros
from server.domain.booking_lines import BookingFile, BookingLine, Fault, folded
from server.domain.refusals import Refusal, Refused
from server.store.tables import Booking, PastImport, Service
from server.store.tx import Tx
from wire.body import clean_text
from wire.references import show_reference
from wire.vocabulary import BookableKind, BookingChannel, BookingState, RefusalCode, Role

KIND = "bookings"
MOST_FAULTS = 100
TAKEN_BACK = "The import was taken back"
TRIED = Refusal(RefusalCode.WRONG_STATE, "This was a trial: nothing was booked.")


def id_of(centre: int, digest: str, place: int) -> str:
    """The appointment that the line at `place` of this file makes."""
    return hashlib.sha256(f"{centre}:{digest}:{place}".encode()).hexdigest()[:32]


def try_out(tx: Tx, read: BookingFile, digest: str) -> None:
    """Book every line and let nothing stand: always raises Refused. What is wrong with lines is added to the faults of `read`."""
    read.faults.extend(_book(tx, read.lines, digest, tell=False))
    raise Refused(TRIED.code, TRIED.say)


def enter(tx: Tx, read: BookingFile, file_name: str, digest: str, *, tell: bool) -> int:
    """Book every line, or raise Refused; the import's number. `tell`: each visitor is written to, as after any booking."""
    faults = _book(tx, read.lines, digest, tell=tell)
    if faults:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"Meanwhile the diary has changed, so nothing was booked. Line {faults[0].line}: {faults[0].say} Choose the file again.",
        )
    done = PastImport(
        centre_id=tx.actor.centre,
        file_name=clean_text(file_name)[:120] or "appointments.csv",
        digest=digest,
        kind=KIND,
        lines=len(read.lines),
        at=from_micros(tx.now),
        staff_id=tx.actor.id or None,
    )
    tx.session().add(done)
    tx.session().flush()
    assert done.id is not None
    tx.audit("appointments_imported", f"import:{done.id}", lines=done.lines)
    tx.touch(tx.actor.centre)
    return done.id


def _book(tx: Tx, lines: Sequence[BookingLine], digest: str, *, tell: bool) -> list[Fault]:
    session = tx.session()
    same = session.exec(
        select(PastImport).where(
            PastImport.centre_id == tx.actor.centre,
            PastImport.digest == digest,
            PastImport.kind == KIND,
            col(PastImport.withdrawn_at).is_(None),
        )
    ).first()
    if same is not None:
        return [
            Fault(
                0,
                f"This very file was imported already as '{same.file_name}'. Take that import back first if it was wrong.",
            )
        ]
    private = {
        each.slug
        for each in session.exec(select(Service).where(Service.centre_id == tx.actor.centre))
        if each.discreet or each.private
    }
    faults: list[Fault] = []
    attempt = _attempt_of(tx, digest)
    had = _had(tx, lines)
    for place, line in enumerate(lines):
        if line.service in private and Role.DISCREET not in tx.actor.roles:
            faults.append(
                Fault(
                    line.line,
                    "This service is private: its appointments are made by those with the right to see private visits.",
                )
            )
        elif (known := _known_already(had, line)) is not None:
            faults.append(
                Fault(
                    line.line,
                    f"This visitor has this appointment already ({show_reference(known)}): it was imported or booked before.",
                )
            )
        else:
            try:
                with session.begin_nested():
                    made = _make(tx, line, id_of(tx.actor.centre, f"{digest}{attempt}", place), tell=tell)
            except Refused as refused:
                faults.append(Fault(line.line, refused.refusal.in_full(tx.sql.connection)))
            else:
                who = _Had(made.reference, made.name, made.phone, made.email)
                had.setdefault((line.service, line.starts_at), []).append(who)
        if len(faults) >= MOST_FAULTS:
            faults.append(
                Fault(
                    line.line,
                    f"There are more than {MOST_FAULTS} faults; it was not tried further. Mend these first.",
                )
            )
            break
    return faults


def _attempt_of(tx: Tx, digest: str) -> str:
    """A file that was taken back may be imported again; its appointments are new ones then."""
    before = tx.session().exec(
        select(PastImport.id).where(
            PastImport.centre_id == tx.actor.centre, PastImport.digest == digest, PastImport.kind == KIND
        )
    )
    return "+" * len(list(before))


class _Had(NamedTuple):
    """An appointment that somebody has, as far as it tells whose it is."""

    reference: str
    name: str
    phone: str
    email: str


Had = dict[tuple[str, int], list[_Had]]
"""By service and start. Read once for a whole file: while it is tried, everybody who wants a number waits."""


def _had(tx: Tx, lines: Sequence[BookingLine]) -> Had:
    """The appointments already there for the services and days of `lines`."""
    found: Had = {}
    if not lines:
        return found
    rows = tx.session().exec(
        select(Service.slug, Booking)
        .join(Service, col(Service.id) == col(Booking.service_id))
        .where(
            Booking.centre_id == tx.actor.centre,
            col(Service.slug).in_({each.service for each in lines}),
            col(Booking.starts_at) >= from_micros(min(each.starts_at for each in lines)),
            col(Booking.starts_at) <= from_micros(max(each.starts_at for each in lines)),
            col(Booking.state).in_((BookingState.BOOKED.value, BookingState.ARRIVED.value)),
        )
    )
    for slug, row in rows:
        who = _Had(row.reference, row.name, row.phone, row.email)
        found.setdefault((slug, to_micros(row.starts_at)), []).append(who)
    return found


def _known_already(had: Had, line: BookingLine) -> str | None:
    """The reference of an appointment of the same person, for the same service at the same time. Nobody is known without a name or contact."""
    for each in had.get((line.service, line.starts_at), ()):
        if (line.phone and each.phone == line.phone) or (line.email and each.email == line.email):
            return each.reference
        if line.name and folded(each.name) == folded(line.name):
            return each.reference
    return None


def _make(tx: Tx, line: BookingLine, booking_id: str, *, tell: bool) -> Booking:
    named: dict[str, int] = {
        kind.value: number
        for kind, number in ((BookableKind.PERSON, line.person), (BookableKind.ROOM, line.room))
        if number is not None
    }
    who = Who(
        name=line.name,
        phone=line.phone,
        email=line.email,
        safe_to_text=line.safe_to_text,
        language=line.language,
        needs=line.needs,
        people=line.people,
        answers=line.answers,
        note=line.note,
    )
    return booking.make(
        tx,
        tx.actor.centre,
        line.service,
        line.starts_at,
        booking_id,
        who,
        channel=BookingChannel.IMPORT,
        interpreter=line.interpreter,
        named=named,
        tell=tell,
    )


def take_back(tx: Tx, import_id: int, *, tell: bool = False) -> dict[str, Any]:
    """Cancel whatever an import booked that is still ahead: `{"cancelled", "kept"}`. Who has checked in or was seen stays as it is."""
    session = tx.session()
    found = session.get(PastImport, import_id)
    if found is None or found.centre_id != tx.actor.centre or found.kind != KIND:
        raise Refused(RefusalCode.UNKNOWN, "There is no such import at this centre.")
    if found.withdrawn_at is not None:
        return {"cancelled": 0, "kept": 0}
    earlier = session.exec(
        select(PastImport.id).where(
            PastImport.centre_id == tx.actor.centre,
            PastImport.digest == found.digest,
            PastImport.kind == KIND,
            col(PastImport.id) < import_id,
        )
    )
    digest = f"{found.digest}{'+' * len(list(earlier))}"
    cancelled = kept = 0
    for place in range(found.lines):
        row = session.get(Booking, id_of(tx.actor.centre, digest, place))
        if row is not None and row.state == BookingState.BOOKED:
            booking.cancel(tx, row, reason=TAKEN_BACK, tell=tell)
            cancelled += 1
        elif row is not None and row.state != BookingState.CANCELLED:
            kept += 1
    found.withdrawn_at, found.withdrawn_by = from_micros(tx.now), tx.actor.id or None
    tx.audit("import_taken_back", f"import:{import_id}", cancelled=cancelled, kept=kept)
    return {"cancelled": cancelled, "kept": kept}
