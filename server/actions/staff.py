"""Accounts: added, given roles, disabled, given a new password.

An administrator acts at the centre they are signed in to: they see and change the roles of that centre only. Disabling an account or
setting its password concerns the whole person, so it takes an administrator of every centre where they work, and whatever
cuts somebody off ends their sessions in the same transaction. A centre is never left without an administrator by its own hand: nobody
takes their own administrator's role or disables themselves, and of two who take it from each other at once the second is refused.

Somebody who has an account already gets roles here by their exact user name. Wrong names are counted, so that nobody finds out by trying who
works for the council.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from sqlmodel import Session, col, delete, func, select

from server.actions.leaving import leave_seat
from server.actions.sessions import centres_of, end_one_of, end_sessions_of
from server.actions.skills import Skills, drop_discreet, write_skills
from server.clock import from_micros
from server.domain.refusals import Refusal, Refused
from server.store.sql import Statement
from server.store.tables import LoginTry, Staff, StaffRole, StaffSkill
from server.store.tx import Tx
from wire.asks import clean_text
from wire.vocabulary import RefusalCode, Role

UNKNOWN_ACCOUNT = Refusal(RefusalCode.UNKNOWN, "There is no such account at this centre.")
MOST_NAME = 80
MOST_WRONG_NAMES = 20
WRONG_NAMES_WINDOW = timedelta(minutes=15)
ONE_TIME_LIFE = timedelta(days=7)
"""So long a one-time password lets in: a week covers who is away when their account is made."""
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,59}")
_MOST_USERNAME = 60
_ACCEPTED = Statement(
    """UPDATE submission SET accepted_by =
    CASE WHEN EXISTS (SELECT 1 FROM staff WHERE name = :old AND id <> :id) THEN 'a colleague' ELSE :new END
    WHERE accepted_by = :old"""
)
"""Who took papers in stands with them by name (`server.actions.erasing`). Of two who are called the same, nobody knows whose they were."""


def fold_username(typed: str) -> str:
    """How a user name is compared: trimmed, small letters, at most 60 characters.

    None begins with `#`: tries that are no user name's are counted under such names (`#code:7`), and nobody shall use those up by typing them."""
    return clean_text(typed).casefold().lstrip("#")[:60]


def by_username(session: Session, typed: str) -> Staff | None:
    return session.exec(select(Staff).where(Staff.username == fold_username(typed))).first()


def add_staff(
    tx: Tx,
    username: str,
    name: str,
    centre_id: int,
    roles: Collection[Role],
    password_hash: str,
    *,
    must_change: bool = True,
) -> int:
    """A new account with roles at one centre; its id. Refuses a name that is taken or cannot be one."""
    folded, session = fold_username(username), tx.session()
    if len(clean_text(username)) > _MOST_USERNAME or not _USERNAME.fullmatch(folded):
        raise Refused(
            RefusalCode.MALFORMED,
            "A user name has 2 to 60 letters from a to z, digits, dots or hyphens, such as priya.shah or an e-mail address.",
        )
    name = _name(name)
    if not roles:
        raise Refused(RefusalCode.MALFORMED, "Tick at least one role.")
    if by_username(session, folded) is not None:
        raise Refused(
            RefusalCode.CODE_TAKEN,
            f"Somebody is called '{folded}' already. Choose another user name; if it is the same person, give them roles here instead.",
        )
    until = from_micros(tx.now) + ONE_TIME_LIFE if must_change else None
    person = Staff(
        username=folded,
        name=name,
        password_hash=password_hash,
        must_change=must_change,
        one_time_until=until,
    )
    session.add(person)
    session.flush()
    assert person.id is not None
    _write_roles(session, person.id, centre_id, roles)
    tx.audit("staff_added", f"staff:{person.id}", username=folded, roles=sorted(roles))
    return person.id


def _name(typed: str) -> str:
    name = clean_text(typed)
    if not name:
        raise Refused(RefusalCode.MALFORMED, "Say the person's name as colleagues know it.")
    if len(name) > MOST_NAME:
        raise Refused(
            RefusalCode.MALFORMED,
            f"This name has {len(name)} characters and at most {MOST_NAME} fit. Shorten it.",
        )
    return name


