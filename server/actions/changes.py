"""Changes of a centre's set-up: made by an administrator, done at their moment, cancelled, undone.

A change is judged twice, when it is made and when it is done, by reading the whole centre as its file would be read with the part in its
place. One that takes effect later is judged against the centre as it will then be, with what is planned before it done. When its moment
has come and it cannot be done (the counter is occupied, somebody changed the same thing since), nothing is half done: the change keeps the
sentence that says why, and administrators see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.actions.centres import export, load
from server.actions.changes_reach import in_use
from server.centrefile import CentrePlan, Fault
from server.centrefile.applying import Applied, applied, applied_all, standing
from server.clock import from_micros
from server.domain import changes
from server.domain.changes import LISTED, Part, Table
from server.domain.hours import midnight
from server.domain.refusals import Refused
from server.store.tables import Centre, Change, Staff
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

MOST_PLANNED = 200
"""Changes of one centre that may be waiting for their moment."""
NOTHING = "Nothing is different from what stands now."
GONE = "This is not there any more. Somebody took it away since you opened the page."


@dataclass(frozen=True)
class Draft:
    """What somebody would like: the part as it shall be, and a fingerprint of it as they saw it."""

    part: Part
    after: Table | None
    mark: str
    undoes: int | None = None


@dataclass(frozen=True)
class Considered:
    """A draft held against the centre. It can be done when `stop` is empty and there are no faults."""

    draft: Draft
    title: str
    outcome: Applied
    now: Applied
    """The same as if it were done at once: what visitors and staff would meet."""
    stop: str = ""
    upset: tuple[str, ...] = ()
    """What is planned for later and could then not be done any more."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.outcome.faults

    @property
    def is_fine(self) -> bool:
        return not self.stop and not self.faults


def plan_of(session: Session, centre: Centre) -> CentrePlan:
    plan = export(session, centre.slug)
    assert plan is not None
    return replace(plan, bookables=())  # who can be booked has a page of its own


def planned_of(session: Session, centre_id: int) -> list[Change]:
    """What waits for its moment, in the order in which it will be done."""
    query = select(Change).where(
        Change.centre_id == centre_id,
        col(Change.done_at).is_(None),
        col(Change.cancelled_at).is_(None),
        Change.failed == "",
    )
    return list(session.exec(query.order_by(col(Change.effective_at), col(Change.id))))


def failed_of(session: Session, centre_id: int) -> list[Change]:
    query = select(Change).where(
        Change.centre_id == centre_id, Change.failed != "", col(Change.cancelled_at).is_(None)
    )
    return list(session.exec(query.order_by(col(Change.effective_at), col(Change.id))))


def plan_at(plan: CentrePlan, planned: Sequence[Change]) -> CentrePlan:
    """The centre as it will be when these are done."""
    return applied_all(plan, [_step(each) for each in planned])[0]


def _step(change: Change) -> tuple[Part, Table | None, Table | None]:
    return _part(change), change.before, change.after


def _part(change: Change) -> Part:
    part = changes.part_of(change.part)
    assert part is not None, change.part
    return part


# Considering ------------------------------------------------------------------------------------------


def consider(session: Session, centre: Centre, draft: Draft, at: datetime, now: datetime) -> Considered:
    """What the draft would do at `at`; nothing is changed."""
    assert centre.id is not None
    plan = plan_of(session, centre)
    before = standing(plan, draft.part)
    stands = Applied(plan, draft.part, before, before)
    name = changes.title(draft.part, before if draft.after is None else draft.after)
    if draft.mark != changes.mark_of(before):
        say = told_off(session, centre, draft.part, now)
        return Considered(draft, name, stands, stands, stop=say)
    if not is_of(draft):
        return Considered(draft, name, stands, stands, stop=GONE if before is None else NOTHING)
    planned = planned_of(session, centre.id)
    earlier = [each for each in planned if each.effective_at <= at]
    later = [each for each in planned if each.effective_at > at]
    at_once = applied(plan, draft.part, before, draft.after)
    outcome = (
        applied(plan_at(plan, earlier), draft.part, before, draft.after) if at > now and earlier else at_once
    )
    considered = Considered(draft, name, outcome, at_once, upset=_upset(outcome, later, centre))
    return replace(considered, stop=_stop(session, centre, considered, earlier, at, now))


