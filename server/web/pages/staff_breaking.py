"""Before somebody's account, roles or skills go: which of their appointments would not fit any more.

Shown on the person's page, with the same form to send again; once it was seen it is done.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, select
from starlette.datastructures import FormData

from server.actions.skills import Skills
from server.domain.access import Actor
from server.domain.skills import Skill
from server.live.broken import Supposed, newly_broken
from server.store.tables import Bookable
from server.web.pages.broken import Row, rows_for
from wire.vocabulary import Role, SkillKind


@dataclass(frozen=True)
class Breaks:
    """`again`: the fields to send once more, to `where`."""

    where: str
    rows: list[Row]
    again: list[tuple[str, str]]


def breaks_of(
    session: Session,
    actor: Actor,
    now: int,
    staff_id: int,
    *,
    disabled: bool = False,
    roles: Collection[Role] | None = None,
    skills: Skills | None = None,
) -> list[Row]:
    """What would be broken if this account were taken away, or had these roles or skills here instead."""
    query = select(Bookable.id).where(Bookable.centre_id == actor.centre, Bookable.staff_id == staff_id)
    mine = [number for number in session.exec(query) if number is not None]
    if not mine:
        return []
    supposed = Supposed(
        disabled=frozenset(mine) if disabled else frozenset(),
        roles={} if roles is None else dict.fromkeys(mine, frozenset(roles)),
        skills={} if skills is None else dict.fromkeys(mine, _as_rules_read(skills)),
    )
    return rows_for(session, newly_broken(session, actor.centre, now, supposed), actor)


def _as_rules_read(skills: Skills) -> frozenset[Skill]:
    found: set[Skill] = {(SkillKind.SERVICE.value, slug) for slug in skills.services}
    found |= {(SkillKind.LANGUAGE.value, code) for code in skills.languages}
    if skills.signs:
        found.add((SkillKind.SIGN_LANGUAGE.value, ""))
    return frozenset(found)


def sent_again(form: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "csrf"]