def rename(tx: Tx, staff_id: int, centre_id: int, name: str) -> None:
    """What colleagues read from now on, at every centre where this person works."""
    person = wholly_ours(tx, staff_id, centre_id)
    former, person.name = person.name, _name(name)
    if former != person.name:
        tx.sql.run(_ACCEPTED, {"old": former, "new": person.name, "id": staff_id})
    tx.audit("staff_renamed", f"staff:{staff_id}", username=person.username)
    for centre in centres_of(tx.session(), staff_id):
        tx.touch(centre)


def join(tx: Tx, username: str, centre_id: int, roles: Collection[Role]) -> int | Refusal:
    """Give roles here to somebody who works at another centre; their id. A name nobody has is answered, not raised, so that it is counted."""
    session, now = tx.session(), from_micros(tx.now)
    guesser = f"#join:{tx.actor.id}"
    recent = select(func.count()).select_from(LoginTry)
    recent = recent.where(LoginTry.username == guesser, col(LoginTry.at) > now - WRONG_NAMES_WINDOW)
    if session.exec(recent).one() >= MOST_WRONG_NAMES:
        return Refusal(
            RefusalCode.TRY_LATER, "There were too many user names that nobody has. Wait 15 minutes."
        )
    if not roles:
        return Refusal(RefusalCode.MALFORMED, "Tick at least one role.")
    person = by_username(session, username) if len(clean_text(username)) <= _MOST_USERNAME else None
    if person is None or person.id is None or person.disabled_at is not None:
        session.add(LoginTry(username=guesser, address=tx.actor.address, at=now))
        return Refusal(
            RefusalCode.UNKNOWN,
            "Nobody who can sign in has exactly this user name. Ask the person how theirs is spelled, or add them as somebody new.",
        )
    if centre_id in centres_of(session, person.id):
        return Refusal(
            RefusalCode.CODE_TAKEN, f"{person.name} works here already. Change their roles on their own page."
        )
    write_roles(tx, person, centre_id, roles)
    return person.id


def set_skills(tx: Tx, staff_id: int, centre_id: int, skills: Skills) -> None:
    """What this person can do here becomes this, at once."""
    person = _one_of_ours(tx.session(), staff_id, centre_id)
    write_skills(tx, staff_id, centre_id, skills)
    tx.audit("skills_changed", f"staff:{staff_id}", username=person.username)


def set_roles(tx: Tx, staff_id: int, centre_id: int, roles: Collection[Role]) -> None:
    """The roles of one person at one centre become these; none takes the centre away from them."""
    session = tx.session()
    person = _one_of_ours(session, staff_id, centre_id)
    if staff_id == tx.actor.id and Role.ADMINISTRATOR not in roles:
        raise Refused(RefusalCode.NOT_ALLOWED, _own_role_say(session, staff_id, centre_id))
    write_roles(tx, person, centre_id, roles)
    _refuse_if_nobody_left(tx, [centre_id])


def _own_role_say(session: Session, staff_id: int, centre_id: int) -> str:
    if _administrators(session, centre_id) - {staff_id}:
        return "You cannot take your own administrator's role. Another administrator can."
    return (
        "You are the only administrator of this centre, so you cannot take that role from yourself. "
        "Make somebody else an administrator first; they can then take yours."
    )


def _administrators(session: Session, centre_id: int) -> set[int]:
    """Who can administer this centre now: those with the role whose account is not disabled."""
    found = (
        select(StaffRole.staff_id)
        .join(Staff, col(Staff.id) == col(StaffRole.staff_id))
        .where(
            StaffRole.centre_id == centre_id,
            StaffRole.role == Role.ADMINISTRATOR,
            col(Staff.disabled_at).is_(None),
        )
    )
    return set(session.exec(found).all())


def _refuse_if_nobody_left(tx: Tx, centres: Collection[int]) -> None:
    """Two administrators may have cut each other off at the same moment; the second of them is refused."""
    session = tx.session()
    session.flush()
    if tx.actor.kind == "staff" and not all(_administrators(session, centre) for centre in centres):
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            "This would leave a centre without an administrator. Make somebody else one first.",
        )


def write_roles(tx: Tx, person: Staff, centre_id: int, roles: Collection[Role]) -> None:
    """The same without asking whether the person is of this centre: how an account comes to a second one."""
    assert person.id is not None
    _write_roles(tx.session(), person.id, centre_id, roles)
    may_stay = Role.DISCREET in roles or drop_discreet(tx, person.id, centre_id)
    if Role.ADVISER not in roles or not may_stay:
        leave_seat(tx, person.id, centre_id)
    if not roles:
        of_here = (col(StaffSkill.staff_id) == person.id, col(StaffSkill.centre_id) == centre_id)
        tx.session().exec(delete(StaffSkill).where(*of_here))
    tx.audit("roles_changed", f"staff:{person.id}", username=person.username, roles=sorted(roles))


