"""Reports somebody asked for and plans that ask by themselves, as rows: asked, taken in hand by one server, how far, made, stopped, gone after a day.

Whoever makes a report holds it by the instant they last wrote: every word of progress is a condition on it, so one that was stopped, or taken up by another server because this one was silent, is
noticed with the next word and nothing is overwritten. To whom a plan's report has gone stands with the report, address by address, before and after each attempt: one that a server died over is
not sent again by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from server.clock import from_micros, to_micros
from server.domain import reports as rules
from server.domain.refusals import Refused
from server.domain.reports import Every, Wanted, wanted_of
from server.store.sql import Statement
from server.store.tables import Report, ReportPlan
from server.store.tx import Tx
from wire.vocabulary import RefusalCode, ReportState, new_id

OPEN = (ReportState.WAITING, ReportState.WORKING)
MOST_OPEN = 5
"""So many of one person wait at once."""
NONE_HERE = "There is no such report here. A report is for whoever asked for it, at the centres where they are manager, and its file is kept for a day."
NO_PLAN = "There is no such plan at this centre."
ENOUGH = f"{MOST_OPEN} of your reports are being made. Wait for one of them, or stop one."
IN_LINE = "waiting for its turn"
UNSURE = "may or may not have got it: the server was stopped in the middle. It is not sent again by itself."

_TAKE = Statement(
    """UPDATE report SET state = 'working', taken_at = :now, percent = 0, say = 'reading the figures' WHERE id = :id
    AND (state = 'waiting' OR (state = 'working' AND taken_at <= :fallen))"""
)
_AT = Statement(
    "UPDATE report SET percent = :percent, say = :say, taken_at = :now WHERE id = :id AND state = 'working' AND taken_at = :mine"
)
_GIVE_BACK = Statement(
    "UPDATE report SET state = 'waiting', percent = 0, say = :say WHERE id = :id AND state = 'working' AND taken_at = :mine"
)


def ask(tx: Tx, wanted: Wanted) -> str:
    """The id of the report: of the one that is being made, if this person has asked for the very same."""
    session = tx.session()
    mine = select(Report).where(Report.staff_id == tx.actor.id, col(Report.state).in_(OPEN))
    waiting = session.exec(mine).all()
    for each in waiting:
        if each.asks == wanted.document():
            return each.id
    if len(waiting) >= MOST_OPEN:
        raise Refused(RefusalCode.TRY_LATER, ENOUGH)
    row = Report(
        id=new_id(),
        centre_id=tx.actor.centre,
        staff_id=tx.actor.id,
        asks=wanted.document(),
        say=IN_LINE,
        asked_at=from_micros(tx.now),
    )
    session.add(row)
    note_taken(tx, wanted)
    return row.id


def note_taken(tx: Tx, wanted: Wanted) -> None:
    """Write down that figures are taken away."""
    told = wanted.document()
    tx.audit(
        "report_asked",
        **{name: told[name] for name in ("topics", "centres", "first", "last", "form", "public")},
    )


def of_person(tx: Tx, report_id: str, own: Iterable[int]) -> Report:
    """A report of whoever asks, of centres that are theirs still. A plan's is of all managers of its centre."""
    row = tx.session().get(Report, report_id)
    if row is None or not is_theirs(row, tx.actor.id, tx.actor.centre, own):
        raise Refused(RefusalCode.UNKNOWN, NONE_HERE)
    return row


def is_theirs(row: Report, staff: int, centre: int, own: Iterable[int]) -> bool:
    asked_by_them = row.staff_id == staff if row.plan_id is None else row.centre_id == centre
    return asked_by_them and set(row.asks["centres"]) <= set(own)


def stop(tx: Tx, report_id: str, own: Iterable[int]) -> None:
    """Stopped again, nothing happens; what is made already stays."""
    row = of_person(tx, report_id, own)
    if row.state in OPEN:
        row.state, row.say, row.done_at = ReportState.CANCELLED, "It was stopped.", from_micros(tx.now)
        tx.audit("report_stopped")


# Making --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InHand:
    """A report that this server makes. `since` in microseconds: what holds it."""

    id: str
    centre: int
    wanted: Wanted
    staff: int | None
    since: int


