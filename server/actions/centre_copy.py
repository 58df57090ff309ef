"""A whole centre through the browser: loaded from a file, tried first without effect, or made anew as a copy of another.

What a file may do here is less than on the command line, because whoever sends it administers one centre and not the council. It changes only a
centre that they administer, or makes a new one, which they then administer. Its staff are taken only if asked for, and then only added:
an account that is there keeps its name, and nobody who works here already gains or loses a role by a file. Two who load at once do not
overwrite each other unseen: what is loaded was shown for one version of the centre, and another version is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from server.actions.bookable_rows import load_bookables
from server.actions.centres import Loaded, export, load
from server.actions.staff import by_username, write_roles
from server.centrefile import CentrePlan
from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.tables import Centre, Counter, Seat, Service, Staff, StaffRole, Ticket
from server.store.tx import Tx
from wire.asks import clean_text
from wire.vocabulary import RefusalCode, Role

MOST_CENTRES = 500
MOST_NAME = 120
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
ANOTHERS = (
    "There is a centre '{}' already, and you do not administer it. "
    "Give yours another slug, in the first lines of the file, and send it again."
)


@dataclass(frozen=True)
class Ahead:
    """What loading a file would do. `version` is of the centre as it was looked at, 0 for a new one."""

    slug: str
    name: str
    version: int
    loaded: Loaded
    staff: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        return self.version == 0

    def __bool__(self) -> bool:
        return bool(self.loaded) or bool(self.staff)


def centres_run_by(session: Session, staff_id: int) -> list[Centre]:
    """The centres this person administers, by name."""
    held = select(StaffRole.centre_id).where(
        StaffRole.staff_id == staff_id, StaffRole.role == Role.ADMINISTRATOR
    )
    return list(session.exec(select(Centre).where(col(Centre.id).in_(held)).order_by(Centre.name)).all())


def run_by(session: Session, staff_id: int, slug: str) -> Centre | None:
    """The centre of this slug, if this person administers it."""
    return next((each for each in centres_run_by(session, staff_id) if each.slug == slug), None)


def load_file(tx: Tx, plan: CentrePlan, *, with_staff: bool, version: int | None = None) -> Ahead:
    """Make the centre what `plan` says; what that did. With `version`, only if the centre is still as it was looked at (0: not there)."""
    session = tx.session()
    there = session.exec(select(Centre).where(Centre.slug == plan.slug).with_for_update()).first()
    if there is not None and run_by(session, tx.actor.id, plan.slug) is None:
        raise Refused(RefusalCode.NOT_ALLOWED, ANOTHERS.format(plan.slug))
    found = there.version if there is not None else 0
    if version is not None and version != found:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"Somebody changed {plan.name} since you looked. This is what your file would do now.",
        )
    if there is None:
        _refuse_too_many(session)
    warnings = _warnings(session, there, plan) if there is not None else ()
    loaded = load(session, replace(plan, staff=(), bookables=()), from_micros(tx.now))
    staff = _add_staff(tx, plan, loaded.centre_id) if with_staff else ()
    if with_staff:
        added, changed = load_bookables(session, loaded.centre_id, plan.bookables)
        loaded = replace(loaded, added=(*loaded.added, *added), changed=(*loaded.changed, *changed))
    if there is None:
        _run_by_actor(tx, loaded.centre_id)
    tx.touch(loaded.centre_id)
    tx.audit("centre_loaded", f"centre:{loaded.centre_id}", name=plan.name, new=there is None)
    return Ahead(plan.slug, plan.name, found, loaded, staff, warnings)


def copy_centre(tx: Tx, of: str, slug: str, name: str) -> int:
    """A new centre like the one of slug `of`, without its staff and devices; its id. Whoever copies administers it."""
    session, named = tx.session(), clean_text(name)
    if run_by(session, tx.actor.id, of) is None:
        raise Refused(RefusalCode.UNKNOWN, "You do not administer that centre. Choose one of yours.")
    if not named or len(named) > MOST_NAME:
        raise Refused(RefusalCode.MALFORMED, f"Say the new centre's name, in at most {MOST_NAME} characters.")
    if not _SLUG.fullmatch(slug):
        raise Refused(
            RefusalCode.MALFORMED,
            "The short name has small letters from a to z, digits and hyphens, begins with a letter and is at most 40 long, such as west-library.",
        )
    if session.exec(select(Centre.id).where(Centre.slug == slug)).first() is not None:
        raise Refused(
            RefusalCode.CODE_TAKEN, f"There is a centre '{slug}' already. Choose another short name."
        )
    _refuse_too_many(session)
    plan = export(session, of)
    assert plan is not None, "it was there a moment ago, in this transaction"
    loaded = load(session, replace(plan, slug=slug, name=named, staff=(), bookables=()), from_micros(tx.now))
    _run_by_actor(tx, loaded.centre_id)
    tx.touch(loaded.centre_id)
    tx.audit("centre_copied", f"centre:{loaded.centre_id}", name=named, of=of)
    return loaded.centre_id


def _refuse_too_many(session: Session) -> None:
    if session.exec(select(func.count()).select_from(Centre)).one() >= MOST_CENTRES:
        raise Refused(
            RefusalCode.TOO_LARGE,
            f"There are {MOST_CENTRES} centres already, and this is as many as Foyer keeps.",
        )


def _run_by_actor(tx: Tx, centre_id: int) -> None:
    if tx.actor.kind == "staff":
        tx.session().merge(StaffRole(staff_id=tx.actor.id, centre_id=centre_id, role=Role.ADMINISTRATOR))


def _add_staff(tx: Tx, plan: CentrePlan, centre_id: int) -> tuple[str, ...]:
    """Who is not here yet, by user name: a new account without a password, or roles here for one that is there. Nobody else is touched."""
    session, added = tx.session(), []
    for each in plan.staff:
        person = by_username(session, each.username)
        if person is None:
            person = Staff(username=each.username, name=each.name, must_change=True)
            session.add(person)
            session.flush()
        here = select(StaffRole).where(StaffRole.staff_id == person.id, StaffRole.centre_id == centre_id)
        if session.exec(here).first() is None:
            write_roles(tx, person, centre_id, each.roles)
            session.flush()
            added.append(each.username)
    return tuple(added)


def _warnings(session: Session, centre: Centre, plan: CentrePlan) -> tuple[str, ...]:
    """Who would notice at once: people who wait for a service that goes, staff at a counter that goes."""
    return (
        *_waited_for(session, centre, {each.slug for each in plan.services}),
        *_sat_at(session, centre, {each.slug for each in plan.counters}),
    )


def _waited_for(session: Session, centre: Centre, kept: Collection[str]) -> list[str]:
    of_each = select(Ticket.service_id, func.count()).where(
        Ticket.centre_id == centre.id, col(Ticket.ended_at).is_(None)
    )
    here = dict(session.exec(of_each.group_by(col(Ticket.service_id))).all())
    going = select(Service).where(col(Service.id).in_(here), col(Service.retired_at).is_(None))
    return [
        f"{'1 visitor is' if here[each.id] == 1 else f'{here[each.id]} visitors are'} here now for {each.names['en']}. "
        "They are still served; nobody new can come for it."
        for each in session.exec(going.order_by(col(Service.position)))
        if each.slug not in kept and each.id is not None
    ]


def _sat_at(session: Session, centre: Centre, kept: Collection[str]) -> list[str]:
    sitting = (
        select(Counter, Staff.name)
        .join(Seat, col(Seat.counter_id) == col(Counter.id))
        .join(Staff, col(Staff.id) == col(Seat.staff_id))
        .where(Counter.centre_id == centre.id, col(Seat.until_at).is_(None))
        .order_by(col(Counter.position))
    )
    return [
        f"{name} sits at {counter.name} now, and goes on until they get up."
        for counter, name in session.exec(sitting)
        if counter.slug not in kept
    ]