def disable(tx: Tx, staff_id: int, centre_id: int) -> None:
    """The account can no longer be used anywhere; its sessions end now, its counter is free."""
    person = wholly_ours(tx, staff_id, centre_id)
    if staff_id == tx.actor.id:
        raise Refused(
            RefusalCode.NOT_ALLOWED, "You cannot disable your own account. Another administrator can."
        )
    person.disabled_at = from_micros(tx.now)
    end_sessions_of(tx, staff_id)
    leave_seat(tx, staff_id)
    _refuse_if_nobody_left(tx, centres_of(tx.session(), staff_id))
    tx.audit("staff_disabled", f"staff:{staff_id}", username=person.username)


def enable(tx: Tx, staff_id: int, centre_id: int) -> None:
    person = wholly_ours(tx, staff_id, centre_id)
    person.disabled_at = None
    tx.audit("staff_enabled", f"staff:{staff_id}", username=person.username)


def end_sessions(tx: Tx, staff_id: int, centre_id: int, began: int | None) -> None:
    """Sign somebody out where they signed in at that microsecond, or everywhere. They may sign in again: who shall not is disabled."""
    person = wholly_ours(tx, staff_id, centre_id)
    if began is not None:
        end_one_of(tx, staff_id, began)
        return
    end_sessions_of(tx, staff_id)
    tx.audit("sessions_ended", f"staff:{staff_id}", username=person.username)


def reset_password(tx: Tx, staff_id: int, centre_id: int, password_hash: str) -> str:
    """Set a one-time password that must be changed at the next sign-in; sessions end. Answers the user name."""
    person = wholly_ours(tx, staff_id, centre_id)
    set_one_time_password(tx, person, password_hash)
    return person.username


def set_one_time_password(tx: Tx, person: Staff, password_hash: str) -> None:
    assert person.id is not None
    person.password_hash, person.must_change = password_hash, True
    person.one_time_until = from_micros(tx.now) + ONE_TIME_LIFE
    end_sessions_of(tx, person.id)
    tx.audit("password_reset", f"staff:{person.id}", username=person.username)


def change_own_password(tx: Tx, staff_id: int, password_hash: str, *, session_id: str) -> None:
    """A person's own choice; every other session of theirs ends."""
    person = tx.session().get_one(Staff, staff_id)
    person.password_hash, person.must_change, person.one_time_until = password_hash, False, None
    end_sessions_of(tx, staff_id, but=session_id)
    tx.audit("password_changed", f"staff:{staff_id}")


def roles_at(session: Session, staff_id: int, centre_id: int) -> frozenset[Role]:
    """What this person is at one centre."""
    found = select(StaffRole.role).where(StaffRole.staff_id == staff_id, StaffRole.centre_id == centre_id)
    return frozenset(Role(role) for role in session.exec(found))


def _one_of_ours(session: Session, staff_id: int, centre_id: int) -> Staff:
    ours = select(StaffRole).where(StaffRole.staff_id == staff_id, StaffRole.centre_id == centre_id)
    person = session.get(Staff, staff_id)
    if person is None or session.exec(ours).first() is None:
        raise Refused(UNKNOWN_ACCOUNT.code, UNKNOWN_ACCOUNT.say)
    return person


def wholly_ours(tx: Tx, staff_id: int, centre_id: int) -> Staff:
    """The person, if everywhere they work is administered by the one asking: a password opens all of it."""
    session = tx.session()
    person = _one_of_ours(session, staff_id, centre_id)
    administered = select(StaffRole.centre_id).where(
        StaffRole.staff_id == tx.actor.id, StaffRole.role == Role.ADMINISTRATOR
    )
    if tx.actor.kind == "staff" and not set(centres_of(session, staff_id)) <= set(session.exec(administered)):
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            "This person also works at another centre. Somebody who administers both centres can do this.",
        )
    return person


def _write_roles(session: Session, staff_id: int, centre_id: int, roles: Collection[Role]) -> None:
    session.exec(
        delete(StaffRole).where(col(StaffRole.staff_id) == staff_id, col(StaffRole.centre_id) == centre_id)
    )
    for role in sorted(set(roles)):
        session.add(StaffRole(staff_id=staff_id, centre_id=centre_id, role=role))