def take(tx: Tx, report_id: str) -> InHand | None:
    """None when another server has it, or it was stopped."""
    fallen = tx.now - round(rules.LEASE.total_seconds() * 1_000_000)
    if not tx.sql.run(_TAKE, {"id": report_id, "now": tx.now, "fallen": fallen}):
        return None
    row = tx.session().get_one(Report, report_id)
    return InHand(row.id, row.centre_id, wanted_of(row.asks), row.staff_id, tx.now)


def at(tx: Tx, report_id: str, mine: int, percent: int, say: str) -> int | None:
    """Say how far it is; what holds it from now on, or None when it is no more this server's to make."""
    values = {"id": report_id, "mine": mine, "now": tx.now, "percent": percent, "say": say[:300]}
    return tx.now if tx.sql.run(_AT, values) else None


def give_back(tx: Tx, report_id: str, mine: int) -> None:
    tx.sql.run(_GIVE_BACK, {"id": report_id, "mine": mine, "say": IN_LINE})


def made(tx: Tx, report_id: str, mine: int, name: str, media_type: str, body: bytes) -> bool:
    """False when it was stopped meanwhile, or taken up by another."""
    row = _held(tx, report_id, mine)
    if row is None:
        return False
    row.state, row.percent, row.say, row.done_at = ReportState.DONE, 100, "It is ready.", from_micros(tx.now)
    row.file_name, row.media_type, row.body = name[:120], media_type[:100], body
    return True


def failed(tx: Tx, report_id: str, mine: int, say: str) -> None:
    row = _held(tx, report_id, mine)
    if row is not None:
        row.state, row.say, row.done_at = ReportState.FAILED, say[:300], from_micros(tx.now)


def _held(tx: Tx, report_id: str, mine: int) -> Report | None:
    row = tx.session().get(Report, report_id)
    if row is None or row.state != ReportState.WORKING or row.taken_at is None:
        return None
    return row if to_micros(row.taken_at) == mine else None


def forget(tx: Tx) -> int:
    """Let go of reports a day after they ended, and of those nobody could make in a day; but not of one that is still to be sent. And of plans that were stopped long ago."""
    session = tx.session()
    before = from_micros(tx.now) - rules.KEPT
    unsent = {
        rules.report_id_of(plan.id or 0, plan.next_on)
        for plan in session.exec(select(ReportPlan).where(col(ReportPlan.stopped_at).is_(None)))
    }
    gone = 0
    for row in session.exec(select(Report).where(Report.asked_at < before)):
        over = row.done_at < before if row.done_at is not None else row.plan_id is None
        if over and row.id not in unsent:
            session.delete(row)
            gone += 1
    stopped = col(ReportPlan.stopped_at) < from_micros(tx.now) - rules.STOPPED_KEPT
    named = select(Report.id).where(col(Report.plan_id) == ReportPlan.id).exists()
    for plan in session.exec(select(ReportPlan).where(stopped, ~named)):
        session.delete(plan)
    return gone


# Plans ---------------------------------------------------------------------------------------------------------------


def plan(tx: Tx, every: Every, wanted: Wanted, recipients: Sequence[str], today: date) -> int:
    row = ReportPlan(
        centre_id=tx.actor.centre,
        made_by=tx.actor.id,
        made_at=from_micros(tx.now),
        every=every.value,
        asks=wanted.document(),
        recipients=list(recipients),
        next_on=rules.first_due(every, today),
    )
    session = tx.session()
    session.add(row)
    session.flush()
    assert row.id is not None
    tx.audit("report_plan_made", f"report_plan:{row.id}", every=every.value, recipients=len(recipients))
    return row.id


def _plan_here(tx: Tx, plan_id: int) -> ReportPlan:
    row = tx.session().get(ReportPlan, plan_id)
    if row is None or row.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, NO_PLAN)
    return row


def stop_plan(tx: Tx, plan_id: int) -> None:
    row = _plan_here(tx, plan_id)
    if row.stopped_at is None:
        row.stopped_at = from_micros(tx.now)
        tx.audit("report_plan_stopped", f"report_plan:{plan_id}")


