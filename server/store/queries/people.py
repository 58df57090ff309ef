"""Statements about members of staff that the floor needs: their skills and roles at a centre."""

from __future__ import annotations

from typing import NamedTuple

from server.store.sql import Sql, Statement
from wire.vocabulary import Role

_SKILLS = Statement("SELECT kind, value FROM staff_skill WHERE staff_id = :staff AND centre_id = :centre")
_ROLES = Statement("SELECT role FROM staff_role WHERE staff_id = :staff AND centre_id = :centre")
_COLLEAGUE = Statement(
    """SELECT f.name, f.disabled_at, c.name FROM staff f
    LEFT JOIN seat s ON s.staff_id = f.id AND s.until_at IS NULL LEFT JOIN counter c ON c.id = s.counter_id WHERE f.id = :staff"""
)


class Colleague(NamedTuple):
    """A member of staff as another sees them. `sits_at` is the name of the counter where they sit, anywhere."""

    name: str
    disabled: bool
    sits_at: str | None
    roles: frozenset[Role]
    skills: tuple[tuple[str, str], ...]


def skills_of(sql: Sql, staff: int, centre: int) -> tuple[tuple[str, str], ...]:
    """Kind and value of each skill."""
    return tuple((r[0], r[1]) for r in sql.all(_SKILLS, {"staff": staff, "centre": centre}))


def colleague(sql: Sql, staff: int, centre: int) -> Colleague | None:
    """None when there is no such person, or they have no role at this centre."""
    record = sql.one(_COLLEAGUE, {"staff": staff})
    roles = frozenset(Role(r[0]) for r in sql.all(_ROLES, {"staff": staff, "centre": centre}))
    if record is None or not roles:
        return None
    return Colleague(record[0], record[1] is not None, record[2], roles, skills_of(sql, staff, centre))