def is_of(draft: Draft) -> bool:
    """Whether what it shall be is the part it names; a hand-made form may say anything."""
    after, kind = draft.after, draft.part.kind
    if after is None:
        return kind in LISTED or kind in ("closure", "exception")
    match kind:
        case "hours":
            return _tables(after.get("hours"))
        case "exception":
            rows = after.get("exception")
            return _tables(rows) and all(each.get("on") == draft.part.name for each in rows)
        case "layout":
            choices, under = after.get("choices"), after.get("under")
            return _slugs(choices) and isinstance(under, dict) and all(map(_slugs, under.values()))
        case "order":
            return _slugs(after.get(changes.ORDERED[draft.part.name]))
        case "private":
            return isinstance(after.get("private"), str)
    return kind not in LISTED or after.get("slug") == draft.part.name


def _tables(rows: Any) -> TypeGuard[list[Table]]:
    return isinstance(rows, list) and all(isinstance(each, dict) for each in rows)


def _slugs(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(each, str) for each in names)


def _stop(
    session: Session,
    centre: Centre,
    considered: Considered,
    earlier: Sequence[Change],
    at: datetime,
    now: datetime,
) -> str:
    outcome = considered.outcome
    if outcome.clash:
        first = next((each for each in earlier if each.part == str(considered.draft.part)), None)
        when = f", {_when(first.effective_at, centre, now)}" if first else ""
        what = changes.what(outcome.clash)
        return (
            f"A change of {what} is planned already{when}. Cancel that one first, or choose an earlier day."
        )
    if outcome.is_nothing and not outcome.faults:
        return NOTHING if outcome.before is not None or considered.draft.after is not None else GONE
    if outcome.stop:
        return outcome.stop
    if considered.draft.after is None and at <= now:
        return in_use(session, centre, considered.draft.part, since=None)
    return ""


def _upset(outcome: Applied, later: Sequence[Change], centre: Centre) -> tuple[str, ...]:
    if not later:
        return ()
    _, outcomes = applied_all(outcome.plan, [_step(each) for each in later])
    return tuple(
        f"“{change.title}” is planned {_when(change.effective_at, centre, change.made_at)} and could then not be done: "
        f"{_why(each)}"
        for change, each in zip(later, outcomes, strict=True)
        if not each.is_fine
    )


def _why(outcome: Applied) -> str:
    if outcome.clash:
        return f"{changes.what(outcome.clash)} will have been changed."
    return outcome.stop or outcome.faults[0].say


def told_off(session: Session, centre: Centre, part: Part, now: datetime) -> str:
    """Who was quicker, when and with what, as far as it is known."""
    query = (
        select(Change, Staff)
        .join(Staff, col(Staff.id) == col(Change.staff_id), isouter=True)
        .where(Change.centre_id == centre.id, Change.part == str(part), col(Change.done_at).is_not(None))
        .order_by(col(Change.done_at).desc(), col(Change.id).desc())
    )
    found = session.exec(query).first()
    if found is None:
        return "This was changed since you opened the page. Look at it again."
    change, person = found
    assert change.done_at is not None
    when = _when(change.done_at, centre, now)
    name = person.name if person else "Somebody"
    if change.after is None:
        return f"{name} took this away {when}. Look at it again."
    if change.before is None:
        return f"{name} added this {when}. Look at it again."
    keys = changes.changed_keys(change.before, change.after)
    return f"{name} changed this {when}: {changes.what(keys)}. Look at it again."


def _when(at: datetime, centre: Centre, now: datetime) -> str:
    zone = ZoneInfo(centre.timezone)
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    day = "" if local.date() == today else f"on {local:%A} {local.day} {local:%B} {local:%Y}"
    if day and local == midnight(local.date(), zone):
        return day
    return f"{day} at {local:%H:%M}".strip()


# Making and doing -------------------------------------------------------------------------------------