def start_plan(tx: Tx, plan_id: int, today: date) -> None:
    row = _plan_here(tx, plan_id)
    if row.stopped_at is not None:
        row.stopped_at, row.tries, row.say = None, 0, ""
        row.next_on = rules.taken_up(Every(row.every), row.next_on, today)
        tx.audit("report_plan_started", f"report_plan:{plan_id}")


def ask_for_plan(tx: Tx, plan_id: int) -> str | None:
    """Have the report of a plan made that is due; its id. One that failed is made anew. None when the plan was stopped."""
    session = tx.session()
    row = session.get(ReportPlan, plan_id)
    if row is None or row.stopped_at is not None:
        return None
    report_id = rules.report_id_of(plan_id, row.next_on)
    report = session.get(Report, report_id)
    if report is None:
        span = rules.span_told(Every(row.every), row.next_on)
        kept = wanted_of(row.asks)
        wanted = Wanted(kept.topics, kept.centres, span, kept.form, kept.public)
        session.add(
            Report(
                id=report_id,
                centre_id=row.centre_id,
                plan_id=plan_id,
                asks={**wanted.document(), "mail": {}},
                say=IN_LINE,
                asked_at=from_micros(tx.now),
            )
        )
    elif report.state in (ReportState.FAILED, ReportState.CANCELLED):
        report.state, report.percent, report.say, report.done_at = ReportState.WAITING, 0, IN_LINE, None
    return report_id


def take_letter(tx: Tx, report_id: str, address: str) -> bool:
    """Whether this address is to be written to now, by this server. One that was in hand when a server died is given up, and that is said."""
    row = tx.session().get(Report, report_id)
    if row is None:
        return False
    mail: dict[str, dict[str, Any]] = dict(row.asks.get("mail", {}))
    was = mail.get(address)
    if was is not None and was["state"] == "sending":
        if tx.now - int(was["at"]) > rules.SEND_LEASE.total_seconds() * 1_000_000:
            _note(row, mail, address, "unsure", UNSURE, tx.now)
        return False
    if was is not None and was["state"] != "later":
        return False
    _note(row, mail, address, "sending", "", tx.now)
    return True


def note_letter(tx: Tx, report_id: str, address: str, state: str, say: str) -> None:
    """What became of it: `sent`, `never` or `later`."""
    row = tx.session().get(Report, report_id)
    if row is not None:
        _note(row, dict(row.asks.get("mail", {})), address, state, say, tx.now)


def _note(row: Report, mail: dict[str, Any], address: str, state: str, say: str, now: int) -> None:
    row.asks = {**row.asks, "mail": {**mail, address: {"state": state, "say": say, "at": now}}}


def settle(tx: Tx, plan_id: int, next_on: date) -> None:
    """After a round of sending: the next time's turn if everybody is settled, otherwise this one's again, later."""
    session = tx.session()
    row = session.get(ReportPlan, plan_id)
    if row is None or row.next_on != next_on:
        return
    report = session.get(Report, rules.report_id_of(plan_id, next_on))
    mail = report.asks.get("mail", {}) if report is not None else {}
    told = {address: mail.get(address, {"state": "later", "say": ""}) for address in row.recipients}
    open_ones = [each for each in told.values() if each["state"] in ("later", "sending")]
    now = from_micros(tx.now)
    if open_ones:
        put_off(tx, plan_id, next((each["say"] for each in open_ones if each["say"]), ""))
        return
    in_vain = [f"{address}: {each['say']}" for address, each in told.items() if each["state"] != "sent"]
    row.tries, row.tried_at, row.say = 0, now, " ".join(in_vain)[:300]
    row.sent_at = now if len(in_vain) < len(told) else row.sent_at
    row.next_on = rules.due_after(Every(row.every), next_on)
    tx.audit(
        "report_sent", f"report_plan:{plan_id}", recipients=len(told) - len(in_vain), refused=len(in_vain)
    )


def put_off(tx: Tx, plan_id: int, say: str) -> None:
    row = tx.session().get(ReportPlan, plan_id)
    if row is not None:
        row.tries, row.tried_at, row.say = row.tries + 1, from_micros(tx.now), say[:300]


def due_again_at(row: ReportPlan) -> datetime | None:
    """When a plan that was put off is tried again; None: nothing holds it back."""
    return row.tried_at + rules.wait_after(row.tries) if row.tries and row.tried_at else None
