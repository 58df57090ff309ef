"""What a person can do that not everybody can, at one centre: services, languages, signing.

Skills bound what a person may open a counter for and say whom they are called for. They are written when an administrator decides, and hold
from that moment also for whoever sits at a counter: nobody goes on calling visitors they may no longer serve. Without any service ticked
a person may serve every service, so a new colleague needs no setting up.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlmodel import Session, col, delete, select

from server.domain.refusals import Refused
from server.store.tables import Seat, Service, StaffSkill
from server.store.tx import Tx
from wire.vocabulary import Language, RefusalCode, SkillKind


class Skills(NamedTuple):
    services: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    signs: bool = False


def skills_of(session: Session, staff_id: int, centre_id: int) -> Skills:
    found = select(StaffSkill).where(StaffSkill.staff_id == staff_id, StaffSkill.centre_id == centre_id)
    return _gathered(session.exec(found).all())


def skills_here(session: Session, centre_id: int) -> dict[int, Skills]:
    """Of everybody who has any at this centre."""
    by_person: dict[int, list[StaffSkill]] = {}
    for each in session.exec(select(StaffSkill).where(StaffSkill.centre_id == centre_id)):
        by_person.setdefault(each.staff_id, []).append(each)
    return {person: _gathered(rows) for person, rows in by_person.items()}


def _gathered(rows: Collection[StaffSkill]) -> Skills:
    return Skills(
        frozenset(each.value for each in rows if each.kind == SkillKind.SERVICE),
        frozenset(each.value for each in rows if each.kind == SkillKind.LANGUAGE),
        any(each.kind == SkillKind.SIGN_LANGUAGE for each in rows),
    )


def write_skills(tx: Tx, staff_id: int, centre_id: int, skills: Skills) -> None:
    """The skills of one person at one centre become these, at once also at the counter where they sit."""
    session = tx.session()
    offered = dict(
        session.exec(
            select(Service.slug, Service.id).where(
                Service.centre_id == centre_id, col(Service.retired_at).is_(None)
            )
        ).all()
    )
    if not skills.services <= offered.keys():
        raise Refused(
            RefusalCode.UNKNOWN, "One of those services is not offered here any more. Load the page again."
        )
    if not skills.languages <= {language.value for language in Language}:
        raise Refused(RefusalCode.UNKNOWN, "One of those languages is not known here. Load the page again.")
    session.exec(
        delete(StaffSkill).where(col(StaffSkill.staff_id) == staff_id, col(StaffSkill.centre_id) == centre_id)
    )
    for kind, value in _rows(skills):
        session.add(StaffSkill(staff_id=staff_id, centre_id=centre_id, kind=kind, value=value))
    _tell_seat(tx, staff_id, centre_id, skills, {offered[slug] for slug in skills.services})


def _rows(skills: Skills) -> list[tuple[SkillKind, str]]:
    return [
        *((SkillKind.SERVICE, slug) for slug in sorted(skills.services)),
        *((SkillKind.LANGUAGE, code) for code in sorted(skills.languages)),
        *([(SkillKind.SIGN_LANGUAGE, "")] if skills.signs else []),
    ]


def _tell_seat(
    tx: Tx, staff_id: int, centre_id: int, skills: Skills, may_serve: Collection[int | None]
) -> None:
    """Where they sit now: whom they are called for, and no service they may not serve. If none is left, all they may."""
    sitting = select(Seat).where(
        Seat.staff_id == staff_id, Seat.centre_id == centre_id, col(Seat.until_at).is_(None)
    )
    seat = tx.session().exec(sitting).first()
    if seat is None:
        return
    seat.skills = sorted(skills.languages) + (["sign_language"] if skills.signs else [])
    if may_serve:
        possible = {service for service in may_serve if service is not None}
        seat.services = sorted(possible & set(seat.services)) or sorted(possible)
    tx.touch(centre_id)


def drop_discreet(tx: Tx, staff_id: int, centre_id: int) -> bool:
    """Where they sit they call for no discreet service any more: the very call would tell. False when nothing else is left there to serve."""
    session = tx.session()
    sitting = select(Seat).where(
        Seat.staff_id == staff_id, Seat.centre_id == centre_id, col(Seat.until_at).is_(None)
    )
    seat = session.exec(sitting).first()
    if seat is None:
        return True
    hidden = set(session.exec(select(Service.id).where(Service.centre_id == centre_id, Service.discreet)))
    left = [service for service in seat.services if service not in hidden]
    if left and left != seat.services:
        seat.services = left
        tx.touch(centre_id)
    return bool(left)