def make(tx: Tx, draft: Draft, at: datetime | None) -> int:
    """Plan the change for `at`, or do it at once when that is None; its number. Raises Refused with the sentence."""
    session, now = tx.session(), from_micros(tx.now)
    centre = session.get_one(Centre, tx.actor.centre)
    moment = at or now
    considered = consider(session, centre, draft, moment, now)
    if not considered.is_fine:
        say = considered.stop or considered.faults[0].say
        raise Refused(RefusalCode.WRONG_STATE, say)
    assert centre.id is not None
    if at is not None and len(planned_of(session, centre.id)) >= MOST_PLANNED:
        why = f"{MOST_PLANNED} changes are planned already. Do or cancel some of them first."
        raise Refused(RefusalCode.TRY_LATER, why)
    outcome = considered.outcome
    change = Change(
        centre_id=centre.id,
        part=str(draft.part),
        title=considered.title,
        before=outcome.before,
        after=outcome.after,
        staff_id=tx.actor.id if tx.actor.kind == "staff" else None,
        made_at=now,
        effective_at=moment,
        undoes=draft.undoes,
    )
    session.add(change)
    session.flush()
    assert change.id is not None
    if at is None:
        _carry_out(tx, session, change, outcome.plan, now)
    _note(tx, change, "setup_changed" if at is None else "setup_planned")
    return change.id


def _carry_out(tx: Tx, session: Session, change: Change, plan: CentrePlan, now: datetime) -> None:
    load(session, replace(plan, staff=()), now)  # accounts are nobody's business here
    change.done_at = now
    session.flush()
    tx.touch(change.centre_id)


def _note(tx: Tx, change: Change, what: str) -> None:
    deed = changes.deed(change.before, change.after)
    tx.audit(
        what,
        change.title[:80],
        change=change.id,
        did=deed,
        effective=f"{change.effective_at:%Y-%m-%dT%H:%MZ}",
    )


def do_due(tx: Tx, number: int) -> bool:
    """Do a planned change whose moment has come; False when it could not be done and now says why. Refused when it is not due."""
    session, now = tx.session(), from_micros(tx.now)
    change = session.get(Change, number)
    if change is None or change.done_at or change.cancelled_at or change.failed or change.effective_at > now:
        raise Refused(RefusalCode.WRONG_STATE, "It is not due.")
    centre = session.exec(select(Centre).where(Centre.id == change.centre_id).with_for_update()).one()
    part = _part(change)
    outcome = applied(plan_of(session, centre), part, change.before, change.after)
    zone = ZoneInfo(centre.timezone)
    since = midnight(now.astimezone(zone).date(), zone)
    busy = in_use(session, centre, part, since=since) if change.after is None else ""
    if outcome.is_fine and not busy:
        _carry_out(tx, session, change, outcome.plan, now)
        _note(tx, change, "setup_changed")
        return True
    say = told_off(session, centre, part, now) if outcome.clash else busy or _why(outcome)
    change.failed = say[:500]
    session.flush()
    _note(tx, change, "setup_failed")
    return False


def cancel(tx: Tx, number: int) -> None:
    """Give up a planned change, or put away one that failed."""
    session, now = tx.session(), from_micros(tx.now)
    change = own_change(session, tx.actor.centre, number)
    if change.done_at is not None:
        raise Refused(RefusalCode.WRONG_STATE, "This change has been done already. Undo it instead.")
    if change.cancelled_at is None:
        change.cancelled_at = now
        session.flush()
        _note(tx, change, "setup_cancelled")


def undoing(session: Session, centre: Centre, number: int, now: datetime) -> Draft:
    """The draft that takes a done change back, while nobody changed the same since. Raises Refused."""
    change = own_change(session, centre.id or 0, number)
    if change.done_at is None:
        raise Refused(RefusalCode.WRONG_STATE, "This change has not been done. Cancel it instead.")
    part = _part(change)
    if part.kind == "closure" and change.after is not None:
        part = changes.part_for(part.kind, change.after)  # it is called by its days, which may have changed
    found = standing(plan_of(session, centre), part)
    becomes = changes.carried_over(change.after, change.before, found)
    if isinstance(becomes, list):
        raise Refused(RefusalCode.WRONG_STATE, told_off(session, centre, part, now))
    return Draft(part, becomes, changes.mark_of(found), undoes=number)


def own_change(session: Session, centre_id: int, number: int) -> Change:
    change = session.get(Change, number)
    if change is None or change.centre_id != centre_id:
        raise Refused(RefusalCode.UNKNOWN, "There is no such change at this centre.")
    return change
